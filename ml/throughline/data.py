"""Reads the Arrow rows that app/features wrote, splits them by time and crops them into windows and cases.

Simultaneous events (a basket; a log with times by the day) have no order among them. They form one group:
what is predicted is always a later group, from everything before it, and the order inside a group is drawn
anew each epoch. In a log with times by the millisecond every event is a group of its own.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from .contract import Contract

# Inputs that belong to the place in the row rather than to the event, so they stay when a group is reordered.
PLACE_COLUMNS = ("event_gap", "event_boundary")

# What came of each event (app/features/outcomes.ts, visits.ts), -1 = not known; for return_days: not seen.
LABELS = ("visit", "visit_buys", "basket", "next_type", "step_gap", "return_days", "spend_cents")


@dataclass
class Log:
    """All shoppers' events, end to end. E events, S shoppers, N items; item rows count from 1, 0 = none."""

    columns: dict[str, np.ndarray]  # name -> (E,) int32
    at_ms: np.ndarray  # (E,) float64, never falls within a shopper
    turn: np.ndarray  # (E,) bool: the event turns the shopper to its product
    next_stage: np.ndarray  # (E,) int32, -1 = unknown
    offsets: np.ndarray  # (S + 1,) int64: shopper s has events offsets[s] .. offsets[s + 1]
    item_names: list[str]  # N
    item_tokens: np.ndarray  # (N + 1, T) int32, row 0 = zeros
    item_text: np.ndarray  # (N + 1, t) float32, a row of zeros = no text
    item_price: np.ndarray  # (N + 1,) int32
    item_image: np.ndarray  # (N + 1, k) float32, a row of zeros = no picture; k 0 = the rows have no pictures
    shopper: np.ndarray  # (E,) int64
    group_end: np.ndarray  # (E,) int64: first index after the event's group
    labels: dict[str, np.ndarray]  # LABELS, each (E,)

    @property
    def items(self) -> int:
        return len(self.item_names)

    @property
    def item(self) -> np.ndarray:
        return self.columns["event_item"]


def load_log(folder: Path, contract: Contract) -> Log:
    sequences = pa.ipc.open_file(pa.memory_map(str(folder / "sequences.arrow"))).read_all()
    items = pa.ipc.open_file(pa.memory_map(str(folder / "items.arrow"))).read_all()

    def flat(name: str) -> np.ndarray:
        chunks = [chunk.flatten().to_numpy(zero_copy_only=False) for chunk in sequences[name].chunks]
        return np.concatenate(chunks) if chunks else np.zeros(0, np.int32)

    lengths = [np.diff(chunk.offsets.to_numpy()) for chunk in sequences["at_ms"].chunks]
    offsets = np.concatenate([[0], np.cumsum(np.concatenate(lengths))]).astype(np.int64)

    def rows_of(name: str, width: int) -> np.ndarray:
        return items[name].combine_chunks().flatten().to_numpy().reshape(len(items), width)

    # Optional: the program's own rows have none. Its width is the data's.
    pictures = "item_image" in items.column_names
    image = rows_of("item_image", items.schema.field("item_image").type.list_size) if pictures else None
    price = items["item_price"].to_numpy()
    return make_log(
        {name: flat(name) for name in contract.columns},
        flat("at_ms"),
        flat("turn"),
        flat("next_stage"),
        offsets,
        items["item"].to_pylist(),
        rows_of("item_tokens", contract.tokens_per_item),
        rows_of("item_text", contract.text_dimension),
        price,
        {name: flat(name) for name in LABELS},
        image,
    )


