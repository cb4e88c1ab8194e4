import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import beta

from throughline import bg_nbd, gamma_gamma, golden_p_alive
from throughline.bg_nbd import BgNbd, expected_purchases, fit_bg_nbd, p_alive, p_buys_within
from throughline.gamma_gamma import GammaGamma, expected_spend, fit_gamma_gamma
from throughline.maximise import Unfit

TRUE = BgNbd(r=0.9, alpha=60.0, a=0.8, b=3.0)  # days
parameter = st.floats(0.02, 40)
whole = st.sampled_from([0.5, 1.0, 2.0, 3.0])  # where formulas have limits


def simulate(fit: BgNbd, customers: int, seed: int, span: float = 90.0):
    """Histories by the model's own story: x, t_x, age, whether still alive, purchases in `span` after."""
    rng = np.random.default_rng(seed)
    rate = rng.gamma(fit.r, 1 / fit.alpha, customers)
    leaves = rng.beta(fit.a, fit.b, customers)
    age = rng.uniform(100, 500, customers)
    x, t_x, later = np.zeros(customers), np.zeros(customers), np.zeros(customers)
    time, alive = np.zeros(customers), np.ones(customers, bool)
    alive_at_age = np.ones(customers, bool)
    while True:
        time = np.where(alive, time + rng.exponential(1 / rate), np.inf)
        inside, after = time <= age, (time > age) & (time <= age + span)
        if not (inside | after).any():
            return x, t_x, age, alive_at_age, later
        x, later = x + inside, later + after
        t_x = np.where(inside, time, t_x)
        gone = (inside | after) & (rng.random(customers) < leaves)
        alive &= ~gone & (inside | after)
        alive_at_age &= ~(gone & inside)


@pytest.fixture(scope="module")
def simulated():
    return simulate(TRUE, 12_000, seed=5)


def test_parameters_come_back_from_customers_simulated_with_them(simulated):
    x, t_x, age, _, _ = simulated
    fit = fit_bg_nbd(x, t_x, age)
    assert fit.r == pytest.approx(TRUE.r, rel=0.08)
    assert fit.alpha == pytest.approx(TRUE.alpha, rel=0.08)
    assert fit.a == pytest.approx(TRUE.a, rel=0.15)
    assert fit.b == pytest.approx(TRUE.b, rel=0.2)
    assert bg_nbd.log_likelihood(fit, x, t_x, age)[0] >= bg_nbd.log_likelihood(TRUE, x, t_x, age)[0]


def test_a_unit_of_time_changes_alpha_alone(simulated):
    x, t_x, age, _, _ = (column[:2_000] for column in simulated)
    days, weeks = fit_bg_nbd(x, t_x, age), fit_bg_nbd(x, t_x / 7, age / 7)
    assert [weeks.r, weeks.alpha * 7, weeks.a, weeks.b] == pytest.approx(
        [days.r, days.alpha, days.a, days.b], rel=1e-3
    )


def test_who_is_alive_and_what_they_buy_next_is_foretold_in_each_tenth(simulated):
    x, t_x, age, alive, later = simulated
    for foretold, came in (
        (p_alive(TRUE, x, t_x, age), alive),
        (p_buys_within(TRUE, x, t_x, age, 90.0), later > 0),
        (expected_purchases(TRUE, x, t_x, age, 90.0), later),
    ):
        order = np.argsort(foretold, kind="stable")
        for part in np.array_split(order, 10):
            error = came[part].std() / np.sqrt(len(part))
            assert abs(foretold[part].mean() - came[part].mean()) < 4 * error + 1e-3


