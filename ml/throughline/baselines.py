"""What a model must beat: popularity, all-time and recent; the shopper's own history; sequential item-kNN.

Each answers cases with scores over all products, (B, N + 1). All see training events only, but the recent
popularity, which reads the days just before each case, as a served list would.
Item-kNN: W = C / (p_source^.5 · p_target^q + .5), C with distance^-.5 forwards and a quarter of it backwards,
top 200 neighbours of each source; a history votes with (1 + distance from its end)^-decay, the last product
× .8.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .cooccurrence import cooccurrence
from .data import Cases, Log

# (cases, the batch's indices into them) -> scores (B, N + 1)
Scorer = Callable[[Cases, np.ndarray], np.ndarray]
DAY_MS = 86_400_000.0


def popularity_counts(log: Log, before_ms: float, from_ms: float = -np.inf) -> np.ndarray:
    """(N + 1,) turns to each product in a span of time."""
    inside = log.turn & (log.at_ms < before_ms) & (log.at_ms >= from_ms)
    return np.bincount(log.item[inside], minlength=log.items + 1).astype(np.float64)


def popularity(log: Log, before_ms: float) -> Scorer:
    counts = popularity_counts(log, before_ms)
    return lambda cases, batch: np.tile(counts, (len(batch), 1))


def recent_popularity(log: Log, days: int) -> Scorer:
    """Turns in the `days` whole days before a case's day."""
    turns = np.flatnonzero(log.turn)
    turns = turns[np.argsort(log.at_ms[turns], kind="stable")]
    times, items = log.at_ms[turns], log.item[turns]
    memo: dict[int, np.ndarray] = {}

    def counts_on(day: int) -> np.ndarray:
        if day not in memo:
            low, high = np.searchsorted(times, [(day - days) * DAY_MS, day * DAY_MS])
            memo[day] = np.bincount(items[low:high], minlength=log.items + 1).astype(np.float64)
        return memo[day]

    return lambda cases, batch: np.stack([counts_on(int(cases.at_ms[k] // DAY_MS)) for k in batch])


def history_of(log: Log, cases: Cases, case: int, most: int) -> tuple[np.ndarray, np.ndarray]:
    """The last `most` events with a product before a case, newest first, and each one's distance from the
    end in groups (0 = the last group)."""
    low, high = cases.start[case], cases.end[case]
    index = low + np.flatnonzero(log.item[low:high] > 0)[::-1][:most]
    if len(index) == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    groups = log.group_end[index]
    distance = np.cumsum(np.concatenate([[0], groups[1:] != groups[:-1]]))
    return log.item[index].astype(np.int64), distance


def own_history(log: Log, before_ms: float, decay: float) -> Scorer:
    """Products the shopper turned to before, the more recent and the more often the higher; then what is
    popular."""
    fill = popularity_counts(log, before_ms)
    fill = fill / (fill.sum() + 1) * 1e-3

    def scores(cases: Cases, batch: np.ndarray) -> np.ndarray:
        out = np.tile(fill, (len(batch), 1))
        for row, case in enumerate(batch):
            items, distance = history_of(log, cases, int(case), 200)
            np.add.at(out[row], items, (1.0 + distance) ** -decay)
        return out

    return scores


@dataclass(frozen=True)
class Neighbours:
    index: np.ndarray  # (N + 1, K)
    weight: np.ndarray  # (N + 1, K)


def neighbours(log: Log, before_ms: float, target_exponent: float, most: int = 200) -> Neighbours:
    source, target, count = cooccurrence(log, before_ms, window=50, decay=0.5, backward=0.25)
    popular = popularity_counts(log, before_ms)
    weight = count / (popular[source] ** 0.5 * popular[target] ** target_exponent + 0.5)
    order = np.lexsort((-weight, source))
    source, target, weight = source[order], target[order], weight[order]
    starts = np.searchsorted(source, np.arange(log.items + 2))
    place = np.arange(len(source)) - starts[source]
    kept = place < most
    index = np.zeros((log.items + 1, most), np.int64)
    weights = np.zeros((log.items + 1, most))
    index[source[kept], place[kept]] = target[kept]
    weights[source[kept], place[kept]] = weight[kept]
    return Neighbours(index, weights)


def item_knn(log: Log, before_ms: float, target_exponent: float, decay: float) -> Scorer:
    table = neighbours(log, before_ms, target_exponent)
    fill = popularity_counts(log, before_ms)
    fill = fill / (fill.sum() + 1) * 1e-9

    def scores(cases: Cases, batch: np.ndarray) -> np.ndarray:
        out = np.tile(fill, (len(batch), 1))
        for row, case in enumerate(batch):
            items, distance = history_of(log, cases, int(case), 50)
            vote = (1.0 + distance) ** -decay
            vote[distance == 0] *= 0.8
            np.add.at(out[row], table.index[items], vote[:, None] * table.weight[items])
        return out

    return scores
