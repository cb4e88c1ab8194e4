"""All models of a table, their settings chosen inside the training part.

Each fold fits encoding and members on its first part and predicts its second, which no member had learnt:
these predictions choose settings (log loss; squared error for a quantity), weigh the blend, calibrate it, set
the threshold, and say which model is chosen. Then all are fitted again on the whole training part.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from tqdm import tqdm

from ..metrics.binary import log_losses
from .blend import Blend, fit_blend
from .columns import Column
from .encode import Encoding, encode, fit_and_encode
from .members import (
    Constant,
    Growth,
    Member,
    fit_boosted,
    fit_forest,
    fit_linear,
    fit_single_column,
    round_losses,
)

Fold = tuple[np.ndarray, np.ndarray]  # rows to fit, rows to predict
Keep = Callable[[str, Callable[[], Any]], Any]

LEAVES = (3, 10, 30)  # fewest rows in a leaf of a forest
STRENGTHS = (1e-4, 1e-3, 1e-2, 1e-1)
GROWTHS = (Growth(0.05, 15, 0.5, 300), Growth(0.03, 31, 0.3, 300), Growth(0.05, 6, 0.5, 400))
MANY_ROWS = 60_000
GROWTHS_OF_MANY = (Growth(0.1, 31, 0.5, 300), Growth(0.06, 63, 0.4, 300))
# Settings are tried on two folds, forests of few trees and at most so many rows: more changes little.
TRIED_FOLDS = 2
TRIED_TREES = 60
FOREST_TREES = 200
APART_TREES = 120
MOST_TRIED_ROWS = 40_000
BLENDED = (
    "logistic regression",
    "ridge regression",
    "random forest",
    "extra trees",
    "boosted trees, indicators",
    "boosted trees, rates",
)
BLEND = "calibrated ensemble"


@dataclass(frozen=True)
class Candidate:
    """A model fitted on the whole training part, and what its like said of rows that it had not learnt."""

    name: str
    member: Member
    apart: np.ndarray  # (V,) predictions for the rows of `Learnt.asked`
    setting: str = ""
    is_baseline: bool = False


@dataclass(frozen=True)
class Learnt:
    encoding: Encoding
    candidates: list[Candidate]
    asked: np.ndarray  # (V,) training rows that some fold predicted
    single: dict[str, np.ndarray]  # column of the table -> (V,) what it alone says

    def candidate(self, name: str) -> Candidate:
        return next(one for one in self.candidates if one.name == name)


@dataclass(frozen=True)
class _Part:
    """A fold's rows, encoded by its first part."""

    encoding: Encoding
    x: np.ndarray
    y: np.ndarray
    asked: np.ndarray
    outcome: np.ndarray

    def tried(self, seed: int) -> np.ndarray:
        if len(self.y) <= MOST_TRIED_ROWS:
            return np.arange(len(self.y))
        return np.random.default_rng(seed).choice(len(self.y), MOST_TRIED_ROWS, replace=False)

    def view(self, name: str) -> np.ndarray:
        return self.encoding.view(name)


def _loss(y: np.ndarray, p: np.ndarray, is_binary: bool) -> float:
    return float((log_losses(p, y) if is_binary else (p - y) ** 2).mean())


class _Learning:
    """The folds of one run. Every `try_…` gives a setting and its predictions (V,) for the rows asked."""

    def __init__(self, parts: list[_Part], is_binary: bool, seed: int):
        self.parts = parts
        self.is_binary = is_binary
        self.seed = seed
        self.outcome = np.concatenate([part.outcome for part in parts])

    def each(self, fit: Callable[[_Part], Member]) -> np.ndarray:
        return np.concatenate([fit(part).predict(part.asked) for part in self.parts])

    def best(self, predictions: dict) -> tuple[object, np.ndarray]:
        setting = min(predictions, key=lambda one: _loss(self.outcome, predictions[one], self.is_binary))
        return setting, predictions[setting]

    def try_linear(self) -> tuple[float, np.ndarray]:
        return self.best(
            {
                strength: self.each(
                    lambda part, strength=strength: fit_linear(
                        part.x, part.y, is_binary=self.is_binary, encoding=part.encoding, strength=strength
                    )
                )
                for strength in STRENGTHS
            }
        )

    def try_forest(self, kind: str, view: str) -> tuple[int, np.ndarray]:
        def told(part: _Part, leaf: int, trees: int) -> np.ndarray:
            rows = part.tried(self.seed) if trees == TRIED_TREES else slice(None)
            return fit_forest(
                part.x[rows],
                part.y[rows],
                is_binary=self.is_binary,
                kind=kind,
                leaf=leaf,
                columns=part.view(view),
                seed=self.seed,
                trees=trees,
            ).predict(part.asked)

        def loss(leaf: int) -> float:
            return sum(
                _loss(part.outcome, told(part, leaf, TRIED_TREES), self.is_binary)
                for part in self.parts[:TRIED_FOLDS]
            )

        best = min(LEAVES, key=loss)
        return best, np.concatenate([told(part, best, APART_TREES) for part in self.parts])

    def try_boosted(self, view: str) -> tuple[Growth, np.ndarray]:
        """Rounds are read off one fit of each growth: the curve of the loss, averaged over the folds."""

        def told(part: _Part, growth: Growth) -> tuple[np.ndarray, np.ndarray]:
            rows = part.tried(self.seed)
            return round_losses(
                part.x[rows],
                part.y[rows],
                part.asked,
                part.outcome,
                is_binary=self.is_binary,
                growth=growth,
                columns=part.view(view),
                seed=self.seed,
            )

        many = max(len(part.y) for part in self.parts) > MANY_ROWS
        tried = {
            growth: [told(part, growth) for part in self.parts[:TRIED_FOLDS]]
            for growth in (GROWTHS_OF_MANY if many else GROWTHS)
        }
        best = min(tried, key=lambda growth: np.sum([losses for losses, _ in tried[growth]], 0).min())
        all_folds = tried[best] + [told(part, best) for part in self.parts[TRIED_FOLDS:]]
        rounds = int(np.argmin(np.sum([losses for losses, _ in all_folds], 0))) + 1
        apart = np.concatenate([staged[rounds - 1] for _, staged in all_folds]).astype(np.float64)
        return Growth(best.learning_rate, best.leaves, best.share, rounds), apart


