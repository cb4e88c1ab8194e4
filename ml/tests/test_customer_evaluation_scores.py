import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from throughline.retention.scores import (
    auc,
    average_precision,
    bootstrap_weights,
    calibration_error,
    gini,
    return_scores,
    spend_scores,
)

ONE = np.ones


@pytest.fixture
def customers() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(4)
    forecast = np.round(rng.random(400), 1)  # many ties
    again = (rng.random(400) < forecast).astype(int)
    return forecast, again, rng.integers(0, 4, 400).astype(float)


def test_weights_are_repeats(customers):
    forecast, again, weight = customers
    repeated = np.repeat(np.arange(400), weight.astype(int))
    assert auc(forecast, again)(weight) == pytest.approx(roc_auc_score(again[repeated], forecast[repeated]))
    assert average_precision(forecast, again)(weight) == pytest.approx(
        average_precision_score(again[repeated], forecast[repeated])
    )
    spent = again * forecast * 10
    assert gini(forecast, spent)(weight) == pytest.approx(
        gini(forecast[repeated], spent[repeated])(ONE(len(repeated)))
    )


def test_gini_is_one_in_the_perfect_order_none_for_one_forecast_and_minus_one_reversed():
    spent = np.array([0.0, 0.0, 1.0, 5.0])
    assert gini(spent, spent)(ONE(4)) == pytest.approx(1)
    assert gini(ONE(4), spent)(ONE(4)) == pytest.approx(0)
    assert gini(-spent, spent)(ONE(4)) == pytest.approx(-1)
    assert gini(spent, np.zeros(4))(ONE(4)) == 0


def test_one_outcome_alone_has_no_order():
    assert auc(np.arange(3.0), np.ones(3))(ONE(3)) == 0.5
    assert average_precision(np.arange(3.0), np.zeros(3))(ONE(3)) == 0


def test_calibration_is_the_mean_miss_of_tenths():
    forecast = np.repeat([0.2, 0.6], 50)
    happened = np.concatenate([np.arange(50) % 5 == 0, np.ones(50)]).astype(float)
    assert calibration_error(forecast, happened)(ONE(100)) == pytest.approx(0.2)


def test_errors_are_of_numbers_and_money():
    figures = return_scores(np.array([0.5, 0.5]), np.array([1.0, 3.0]), np.array([0, 1]))
    assert figures["MSE"](ONE(2)) == pytest.approx(2.5)
    assert figures["RMSE"](ONE(2)) == pytest.approx(np.sqrt(2.5))
    assert figures["MAE"](ONE(2)) == pytest.approx(1.5)
    assert figures["Brier"](ONE(2)) == pytest.approx(0.25)
    assert spend_scores(np.array([2.0]), np.array([5.0]))["MAE"](ONE(1)) == 3


def test_each_draw_weighs_as_many_customers_as_there_are():
    weights = bootstrap_weights(50, seed=1, draws=20)
    assert weights.shape == (20, 50)
    assert (weights.sum(1) == 50).all()
