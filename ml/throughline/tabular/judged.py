"""Fitted models on rows that were kept apart: rows of the report, paired differences and pictures."""

import numpy as np

from ..evaluation.result import LESS_IS_BETTER, Picture, Row
from ..metrics.binary import bins_of_equal_count, log_losses
from ..metrics.bootstrap import interval
from .encode import Encoding
from .learn import Learnt
from .measures import (
    at_threshold,
    best_threshold,
    drawn_figures,
    figures,
)
from .members import Member

DECILES = 10
MOST_SHOWN = 20  # columns in the picture of importance
IMPORTANCE_ROWS = 10_000


def deciding(is_binary: bool) -> str:
    return "AUC" if is_binary else "RMSE"


def choose(learnt: Learnt, outcome: np.ndarray, is_binary: bool) -> tuple[str, dict[str, float]]:
    """The best by what was predicted apart, inside the training part; and each one's figure."""
    metric = deciding(is_binary)
    told = {one.name: figures(outcome, one.apart, is_binary)[metric] for one in learnt.candidates}
    best = max(told, key=lambda name: told[name] if is_binary else -told[name])
    return best, told


def judge(
    learnt: Learnt,
    predictions: dict[str, np.ndarray],
    y: np.ndarray,
    outcome: np.ndarray,
    is_binary: bool,
    groups: np.ndarray,
    seed: int,
) -> tuple[list[Row], list[dict]]:
    """`predictions`: name -> (T,) for the rows kept apart, whose label is `y` (T,); `outcome` (V,) of the
    rows that folds predicted. Differences: the chosen one over every other, on the same draws."""
    chosen, told = choose(learnt, outcome, is_binary)
    drawn = {
        one.name: drawn_figures(y, predictions[one.name], is_binary, groups, seed)
        for one in learnt.candidates
    }
    rows, differences = [], []
    for one in learnt.candidates:
        p = predictions[one.name]
        metrics = figures(y, p, is_binary)
        detail: dict[str, float] = {}
        if is_binary:
            detail = at_threshold(y, p, best_threshold(outcome, one.apart))
            detail["log loss"] = float(log_losses(p, y).mean())
        rows.append(
            Row(
                model=one.name,
                metrics=metrics,
                interval={name: interval(values) for name, values in drawn[one.name].items()},
                setting=one.setting,
                validation=told[one.name],
                chosen=one.name == chosen,
                detail=detail,
            )
        )
        if one.name == chosen:
            continue
        for metric in ("AUC", "AUPR") if is_binary else ("RMSE", "Gini"):
            sign = -1 if metric in LESS_IS_BETTER else 1
            low, high = interval(sign * (drawn[chosen][metric] - drawn[one.name][metric]))
            gain = sign * (figures(y, predictions[chosen], is_binary)[metric] - metrics[metric])
            differences.append(
                {"of": chosen, "over": one.name, "metric": metric, "gain": gain, "low": low, "high": high}
            )
    return rows, differences


def calibration(y: np.ndarray, p: np.ndarray, name: str) -> Picture:
    where = bins_of_equal_count(p)
    told = np.bincount(where, p) / np.maximum(np.bincount(where), 1)
    seen = np.bincount(where, y) / np.maximum(np.bincount(where), 1)
    points = [[float(a), float(b)] for a, b in zip(told, seen, strict=True) if (a, b) != (0, 0)]
    return Picture(
        "calibration",
        "Predicted and observed share",
        "predicted probability (mean of a bin)",
        "observed share",
        [{"name": name, "points": points}],
        "Ten bins of equal count.",
    )


def deciles(y: np.ndarray, p: np.ndarray, name: str, is_binary: bool) -> Picture:
    parts = [part for part in np.array_split(np.argsort(-p, kind="stable"), DECILES) if len(part)]
    mean = float(y.mean())
    lift = float(y[parts[0]].mean() / mean) if mean != 0 else 0.0
    taken = float(y[np.concatenate(parts[:2])].sum() / y.sum()) if y.sum() != 0 and len(parts) > 1 else 0.0
    return Picture(
        "deciles",
        "Tenths by prediction, the highest first",
        "tenth",
        "share of yes" if is_binary else "mean of the label",
        [
            {"name": "observed", "points": [[at + 1, float(y[one].mean())] for at, one in enumerate(parts)]},
            {"name": name, "points": [[at + 1, float(p[one].mean())] for at, one in enumerate(parts)]},
        ],
        f"The first tenth has {lift:.2f} times the mean; the first two hold {100 * taken:.0f} % of all.",
    )


def importance(
    member: Member, encoding: Encoding, x: np.ndarray, y: np.ndarray, is_binary: bool, seed: int
) -> Picture:
    """What a column's values are worth: the loss of the deciding metric when they are shuffled among the rows
    (Breiman 2001). Columns that say the same share their worth, so that each may look small."""
    rng = np.random.default_rng(seed)
    if len(y) > IMPORTANCE_ROWS:
        some = rng.choice(len(y), IMPORTANCE_ROWS, replace=False)
        x, y = x[some], y[some]
    metric = deciding(is_binary)
    sign = 1 if is_binary else -1
    whole = figures(y, member.predict(x), is_binary)[metric]
    lost: dict[str, float] = {}
    for origin in dict.fromkeys(one.origin for one in encoding.features):
        own = [at for at, one in enumerate(encoding.features) if one.origin == origin]
        shuffled = x.copy()
        shuffled[:, own] = x[rng.permutation(len(x))][:, own]
        lost[origin] = sign * (whole - figures(y, member.predict(shuffled), is_binary)[metric])
    first = sorted(lost, key=lambda name: -lost[name])[:MOST_SHOWN]
    return Picture(
        "importance",
        "What each column is worth",
        "column",
        f"{metric} lost when shuffled",
        [{"name": name, "points": [[at + 1, lost[name]]]} for at, name in enumerate(first)],
    )
