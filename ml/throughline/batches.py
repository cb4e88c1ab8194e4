"""Batches of windows of event tokens, and what each place in them is to learn."""

import math
from dataclasses import dataclass

import numpy as np
import torch

from .contract import Contract
from .data import (
    PLACE_COLUMNS,
    Log,
    Split,
    current_items,
    next_turns,
    right_aligned,
    shuffled_groups,
    take,
    training_windows,
)
from .settings import Settings


@dataclass
class Batch:
    """(B, W) each."""

    columns: dict[str, np.ndarray]
    item: np.ndarray  # the product turned to next, 0 = none to learn
    behaviour: np.ndarray  # type of the event that turns to it, 0 = none to learn
    current: np.ndarray  # the product looked at, 0 = none
    index: np.ndarray  # event, -1 = padding
    learned: np.ndarray  # bool: what followed this event is learned from this window
    weight: float  # the events learned, beside those of a mean batch


class Batches:
    """Cuts a training batch out of the log."""

    def __init__(self, log: Log, split: Split, contract: Contract, settings: Settings):
        self.log, self.split, self.contract, self.settings = log, split, contract, settings
        self.current = current_items(log)
        self.following, self.first = next_turns(log, self.current)
        self.windows = training_windows(log, split.validation_ms, contract.history_length)

    def epoch(self, number: int):
        """Yields batches of windows of like length, in an order that the seed and the epoch fix."""
        rng = np.random.default_rng([self.settings.seed, number])
        order = shuffled_groups(self.log, rng)
        shuffled = rng.permutation(len(self.windows.end))
        size = self.settings.batch
        for start in range(0, len(shuffled), size * 16):
            chunk = shuffled[start : start + size * 16]
            chunk = chunk[np.argsort(self.windows.length[chunk], kind="stable")]
            parts = [chunk[k : k + size] for k in range(0, len(chunk), size)]
            for part in rng.permutation(len(parts)):
                yield self.cut(parts[part], order, rng)

    def count(self) -> int:
        full, rest = divmod(len(self.windows.end), self.settings.batch * 16)
        return full * 16 + math.ceil(rest / self.settings.batch)

    def cut(self, chosen: np.ndarray, order: np.ndarray, rng: np.random.Generator):
        log, windows = self.log, self.windows
        end, length, fresh = windows.end[chosen], windows.length[chosen], windows.fresh[chosen]
        width = min(self.contract.history_length, int(length.max()) + 1)
        index = right_aligned(end, length, width)  # (B, W)
        event = take(order, index, -1)
        columns = {
            name: take(values, index if name in PLACE_COLUMNS else event)
            for name, values in log.columns.items()
        }
        target = self.targets(index, event, log.shopper[end - 1], order, rng)
        learned = index >= (end - fresh)[:, None]
        opening = (index < 0) & np.roll(index == log.offsets[log.shopper[end - 1]][:, None], -1, axis=1)
        opening[:, -1] = False
        item = np.where((learned | opening) & (target >= 0), take(log.item, target), 0)
        return Batch(
            columns=columns,
            item=item,
            behaviour=np.where(item > 0, take(log.columns["event_type"], target), 0),
            current=take(self.current, index),
            index=index,
            learned=learned,
            weight=float(fresh.sum() * self.count() / windows.fresh.sum()),
        )

    def targets(self, index, event, shopper, order, rng):
        """(B, W) index of the event whose product is to be predicted, -1 = none."""
        log = self.log
        target = take(self.following, index, -1)
        before_first = (index < 0) & (np.roll(index, -1, axis=1) >= 0)
        before_first[:, -1] = False
        target = np.where(before_first, self.first[shopper][:, None], target)
        # One member of the target's group, at random.
        span = np.maximum(take(log.group_end, target) - target, 1)
        drawn = target + (rng.random(target.shape) * span).astype(np.int64)
        usable = take(log.turn, drawn).astype(bool) & (take(log.item, drawn) != take(self.current, index))
        target = np.where((target >= 0) & usable, drawn, target)
        # Inside a basket, at times: the next of its own lines.
        following = np.minimum(index + 1, len(order) - 1)
        mate = order[following]
        inside = (index >= 0) & (take(log.group_end, index) == log.group_end[following]) & log.turn[mate]
        inside &= log.item[mate] != take(log.item, event)
        inside &= rng.random(target.shape) < self.settings.basket_share
        target = np.where(inside & (following != index), mate, target)
        in_time = take(log.at_ms, target, 0) < self.split.validation_ms
        return np.where((target >= 0) & in_time, target, -1)


def to_tensors(columns: dict[str, np.ndarray]) -> dict[str, torch.Tensor]:
    return {name: torch.from_numpy(np.ascontiguousarray(one, np.int32)) for name, one in columns.items()}
