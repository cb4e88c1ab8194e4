"""Training sequences and the questions asked of them, the same for both splits.

leave-one-out: a shopper's last product is the test target, the one before it the validation target, the rest
is for training; at the test the validation product stands in the history, but no model was trained on it.
time: turns before a moment are for training; a question is asked before each later group of turns.
A run of one product is one element. Item rows count from 1; 0 = none. L = HISTORY elements.
"""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sparse

from ..data import Cases, Log, Split, cases_between, current_items, shuffled_groups
from ..metrics.ranking import TargetRanks, ndcg

HISTORY = 50  # elements; longer histories gain nothing measurable on Amazon-like logs (SASRec's own choice)


@dataclass
class Sequences:
    """What is trained on. E elements of S shoppers; shopper s has offsets[s] .. offsets[s + 1]."""

    item: np.ndarray  # (E,) int64
    offsets: np.ndarray  # (S + 1,)
    items: int  # N
    looked_at: np.ndarray | None = None  # (E,) no answer to what comes next, 0 = none; None: none anywhere

    @property
    def shopper(self) -> np.ndarray:
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))

    def popularity(self) -> np.ndarray:
        """(N + 1,)"""
        return np.bincount(self.item, minlength=self.items + 1).astype(np.float64)

    def repeats(self) -> float:
        """Of the elements after a shopper's first, the share to a product that the shopper met before."""
        key = self.shopper * (self.items + 1) + self.item
        started = int((np.diff(self.offsets) > 0).sum())
        return (len(key) - len(np.unique(key))) / max(1, len(key) - started)


@dataclass
class Questions:
    """Q questions with P targets in all."""

    history: np.ndarray  # (Q, L) int64, the newest on the right, 0 = padding
    seen: sparse.csr_matrix  # (Q, N + 1) how often each product stands in the whole history
    current: np.ndarray  # (Q,) product looked at: no answer to "which next?"; 0 = not ruled out
    shopper: np.ndarray  # (Q,)
    target_of: np.ndarray  # (P,) the target's question, rising
    target: np.ndarray  # (P,)
    cases: Cases  # the same, of the log with all its events; what is looked at is known there

    def __len__(self) -> int:
        return len(self.history)

    @property
    def sizes(self) -> np.ndarray:
        """(Q,) number of targets."""
        return np.bincount(self.target_of, minlength=len(self))

    def ranked(self, ranks: np.ndarray) -> TargetRanks:
        """`ranks` (P,) of the targets, 0 = first."""
        return TargetRanks(ranks, self.target_of, self.sizes)

    def part(self, rows: np.ndarray) -> "Questions":
        place = np.full(len(self), -1)
        place[rows] = np.arange(len(rows))
        kept = place[self.target_of] >= 0
        order = np.argsort(place[self.target_of[kept]], kind="stable")
        return Questions(
            self.history[rows],
            self.seen[rows],
            self.current[rows],
            self.shopper[rows],
            place[self.target_of[kept]][order],
            self.target[kept][order],
            self.cases.part(rows),
        )


def ndcg_at_10(ranks: np.ndarray, questions: Questions) -> float:
    """Mean over the questions, by ranks (P,) of their targets."""
    return float(ndcg(questions.ranked(ranks), 10).mean())


def repeats_share(questions: Questions) -> float:
    """Of targets that already stand in the history."""
    if not len(questions.target):
        return 0.0
    return float(np.mean(np.asarray(questions.seen[questions.target_of, questions.target]).ravel() > 0))


def drawn(questions: Questions, most: int, seed: int) -> Questions:
    """All of them, or as many of them at random."""
    if len(questions) <= most:
        return questions
    return questions.part(np.sort(np.random.default_rng(seed).choice(len(questions), most, replace=False)))


def collapse(item: np.ndarray, shopper: np.ndarray) -> np.ndarray:
    """(E,) bool: not the same product as the shopper's element before."""
    fresh = np.ones(len(item), bool)
    fresh[1:] = (item[1:] != item[:-1]) | (shopper[1:] != shopper[:-1])
    return fresh


def offsets_of(shopper: np.ndarray, shoppers: int) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(np.bincount(shopper, minlength=shoppers))])


def turns_of(
    log: Log, order: np.ndarray, before_ms: float = np.inf
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Products, shoppers and places in the log of the elements before a moment. `order` (E,): which event
    stands in each place."""
    item = log.item[order]
    place = np.flatnonzero(log.turn[order] & (log.at_ms < before_ms))
    place = place[collapse(item[place], log.shopper[place])]
    return item[place].astype(np.int64), log.shopper[place], place


def ask(item, low, high, items, cases: Cases, current: np.ndarray) -> Questions:
    """Histories item[low[q]:high[q]] of elements. `current` (Q,) as in Questions."""
    width = np.minimum(high - low, HISTORY)
    index = high[:, None] - HISTORY + np.arange(HISTORY)[None, :]
    history = np.where(index >= (high - width)[:, None], item[np.maximum(index, 0)], 0)
    length = high - low
    rows = np.repeat(np.arange(len(low)), length)
    inside = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length)
    columns = item[np.repeat(low, length) + inside]
    seen = sparse.csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), shape=(len(low), items + 1))
    targets = cases.targets
    sizes = np.array([len(one) for one in targets], np.int64)
    return Questions(
        history,
        seen,
        current,
        cases.shopper,
        np.repeat(np.arange(len(low)), sizes),
        np.concatenate(targets).astype(np.int64) if len(targets) else np.zeros(0, np.int64),
        cases,
    )


def leave_one_out(log: Log) -> tuple[Sequences, Questions, Questions]:
    """Shoppers with fewer than three elements are only trained on. Events of one moment keep their order."""
    item, shopper, place = turns_of(log, np.arange(len(log.item)))
    shoppers = len(log.offsets) - 1
    offsets = offsets_of(shopper, shoppers)
    asked = np.flatnonzero(np.diff(offsets) >= 3)
    last = offsets[1:] - 1
    kept = np.ones(len(item), bool)
    kept[last[asked]] = kept[last[asked] - 1] = False
    training = Sequences(item[kept], offsets_of(shopper[kept], shoppers), log.items)
    none = np.zeros(len(asked), np.int32)

    def before(element: np.ndarray) -> Questions:
        event, last, targets = place[element], item[element - 1], list(item[element][:, None])
        cases = Cases(event, log.offsets[asked], asked, last, log.at_ms[event], targets)
        return ask(item, offsets[asked], element, log.items, cases, none)

    return training, before(last[asked] - 1), before(last[asked])


def by_time(
    log: Log, split: Split, most: tuple[int, int], seed: int
) -> tuple[Sequences, Questions, Questions]:
    """Events of one moment get an order at random, or models would learn how the log is sorted."""
    order = shuffled_groups(log, np.random.default_rng(seed))
    current = current_items(log)
    item, shopper, place = turns_of(log, order, split.validation_ms)
    training = Sequences(item, offsets_of(shopper, len(log.offsets) - 1), log.items, current[place])
    item, shopper, place = turns_of(log, order)
    offsets = offsets_of(shopper, len(log.offsets) - 1)

    def between(low_ms: float, high_ms: float, limit: int) -> Questions:
        cases = cases_between(log, current, low_ms, high_ms, limit, seed)
        high = np.searchsorted(place, cases.end)
        return ask(item, offsets[cases.shopper], high, log.items, cases, cases.current)

    validation = between(split.validation_ms, split.test_ms, most[0])
    return training, validation, between(split.test_ms, split.end_ms, most[1])
