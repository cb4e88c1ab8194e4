"""Probabilities and amounts: each measure against scikit-learn where it has one, else worked by hand; weights
are repeats."""

import numpy as np
import pytest
from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    log_loss,
    mean_absolute_error,
    mean_squared_error,
    roc_auc_score,
    root_mean_squared_error,
)

from throughline.metrics.binary import (
    auc,
    average_precision,
    binary_measures,
    bins_of_equal_count,
    brier,
    calibration_error,
    log_losses,
)
from throughline.metrics.value import gini, value_measures
from throughline.metrics.weighed import lead_of, plain


@pytest.fixture
def visits() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Forecasts with many ties, what happened, and whole weights, some of them 0."""
    rng = np.random.default_rng(4)
    forecast = np.round(rng.random(400), 1)
    return forecast, rng.random(400) < forecast, rng.integers(0, 4, 400).astype(float)


def test_probabilities_are_judged_as_scikit_learn_judges_them(visits):
    forecast, happened, weight = visits
    for measure, reference in (
        (auc, roc_auc_score),
        (average_precision, average_precision_score),
        (brier, brier_score_loss),
    ):
        made = measure(forecast, happened)
        assert plain(made, 400) == pytest.approx(reference(happened, forecast))
        assert made(weight) == pytest.approx(reference(happened, forecast, sample_weight=weight))
    assert tuple(binary_measures(forecast, happened)) == ("AUC", "AUPR", "Brier", "ECE")


def test_one_outcome_alone_has_no_order():
    assert plain(auc(np.arange(3.0), np.ones(3)), 3) == 0.5
    assert plain(average_precision(np.arange(3.0), np.zeros(3)), 3) == 0


def test_calibration_error_is_the_mean_miss_of_the_bins():
    forecast = np.repeat([0.2, 0.6], 50)
    happened = np.concatenate([np.arange(50) % 5 == 0, np.ones(50)]).astype(float)
    # The low half is right, the high half says .6 where all did.
    assert plain(calibration_error(forecast, happened), 100) == pytest.approx(0.5 * 0 + 0.5 * 0.4)
    only_high = np.repeat([0.0, 1.0], 50)
    assert calibration_error(forecast, happened)(only_high) == pytest.approx(0.4)


def test_bins_hold_a_tenth_each_and_equal_forecasts_share_one():
    assert np.bincount(bins_of_equal_count(np.arange(100.0))).tolist() == [10] * 10
    assert len(np.unique(bins_of_equal_count(np.full(100, 0.3)))) == 1
    # In whatever order they stand: nothing may hang on it.
    rng = np.random.default_rng(1)
    forecast = np.round(rng.random(200), 1)
    happened = np.sort(rng.random(200) < 0.5)
    mixed = rng.permutation(200)
    first = plain(calibration_error(forecast, happened), 200)
    assert plain(calibration_error(forecast[mixed], happened[mixed]), 200) == pytest.approx(first)


def test_log_losses_are_scikit_learns_and_a_sure_mistake_has_a_bound(visits):
    forecast, happened, _ = visits
    inside = np.clip(forecast, 0.05, 0.95)
    assert log_losses(inside, happened).mean() == pytest.approx(log_loss(happened, inside))
    losses = log_losses(np.array([0.0, 1.0, 0.5]), np.array([1, 1, 0]))
    assert losses == pytest.approx([-np.log(1e-6), 0, np.log(2)], abs=1e-5)


def test_errors_of_amounts_are_scikit_learns():
    rng = np.random.default_rng(3)
    truth, forecast, weight = rng.exponential(5, 300), rng.exponential(5, 300), rng.integers(0, 4, 300) * 1.0
    measures = value_measures(forecast, truth)
    assert tuple(measures) == ("RMSE", "MSE", "MAE", "Gini")
    for name, reference in (
        ("RMSE", root_mean_squared_error),
        ("MSE", mean_squared_error),
        ("MAE", mean_absolute_error),
    ):
        assert plain(measures[name], 300) == pytest.approx(reference(truth, forecast))
        assert measures[name](weight) == pytest.approx(reference(truth, forecast, sample_weight=weight))


def test_the_gini_is_one_in_the_perfect_order_none_for_one_forecast_and_minus_one_reversed():
    spent = np.array([0.0, 0.0, 1.0, 5.0])
    assert plain(gini(spent, spent), 4) == pytest.approx(1)
    assert plain(gini(np.ones(4), spent), 4) == pytest.approx(0)
    assert plain(gini(-spent, spent), 4) == pytest.approx(-1)
    assert plain(gini(spent, np.full(4, 0.1)), 4) == 0


def test_the_gini_of_an_order_worked_by_hand():
    # Ranks from the middle are −1, 0, 1: with 0, 3, 6 they give 6, with 3, 0, 6 (the forecast's order) 3.
    assert plain(gini(np.array([2.0, 1.0, 3.0]), np.array([0.0, 3.0, 6.0])), 3) == pytest.approx(3 / 6)


def test_the_gini_of_yes_and_no_is_twice_the_area_less_one(visits):
    forecast, happened, weight = visits
    area = auc(forecast, happened)(weight)
    assert gini(forecast, happened.astype(float))(weight) == pytest.approx(2 * area - 1)


def test_weights_are_repeats_for_the_gini_and_for_calibration_in_the_same_bins(visits):
    forecast, happened, weight = visits
    repeated = np.repeat(np.arange(400), weight.astype(int))
    spent = happened * forecast * 10
    assert gini(forecast, spent)(weight) == pytest.approx(
        plain(gini(forecast[repeated], spent[repeated]), len(repeated))
    )


def test_a_lead_is_the_difference_at_the_same_weights(visits):
    forecast, happened, weight = visits
    one, other = auc(forecast, happened), auc(-forecast, happened)
    assert lead_of(one, other)(weight) == pytest.approx(one(weight) - other(weight))
