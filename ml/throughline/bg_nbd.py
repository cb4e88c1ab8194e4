"""BG/NBD: how often a customer buys, and whether they still do.

While alive a customer buys at a Poisson rate λ ~ Gamma(r, α) over customers; after each purchase they leave
for good with probability p ~ Beta(a, b) over customers. With x repeat purchases, the last one at t_x of T
since the first, and δ = 1 where x > 0, the likelihood of one customer is

    L = A1 A2 (A3 + δ A4)
    A1 = Γ(r + x) α^r / Γ(r)                         A3 = (α + T)^-(r + x)
    A2 = Γ(a + b) Γ(b + x) / (Γ(b) Γ(a + b + x))     A4 = a / (b + x − 1) · (α + t_x)^-(r + x)

Source: P. Fader, B. Hardie, K. L. Lee, "Counting Your Customers" the Easy Way: An Alternative to the
Pareto/NBD Model, Marketing Science 24(2), 2005, eq. 6, in the form of their note "Implementing the BG/NBD
Model for Customer Base Analysis in Excel", 2005. Everything is summed in logarithms.

Limits: rates do not drift with season or price, and a customer of one purchase has had no chance to leave.
Shapes: C customers; x, t_x, age: (C,), times in one unit, which α carries too.
"""

from dataclasses import asdict, dataclass

import numpy as np
from scipy.special import expit, gammaln, hyp2f1, psi

from .maximise import BOX, FEWEST_REPEAT_CUSTOMERS, Unfit, maximise

# (r, α in mean ages, a, b): a crowd that leaves early, one that hardly leaves, a steady one, all alike.
STARTS = ((0.25, 0.15, 0.8, 2.5), (0.5, 0.3, 0.1, 5.0), (3.0, 0.5, 1.0, 8.0), (1.0, 1.0, 1.0, 1.0))
FEWEST_CUSTOMERS = 200  # this project's choice, as FEWEST_REPEAT_CUSTOMERS

NUDGE = 1e-7  # away from points where a formula is a limit


@dataclass(frozen=True)
class BgNbd:
    r: float
    alpha: float
    a: float
    b: float

    def as_dict(self) -> dict[str, float]:
        return asdict(self)


def log_odds_gone(fit: BgNbd, x: np.ndarray, t_x: np.ndarray, age: np.ndarray) -> np.ndarray:
    """(C,) log A4 − log A3: logarithm of the odds that a customer has left; −∞ without a repeat purchase."""
    last = np.where(x > 0, x, 1)
    silence = np.log1p((age - t_x) / (fit.alpha + t_x))
    odds = np.log(fit.a) - np.log(fit.b + last - 1) + (fit.r + x) * silence
    return np.where(x > 0, odds, -np.inf)


def log_likelihood(fit: BgNbd, x: np.ndarray, t_x: np.ndarray, age: np.ndarray) -> tuple[float, np.ndarray]:
    """Sum over customers, and its gradient by (r, α, a, b), (4,)."""
    r, alpha, a, b = fit.r, fit.alpha, fit.a, fit.b
    # Gamma functions see whole numbers only, of which there are few: taken once for each.
    count, number = np.unique(x, return_counts=True)  # (U,), (U,)
    log_a1_a2 = gammaln(r + count) - gammaln(r) + r * np.log(alpha)
    log_a1_a2 += gammaln(a + b) - gammaln(a + b + count) + gammaln(b + count) - gammaln(b)
    odds = log_odds_gone(fit, x, t_x, age)
    value = number @ log_a1_a2 + (np.logaddexp(0, odds) - (r + x) * np.log(alpha + age)).sum()
    gone = expit(odds)  # (C,)
    last = np.where(x > 0, x, 1)
    times = (1 - gone) * np.log(alpha + age) + gone * np.log(alpha + t_x)
    rates = (1 - gone) / (alpha + age) + gone / (alpha + t_x)
    either = number @ (psi(a + b) - psi(a + b + count))
    slope = [
        number @ (psi(r + count) - psi(r) + np.log(alpha)) - times.sum(),
        len(x) * r / alpha - ((r + x) * rates).sum(),
        either + gone.sum() / a,
        either + number @ (psi(b + count) - psi(b)) - (gone / (b + last - 1)).sum(),
    ]
    return float(value), np.array(slope)


