import numpy as np
import pytest
from scipy.special import expit

from throughline.retention.ensemble import weights_by_order
from throughline.retention.models import Lesson, fit_linear

STRETCHING = np.array([True, True, False, False])


@pytest.fixture
def crowd() -> tuple[np.ndarray, np.ndarray, np.random.Generator]:
    """Log odds of 800 customers, who returned, and a source of luck."""
    rng = np.random.default_rng(3)
    odds = rng.normal(-1, 1.2, 800)
    return odds, (rng.random(800) < expit(odds)).astype(np.float64), rng


def test_trees_that_are_ahead_by_luck_alone_get_no_weight(crowd):
    odds, again, rng = crowd
    seen = odds + rng.normal(0, 0.3, len(odds))
    members = np.stack([seen + rng.normal(0, one, len(odds)) for one in (0.1, 0.1, 0.8, 0.8)])
    weight = weights_by_order(members, again, STRETCHING, seed=1)
    assert weight[2:].sum() == 0 and weight.sum() == pytest.approx(1)


def test_trees_that_surely_know_more_are_mixed_in(crowd):
    odds, again, rng = crowd
    noise = [3.0, 3.0, 0.3, 3.0]
    members = np.stack([odds + rng.normal(0, one, len(odds)) for one in noise])
    assert weights_by_order(members, again, STRETCHING, seed=1)[2] > 0.5


def test_what_is_expected_of_a_customer_leads_where_nothing_else_is_known():
    rng = np.random.default_rng(5)
    expected = rng.gamma(0.5, 0.6, 600) + 1e-3
    lesson = Lesson(
        features=np.column_stack([rng.normal(size=600), np.log(expected)]),
        names=("noise", "prior_log_orders"),
        orders=rng.poisson(expected).astype(np.float64),
        cents=rng.poisson(expected) * 1000.0,
        shopper=np.arange(600),
        cuts=1,
    )
    asked = np.array([0.02, 0.2, 0.6, 2.0])
    p = fit_linear(lesson, 1)(np.column_stack([np.zeros(4), np.log(asked)])).p
    assert (np.diff(p) > 0.05).all()
    # Regressions alone stay near the mean of all: the penalty draws them there.
    assert p[0] < 0.1 < 0.5 < p[3]
