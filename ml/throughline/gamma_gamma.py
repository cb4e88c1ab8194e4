"""Gamma-Gamma: what an order of a customer is worth.

An order's value is Gamma(p, ν), with ν ~ Gamma(q, γ) over customers. A customer of x orders with mean m has
the likelihood

    f(m) = Γ(px + q) / (Γ(px) Γ(q)) · γ^q m^(px − 1) x^(px) / (γ + x m)^(px + q)

Source: P. Fader, B. Hardie, "The Gamma-Gamma Model of Monetary Value", 2013, eq. 1a.

Limits: spend is taken to be independent of how often a customer buys, and not to drift.
Shapes: C customers; x, mean: (C,). γ is in the unit of the money.
"""

from dataclasses import asdict, dataclass

import numpy as np
from scipy.special import gammaln, psi

from .maximise import FEWEST_REPEAT_CUSTOMERS, Unfit, maximise

# (p, q, γ in mean orders): orders of a customer much alike, widely spread, customers much alike.
STARTS = ((6.0, 4.0, 0.5), (1.0, 2.0, 1.0), (20.0, 20.0, 1.0))


@dataclass(frozen=True)
class GammaGamma:
    p: float
    q: float
    gamma: float

    def as_dict(self) -> dict[str, float]:
        return asdict(self)


def log_likelihood(fit: GammaGamma, x: np.ndarray, mean: np.ndarray) -> tuple[float, np.ndarray]:
    """Sum over customers with x ≥ 1 and a mean above 0, and its gradient by (p, q, γ), (3,)."""
    p, q, gamma = fit.p, fit.q, fit.gamma
    total, pool = np.log(x * mean), np.log(gamma + x * mean)  # (C,)
    value = gammaln(p * x + q) - gammaln(p * x) - gammaln(q) + q * np.log(gamma)
    value += p * x * total - np.log(mean) - (p * x + q) * pool
    slope_p = x * (psi(p * x + q) - psi(p * x) + total - pool)
    slope_q = psi(p * x + q) - psi(q) + np.log(gamma) - pool
    slope_gamma = q / gamma - (p * x + q) / (gamma + x * mean)
    return float(value.sum()), np.array([slope_p.sum(), slope_q.sum(), slope_gamma.sum()])


def fit_gamma_gamma(x: np.ndarray, mean: np.ndarray) -> GammaGamma | Unfit:
    """Customers without an order of a value above 0 are passed over."""
    known = (x > 0) & (mean > 0)
    x, mean = x[known], mean[known]
    if len(x) < FEWEST_REPEAT_CUSTOMERS:
        detail = f"expected at least {FEWEST_REPEAT_CUSTOMERS} customers with valued orders, got {len(x)}"
        return Unfit("too_few_repeat_customers", detail)
    unit = float(mean.mean())
    best = maximise(lambda values: log_likelihood(GammaGamma(*values), x, mean / unit), STARTS, len(x))
    if best is None:
        return Unfit("no_maximum", "expected a finite likelihood, found none from any start")
    p, q, gamma = (float(value) for value in best)
    if q <= 1:
        return Unfit("spend_without_mean", f"expected q above 1, got {q:.3f}: the mean order is unbounded")
    return GammaGamma(p, q, gamma * unit)


def expected_spend(fit: GammaGamma, x: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """(C,) expected value of a customer's order: Fader & Hardie 2013, eq. 5. x = 0 gives the mean of all."""
    return fit.p * (fit.gamma + x * mean) / (fit.p * x + fit.q - 1)
