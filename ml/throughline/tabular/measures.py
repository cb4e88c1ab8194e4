"""How good predictions are, with 95 % intervals: whole shoppers (or rows) are drawn again, by weights.

AUC: share of pairs (yes, no) in the right order, ties half. AUPR: average precision, ties as one step. Brier:
mean squared error of the probability. ECE: mean distance of predicted and observed shares over ten bins of
equal count, equal predictions in one bin. Gini: covariance of the outcome with the rank of the prediction,
over that with the outcome's own rank (1: the right order, 0: none).

Every prediction is sorted once; a draw is then a weighted sum, so that a thousand draws cost little.
"""

from collections.abc import Callable, Iterator

import numpy as np

BINS = 10
DRAWS = 1000
# Past this many rows an interval is narrow, and fewer draws tell it as well.
MOST_DRAWN_ROWS = 50_000_000
FEWEST_DRAWS = 200
MOST_SURE = 1e-6  # a probability of 0 or 1 would cost without bound

Measure = Callable[[np.ndarray], float]  # weights (N,) -> value


def log_loss(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    """(N,) in nats"""
    p = np.clip(p, MOST_SURE, 1 - MOST_SURE)
    return -np.where(y > 0.5, np.log(p), np.log1p(-p))


def _grouped(p: np.ndarray) -> tuple[np.ndarray, int]:
    """(N,) group of equal predictions, the lowest first; and how many groups."""
    values, group = np.unique(p, return_inverse=True)
    return group, len(values)


def _auc(y: np.ndarray, p: np.ndarray) -> Measure:
    group, groups = _grouped(p)

    def measure(weight: np.ndarray) -> float:
        yes = np.bincount(group, weight * y, groups)
        no = np.bincount(group, weight * (1 - y), groups)
        pairs = yes.sum() * no.sum()
        return float((yes * (np.cumsum(no) - no / 2)).sum() / pairs) if pairs > 0 else 0.5

    return measure


def _average_precision(y: np.ndarray, p: np.ndarray) -> Measure:
    group, groups = _grouped(-p)

    def measure(weight: np.ndarray) -> float:
        yes = np.bincount(group, weight * y, groups)
        asked = np.cumsum(np.bincount(group, weight, groups))
        total = yes.sum()
        precision = np.cumsum(yes) / np.maximum(asked, 1e-12)
        return float((yes * precision).sum() / total) if total > 0 else 0.0

    return measure


def bins_of(p: np.ndarray, bins: int = BINS) -> np.ndarray:
    """(N,) bin of equal count; equal predictions share one."""
    edges = np.unique(np.quantile(p, np.arange(1, bins) / bins))
    return np.searchsorted(edges, p, side="left")


def _calibration_error(y: np.ndarray, p: np.ndarray) -> Measure:
    where = bins_of(p)

    def measure(weight: np.ndarray) -> float:
        return float(np.abs(np.bincount(where, weight * (p - y))).sum() / weight.sum())

    return measure


def _gini(y: np.ndarray, p: np.ndarray) -> Measure:
    by_outcome, by_prediction = _grouped(y), _grouped(p)

    def covariance(weight: np.ndarray, grouped: tuple[np.ndarray, int]) -> float:
        group, groups = grouped
        size = np.bincount(group, weight, groups)
        rank = (np.cumsum(size) - size / 2) / weight.sum()
        mean = (weight * y).sum() / weight.sum()
        return float((weight * (y - mean) * rank[group]).sum())

    def measure(weight: np.ndarray) -> float:
        best = covariance(weight, by_outcome)
        return covariance(weight, by_prediction) / best if best > 0 else 0.0

    return measure


def _mean(values: np.ndarray) -> Measure:
    return lambda weight: float((weight * values).sum() / weight.sum())


def _root(values: np.ndarray) -> Measure:
    mean = _mean(values)
    return lambda weight: float(np.sqrt(mean(weight)))


def measures_of(y: np.ndarray, p: np.ndarray, is_binary: bool) -> dict[str, Measure]:
    if is_binary:
        return {
            "AUC": _auc(y, p),
            "AUPR": _average_precision(y, p),
            "Brier": _mean((p - y) ** 2),
            "ECE": _calibration_error(y, p),
        }
    squared = (p - y) ** 2
    return {
        "RMSE": _root(squared),
        "MSE": _mean(squared),
        "MAE": _mean(np.abs(p - y)),
        "Gini": _gini(y, p),
    }


def figures(y: np.ndarray, p: np.ndarray, is_binary: bool) -> dict[str, float]:
    weight = np.ones(len(y))
    return {name: one(weight) for name, one in measures_of(y, p, is_binary).items()}


def draws_of(groups: np.ndarray, seed: int) -> Iterator[np.ndarray]:
    """Weights (N,) of each draw: the same ones for every model, so that models compare in pairs."""
    _, where = np.unique(groups, return_inverse=True)
    count = int(where.max()) + 1
    draws = int(np.clip(MOST_DRAWN_ROWS // len(where), FEWEST_DRAWS, DRAWS))
    rng = np.random.default_rng(seed)
    for _ in range(draws):
        yield np.bincount(rng.integers(0, count, count), minlength=count)[where].astype(np.float64)


def drawn_figures(
    y: np.ndarray, p: np.ndarray, is_binary: bool, groups: np.ndarray, seed: int
) -> dict[str, np.ndarray]:
    """Metric -> (D,) its value in each draw."""
    measures = measures_of(y, p, is_binary)
    drawn: dict[str, list[float]] = {name: [] for name in measures}
    for weight in draws_of(groups, seed):
        for name, measure in measures.items():
            drawn[name].append(measure(weight))
    return {name: np.array(values) for name, values in drawn.items()}


def interval(drawn: np.ndarray) -> tuple[float, float]:
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(low), float(high)


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
