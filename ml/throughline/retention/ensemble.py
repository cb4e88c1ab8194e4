"""The ensemble: a weighted mean of a few models, weights by what the validation cut says.

Each member's probabilities are calibrated there first (Platt: slope and level of the log odds), then mixed
as log odds so that they order customers best (AUC): the mean of the best few mixtures of tenths, since the
very best one is partly luck. Trees learn with customers known for a shorter time than those asked about, and
do not stretch: they are mixed in only where the best mixture with them is surely ahead of the best without.
Purchases and cents are mixed plainly by Poisson deviance, which tells the
mean without being led by the few who spend most. Weights are above 0 and add up to 1.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, logit, softmax

from ..metrics.binary import auc
from ..metrics.bootstrap import interval, measure_samples
from ..metrics.weighed import plain
from .forecasts import RHYTHM_OF_ALL, Forecasts
from .models import LEARNT, LINEAR, Forecast
from .rows import Customers

MEMBERS = (RHYTHM_OF_ALL, *LEARNT)
STRETCHING = np.array([name in (RHYTHM_OF_ALL, LINEAR) for name in MEMBERS])  # (M,)
ENSEMBLE = "ensemble"
PULL = 0.1  # towards equal weights and what the members say, in customers: decides only where little is known
BEST_MIXTURES = 5
DRAWS = 300
SURE = 1e-5


@dataclass(frozen=True)
class Ensemble:
    p_weights: np.ndarray  # (M,)
    slopes: np.ndarray  # (M,) of the members' log odds
    levels: np.ndarray  # (M,)
    order_weights: np.ndarray  # (M,)
    cent_weights: np.ndarray  # (M,)

    def __call__(self, forecasts: Forecasts) -> Forecast:
        members = [forecasts[name] for name in MEMBERS]
        odds = np.stack([log_odds(one.p) for one in members])  # (M, C)
        calibrated = self.levels[:, None] + self.slopes[:, None] * odds
        return Forecast(
            expit(self.p_weights @ calibrated),
            self.order_weights @ np.stack([one.orders for one in members]),
            self.cent_weights @ np.stack([one.cents for one in members]),
        )

    def words(self) -> str:
        shares = ", ".join(f"{name} {share:.2f}" for name, share in zip(MEMBERS, self.p_weights, strict=True))
        spend = ", ".join(
            f"{name} {share:.2f}" for name, share in zip(MEMBERS, self.cent_weights, strict=True)
        )
        return f"who returns: {shares}; spend: {spend}"


def log_odds(p: np.ndarray) -> np.ndarray:
    return logit(np.clip(p, SURE, 1 - SURE))


def deviance(forecast: np.ndarray, came: np.ndarray) -> float:
    """Poisson, mean, without the part that no forecast changes."""
    return float((forecast - came * np.log(np.maximum(forecast, SURE))).mean())


def log_loss_of_odds(odds: np.ndarray, again: np.ndarray) -> float:
    return float((np.logaddexp(0, odds) - again * odds).mean())


def best_weights(loss: Callable[[np.ndarray], float], members: int, customers: int) -> np.ndarray:
    """(M,) by a loss of weights."""

    def pulled(at: np.ndarray) -> float:
        return loss(softmax(at)) + PULL / customers * float(at @ at)

    return softmax(minimize(pulled, np.zeros(members), method="L-BFGS-B").x)


def platt(odds: np.ndarray, again: np.ndarray) -> tuple[float, float]:
    """Slope, never turning the order round, and level of log odds (C,)."""

    def loss(at: np.ndarray) -> float:
        drawn = PULL / len(odds) * float((at[0] - 1) ** 2 + at[1] ** 2)
        return log_loss_of_odds(at[1] + at[0] * odds, again) + drawn

    slope, level = minimize(loss, np.array([1.0, 0.0]), method="L-BFGS-B", bounds=[(0.1, 10), (-10, 10)]).x
    return float(slope), float(level)


def mixtures(members: int) -> np.ndarray:
    """(W, M) all weights in tenths."""
    tenths = np.array([one for one in product(range(11), repeat=members) if sum(one) == 10])
    return tenths / 10


def weights_by_order(odds: np.ndarray, again: np.ndarray, stretching: np.ndarray, seed: int) -> np.ndarray:
    """(M,) for log odds (M, C); `stretching` (M,) says which members are trusted without proof."""
    weights = mixtures(len(odds))
    area = np.array([plain(auc(weight @ odds, again), len(again)) for weight in weights])
    of_all = _best(weights, area)
    of_few = _best(weights, np.where(weights @ ~stretching > 0, -np.inf, area))
    measures = {name: auc(one @ odds, again) for name, one in (("all", of_all), ("few", of_few))}
    drawn = measure_samples(measures, np.arange(len(again)), seed, DRAWS)
    low, _ = interval(drawn["all"] - drawn["few"])
    return of_all if low > 0 else of_few


def _best(weights: np.ndarray, area: np.ndarray) -> np.ndarray:
    """(M,) the mean of the mixtures (W, M) with the largest area (W,)."""
    return weights[np.argsort(-area, kind="stable")[:BEST_MIXTURES]].mean(0)


def fit_ensemble(forecasts: Forecasts, asked: Customers, seed: int) -> Ensemble:
    members = [forecasts[name] for name in MEMBERS]
    again = (asked.orders_next > 0).astype(np.float64)
    odds = np.stack([log_odds(one.p) for one in members])  # (M, C)
    slopes, levels = np.array([platt(one, again) for one in odds]).T
    orders = np.stack([one.orders for one in members])
    unit = max(float(asked.spend_next_cents.mean()), 1.0)
    cents, spent = np.stack([one.cents for one in members]) / unit, asked.spend_next_cents / unit
    count = len(asked)
    return Ensemble(
        weights_by_order(levels[:, None] + slopes[:, None] * odds, again, STRETCHING, seed),
        slopes,
        levels,
        best_weights(lambda w: deviance(w @ orders, asked.orders_next), len(members), count),
        best_weights(lambda w: deviance(w @ cents, spent), len(members), count),
    )