@settings(max_examples=80, deadline=None)
@given(parameter, parameter, parameter, parameter, st.integers(0, 400), st.floats(0, 1), st.floats(0, 500))
def test_the_gradient_of_bg_nbd_is_that_of_its_value(r, alpha, a, b, x, recency, silence):
    t_x = np.array([recency * 300 if x else 0.0, 0.0])
    customers = np.array([float(x), 0.0]), t_x, t_x + silence
    values = np.array([r, alpha, a, b])
    _, slope = bg_nbd.log_likelihood(BgNbd(*values), *customers)
    for place in range(4):
        step = np.zeros(4)
        step[place] = 1e-5 * values[place]
        above = bg_nbd.log_likelihood(BgNbd(*(values + step)), *customers)[0]
        below = bg_nbd.log_likelihood(BgNbd(*(values - step)), *customers)[0]
        rise = (above - below) / (2 * step[place])
        assert slope[place] == pytest.approx(rise, rel=1e-4, abs=1e-4 * (1 + abs(above)) / values[place])


def purchases_by_integration(fit: BgNbd, x: float, t_x: float, age: float, span: float) -> float:
    """P(alive) times the mean over p and λ, after the history, of (1 − e^(−λ p span)) / p; not eq. 10."""
    shape, rate = fit.r + x, fit.alpha + age

    def at_p(p: float) -> float:
        return -np.expm1(-shape * np.log1p(p * span / rate)) / p if p > 0 else shape * span / rate

    powers = (fit.a - 1, fit.b + x - 1)  # p^(a − 1) (1 − p)^(b + x − 1)
    total = quad(at_p, 0, 1, weight="alg", wvar=powers, epsabs=0, epsrel=1e-8, limit=500)[0]
    alive = p_alive(fit, np.array([x]), np.array([t_x]), np.array([age]))[0]
    return alive * total / beta(fit.a, fit.b + x)


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(st.floats(0.05, 8), whole),
    st.floats(1, 300),
    st.one_of(st.floats(0.05, 8), whole),
    st.one_of(st.floats(0.05, 20), whole),
    st.integers(0, 60),
    st.floats(0.02, 1),
    st.floats(0, 400),
    st.floats(1, 400),
)
def test_expected_purchases_are_the_integral_over_customers(r, alpha, a, b, x, recency, silence, span):
    fit, t_x = BgNbd(r, alpha, a, b), recency * 300 if x else 0.0
    came = expected_purchases(fit, np.array([x]), np.array([t_x]), np.array([t_x + silence]), span)[0]
    expected = purchases_by_integration(fit, x, t_x, t_x + silence, span)
    assert came == pytest.approx(expected, rel=1e-4, abs=1e-9)


@settings(max_examples=80, deadline=None)
@given(
    parameter, parameter, parameter, parameter, st.integers(0, 5_000), st.floats(0, 1), st.floats(0, 40_000)
)
def test_no_history_is_too_long_for_the_formulas(r, alpha, a, b, x, recency, silence):
    fit = BgNbd(r, alpha, a, b)
    t_x = np.array([recency * 4_000 if x else 0.0])
    customer = np.array([float(x)]), t_x, t_x + silence
    assert np.isfinite(bg_nbd.log_likelihood(fit, *customer)[0])
    alive, buys = p_alive(fit, *customer)[0], p_buys_within(fit, *customer, 30.0)[0]
    assert 0 <= buys <= alive <= 1
    assert buys <= expected_purchases(fit, *customer, 30.0)[0] * (1 + 1e-4) + 1e-12


def test_the_likelihood_of_one_purchase_and_of_one_repeat_is_the_papers():
    r, alpha, a, b = 0.7, 12.0, 1.3, 2.2
    fit = BgNbd(r, alpha, a, b)
    none = bg_nbd.log_likelihood(fit, np.array([0.0]), np.array([0.0]), np.array([50.0]))[0]
    assert np.exp(none) == pytest.approx((alpha / (alpha + 50)) ** r)
    once = bg_nbd.log_likelihood(fit, np.array([1.0]), np.array([20.0]), np.array([50.0]))[0]
    stays = beta(a, b + 1) / beta(a, b) * r * alpha**r / (alpha + 50) ** (r + 1)
    leaves = beta(a + 1, b) / beta(a, b) * r * alpha**r / (alpha + 20) ** (r + 1)
    assert np.exp(once) == pytest.approx(stays + leaves)


