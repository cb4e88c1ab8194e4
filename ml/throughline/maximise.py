"""Maximum likelihood in a box, from fixed starts, by exact gradients: parameters above 0, as logarithms.

Callers scale times or money by their mean first, so that the box and the starts mean the same for every shop.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

# Natural logarithms of the scaled parameters. Beyond e^±9 a mixing distribution is a point or flat.
BOX = (-9.0, 9.0)

# Fewer customers with a repeat purchase cannot hold three or four parameters: this project's choice.
FEWEST_REPEAT_CUSTOMERS = 50


@dataclass(frozen=True)
class Unfit:
    """Why there are no parameters."""

    reason: str  # too_few_customers, too_few_repeat_customers, no_maximum, spend_without_mean, short_history
    detail: str


def maximise(
    log_likelihood: Callable[[np.ndarray], tuple[float, np.ndarray]],
    starts: tuple[tuple[float, ...], ...],
    count: int,
) -> np.ndarray | None:
    """Parameters (P,) of the highest end of a search from each start; None if no search ends.

    `log_likelihood` gives the sum over `count` customers and its gradient, (P,).
    """

    def loss(logarithms: np.ndarray) -> tuple[float, np.ndarray]:
        value, slope = log_likelihood(np.exp(logarithms))
        return -value / count, -slope * np.exp(logarithms) / count

    best, lowest = None, np.inf
    for start in starts:
        found = minimize(
            loss,
            np.log(start),
            jac=True,
            method="L-BFGS-B",
            bounds=[BOX] * len(start),
            options={"maxiter": 1_000, "ftol": 1e-14, "gtol": 1e-9},
        )
        if np.isfinite(found.fun) and found.fun < lowest:
            best, lowest = np.exp(found.x), float(found.fun)
    return best
