"""How sure a figure is: 95 % intervals by drawing whole shoppers again (Efron 1979), whose cases go together.

S shoppers are drawn S times with replacement; a case counts as often as its shopper was drawn. A seed gives
the same draws to every model on the same cases, so that differences are paired.
"""

from collections.abc import Iterator

import numpy as np

from .weighed import Measure, lead_of, plain

DRAWS = 1000
DRAWS_OF_MEASURES = 300  # of one that is worked out anew with each draw


def shopper_draws(shoppers: int, seed: int, draws: int) -> Iterator[np.ndarray]:
    """(S,) how often each shopper is drawn."""
    rng = np.random.default_rng(seed)
    for _ in range(draws):
        yield np.bincount(rng.integers(0, shoppers, shoppers), minlength=shoppers)


def case_weights(shopper: np.ndarray, seed: int, draws: int) -> Iterator[np.ndarray]:
    """`shopper` (N,) of each case. Gives (N,) float64, how often each counts."""
    names, where = np.unique(shopper, return_inverse=True)
    for drawn in shopper_draws(len(names), seed, draws):
        yield drawn[where].astype(np.float64)


def interval(samples: np.ndarray) -> tuple[float, float]:
    """Ends of the 95 % of samples (D,) in the middle."""
    low, high = np.quantile(samples, [0.025, 0.975])
    return float(low), float(high)


def mean_samples(columns: np.ndarray, shopper: np.ndarray, seed: int, draws: int = DRAWS) -> np.ndarray:
    """(D, M): means of columns (N, M) in each draw."""
    names, where = np.unique(shopper, return_inverse=True)
    counted = np.column_stack([columns, np.ones(len(columns))])
    sums = np.stack([np.bincount(where, one, minlength=len(names)) for one in counted.T], 1)
    samples = np.empty((draws, columns.shape[1]))
    for number, drawn in enumerate(shopper_draws(len(names), seed, draws)):
        total = drawn @ sums
        samples[number] = total[:-1] / total[-1]
    return samples


def mean_interval(
    values: np.ndarray, shopper: np.ndarray, seed: int, draws: int = DRAWS
) -> tuple[float, float, float]:
    """Mean of values (N,), and its interval."""
    return float(values.mean()), *interval(mean_samples(values[:, None], shopper, seed, draws)[:, 0])


def paired_difference(
    a: np.ndarray, b: np.ndarray, shopper: np.ndarray, seed: int, draws: int = DRAWS
) -> tuple[float, float, float]:
    """Mean of a − b, two methods on the same cases (N,), and its interval."""
    return mean_interval(a - b, shopper, seed, draws)


def measure_samples(
    measures: dict[str, Measure], shopper: np.ndarray, seed: int, draws: int
) -> dict[str, np.ndarray]:
    """Name -> (D,) in each draw."""
    weights = case_weights(shopper, seed, draws)
    samples = np.array([[measure(weight) for measure in measures.values()] for weight in weights])
    return dict(zip(measures, samples.T, strict=True))


def measure_interval(
    measure: Measure, shopper: np.ndarray, seed: int, draws: int = DRAWS_OF_MEASURES
) -> tuple[float, float, float]:
    """The plain figure, and its interval."""
    samples = measure_samples({"": measure}, shopper, seed, draws)[""]
    return plain(measure, len(shopper)), *interval(samples)


def measure_difference(
    one: Measure, other: Measure, shopper: np.ndarray, seed: int, draws: int = DRAWS_OF_MEASURES
) -> tuple[float, float, float]:
    """How much higher the one is than the other, and its interval."""
    return measure_interval(lead_of(one, other), shopper, seed, draws)
