"""Pareto/NBD with covariates: how often a customer buys, where they may leave at any time and not only after
a purchase, and what is known of them from the start lifts their rate.

While alive a customer with traits z buys at a Poisson rate λ · Π lift^z, λ ~ Gamma(r, α) over customers, and
leaves at a rate μ ~ Gamma(s, β): the lifts divide α. With x repeat purchases, the last one at t_x of T since
the first, the likelihood of one customer is

    L = Γ(r + x) α^r β^s / Γ(r) · (stays + gone)
    stays = (α + T)^-(r + x) · (β + T)^-s
    gone  = s ∫ (α + t)^-(r + x) · (β + t)^-(s + 1) dt, t from t_x to T

Sources: P. Fader, B. Hardie, "A Note on Deriving the Pareto/NBD Model and Related Expressions", 2005, and
"Incorporating Time-Invariant Covariates into the Pareto/NBD and BG/NBD Models", 2007. Their hypergeometric
functions are this integral, taken here by Gauss and Legendre's rule: one form for α above and below β,
nothing that overflows, and a slope. Where P(alive) is next to nothing the rule is coarse.

BG/NBD holds whoever bought once for alive; here they leave as others do.

Limits: traits must not change over time. Where few leave, s and β are known by little more than s / β, and
the level of a long forecast is less sure than BG/NBD's: use it to order customers.
Shapes: C customers, Z traits, N nodes; x, t_x, age: (C,), times in one unit, which α and β carry too.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, gammaln, logsumexp, psi

from .bg_nbd import NUDGE
from .maximise import Unfit, maximise

# (r, α in mean ages, s, β in mean ages): a crowd that leaves early, one that hardly leaves, a steady one.
STARTS = ((0.5, 0.3, 0.6, 0.4), (0.5, 0.3, 0.1, 1.0), (2.0, 1.0, 0.5, 1.0))
PULL = 20.0  # of the lifts towards 1: as a normal of their logarithm; 5 and 80 order customers alike
NODES, WEIGHTS = np.polynomial.legendre.leggauss(24)  # on −1 … 1
BLOCK = 50_000  # customers at once: of each, N numbers are held


@dataclass(frozen=True)
class ParetoNbd:
    r: float
    alpha: float
    s: float
    beta: float
    lifts: tuple[float, ...]  # (Z,) of the rate, by one unit of each trait

    def alphas(self, traits: np.ndarray) -> np.ndarray:
        """(C,) of traits (C, Z)."""
        return self.alpha * np.exp(-traits @ np.log(self.lifts))


def _parts(
    fit: ParetoNbd, alpha: np.ndarray, x: np.ndarray, t_x: np.ndarray, age: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Logarithms of `stays` and `gone`, (C,); the nodes' times and their shares of `gone`, (C, N)."""
    k = fit.r + x
    stays = -k * np.log(alpha + age) - fit.s * np.log(fit.beta + age)
    # By the logarithm of the time, in which powers fall evenly: where α or β is short, nodes even in time
    # would miss the beginning.
    low = np.minimum(alpha, fit.beta)
    half = np.log1p(np.maximum(age - t_x, NUDGE) / (low + t_x))[:, None] / 2
    logs = np.log(low + t_x)[:, None] + half * (1 + NODES)
    times = np.exp(logs) - low[:, None]
    parts = logs + np.log(half * WEIGHTS) - k[:, None] * np.log(alpha[:, None] + times)
    parts -= (fit.s + 1) * np.log(fit.beta + times)
    whole = logsumexp(parts, axis=1)
    return stays, np.log(fit.s) + whole, times, np.exp(parts - whole[:, None])


def log_likelihood(
    fit: ParetoNbd, traits: np.ndarray, x: np.ndarray, t_x: np.ndarray, age: np.ndarray
) -> tuple[float, np.ndarray]:
    """Sum over customers, and its gradient by (r, α, s, β, lifts), (4 + Z,)."""
    r, s, beta, alpha = fit.r, fit.s, fit.beta, fit.alphas(traits)
    stays, gone, times, shares = _parts(fit, alpha, x, t_x, age)
    value = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta) + np.logaddexp(stays, gone)
    left = expit(gone - stays)  # (C,)
    a_age, a_times, b_age, b_times = alpha + age, alpha[:, None] + times, beta + age, beta + times

    def mean(at_age: np.ndarray, at_times: np.ndarray) -> np.ndarray:
        """(C,) over whether and when they left."""
        return (1 - left) * at_age + left * (shares * at_times).sum(1)

    by_alpha = r / alpha - (r + x) * mean(1 / a_age, 1 / a_times)  # (C,)
    after = left * (shares / b_times).sum(1)
    slope = [
        (psi(r + x) - psi(r) + np.log(alpha) - mean(np.log(a_age), np.log(a_times))).sum(),
        by_alpha @ alpha / fit.alpha,
        (np.log(beta) - mean(np.log(b_age), np.log(b_times)) + left / s).sum(),
        (s / beta - s * mean(1 / b_age, 1 / b_times) - after).sum(),
        *(-traits.T @ (by_alpha * alpha) / np.array(fit.lifts)),
    ]
    return float(value.sum()), np.array(slope)


def fit_pareto_nbd(traits: np.ndarray, x: np.ndarray, t_x: np.ndarray, age: np.ndarray) -> ParetoNbd | Unfit:
    """The caller sees to it that there are customers enough, as BG/NBD asks for them."""
    unit = float(age.mean())

    def pulled(values: np.ndarray) -> tuple[float, np.ndarray]:
        fit = ParetoNbd(*values[:4], tuple(values[4:]))
        value, slope = log_likelihood(fit, traits, x, t_x / unit, age / unit)
        logs = np.log(values[4:])
        return value - PULL / 2 * float(logs @ logs), slope - np.r_[np.zeros(4), PULL * logs / values[4:]]

    starts = tuple((*start, *[1.0] * traits.shape[1]) for start in STARTS)
    best = maximise(pulled, starts, len(x))
    if best is None:
        return Unfit("no_maximum", "expected a finite likelihood, found none from any start")
    r, alpha, s, beta, *lifts = (float(value) for value in best)
    return ParetoNbd(r, alpha * unit, s, beta * unit, tuple(lifts))


def p_alive(
    fit: ParetoNbd, traits: np.ndarray, x: np.ndarray, t_x: np.ndarray, age: np.ndarray
) -> np.ndarray:
    """(C,) probability of still being a customer."""
    alpha, given = fit.alphas(traits), np.empty(len(x))
    for first in range(0, len(x), BLOCK):
        here = slice(first, first + BLOCK)
        stays, gone, _, _ = _parts(fit, alpha[here], x[here], t_x[here], age[here])
        given[here] = expit(stays - gone)
    return given


def expected_purchases(
    fit: ParetoNbd, traits: np.ndarray, x: np.ndarray, t_x: np.ndarray, age: np.ndarray, span: float
) -> np.ndarray:
    """(C,) expected purchases in (T, T + span]: P(alive) · E(λ) · E(time until they leave, at most span).

    Where s = 1, the limit is meant.
    """
    s = fit.s if abs(fit.s - 1) > NUDGE else 1 + NUDGE
    lasting = (fit.beta + age) * -np.expm1((1 - s) * np.log1p(span / (fit.beta + age))) / (s - 1)
    return p_alive(fit, traits, x, t_x, age) * (fit.r + x) / (fit.alphas(traits) + age) * lasting
