"""What measures of weighed cases share. A measure is made once for a model's forecasts, which sorts them, and
then asked with weights: ones for the plain figure, a draw's counts for the bootstrap.

Shapes: N cases; weight (N,), how often each counts.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Measure = Callable[[np.ndarray], float]


@dataclass(frozen=True)
class Tied:
    """Cases in order of a value, those with the same value together."""

    group: np.ndarray  # (N,) the lowest value first
    groups: int

    def sums(self, weight: np.ndarray) -> np.ndarray:
        """(groups,)"""
        return np.bincount(self.group, weight, self.groups)

    def middle_ranks(self, weight: np.ndarray) -> np.ndarray:
        """(N,) the weight below each case and half of what ties with it, from 0 to the sum of all."""
        size = self.sums(weight)
        return (np.cumsum(size) - size / 2)[self.group]


def tied(values: np.ndarray) -> Tied:
    different, group = np.unique(values, return_inverse=True)
    return Tied(group, len(different))


def plain(measure: Measure, cases: int) -> float:
    """Every case counts once."""
    return measure(np.ones(cases))


def mean_of(values: np.ndarray) -> Measure:
    return lambda weight: float(weight @ values / weight.sum())


def lead_of(one: Measure, other: Measure) -> Measure:
    """How much higher the one is."""
    return lambda weight: one(weight) - other(weight)
