"""How good forecasts of customers are, each customer weighed, so that a bootstrap is a matter of weights.

AUC and the normalised Gini are both covariances with mid-ranks: ties count half, and a forecast that is the
same for all has AUC 1/2 and Gini 0. Gini is of what was spent, ordered by the forecast, over the same in
the perfect order (Wang, Liu & Miao, arXiv 1912.07753). Shapes: C customers; weight (C,).
"""

from collections.abc import Callable

import numpy as np

CALIBRATION_BINS = 10
Score = Callable[[np.ndarray], float]  # weights (C,) -> the figure


class Ranked:
    """A forecast in order, sorted once for all bootstraps."""

    def __init__(self, values: np.ndarray):
        self.order = np.argsort(values, kind="stable")
        ordered = values[self.order]
        starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
        self.starts = starts
        self.sizes = np.diff(np.r_[starts, len(values)])

    def mid_ranks(self, weight: np.ndarray) -> np.ndarray:
        """(C,) the weight below each, and half of what ties with it."""
        group = np.add.reduceat(weight[self.order], self.starts)
        middle = np.cumsum(group) - group / 2
        ranks = np.empty(len(weight))
        ranks[self.order] = np.repeat(middle, self.sizes)
        return ranks


def auc(forecast: np.ndarray, happened: np.ndarray) -> Score:
    ranked, yes = Ranked(forecast), happened.astype(np.float64)

    def score(weight: np.ndarray) -> float:
        positive, total = weight @ yes, weight.sum()
        negative = total - positive
        if positive == 0 or negative == 0:
            return 0.5
        rank = (weight * yes) @ ranked.mid_ranks(weight) / positive
        return float((rank - positive / 2) / negative)

    return score


def average_precision(forecast: np.ndarray, happened: np.ndarray) -> Score:
    ranked, yes = Ranked(-forecast), happened.astype(np.float64)

    def score(weight: np.ndarray) -> float:
        ordered, hit = weight[ranked.order], (weight * yes)[ranked.order]
        found = np.cumsum(np.add.reduceat(hit, ranked.starts))
        looked_at = np.cumsum(np.add.reduceat(ordered, ranked.starts))
        if found[-1] == 0:
            return 0.0
        precision = found / np.maximum(looked_at, 1e-12)
        return float((np.diff(np.r_[0.0, found]) * precision).sum() / found[-1])

    return score


def gini(forecast: np.ndarray, spent: np.ndarray) -> Score:
    by_forecast, by_truth = Ranked(forecast), Ranked(spent)

    def score(weight: np.ndarray) -> float:
        amount, middle = weight * spent, weight.sum() / 2
        perfect = amount @ (by_truth.mid_ranks(weight) - middle)
        return float(amount @ (by_forecast.mid_ranks(weight) - middle) / perfect) if perfect > 0 else 0.0

    return score


def mean_of(values: np.ndarray) -> Score:
    return lambda weight: float(weight @ values / weight.sum())


def root_mean_of(values: np.ndarray) -> Score:
    return lambda weight: float(np.sqrt(weight @ values / weight.sum()))


def bins_of(forecast: np.ndarray) -> np.ndarray:
    """(C,) the tenth of the customers that each is in, by the forecast."""
    rank = np.argsort(np.argsort(forecast, kind="stable"))
    return rank * CALIBRATION_BINS // max(len(forecast), 1)


def calibration_error(forecast: np.ndarray, happened: np.ndarray) -> Score:
    """Mean distance of what was foretold and what happened, over tenths of the customers."""
    place, miss = bins_of(forecast), forecast - happened

    def score(weight: np.ndarray) -> float:
        return float(np.abs(np.bincount(place, weight * miss)).sum() / weight.sum())

    return score


def return_scores(p: np.ndarray, orders: np.ndarray, bought: np.ndarray) -> dict[str, Score]:
    """`bought`: purchases that came. Errors are of their number."""
    again, miss = bought > 0, orders - bought
    return {
        "AUC": auc(p, again),
        "AUPR": average_precision(p, again),
        "Brier": mean_of((p - again) ** 2),
        "ECE": calibration_error(p, again),
        "RMSE": root_mean_of(miss**2),
        "MSE": mean_of(miss**2),
        "MAE": mean_of(np.abs(miss)),
    }


def spend_scores(forecast: np.ndarray, spent: np.ndarray) -> dict[str, Score]:
    miss = forecast - spent
    return {
        "RMSE": root_mean_of(miss**2),
        "MSE": mean_of(miss**2),
        "MAE": mean_of(np.abs(miss)),
        "Gini": gini(forecast, spent),
    }


def bootstrap_weights(count: int, seed: int, draws: int) -> np.ndarray:
    """(draws, C) how often each customer is drawn, float32."""
    rng = np.random.default_rng(seed)
    weights = np.empty((draws, count), np.float32)
    for draw in range(draws):
        weights[draw] = np.bincount(rng.integers(0, count, count), minlength=count)
    return weights


def interval(values: np.ndarray) -> tuple[float, float]:
    """95 %"""
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)
