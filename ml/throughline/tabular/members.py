"""The single models, each fitted on encoded rows (N, F) float32 and a label (N,), binary or a quantity.

`predict` gives probabilities or quantities (N,). All but the baselines can be a graph (onnx.py).
"""

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from scipy.special import expit
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression, Ridge

from .encode import Encoding

# Each tree sees at most so many rows, drawn, and there are fewer trees where rows are many: time is bounded.
MOST_ROWS_PER_TREE = 40_000
FEWEST_TREES = 60
ROWS_FOR_ALL_TREES = 25_000
BOOSTED_COPIES = 3  # seeds averaged: each draws other columns at each split
SINGLE_BINS = 20
SINGLE_PRIOR = 20.0


class Member(Protocol):
    def predict(self, x: np.ndarray) -> np.ndarray: ...


@dataclass(frozen=True)
class Constant:
    value: float

    def predict(self, x: np.ndarray) -> np.ndarray:
        return np.full(len(x), self.value)


@dataclass(frozen=True)
class SingleColumn:
    """Mean label in bins of one feature, drawn towards the mean of all; blanks are a bin of their own."""

    feature: int
    edges: np.ndarray
    means: np.ndarray  # (bins + 1,), the last for blanks

    def predict(self, x: np.ndarray) -> np.ndarray:
        return self.means[_bins(x[:, self.feature], self.edges)]


