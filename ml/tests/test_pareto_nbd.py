import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import hyp2f1

from throughline.pareto_nbd import ParetoNbd, expected_purchases, fit_pareto_nbd, log_likelihood, p_alive

TRUE = ParetoNbd(r=0.8, alpha=40.0, s=0.7, beta=60.0, lifts=(1.5,))  # days
NO_TRAITS = np.zeros((1, 0))
parameter = st.floats(0.05, 30)


def simulate(fit: ParetoNbd, customers: int, seed: int, span: float = 90.0):
    """Histories by the model's own story: traits, x, t_x, age, whether alive, purchases in `span` after."""
    rng = np.random.default_rng(seed)
    traits = rng.normal(size=(customers, 1))
    rate = rng.gamma(fit.r, 1 / fit.alphas(traits))
    stays = rng.exponential(1 / rng.gamma(fit.s, 1 / fit.beta, customers))
    age = rng.uniform(100, 400, customers)
    x, t_x, later = np.zeros(customers), np.zeros(customers), np.zeros(customers)
    time = rng.exponential(1 / rate)
    while (open_ := time < np.minimum(stays, age + span)).any():
        inside = open_ & (time <= age)
        x, t_x = x + inside, np.where(inside, time, t_x)
        later += open_ & (time > age)
        time = time + rng.exponential(1 / rate)
    return traits, x, t_x, age, stays > age, later


@pytest.fixture(scope="module")
def simulated():
    return simulate(TRUE, 8_000, seed=5)


def test_parameters_and_the_lift_of_a_trait_come_back_from_customers_simulated_with_them(simulated):
    traits, x, t_x, age, _, _ = simulated
    fit = fit_pareto_nbd(traits, x, t_x, age)
    assert [fit.r, fit.alpha] == pytest.approx([TRUE.r, TRUE.alpha], rel=0.1)
    assert fit.lifts[0] == pytest.approx(1.5, rel=0.05)
    assert fit.s / fit.beta == pytest.approx(TRUE.s / TRUE.beta, rel=0.25)
    assert log_likelihood(fit, traits, x, t_x, age)[0] >= log_likelihood(TRUE, traits, x, t_x, age)[0] - 1


def test_who_is_alive_and_what_they_buy_next_is_foretold_in_each_tenth(simulated):
    traits, x, t_x, age, alive, later = simulated
    for foretold, came in (
        (p_alive(TRUE, traits, x, t_x, age), alive),
        (expected_purchases(TRUE, traits, x, t_x, age, 90.0), later),
    ):
        order = np.argsort(foretold, kind="stable")
        for part in np.array_split(order, 10):
            # Where hardly any is expected, what came varies by luck more than it shows.
            error = np.sqrt(max(came[part].var(), foretold[part].mean()) / len(part))
            assert abs(foretold[part].mean() - came[part].mean()) < 4 * error + 1e-3


@settings(max_examples=60, deadline=None)
@given(parameter, parameter, parameter, parameter, st.integers(0, 60), st.floats(0.05, 1))
def test_the_integral_is_the_hypergeometric_form_of_its_authors(r, alpha, s, beta, x, recency):
    t_x, age = (5.0 * recency if x else 0.0), 6.0
    high, gap = max(alpha, beta), abs(alpha - beta)
    second = s + 1 if alpha >= beta else r + x

    def tail(t: float) -> float:
        k = r + s + x
        return hyp2f1(k, second, k + 1, gap / (high + t)) / (high + t) ** k

    stays = (alpha + age) ** -(r + x) * (beta + age) ** -s
    gone = s / (r + s + x) * (tail(t_x) - tail(age))
    fit = ParetoNbd(r, alpha, s, beta, ())
    given_ = p_alive(fit, NO_TRAITS, np.array([float(x)]), np.array([t_x]), np.array([age]))
    assert given_[0] == pytest.approx(stays / (stays + gone), rel=1e-4, abs=1e-7)


@settings(max_examples=60, deadline=None)
@given(parameter, parameter, parameter, parameter, st.floats(0.3, 3), st.integers(0, 40), st.floats(0.3, 1))
def test_the_gradient_is_that_of_the_value(r, alpha, s, beta, lift, x, recency):
    x, t_x, age = np.array([x, 0.0]), np.array([recency * 9 if x else 0.0, 0.0]), np.array([10.0, 4.0])
    traits, at = np.array([[0.7], [-1.2]]), np.array([r, alpha, s, beta, lift])

    def value(point: np.ndarray) -> tuple[float, np.ndarray]:
        return log_likelihood(ParetoNbd(*point[:4], tuple(point[4:])), traits, x, t_x, age)

    for place, slope in enumerate(value(at)[1]):
        step = np.zeros(5)
        step[place] = at[place] * 1e-5
        numeric = (value(at + step)[0] - value(at - step)[0]) / (2 * step[place])
        assert slope == pytest.approx(numeric, rel=1e-3, abs=1e-4)


def test_whoever_bought_once_is_less_surely_alive_the_longer_ago_it_was():
    ages = np.array([10.0, 50.0, 200.0])
    alive = p_alive(TRUE, np.zeros((3, 1)), np.zeros(3), np.zeros(3), ages)
    assert (np.diff(alive) < -0.05).all()


def test_purchases_expected_where_s_is_1_lie_between_those_on_either_side():
    at = (np.zeros((1, 1)), np.array([2.0]), np.array([30.0]), np.array([60.0]), 90.0)
    below, here, above = (
        expected_purchases(ParetoNbd(0.8, 40.0, s, 60.0, (1.5,)), *at)[0] for s in (0.999, 1.0, 1.001)
    )
    assert below > here > above
    assert here == pytest.approx((below + above) / 2, rel=1e-4)