def _parts(
    columns: list[Column], y: np.ndarray, groups: np.ndarray, folds: list[Fold], seed: int
) -> list[_Part]:
    parts = []
    for fitted, asked in folds:
        encoding, x = fit_and_encode([one.at(fitted) for one in columns], y[fitted], groups[fitted], seed)
        x_asked = encode(encoding, [one.at(asked) for one in columns])
        parts.append(_Part(encoding, x, y[fitted], x_asked, y[asked]))
    return parts


def _single_columns(parts: list[_Part]) -> dict[str, np.ndarray]:
    """Column of the table -> (V,) what its rate, else its first number, says alone."""
    told: dict[str, list[np.ndarray]] = {}
    for part in parts:
        for origin, feature in _feature_of_origin(part.encoding).items():
            fitted = fit_single_column(part.x, part.y, feature)
            told.setdefault(origin, []).append(fitted.predict(part.asked))
    return {name: np.concatenate(each) for name, each in told.items() if len(each) == len(parts)}


def _feature_of_origin(encoding: Encoding) -> dict[str, int]:
    found: dict[str, int] = {}
    for at, feature in enumerate(encoding.features):
        if feature.origin not in found or feature.how == "rate":
            found[feature.origin] = at
    return found


def learn(
    columns: list[Column],
    y: np.ndarray,
    groups: np.ndarray,
    folds: list[Fold],
    is_binary: bool,
    seed: int,
    keep: Keep = lambda name, make: make(),
    baselines: dict[str, str] | None = None,
) -> Learnt:
    """`columns`, y, groups of the training part (N,). `keep(name, make)` keeps a step for a later run.
    `baselines`: name -> the column whose mean label it is, beside the usual ones."""
    progress = tqdm(total=8, desc="models of the table", file=sys.stderr)

    def step(name: str, make: Callable[[], Any]) -> Any:
        made = keep(f"table: {name}", make)
        progress.update()
        return made

    parts = _parts(columns, y, groups, folds, seed)
    encoding, x = fit_and_encode(columns, y, groups, seed)
    learning = _Learning(parts, is_binary, seed)
    asked = np.concatenate([one for _, one in folds])
    outcome = learning.outcome

    base = np.concatenate([np.full(len(part.outcome), part.y.mean()) for part in parts])
    name = "the share of all" if is_binary else "the mean of all"
    candidates = [Candidate(name, Constant(float(y.mean())), base, is_baseline=True)]
    single = step("each column alone", lambda: _single_columns(parts))
    origins = {origin: at for origin, at in _feature_of_origin(encoding).items() if origin in single}
    if origins:
        best = min(origins, key=lambda origin: _loss(outcome, single[origin], is_binary))
        fitted = fit_single_column(x, y, origins[best])
        candidates.append(Candidate("the best single column", fitted, single[best], best, True))
    for name, origin in (baselines or {}).items():
        if origin in origins:
            fitted = fit_single_column(x, y, origins[origin])
            candidates.append(Candidate(name, fitted, single[origin], origin, True))

    def linear() -> Candidate:
        strength, apart = learning.try_linear()
        fitted = fit_linear(x, y, is_binary=is_binary, encoding=encoding, strength=strength)
        name = "logistic regression" if is_binary else "ridge regression"
        return Candidate(name, fitted, apart, f"penalty {strength:g} a row")

    def forest(kind: str, view: str) -> Candidate:
        leaf, apart = learning.try_forest(kind, view)
        fitted = fit_forest(
            x,
            y,
            is_binary=is_binary,
            kind=kind,
            leaf=leaf,
            columns=encoding.view(view),
            seed=seed,
            trees=FOREST_TREES,
        )
        trees = len(fitted.estimator.estimators_)
        name = "random forest" if kind == "random" else "extra trees"
        return Candidate(name, fitted, apart, f"{trees} trees, at least {leaf} rows a leaf")

    def boosted(view: str) -> Candidate:
        growth, apart = learning.try_boosted(view)
        fitted = fit_boosted(x, y, is_binary=is_binary, growth=growth, columns=encoding.view(view), seed=seed)
        return Candidate(f"boosted trees, {view}", fitted, apart, str(growth))

    if all(one.features for one in (encoding, *(part.encoding for part in parts))):
        candidates.append(step("linear model", linear))
        candidates.append(step("random forest", lambda: forest("random", "rates")))
        candidates.append(step("extra trees", lambda: forest("extra", "rates")))
        candidates.append(step("boosted trees, indicators", lambda: boosted("indicators")))
        candidates.append(step("boosted trees, rates", lambda: boosted("rates")))
        blended = [one for one in candidates if one.name in BLENDED]
        predictions = np.array([one.apart for one in blended])
        weights, curve, apart = fit_blend(predictions, outcome, is_binary, groups[asked], seed)
        words = " + ".join(
            f"{weight:.2f} {one.name}"
            for weight, one in zip(weights.weight, blended, strict=True)
            if weight >= 0.005
        )
        setting = f"{words}{', curve' if curve else ''}"
        members = {one.name: one.member for one in blended}
        candidates.append(Candidate(BLEND, Blend(members, weights, curve), apart, setting))
    progress.close()
    return Learnt(encoding, candidates, asked, single)
