"""How good predictions of rows are: the measures that fit the label, and what a threshold gives."""

import numpy as np

from ..metrics.binary import binary_measures
from ..metrics.bootstrap import DRAWS, measure_samples
from ..metrics.value import value_measures
from ..metrics.weighed import Measure, plain

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
    """From where to say yes so that F1 is largest on these rows; halfway to the next prediction below."""
    values, group = np.unique(p, return_inverse=True)
    yes = np.bincount(group, y, len(values))[::-1].cumsum()
    asked = np.bincount(group, minlength=len(values))[::-1].cumsum()
    best = int(np.argmax(2 * yes / (asked + y.sum())))
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
