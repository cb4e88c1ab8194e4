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

from .blend import Blend, fit_blend
from .columns import Column
from .encode import Encoding, fit_and_encode
from .members import Constant, Member, fit_boosted, fit_forest, fit_linear, fit_single_column
from .pairs import PairedBoosted, choose_pairs
from .trials import MANY_ROWS, Fold, Part, Trials, loss_of, parts_of

Keep = Callable[[str, Callable[[], Any]], Any]

FOREST_TREES = 200
BLENDED = (
    "logistic regression",
    "ridge regression",
    "random forest",
    "extra trees",
    "boosted trees, indicators",
    "boosted trees, rates",
    "boosted trees, pairs",
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


def _single_columns(parts: list[Part]) -> dict[str, np.ndarray]:
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
    progress = tqdm(total=7, desc="models of the table", file=sys.stderr)

    def step(name: str, make: Callable[[], Any]) -> Any:
        made = keep(f"table: {name}", make)
        progress.update()
        return made

    parts = parts_of(columns, y, groups, folds, seed)
    encoding, x = fit_and_encode(columns, y, groups, seed)
    learning = Trials(parts, is_binary, seed)
    asked = np.concatenate([one for _, one in folds])
    outcome = learning.outcome

    base = np.concatenate([np.full(len(part.outcome), part.y.mean()) for part in parts])
    name = "the share of all" if is_binary else "the mean of all"
    candidates = [Candidate(name, Constant(float(y.mean())), base, is_baseline=True)]
    single = step("each column alone", lambda: _single_columns(parts))
    origins = {origin: at for origin, at in _feature_of_origin(encoding).items() if origin in single}
    if origins:
        best = min(origins, key=lambda origin: loss_of(outcome, single[origin], is_binary))
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

    def paired() -> Candidate | None:
        tried = learning.try_paired("indicators")
        pairs = choose_pairs(encoding, x, y, view="indicators", is_binary=is_binary, seed=seed)
        if tried is None or pairs is None:
            return None
        growth, apart = tried
        columns = pairs.view(encoding.view("indicators"), len(encoding.features))
        fitted = fit_boosted(
            pairs.beside(x), y, is_binary=is_binary, growth=growth, columns=columns, seed=seed
        )
        setting = f"{growth}, pairs: {len(pairs.over)}"
        return Candidate("boosted trees, pairs", PairedBoosted(fitted, pairs), apart, setting)

    if all(one.features for one in (encoding, *(part.encoding for part in parts))):
        candidates.append(step("linear model", linear))
        candidates.append(step("random forest", lambda: forest("random", "rates")))
        candidates.append(step("extra trees", lambda: forest("extra", "rates")))
        candidates.append(step("boosted trees, indicators", lambda: boosted("indicators")))
        candidates.append(step("boosted trees, rates", lambda: boosted("rates")))
        # Not of many rows: pairs cost their share of the time, and trees have the rows to do without.
        if len(y) <= MANY_ROWS and (found := step("boosted trees, pairs", paired)):
            candidates.append(found)
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