def _bins(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    return np.where(np.isnan(values), len(edges) + 1, np.searchsorted(edges, values, side="left"))


def fit_single_column(x: np.ndarray, y: np.ndarray, feature: int) -> SingleColumn:
    values = x[:, feature]
    filled = values[~np.isnan(values)]
    quantiles = np.arange(1, SINGLE_BINS) / SINGLE_BINS
    edges = np.unique(np.quantile(filled, quantiles, method="lower")) if len(filled) else np.zeros(0)
    where = _bins(values, edges)
    size = np.bincount(where, minlength=len(edges) + 2)
    total = np.bincount(where, y, len(edges) + 2)
    return SingleColumn(feature, edges, (total + SINGLE_PRIOR * y.mean()) / (size + SINGLE_PRIOR))


@dataclass(frozen=True)
class Forest:
    estimator: object
    columns: np.ndarray  # of x

    def predict(self, x: np.ndarray) -> np.ndarray:
        seen = np.ascontiguousarray(x[:, self.columns])
        if hasattr(self.estimator, "predict_proba"):
            return self.estimator.predict_proba(seen)[:, 1]
        return self.estimator.predict(seen)


def fit_forest(
    x: np.ndarray,
    y: np.ndarray,
    *,
    is_binary: bool,
    kind: str,
    leaf: int,
    columns: np.ndarray,
    seed: int,
    trees: int,
) -> Forest:
    """`kind`: "random" draws rows for each tree, "extra" draws the thresholds (Geurts 2006)."""
    rows = len(y)
    trees = int(np.clip(trees * ROWS_FOR_ALL_TREES / rows, FEWEST_TREES, trees))
    draws = kind == "random" or rows > MOST_ROWS_PER_TREE
    classes = {
        ("random", True): RandomForestClassifier,
        ("random", False): RandomForestRegressor,
        ("extra", True): ExtraTreesClassifier,
        ("extra", False): ExtraTreesRegressor,
    }
    estimator = classes[kind, is_binary](
        trees,
        min_samples_leaf=leaf,
        max_features=0.35 if kind == "random" else 0.7,
        bootstrap=draws,
        max_samples=MOST_ROWS_PER_TREE if rows > MOST_ROWS_PER_TREE else None,
        random_state=seed,
        n_jobs=1,
    )
    seen = np.ascontiguousarray(x[:, columns])
    return Forest(estimator.fit(seen, y.astype(np.int64) if is_binary else y), columns)


@dataclass(frozen=True)
class Growth:
    """How boosted trees grow."""

    learning_rate: float
    leaves: int
    share: float  # of the columns, drawn at each split
    rounds: int

    def __str__(self) -> str:
        return f"{self.rounds} trees of {self.leaves} leaves, rate {self.learning_rate:g}"


@dataclass(frozen=True)
class Boosted:
    estimators: tuple
    columns: np.ndarray
    is_binary: bool

    def predict(self, x: np.ndarray) -> np.ndarray:
        seen = x[:, self.columns]
        if not self.is_binary:
            return np.mean([one.predict(seen) for one in self.estimators], 0)
        return expit(np.mean([one.decision_function(seen) for one in self.estimators], 0))


def boosting(growth: Growth, rows: int, is_binary: bool, seed: int) -> object:
    make = HistGradientBoostingClassifier if is_binary else HistGradientBoostingRegressor
    return make(
        learning_rate=growth.learning_rate,
        max_iter=growth.rounds,
        max_leaf_nodes=growth.leaves,
        min_samples_leaf=int(np.clip(rows // 50, 5, 25)),
        l2_regularization=1.0,
        max_features=growth.share,
        early_stopping=False,
        random_state=seed,
    )


def fit_boosted(
    x: np.ndarray,
    y: np.ndarray,
    *,
    is_binary: bool,
    growth: Growth,
    columns: np.ndarray,
    seed: int,
    copies: int = BOOSTED_COPIES,
) -> Boosted:
    fitted = [
        boosting(growth, len(y), is_binary, seed * 1000 + copy).fit(x[:, columns], y)
        for copy in range(copies)
    ]
    return Boosted(tuple(fitted), columns, is_binary)


def round_losses(
    x: np.ndarray,
    y: np.ndarray,
    asked: np.ndarray,
    outcome: np.ndarray,
    *,
    is_binary: bool,
    growth: Growth,
    columns: np.ndarray,
    seed: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Loss after each round (R,) on rows that were not fitted, and the predictions then (R, A)."""
    fitted = boosting(growth, len(y), is_binary, seed).fit(x[:, columns], y)
    seen = asked[:, columns]
    if is_binary:
        staged = np.array([p[:, 1] for p in fitted.staged_predict_proba(seen)], np.float32)
        sure = np.clip(staged, 1e-6, 1 - 1e-6)
        return -np.where(outcome > 0.5, np.log(sure), np.log1p(-sure)).mean(1), staged
    staged = np.array(list(fitted.staged_predict(seen)), np.float32)
    return ((staged - outcome) ** 2).mean(1), staged


@dataclass(frozen=True)
class Linear:
    """y = link(b + w · z). z: standardised columns, sign(v) · log(1 + |v|) of those that are no indicators,
    small whole numbers as indicators, and blanks, which are filled with the mean."""

    columns: np.ndarray  # (C,) of x
    fill: np.ndarray  # (C,)
    logs: np.ndarray  # (L,) of the C
    blanks: np.ndarray  # (B,) of the C
    codes: np.ndarray  # (K,) of the C, with
    code_values: np.ndarray  # (K,)
    mean: np.ndarray  # (C + L + B + K,)
    scale: np.ndarray
    weight: np.ndarray
    bias: float
    is_binary: bool

    def design(self, x: np.ndarray) -> np.ndarray:
        seen = x[:, self.columns].astype(np.float64)
        blank = np.isnan(seen)
        filled = np.where(blank, self.fill, seen)
        logs = np.sign(filled[:, self.logs]) * np.log1p(np.abs(filled[:, self.logs]))
        # A blank equals no code.
        coded = seen[:, self.codes] == self.code_values
        return np.concatenate([filled, logs, blank[:, self.blanks], coded], 1)

    def predict(self, x: np.ndarray) -> np.ndarray:
        margin = ((self.design(x) - self.mean) / self.scale) @ self.weight + self.bias
        return expit(margin) if self.is_binary else margin


def _as_in_graph(values: np.ndarray) -> np.ndarray:
    """Rounded to float32: what is subtracted from a float32 then leaves no error of its own."""
    return values.astype(np.float32).astype(np.float64)


def _has_orders_of_magnitude(values: np.ndarray) -> bool:
    """Whether a logarithm says more than the number: not of two values, nor of, say, seconds since 1970."""
    logs = np.log1p(np.abs(values))
    return len(np.unique(values)) > 2 and float(logs.std()) > 0.05 * max(1.0, float(logs.max()))


def fit_linear(
    x: np.ndarray, y: np.ndarray, *, is_binary: bool, encoding: Encoding, strength: float
) -> Linear:
    """`strength`: of the ridge penalty a row; the larger, the nearer the mean."""
    columns = encoding.view("linear")
    features = [encoding.features[at] for at in columns]
    seen = x[:, columns].astype(np.float64)
    blank = np.isnan(seen)
    fill = np.where(blank.all(0), 0.0, np.nansum(seen, 0) / np.maximum((~blank).sum(0), 1))
    codes, values = [], []
    for at, one in enumerate(features):
        own = np.unique(seen[~blank[:, at], at])
        if one.how == "number" and 3 <= len(own) <= 20 and (own == np.floor(own)).all():
            codes.extend([at] * len(own))
            values.extend(own.tolist())
    fill = _as_in_graph(fill)
    logs = [
        at
        for at, one in enumerate(features)
        if one.how == "number" and _has_orders_of_magnitude(seen[~blank[:, at], at])
    ]
    empty = Linear(
        columns,
        fill,
        np.array(logs, np.int64),
        np.flatnonzero(blank.any(0)),
        np.array(codes, np.int64),
        np.array(values, np.float64),
        np.zeros(0),
        np.ones(0),
        np.zeros(0),
        0.0,
        is_binary,
    )
    design = empty.design(x)
    mean, scale = _as_in_graph(design.mean(0)), design.std(0)
    scale = np.where(scale > 1e-9, scale, 1.0)
    z = (design - mean) / scale
    if is_binary:
        fitted = LogisticRegression(C=1 / (strength * len(y)), max_iter=300).fit(z, y.astype(np.int64))
        weight, bias = fitted.coef_[0], float(fitted.intercept_[0])
    else:
        fitted = Ridge(alpha=strength * len(y)).fit(z, y)
        weight, bias = fitted.coef_, float(fitted.intercept_)
    return replace(empty, mean=mean, scale=scale, weight=weight, bias=bias)
