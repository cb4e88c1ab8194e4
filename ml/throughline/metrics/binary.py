"""How good probabilities of yes and no are.

    AUC    share of pairs of a yes and a no that are in order, ties half (Hanley & McNeil 1982)
    AUPR   average precision: mean over the yes of the precision at their place, ties as one step
    Brier  mean squared error (Brier 1950)
    ECE    mean distance of foretold and seen shares over ten bins of equal count, equal forecasts in one bin

Shapes: forecast (N,), 0-1, or for AUC and AUPR any score; happened (N,) 0 or 1, or bool.
"""

import numpy as np

from .weighed import Measure, mean_of, tied

BINS = 10
NAMES = ("AUC", "AUPR", "Brier", "ECE")
MOST_SURE = 1e-6  # a probability of 0 or 1 would cost without bound


def auc(score: np.ndarray, happened: np.ndarray) -> Measure:
    """1/2 where all or none are yes."""
    by_score, yes = tied(score), happened.astype(np.float64)

    def measure(weight: np.ndarray) -> float:
        positive, negative = by_score.sums(weight * yes), by_score.sums(weight * (1 - yes))
        pairs = positive.sum() * negative.sum()
        in_order = positive @ (np.cumsum(negative) - negative / 2)
        return float(in_order / pairs) if pairs > 0 else 0.5

    return measure


def average_precision(score: np.ndarray, happened: np.ndarray) -> Measure:
    """0 where none is yes."""
    by_score, yes = tied(-score), happened.astype(np.float64)

    def measure(weight: np.ndarray) -> float:
        found, asked = by_score.sums(weight * yes), by_score.sums(weight)
        precision = np.cumsum(found) / np.maximum(np.cumsum(asked), 1e-12)
        return float(found @ precision / found.sum()) if found.sum() > 0 else 0.0

    return measure


def brier(forecast: np.ndarray, happened: np.ndarray) -> Measure:
    return mean_of((forecast - happened) ** 2)


def bins_of_equal_count(forecast: np.ndarray, bins: int = BINS) -> np.ndarray:
    """(N,) bin of each, the lowest forecasts first. Equal forecasts share one, so that there may be fewer."""
    edges = np.unique(np.quantile(forecast, np.arange(1, bins) / bins))
    return np.searchsorted(edges, forecast, side="left")


def calibration_error(forecast: np.ndarray, happened: np.ndarray) -> Measure:
    where, miss = bins_of_equal_count(forecast), forecast - happened

    def measure(weight: np.ndarray) -> float:
        return float(np.abs(np.bincount(where, weight * miss)).sum() / weight.sum())

    return measure


def binary_measures(forecast: np.ndarray, happened: np.ndarray) -> dict[str, Measure]:
    """Of NAMES."""
    happened = happened.astype(np.float64)
    return {
        "AUC": auc(forecast, happened),
        "AUPR": average_precision(forecast, happened),
        "Brier": brier(forecast, happened),
        "ECE": calibration_error(forecast, happened),
    }


def log_losses(forecast: np.ndarray, happened: np.ndarray) -> np.ndarray:
    """(N,) in nats: −log of the probability that what happened was given, at least MOST_SURE."""
    sure = np.clip(forecast, MOST_SURE, 1 - MOST_SURE)
    return -np.where(happened > 0.5, np.log(sure), np.log1p(-sure))