def test_spend_parameters_come_back_from_simulated_orders():
    rng = np.random.default_rng(8)
    x = rng.integers(1, 9, 6_000).astype(float)
    scale = rng.gamma(4.0, 1 / 1_600.0, len(x))
    mean = rng.gamma(6.0 * x, 1 / scale) / x
    fit = fit_gamma_gamma(x, mean)
    assert [fit.p, fit.q, fit.gamma] == pytest.approx([6.0, 4.0, 1_600.0], rel=0.12)
    # What the next order is worth, given the past ones: 6 / scale.
    foretold = expected_spend(fit, x, mean)
    for part in np.array_split(np.argsort(foretold), 5):
        assert foretold[part].mean() == pytest.approx((6.0 / scale[part]).mean(), rel=0.04)
    assert expected_spend(fit, np.zeros(1), np.zeros(1))[0] == pytest.approx(mean.mean(), rel=0.03)


@settings(max_examples=60, deadline=None)
@given(st.floats(0.1, 30), st.floats(0.1, 30), st.floats(0.05, 20), st.integers(1, 200), st.floats(0.01, 50))
def test_the_gradient_of_gamma_gamma_is_that_of_its_value(p, q, gamma, x, mean):
    customer, values = (np.array([float(x)]), np.array([mean])), np.array([p, q, gamma])
    _, slope = gamma_gamma.log_likelihood(GammaGamma(*values), *customer)
    for place in range(3):
        step = np.zeros(3)
        step[place] = 1e-5 * values[place]
        above = gamma_gamma.log_likelihood(GammaGamma(*(values + step)), *customer)[0]
        below = gamma_gamma.log_likelihood(GammaGamma(*(values - step)), *customer)[0]
        rise = (above - below) / (2 * step[place])
        assert slope[place] == pytest.approx(rise, rel=1e-4, abs=1e-4 * (1 + abs(above)) / values[place])


def test_the_density_of_a_mean_order_is_one_in_all():
    fit = GammaGamma(3.0, 2.5, 20.0)

    def density(mean):
        return np.exp(gamma_gamma.log_likelihood(fit, np.array([4.0]), np.array([mean]))[0])

    assert quad(density, 0, np.inf)[0] == pytest.approx(1, rel=1e-6)


@pytest.mark.parametrize(
    ("customers", "repeat", "reason"),
    [(150, 100, "too_few_customers"), (400, 30, "too_few_repeat_customers")],
)
def test_too_few_customers_give_a_reason_and_no_parameters(customers, repeat, reason):
    x = (np.arange(customers) < repeat).astype(float)
    fit = fit_bg_nbd(x, 10.0 * x, np.full(customers, 60.0))
    assert isinstance(fit, Unfit)
    assert fit.reason == reason


def test_spend_without_a_mean_gives_a_reason():
    heavy = 1 / np.random.default_rng(3).random(4_000) ** 1.6
    fit = fit_gamma_gamma(np.ones(len(heavy)), heavy)
    assert isinstance(fit, Unfit)
    assert fit.reason == "spend_without_mean"


def test_customers_who_never_leave_are_fitted_as_such():
    rng = np.random.default_rng(2)
    age = rng.uniform(200, 400, 600)
    times = [np.sort(rng.uniform(0, end, rng.poisson(end / 10))) for end in age]
    x = np.array([len(one) for one in times], float)
    fit = fit_bg_nbd(x, np.array([one[-1] if len(one) else 0 for one in times]), age)
    assert p_alive(fit, np.array([20.0]), np.array([195.0]), np.array([200.0]))[0] > 0.99
    assert "a" in bg_nbd.at_bounds(fit, age) or fit.a / (fit.a + fit.b) < 1e-3


def test_the_golden_rows_are_what_the_pipeline_computes():
    stored = json.loads(golden_p_alive.FILE.read_text())
    assert len(stored) == len(golden_p_alive.golden())
    for came, expected in zip(golden_p_alive.golden(), stored, strict=True):
        assert came["parameters"] == expected["parameters"]
        assert came["repeats"] == expected["repeats"]
        assert came["p_alive"] == pytest.approx(expected["p_alive"], rel=1e-12)