def make_log(
    columns: dict[str, np.ndarray],
    at_ms: np.ndarray,
    turn: np.ndarray,
    next_stage: np.ndarray,
    offsets: np.ndarray,
    item_names: list[str],
    tokens: np.ndarray,
    text: np.ndarray,
    price: np.ndarray,
    labels: dict[str, np.ndarray] | None = None,
    image: np.ndarray | None = None,
) -> Log:
    """Without labels none is known, and all of a shopper's events are one visit."""
    image = np.zeros((len(item_names), 0)) if image is None else image
    shopper = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    new_group = np.ones(len(at_ms) + 1, bool)
    new_group[1:-1] = (at_ms[1:] != at_ms[:-1]) | (shopper[1:] != shopper[:-1])
    starts = np.flatnonzero(new_group)  # the last is E
    group_end = np.repeat(starts[1:], np.diff(starts))
    unknown = {name: np.full(len(at_ms), 0 if name in ("visit", "basket") else -1) for name in LABELS}
    return Log(
        columns={name: np.ascontiguousarray(values, np.int32) for name, values in columns.items()},
        at_ms=at_ms,
        turn=turn.astype(bool) & (columns["event_item"] > 0),
        next_stage=next_stage,
        offsets=offsets,
        item_names=item_names,
        item_tokens=np.pad(tokens, ((1, 0), (0, 0))).astype(np.int32),
        item_text=np.pad(text, ((1, 0), (0, 0))).astype(np.float32),
        item_price=np.concatenate([[0], price]).astype(np.int32),
        item_image=np.pad(image, ((1, 0), (0, 0))).astype(np.float32),
        shopper=shopper,
        group_end=group_end,
        labels=unknown | (labels or {}),
    )


@dataclass(frozen=True)
class Split:
    """train < validation_ms <= validation < test_ms <= test, by the time of what is predicted."""

    validation_ms: float
    test_ms: float
    end_ms: float


def split_by_time(log: Log, validation_share: float = 0.1, test_share: float = 0.1) -> Split:
    times = log.at_ms[log.turn]
    validation_ms, test_ms = np.quantile(times, [1 - validation_share - test_share, 1 - test_share])
    return Split(float(validation_ms), float(test_ms), float(times.max()) + 1)


def current_items(log: Log) -> np.ndarray:
    """The product looked at after each event, (E,): the last one, 0 before the first.

    None either where several products stand in the last group: nobody looks at a whole basket.
    """
    current = np.zeros(len(log.item), np.int32)
    state, previous = 0, -1
    start = 0
    while start < len(current):
        end = log.group_end[start]
        if log.shopper[start] != previous:
            state, previous = 0, log.shopper[start]
        distinct = np.unique(log.item[start:end][log.item[start:end] > 0])
        if len(distinct):
            state = int(distinct[0]) if len(distinct) == 1 else 0
        current[start:end] = state
        start = end
    return current


