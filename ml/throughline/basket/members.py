"""The members of the stacked ranking. Each learns from candidate pairs of several earlier cuts which of a
shopper's candidates are bought, and gives a score that is compared within a shopper only.

- boosted trees (two settings) on all columns: log-odds of being bought;
- logistic regression on the columns' signed logarithms, with blanks marked: a mean of three penalties;
- the same on few columns with a strong penalty, which a log with few purchases supports best.

A target counts 1/√(number of the shopper's targets), so that large baskets do not drown small ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from .candidates import Candidates

NEGATIVES = 40  # of a shopper's candidates that are not bought, drawn for training
FURTHEST = 5.0  # deviations; beyond them nothing was learnt
STRENGTHS = (0.05, 0.005, 0.0005)  # inverse penalties: their mean is as good as the best of them
STRENGTH_OF_FEW = 0.001
# How lately and how often, what the like of the shopper buys, what is popular, and whether it is due.
FEW = (
    "score: popular, all time",
    "score: popular, 30 days",
    "score: popular, 7 days",
    "score: own recency",
    "score: own frequency",
    "score: item-kNN, orders",
    "score: item-kNN, buyers",
    "score: like shoppers",
    "score: bought after look",
    "score: same brand",
    "buy: aged 4",
    "buy: aged 20",
    "buy: last",
    "cart: aged 4",
    "cart: aged 20",
    "favourite: aged 20",
    "look: aged 4",
    "look: aged 20",
    "any: last",
    "any: first",
    "any: days",
    "share of orders",
    "due",
    "product: buys a visitor",
    "product: bought again",
)


@dataclass
class Pairs:
    """Training or asked pairs of one or more cuts. `group` numbers the questions over all cuts."""

    names: list[str]  # F columns
    columns: np.ndarray  # (P, F)
    label: np.ndarray  # (P,)
    group: np.ndarray  # (P,) sorted
    weight: np.ndarray  # (P,)


def pairs_of(tables: list[Candidates], new: bool) -> Pairs:
    """Of shoppers with a bought candidate. `new`: only products that the shopper has not bought before."""
    columns, label, group, weight, offset = [], [], [], [], 0
    for table in tables:
        allowed = ~table.bought_before if new else np.ones(len(table.item), bool)
        bought = np.bincount(table.case, table.label & allowed, minlength=table.cases)
        row = np.flatnonzero(allowed & (bought[table.case] > 0))
        columns.append(table.columns[row])
        label.append(table.label[row])
        group.append(table.case[row] + offset)
        weight.append(1 / np.sqrt(bought[table.case[row]]))
        offset += table.cases
    return Pairs(
        tables[0].names,
        np.concatenate(columns),
        np.concatenate(label),
        np.concatenate(group),
        np.concatenate(weight),
    )


def thinned(table: Candidates, seed: int) -> Candidates:
    """All that is bought, and of each shopper's other candidates a draw."""
    drawn = np.where(table.label, -1.0, np.random.default_rng(seed).random(len(table.item)))
    order = np.lexsort((drawn, table.case))
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order)) - np.searchsorted(table.case[order], table.case[order])
    bought = np.bincount(table.case, table.label, minlength=table.cases)
    row = np.flatnonzero(place < (bought + NEGATIVES)[table.case])
    return replace(
        table,
        columns=table.columns[row],
        case=table.case[row],
        item=table.item[row],
        label=table.label[row],
        bought_before=table.bought_before[row],
    )


class Member(Protocol):
    def fit(self, pairs: Pairs, seed: int) -> "Member": ...

    def score(self, columns: np.ndarray) -> np.ndarray:
        """(P,) comparable within a question."""
        ...


class Trees:
    """Boosted trees; the score is the log-odds of being bought."""

    def __init__(self, **setting: float):
        self.setting = setting

    def fit(self, pairs: Pairs, seed: int) -> "Trees":
        base = {
            "learning_rate": 0.08,
            "max_features": 0.4,
            "min_samples_leaf": 60,
            "max_bins": 63,
            "l2_regularization": 5.0,
        }
        self.empty = np.isnan(pairs.columns).all(0)  # no bins can be drawn for a column without a value
        self.model = HistGradientBoostingClassifier(
            **(base | self.setting), early_stopping=False, random_state=seed
        ).fit(self.inputs(pairs.columns), pairs.label, pairs.weight)
        return self

    def inputs(self, columns: np.ndarray) -> np.ndarray:
        return np.where(self.empty, 0, columns) if self.empty.any() else columns

    def score(self, columns: np.ndarray) -> np.ndarray:
        return self.model.decision_function(self.inputs(columns))


class Logs:
    """Signed logarithms in units of a column's median, at mean 0 and deviation 1; 0 where blank, and which
    were blank. Places among all candidates would tell the few at the top apart too little: they decide."""

    def __init__(self, columns: np.ndarray):
        size = np.where(columns == 0, np.nan, np.abs(columns))
        size[0] = np.where(np.isnan(size).all(0), 1.0, size[0])  # a column without any value has no median
        self.unit = np.nanmedian(size, axis=0)
        logs = self.logs(columns)
        filled = ~np.isnan(logs)
        count = np.maximum(filled.sum(0), 1)
        self.mean = np.where(filled, logs, 0).sum(0) / count
        self.spread = np.sqrt((np.where(filled, logs - self.mean, 0) ** 2).sum(0) / count)
        self.spread[self.spread < 1e-9] = np.inf  # says nothing: becomes 0
        self.blank = np.isnan(columns).any(0)

    def logs(self, columns: np.ndarray) -> np.ndarray:
        return np.sign(columns) * np.log1p(np.abs(columns) / self.unit)

    def __call__(self, columns: np.ndarray) -> np.ndarray:
        scaled = np.clip((self.logs(columns) - self.mean) / self.spread, -FURTHEST, FURTHEST)
        return np.hstack([np.nan_to_num(scaled, nan=0.0), np.isnan(columns[:, self.blank])]).astype(
            np.float32
        )


class Logistic:
    """`only`: the columns used; none named: all that differ within a shopper."""

    def __init__(self, strengths: Sequence[float] = STRENGTHS, only: Sequence[str] = ()):
        self.strengths = strengths
        self.only = only

    def fit(self, pairs: Pairs, seed: int) -> "Logistic":
        self.used = [
            place
            for place, name in enumerate(pairs.names)
            if (name in self.only if self.only else not name.startswith("shopper: "))
        ]
        self.logs = Logs(pairs.columns[:, self.used])
        inputs = self.logs(pairs.columns[:, self.used])
        fitted = [
            LogisticRegression(C=one, max_iter=300).fit(inputs, pairs.label, pairs.weight)
            for one in self.strengths
        ]
        self.weight = np.mean([one.coef_[0] for one in fitted], axis=0)
        return self

    def score(self, columns: np.ndarray) -> np.ndarray:
        return self.logs(columns[:, self.used]) @ self.weight
