import numpy as np
import pytest
from scipy.special import expit

from throughline.retention.ensemble import weights_by_order
from throughline.retention.models import Lesson, fit_linear
from throughline.retention.rhythm import fit_rhythm
from throughline.retention.rows import Customers

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
        expected=expected,
        orders=rng.poisson(expected).astype(np.float64),
        cents=rng.poisson(expected) * 1000.0,
        shopper=np.arange(600),
        cuts=1,
    )
    asked = np.array([0.02, 0.2, 0.6, 2.0])
    p = fit_linear(lesson, 1)(np.column_stack([np.zeros(4), np.log(asked)]), asked).p
    assert (np.diff(p) > 0.05).all()
    # Regressions alone stay near the mean of all: the penalty draws them there.
    assert p[0] < 0.1 < 0.5 < p[3]


def asked_once(count: int, units_first: np.ndarray) -> Customers:
    """Customers of one cut who differ in their first purchase's units and in how often they came back."""
    rng = np.random.default_rng(7)
    age = rng.uniform(50, 150, count)
    x = rng.poisson(rng.gamma(0.8, 1 / 60, count) * units_first * age).astype(np.float64)
    columns = {
        "frequency": x,
        "recency_days": np.where(x > 0, age * rng.random(count) ** (1 / np.maximum(x, 1)), 0),
        "age_days": age,
        "valued_repeats": x,
        "mean_repeat_cents": np.where(x > 0, 1000.0, 0.0),
        "valued_purchases": x + 1,
        "mean_valued_cents": np.full(count, 1000.0),
        "first_cents": np.full(count, 1000.0),
        "units_first": units_first,
    }
    same = np.zeros(count)
    return Customers(
        *[np.arange(count), same, same, same, same + 90, same, same],
        features=np.column_stack(list(columns.values())),
        names=tuple(columns),
    )


def test_of_two_with_one_purchase_who_took_more_is_expected_to_return_sooner():
    units = np.where(np.arange(1500) % 2 == 0, 1.0, 4.0)
    customers = asked_once(1500, units)
    rhythm = fit_rhythm(customers)
    once = customers.where((customers["frequency"] == 0) & (np.abs(customers["age_days"] - 100) < 10))
    expected, many = rhythm.expected(once, 90.0), once["units_first"] > 1
    assert expected[many].min() > expected[~many].max()
    assert expected[many].mean() > 1.3 * expected[~many].mean()
    # BG/NBD knows no difference.
    orders = rhythm.orders(once, 90.0)
    assert orders[many].mean() == pytest.approx(orders[~many].mean(), rel=0.05)


def test_too_few_customers_for_a_fit_are_expected_to_buy_at_a_rate_drawn_to_that_of_all():
    customers = asked_once(40, np.ones(40))
    rhythm = fit_rhythm(customers)
    assert rhythm.expected(customers, 90.0) == pytest.approx(rhythm.orders(customers, 90.0))
