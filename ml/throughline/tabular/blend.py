"""Several members as one: weights fitted on predictions that no member had learnt, then calibrated.

Binary: p = sigmoid(b + Σ w_m · logit p_m), w ≥ 0, by log loss with a pull towards equal weights (a member
that is sure by accident gets no more say); b and the sum of w are Platt's calibration (1999). A curve,
increasing and of straight lines between bin means (isotonic regression; Zadrozny & Elkan 2002), comes after
it only where it lowers log loss beyond chance on rows it was not fitted on. A quantity: b + Σ w_m · p_m by
squared error.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, logit
from sklearn.isotonic import IsotonicRegression

from ..metrics.binary import log_losses
from .members import Member

MOST_SURE = 1e-4  # of a member: forests say 0 and 1
PULL = 30.0  # rows' worth of log loss for a weight that is off by 1
KNOTS = 30
FOLDS = 5


def margins_of(p: np.ndarray) -> np.ndarray:
    return logit(np.clip(p, MOST_SURE, 1 - MOST_SURE))


@dataclass(frozen=True)
class Weights:
    weight: np.ndarray  # (M,)
    bias: float
    is_binary: bool

    def combine(self, predictions: np.ndarray) -> np.ndarray:
        """(M, N) -> (N,)"""
        if self.is_binary:
            return expit(self.bias + self.weight @ margins_of(predictions))
        return self.bias + self.weight @ predictions


@dataclass(frozen=True)
class Curve:
    """Probability -> probability, by straight lines between knots."""

    x: np.ndarray
    y: np.ndarray

    def apply(self, p: np.ndarray) -> np.ndarray:
        return np.interp(p, self.x, self.y)


@dataclass(frozen=True)
class Blend:
    members: dict[str, Member]
    weights: Weights
    curve: Curve | None = None

    def predict(self, x: np.ndarray) -> np.ndarray:
        p = self.weights.combine(np.array([member.predict(x) for member in self.members.values()]))
        return self.curve.apply(p) if self.curve else p


def fit_weights(predictions: np.ndarray, y: np.ndarray, is_binary: bool) -> Weights:
    """`predictions` (M, N) of rows that the members had not learnt."""
    members = len(predictions)
    inputs = margins_of(predictions) if is_binary else predictions
    equal = 1 / members
    unit = 1.0 if is_binary else max(float(y.var()), 1e-12)

    def cost(at: np.ndarray) -> tuple[float, np.ndarray]:
        weight, bias = at[:-1], at[-1]
        margin = weight @ inputs + bias
        off = weight - equal
        if is_binary:
            error = expit(margin) - y
            value = np.logaddexp(0, margin).sum() - (y * margin).sum()
        else:
            error = (margin - y) / unit
            value = (error * (margin - y)).sum() / 2
        slope = np.append(inputs @ error + PULL * off, error.sum())
        return float(value + PULL * (off**2).sum() / 2) / len(y), slope / len(y)

    begin = np.append(np.full(members, equal), 0.0)
    bounds = [(0.0, None)] * members + [(None, None)]
    found = minimize(cost, begin, jac=True, method="L-BFGS-B", bounds=bounds)
    return Weights(found.x[:-1], float(found.x[-1]), is_binary)


def fit_curve(p: np.ndarray, y: np.ndarray) -> Curve | None:
    """None where the predictions have too few values for a curve."""
    parts = [part for part in np.array_split(np.argsort(p, kind="stable"), KNOTS) if len(part)]
    x = np.array([p[part].mean() for part in parts])
    share = np.array([y[part].mean() for part in parts])
    risen = IsotonicRegression(y_min=1e-4, y_max=1 - 1e-4).fit_transform(
        x, share, sample_weight=[len(part) for part in parts]
    )
    # Knots so near that float32 confuses them would make a cliff.
    apart = np.append(True, np.diff(x) > 1e-4)
    x, risen = x[apart], risen[apart]
    return Curve(x, risen) if len(x) >= 3 else None


def _folds(groups: np.ndarray, seed: int) -> np.ndarray:
    _, where = np.unique(groups, return_inverse=True)
    rng = np.random.default_rng(seed)
    return (rng.permutation(where.max() + 1) % FOLDS)[where]


def fit_blend(
    predictions: np.ndarray, y: np.ndarray, is_binary: bool, groups: np.ndarray, seed: int
) -> tuple[Weights, Curve | None, np.ndarray]:
    """Weights and curve from all rows, and what they give for rows left out of their fit (N,)."""
    fold = _folds(groups, seed)
    apart = np.empty(len(y))
    curved = np.empty(len(y))
    for number in range(FOLDS):
        own = fold == number
        if not own.any():
            continue
        weights = fit_weights(predictions[:, ~own], y[~own], is_binary)
        apart[own] = weights.combine(predictions[:, own])
        if is_binary:
            curve = fit_curve(weights.combine(predictions[:, ~own]), y[~own])
            curved[own] = curve.apply(apart[own]) if curve else apart[own]
    weights = fit_weights(predictions, y, is_binary)
    if not is_binary:
        return weights, None, apart
    gain = log_losses(apart, y) - log_losses(curved, y)
    if gain.mean() > 2 * gain.std() / np.sqrt(len(gain)):
        return weights, fit_curve(weights.combine(predictions), y), curved
    return weights, None, apart