def fit_bg_nbd(x: np.ndarray, t_x: np.ndarray, age: np.ndarray) -> BgNbd | Unfit:
    repeat = int((x > 0).sum())
    if len(x) < FEWEST_CUSTOMERS:
        return Unfit("too_few_customers", f"expected at least {FEWEST_CUSTOMERS} customers, got {len(x)}")
    if repeat < FEWEST_REPEAT_CUSTOMERS:
        detail = f"expected at least {FEWEST_REPEAT_CUSTOMERS} customers who bought again, got {repeat}"
        return Unfit("too_few_repeat_customers", detail)
    unit = float(age.mean())
    best = maximise(lambda values: log_likelihood(BgNbd(*values), x, t_x / unit, age / unit), STARTS, len(x))
    if best is None:
        return Unfit("no_maximum", "expected a finite likelihood, found none from any start")
    r, alpha, a, b = (float(value) for value in best)
    return BgNbd(r, alpha * unit, a, b)


def at_bounds(fit: BgNbd, age: np.ndarray) -> list[str]:
    """Parameters on the edge of the box, where the likelihood of customers of such ages still rises."""
    scaled = fit.as_dict() | {"alpha": fit.alpha / float(age.mean())}
    return [name for name, value in scaled.items() if abs(np.log(value)) > BOX[1] - 1e-3]


def p_alive(fit: BgNbd, x: np.ndarray, t_x: np.ndarray, age: np.ndarray) -> np.ndarray:
    """(C,) probability of still being a customer, as app/journey/p-alive.ts has it (golden-p-alive.json).

    Fader, Hardie & Lee, "Computing P(alive) Using the BG/NBD Model", 2008.
    """
    return expit(-log_odds_gone(fit, x, t_x, age))


def p_buys_within(fit: BgNbd, x: np.ndarray, t_x: np.ndarray, age: np.ndarray, span: float) -> np.ndarray:
    """(C,) probability of a purchase in (T, T + span].

    Whoever is alive at T can leave only at a purchase, and buys at a rate ~ Gamma(r + x, α + T), so the
    probability is P(alive) · (1 − ((α + T) / (α + T + span))^(r + x)).
    """
    log_none = -(fit.r + x) * np.log1p(span / (fit.alpha + age))
    return p_alive(fit, x, t_x, age) * -np.expm1(log_none)


def expected_purchases(
    fit: BgNbd, x: np.ndarray, t_x: np.ndarray, age: np.ndarray, span: float
) -> np.ndarray:
    """(C,) expected purchases in (T, T + span]: Fader, Hardie & Lee 2005, eq. 10.

    Its hypergeometric function is taken after Euler's transformation: with c = a + b + x − 1,

        2F1(r + x, b + x; c; z) = (1 − z)^(a − 1 − r − x) · 2F1(a + b − 1 − r, a − 1; c; z)

    which cancels the power in front, so that long histories do not overflow. Where a = 1, and for x = 0 where
    a + b = 1, the limit is meant; where r − a is whole, SciPy's function can overflow. There a parameter is
    moved a little, which changes the result by less than one part in 10,000.
    """
    a, b = fit.a, fit.b
    if abs(a - 1) < NUDGE:
        a = 1 + NUDGE
    if abs(fit.r - a - round(fit.r - a)) < NUDGE:
        a += 2 * NUDGE
    if abs(a + b - 1) < NUDGE:
        b += 2 * NUDGE
    c = a + b + x - 1
    z = span / (fit.alpha + age + span)
    left = np.exp((a - 1) * np.log1p(-z)) * hyp2f1(a + b - 1 - fit.r, a - 1, c, z)
    return p_alive(fit, x, t_x, age) * c / (a - 1) * (1 - left)
