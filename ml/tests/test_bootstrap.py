import numpy as np
import pytest

from throughline.metrics.binary import auc
from throughline.metrics.bootstrap import (
    case_weights,
    interval,
    mean_interval,
    mean_samples,
    measure_difference,
    measure_interval,
    measure_samples,
    paired_difference,
)
from throughline.metrics.weighed import mean_of


def test_each_draw_takes_as_many_shoppers_as_there_are_with_all_their_cases():
    shopper = np.repeat([7, 3, 9], [1, 2, 3])
    weights = list(case_weights(shopper, seed=1, draws=50))
    assert len(weights) == 50
    for weight in weights:
        assert weight[1] == weight[2]
        assert weight[0] + weight[1] + weight[3] == 3
    assert len({tuple(weight) for weight in weights}) > 5


def test_the_interval_is_the_middle_95_of_100():
    assert interval(np.arange(1001.0)) == pytest.approx((25, 975))


def test_sums_of_shoppers_give_the_same_samples_as_weights_of_cases():
    rng = np.random.default_rng(1)
    values, shopper = rng.random(60), rng.integers(0, 12, 60)
    columns = np.stack([values, values**2], 1)
    fast = mean_samples(columns, shopper, seed=5, draws=40)
    slow = measure_samples({"a": mean_of(values), "b": mean_of(values**2)}, shopper, seed=5, draws=40)
    assert fast[:, 0] == pytest.approx(slow["a"])
    assert fast[:, 1] == pytest.approx(slow["b"])


def test_the_interval_of_a_mean_is_as_wide_as_its_standard_error_says():
    values = np.random.default_rng(2).normal(3, 2, 400)
    mean, low, high = mean_interval(values, np.arange(400), seed=1)
    assert mean == pytest.approx(values.mean())
    assert (high - low) / 2 == pytest.approx(1.96 * values.std() / 20, rel=0.1)


def test_intervals_are_wider_where_cases_belong_together():
    rng = np.random.default_rng(5)
    shopper = np.repeat(np.arange(40), 25)
    happened = np.repeat(rng.random(40) < 0.5, 25)
    score = 0.3 * happened + np.repeat(rng.random(40), 25)
    _, low, high = measure_interval(auc(score, happened), shopper, seed=1)
    _, low_alone, high_alone = measure_interval(auc(score, happened), np.arange(1000), seed=1)
    assert high - low > 2 * (high_alone - low_alone)


def test_a_difference_is_paired():
    """Two methods that share their noise differ surely, though each alone is unsure."""
    rng = np.random.default_rng(3)
    shared = rng.normal(0, 1, 300)
    better, low, high = paired_difference(shared + 0.1, shared, np.arange(300), seed=1)
    assert (better, low, high) == pytest.approx((0.1, 0.1, 0.1))
    happened = rng.random(300) < 0.5
    score = happened + rng.normal(0, 1, 300)
    gain, low, high = measure_difference(auc(score, happened), auc(score, happened), np.arange(300), seed=1)
    assert (gain, low, high) == (0, 0, 0)


def test_noise_is_not_taken_for_a_difference():
    noise = np.random.default_rng(1).normal(0, 1, 200)
    _, low, high = paired_difference(noise - noise.mean(), np.zeros(200), np.repeat(np.arange(50), 4), seed=1)
    assert low < 0 < high
