"""How good predictions of rows are: the measures that fit the label, and what a threshold gives."""

import numpy as np

from ..metrics.binary import binary_measures
from ..metrics.bootstrap import DRAWS, measure_samples
from ..metrics.value import value_measures
from ..metrics.weighed import Measure, plain
from .blend import fit_weights

# Past this many rows an interval is narrow, and fewer draws tell it as well.
MOST_DRAWN_ROWS = 50_000_000
FEWEST_DRAWS = 200


def measures_of(y: np.ndarray, p: np.ndarray, is_binary: bool) -> dict[str, Measure]:
    return binary_measures(p, y) if is_binary else value_measures(p, y)


def figures(y: np.ndarray, p: np.ndarray, is_binary: bool) -> dict[str, float]:
    return {name: plain(one, len(y)) for name, one in measures_of(y, p, is_binary).items()}


def drawn_figures(
    y: np.ndarray, p: np.ndarray, is_binary: bool, groups: np.ndarray, seed: int
) -> dict[str, np.ndarray]:
    """Metric -> (D,) its value in each draw of whole groups (N,)."""
    draws = int(np.clip(MOST_DRAWN_ROWS // len(groups), FEWEST_DRAWS, DRAWS))
    return measure_samples(measures_of(y, p, is_binary), groups, seed, draws)


def best_threshold(y: np.ndarray, p: np.ndarray) -> float:
    """From where to say yes so that F1 is expected to be largest; halfway to the next prediction below.

    F1 of the rows seen is jagged round a flat top, and where its peak lies is luck. So the labels only
    calibrate p (Platt), and the peak is that of the F1 which the calibrated probabilities expect: it lies
    where they are half of the best F1 (Lipton et al., arXiv 1402.1892).
    """
    calibrated = fit_weights(p[None], y, is_binary=True).combine(p[None])
    values, group = np.unique(p, return_inverse=True)
    yes = np.bincount(group, calibrated, len(values))[::-1].cumsum()
    asked = np.bincount(group, minlength=len(values))[::-1].cumsum()
    best = int(np.argmax(2 * yes / (asked + calibrated.sum())))
    at = len(values) - 1 - best
    return float((values[at] + values[max(at - 1, 0)]) / 2)


def at_threshold(y: np.ndarray, p: np.ndarray, threshold: float) -> dict[str, float]:
    said = p >= threshold
    hits = float((said & (y > 0.5)).sum())
    return {
        "F1": 2 * hits / max(float(said.sum() + y.sum()), 1.0),
        "precision": hits / max(float(said.sum()), 1.0),
        "recall": hits / max(float(y.sum()), 1.0),
        "threshold": threshold,
    }