def next_turns(log: Log, current: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where each event's target lies: (E,) index of the first later turn to another product, and (S,) the
    first turn of each shopper. -1 = none."""
    n = len(log.item)
    following = np.full(n, -1, np.int64)
    other = np.full(n, -1, np.int64)  # for a turn: the next turn to a different product
    first = np.full(len(log.offsets) - 1, -1, np.int64)
    item, turn = log.item, log.turn
    for shopper in range(len(log.offsets) - 1):
        start, end = log.offsets[shopper], log.offsets[shopper + 1]
        later = -1  # first turn of the groups after the one at hand
        nearest = -1  # first turn at or after the index at hand
        for index in range(end - 1, start - 1, -1):
            if index == end - 1 or log.group_end[index] == index + 1:
                later = nearest
            target = later
            if target >= 0 and item[target] == current[index]:
                target = other[target]
            following[index] = target
            if turn[index]:
                if nearest >= 0:
                    other[index] = nearest if item[nearest] != item[index] else other[nearest]
                nearest = index
        first[shopper] = nearest
    return following, first


@dataclass
class Windows:
    """Training windows: events end - length .. end of one shopper; the last `fresh` are learned from."""

    end: np.ndarray  # (W,)
    length: np.ndarray  # (W,) <= L
    fresh: np.ndarray  # (W,)


def training_windows(log: Log, before_ms: float, history_length: int) -> Windows:
    """Windows over the events before a moment. Long rows overlap by half, so that every event is learned from
    once and with at least half a window of history."""
    ends, lengths, fresh = [], [], []
    step = history_length // 2
    for shopper in range(len(log.offsets) - 1):
        start = log.offsets[shopper]
        stop = start + int(np.searchsorted(log.at_ms[start : log.offsets[shopper + 1]], before_ms))
        done = start
        while done < stop:
            end = min(stop, done + (history_length if done == start else step))
            length = min(history_length, end - start)
            ends.append(end)
            lengths.append(length)
            fresh.append(end - done)
            done = end
    return Windows(np.array(ends, np.int64), np.array(lengths, np.int64), np.array(fresh, np.int64))


def right_aligned(end: np.ndarray, length: np.ndarray, width: int) -> np.ndarray:
    """(B, width) indices into the log, -1 = padding on the left."""
    index = end[:, None] - width + np.arange(width)[None, :]
    return np.where(index >= (end - length)[:, None], index, -1)


def take(values: np.ndarray, index: np.ndarray, fill: int = 0) -> np.ndarray:
    return np.where(index >= 0, values[index], fill)


def shuffled_groups(log: Log, rng: np.random.Generator) -> np.ndarray:
    """An order of all events, (E,), that differs from the stored one only inside groups."""
    return np.lexsort((rng.random(len(log.group_end)), log.group_end))


@dataclass
class Cases:
    """Questions "which product next?", asked before each group that turns to a product. C cases."""

    end: np.ndarray  # (C,) history is everything of the shopper before this index
    start: np.ndarray  # (C,) the shopper's first event
    shopper: np.ndarray  # (C,)
    current: np.ndarray  # (C,) product looked at, masked from the ranking; 0 = none
    at_ms: np.ndarray  # (C,)
    targets: list[np.ndarray]  # products turned to, without the current one

    def part(self, rows: np.ndarray) -> "Cases":
        return Cases(
            self.end[rows],
            self.start[rows],
            self.shopper[rows],
            self.current[rows],
            self.at_ms[rows],
            [self.targets[row] for row in rows],
        )


def cases_between(log: Log, current: np.ndarray, from_ms: float, to_ms: float, most: int, seed: int) -> Cases:
    found: list[tuple[int, np.ndarray]] = []
    index = 0
    inside = (log.at_ms >= from_ms) & (log.at_ms < to_ms) & log.turn
    for index in np.flatnonzero(inside):
        start = log.group_end[index - 1] if index > 0 and log.group_end[index - 1] <= index else -1
        if index == 0:
            start = 0
        if start < 0:  # not the first event of its group: taken with the group's first turn
            start = group_start(log, int(index))
            if log.turn[start:index].any():
                continue
        if start == log.offsets[log.shopper[index]]:
            continue  # no history: every method answers with what is popular
        end = log.group_end[index]
        group = np.unique(log.item[start:end][log.turn[start:end]])
        group = group[group != current[start - 1]]
        if len(group):
            found.append((int(start), group))
    if len(found) > most:
        chosen = np.sort(np.random.default_rng(seed).choice(len(found), most, replace=False))
        found = [found[k] for k in chosen]
    ends = np.array([one[0] for one in found], np.int64)
    shopper = log.shopper[ends] if len(ends) else np.zeros(0, np.int64)
    return Cases(
        end=ends,
        start=log.offsets[shopper],
        shopper=shopper,
        current=current[ends - 1] if len(ends) else np.zeros(0, np.int32),
        at_ms=log.at_ms[ends] if len(ends) else np.zeros(0),
        targets=[one[1] for one in found],
    )


def group_start(log: Log, index: int) -> int:
    end = log.group_end[index]
    while index > 0 and log.group_end[index - 1] == end:
        index -= 1
    return index
