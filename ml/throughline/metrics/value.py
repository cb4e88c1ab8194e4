"""How good forecasts of amounts are.

    RMSE, MSE, MAE  of the error, in the amount's unit (MSE squared)
    Gini            covariance of the amounts with their rank by the forecast, over that with their rank by
                    themselves: 1 in the perfect order, 0 as chance does, ties half (Wang, Liu & Miao, arXiv
                    1912.07753)

Shapes: forecast, truth (N,).
"""

import numpy as np

from .weighed import Measure, mean_of, tied

ERRORS = ("RMSE", "MSE", "MAE")
NAMES = (*ERRORS, "Gini")


def root_mean_square(error: np.ndarray) -> Measure:
    squared = mean_of(error**2)
    return lambda weight: float(np.sqrt(squared(weight)))


def gini(forecast: np.ndarray, truth: np.ndarray) -> Measure:
    """0 where all amounts are the same."""
    by_forecast, by_truth, amount = tied(forecast), tied(truth), truth - truth.mean()

    def measure(weight: np.ndarray) -> float:
        mass, middle = weight * amount, weight.sum() / 2
        perfect = mass @ (by_truth.middle_ranks(weight) - middle)
        return float(mass @ (by_forecast.middle_ranks(weight) - middle) / perfect) if perfect > 0 else 0.0

    return measure


def error_measures(forecast: np.ndarray, truth: np.ndarray) -> dict[str, Measure]:
    """Of ERRORS."""
    error = forecast - truth
    return {
        "RMSE": root_mean_square(error),
        "MSE": mean_of(error**2),
        "MAE": mean_of(np.abs(error)),
    }


def value_measures(forecast: np.ndarray, truth: np.ndarray) -> dict[str, Measure]:
    """Of NAMES."""
    return error_measures(forecast, truth) | {"Gini": gini(forecast, truth)}
