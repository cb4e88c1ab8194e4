"""The members of the stacked ranking. Each learns from candidate pairs of several earlier cuts which of a
shopper's candidates are bought, and gives a score that is compared within a shopper only.

- boosted trees (two settings) on all columns: log-odds of being bought;
- logistic regression on the columns' places within their cut (quantiles), with blanks marked;
- a linear score trained on the softmax over each shopper's candidates (ListNet, Cao et al. 2007:
  cross-entropy between the shares of the targets and the softmax of the scores), on the same inputs;
- logistic regression on differences of two candidates of a shopper (linear RankNet, Burges et al. 2005).

A target counts 1/√(number of the shopper's targets), so that large baskets do not drown small ones.
"""

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import torch
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from .candidates import Candidates

NEGATIVES = 40  # of a shopper's candidates that are not bought, drawn for training
BATCH = 64  # shoppers a step of the network


@dataclass
class Pairs:
    """Training or asked pairs of one or more cuts. `group` numbers the questions over all cuts."""

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
        np.concatenate(columns), np.concatenate(label), np.concatenate(group), np.concatenate(weight)
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


class Places:
    """Columns as places among the training values (−1 … 1), 0 where blank, and which were blank."""

    def __init__(self, columns: np.ndarray, points: int = 64):
        some = columns[:: max(1, len(columns) // 50_000)]
        self.empty = np.isnan(some).all(0)  # a log has no value for what it does not tell: orders, browsing
        self.grid = np.zeros((points, columns.shape[1]))
        self.grid[:, ~self.empty] = np.nanquantile(some[:, ~self.empty], np.linspace(0, 1, points), axis=0)
        self.blank = np.isnan(columns).any(0)

    def __call__(self, columns: np.ndarray) -> np.ndarray:
        out = np.empty((len(columns), columns.shape[1] + int(self.blank.sum())), np.float32)
        level = np.linspace(-1, 1, len(self.grid))
        for column in range(columns.shape[1]):
            value, grid = columns[:, column], self.grid[:, column]
            if self.empty[column]:
                out[:, column] = 0
                continue
            # The middle of both ends of a run of equal grid points, so that ties keep one place.
            low, high = np.searchsorted(grid, value, "left"), np.searchsorted(grid, value, "right")
            middle = np.interp(value, grid, level)
            tied = level[np.clip((low + high) // 2, 0, len(grid) - 1)]
            out[:, column] = np.where(high > low + 1, tied, middle)
        out[:, : columns.shape[1]][np.isnan(columns)] = 0
        out[:, columns.shape[1] :] = np.isnan(columns[:, self.blank])
        return out


class Logistic:
    def fit(self, pairs: Pairs, seed: int) -> "Logistic":
        self.places = Places(pairs.columns)
        self.model = LogisticRegression(C=0.05, max_iter=200).fit(
            self.places(pairs.columns), pairs.label, pairs.weight
        )
        return self

    def score(self, columns: np.ndarray) -> np.ndarray:
        return self.model.decision_function(self.places(columns))


class Pairwise:
    """Logistic regression on differences: each bought candidate against some of the same shopper's others."""

    def __init__(self, others: int = 12):
        self.others = others

    def fit(self, pairs: Pairs, seed: int) -> "Pairwise":
        rng = np.random.default_rng(seed)
        self.places = Places(pairs.columns)
        inputs = self.places(pairs.columns)
        bad = np.flatnonzero(~pairs.label)
        low, high = (
            np.searchsorted(pairs.group[bad], pairs.group),
            np.searchsorted(pairs.group[bad], pairs.group, "right"),
        )
        good = np.flatnonzero(pairs.label & (high > low))
        good = np.repeat(good, self.others)
        against = bad[rng.integers(low[good], high[good])]
        sign = np.where(rng.random(len(good)) < 0.5, 1.0, -1.0).astype(np.float32)
        difference = (inputs[good] - inputs[against]) * sign[:, None]
        self.model = LogisticRegression(C=0.02, fit_intercept=False, max_iter=200)
        self.model.fit(difference, sign > 0, pairs.weight[good])
        return self

    def score(self, columns: np.ndarray) -> np.ndarray:
        return self.places(columns) @ self.model.coef_[0]


class Listwise:
    """A linear score."""

    def __init__(self, epochs: int = 10, rate: float = 2e-3, decay: float = 1e-2):
        self.epochs, self.rate, self.decay = epochs, rate, decay

    def fit(self, pairs: Pairs, seed: int) -> "Listwise":
        torch.manual_seed(seed)
        rng = np.random.default_rng(seed)
        self.places = Places(pairs.columns)
        inputs = torch.from_numpy(self.places(pairs.columns))
        reward = torch.from_numpy((pairs.label * pairs.weight).astype(np.float32))
        self.model = torch.nn.Linear(inputs.shape[1], 1)
        optimiser = torch.optim.AdamW(self.model.parameters(), lr=self.rate, weight_decay=self.decay)
        starts = np.flatnonzero(np.diff(pairs.group, prepend=-1))
        ends = np.append(starts[1:], len(pairs.group))
        steps = self.epochs * -(-len(starts) // BATCH)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, self.rate, total_steps=max(steps, 2))
        for _ in range(self.epochs):
            order = rng.permutation(len(starts))
            for first in range(0, len(order), BATCH):
                chosen = order[first : first + BATCH]
                row = torch.from_numpy(np.concatenate([np.arange(starts[k], ends[k]) for k in chosen]))
                case = torch.from_numpy(np.repeat(np.arange(len(chosen)), (ends - starts)[chosen]))
                score = self.model(inputs[row]).squeeze(1)  # (rows,)
                optimiser.zero_grad()
                self.loss(score, reward[row], case, len(chosen)).backward()
                optimiser.step()
                schedule.step()
        return self

    @staticmethod
    def loss(score: torch.Tensor, reward: torch.Tensor, case: torch.Tensor, cases: int) -> torch.Tensor:
        """score, reward, case (rows,): cross-entropy of the softmax over each shopper's rows."""
        most = torch.full((cases,), -torch.inf).scatter_reduce(0, case, score.detach(), "amax")
        total = torch.zeros(cases).index_add(0, case, (score - most[case]).exp())
        return -(reward * (score - most[case] - total.log()[case])).sum() / cases

    @torch.no_grad()
    def score(self, columns: np.ndarray) -> np.ndarray:
        return self.model(torch.from_numpy(self.places(columns))).squeeze(1).numpy().astype(np.float64)
