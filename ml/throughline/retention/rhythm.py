"""BG/NBD, Pareto/NBD and Gamma-Gamma at a cut: a forecast of their own, features and exposure of the other
models, and the horizon's length.

Models learn from outcomes that are shorter than what they are asked for wherever the log is short: 13 to 19
weeks within the 39 before the test, say, to foretell 39 weeks. BG/NBD tells how much longer horizons bring:
expected purchases over the one against over the other.

Pareto/NBD tells whom to expect purchases of, for a regression to correct (`expected`): it lets whoever bought
once leave, and knows customers by their first purchase as well.

Gamma-Gamma is fitted twice: on repeat purchases, as its authors do, since a first order may differ, and on
all purchases. Most customers have no repeat, and one order says more of them than the mean of all.

Where the log is too small to fit either, purchases come at a rate drawn towards the mean of all, and an
order is worth a mean drawn towards the mean of all.
Shapes: C customers; horizon in days: a scalar or (C,).
"""

from dataclasses import dataclass

import numpy as np

from ..bg_nbd import BgNbd, expected_purchases, fit_bg_nbd, p_alive, p_buys_within
from ..gamma_gamma import GammaGamma, expected_spend, fit_gamma_gamma
from ..maximise import Unfit
from ..pareto_nbd import ParetoNbd, fit_pareto_nbd
from ..pareto_nbd import expected_purchases as expected_by_pareto
from .models import Standard
from .rows import Customers

# What a customer borrows from all where nothing could be fitted: as much as so many purchases would say.
BORROWED_PURCHASES = 1.0
SMALLEST = 1e-6
# Known from the start and the same ever after, as Pareto/NBD asks of what lifts a rate.
TRAITS = ("first_cents", "units_first")
MOST_FITTED = 20_000  # customers that Pareto/NBD's six parameters are fitted to

PRIOR_FEATURES = (
    "prior_log_orders",
    "prior_p_alive",
    "prior_p_return",
    "prior_log_order_value",
    "prior_log_order_value_of_repeats",
    "prior_log_spend",
)


@dataclass(frozen=True)
class Rhythm:
    """What is fitted at one cut, from what came before it."""

    purchases: BgNbd | Unfit
    lifted: ParetoNbd | Unfit
    traits: Standard
    value: GammaGamma | Unfit  # of all purchases
    repeat_value: GammaGamma | Unfit  # of repeat purchases
    rate: float  # repeats a day of age, of all
    mean_cents: float  # a purchase with a value, of all

    def orders(self, customers: Customers, horizon: float | np.ndarray) -> np.ndarray:
        """(C,) expected purchases within the horizon."""
        x, age = customers["frequency"], customers["age_days"]
        if isinstance(self.purchases, Unfit):
            pull = BORROWED_PURCHASES / max(self.rate, SMALLEST)
            return (x + BORROWED_PURCHASES) / (age + pull) * horizon
        return expected_purchases(self.purchases, x, customers["recency_days"], age, horizon)

    def expected(self, customers: Customers, horizon: float) -> np.ndarray:
        """(C,) purchases within the horizon by Pareto/NBD: better than `orders` at order, worse at level."""
        if isinstance(self.lifted, Unfit):
            return np.maximum(self.orders(customers, horizon), SMALLEST)
        history = histories(customers)
        traits = self.traits(customers.columns(TRAITS))
        return np.maximum(expected_by_pareto(self.lifted, traits, *history, horizon), SMALLEST)

    def p_return(self, customers: Customers, horizon: float | np.ndarray) -> np.ndarray:
        """(C,) probability of a purchase within the horizon."""
        if isinstance(self.purchases, Unfit):
            return -np.expm1(-self.orders(customers, horizon))
        x, t_x, age = (customers[name] for name in ("frequency", "recency_days", "age_days"))
        return p_buys_within(self.purchases, x, t_x, age, horizon)

    def p_alive(self, customers: Customers) -> np.ndarray:
        """(C,)"""
        if isinstance(self.purchases, Unfit):
            return np.ones(len(customers))
        x, t_x, age = (customers[name] for name in ("frequency", "recency_days", "age_days"))
        return p_alive(self.purchases, x, t_x, age)

    def order_cents(self, customers: Customers, *, repeats_only: bool) -> np.ndarray:
        """(C,) expected value of a purchase."""
        kind = (
            ("valued_repeats", "mean_repeat_cents")
            if repeats_only
            else ("valued_purchases", "mean_valued_cents")
        )
        count, mean = (customers[name] for name in kind)
        fit = self.repeat_value if repeats_only else self.value
        if isinstance(fit, Unfit):
            return (count * mean + BORROWED_PURCHASES * self.mean_cents) / (count + BORROWED_PURCHASES)
        return expected_spend(fit, count, mean)

    def features(self, customers: Customers, horizon: float) -> np.ndarray:
        """(C, 6) scores of PRIOR_FEATURES over one horizon, the same wherever a model learns and is asked."""
        orders = np.maximum(self.orders(customers, horizon), SMALLEST)
        value = np.maximum(self.order_cents(customers, repeats_only=False), 1.0)
        repeat_value = np.maximum(self.order_cents(customers, repeats_only=True), 1.0)
        columns = [
            np.log(orders),
            self.p_alive(customers),
            self.p_return(customers, horizon),
            np.log(value),
            np.log(repeat_value),
            np.log(orders * value),
        ]
        return np.column_stack(columns)

    def lengthening(self, customers: Customers, learnt: float, asked: float) -> float:
        """How many times the purchases of the horizon learnt from come within the one asked for."""
        return float(
            self.orders(customers, asked).sum() / max(self.orders(customers, learnt).sum(), SMALLEST)
        )


def histories(customers: Customers) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(C,) repeats, days from the first to the last purchase, days since the first."""
    x, t_x, age = (customers[name] for name in ("frequency", "recency_days", "age_days"))
    return x, t_x, np.maximum(age, SMALLEST)


def fit_lifted(customers: Customers, traits: Standard) -> ParetoNbd | Unfit:
    """To MOST_FITTED customers at even steps, where there are more."""
    steps = np.arange(0, len(customers), max(1, -(-len(customers) // MOST_FITTED)))
    some = customers.where(steps)
    return fit_pareto_nbd(traits(some.columns(TRAITS)), *histories(some))


def fit_rhythm(customers: Customers) -> Rhythm:
    """`customers` of one cut, or of several whose outcomes nobody asks for."""
    x, t_x, age = histories(customers)
    valued, mean = customers["valued_purchases"], customers["mean_valued_cents"]
    purchases, traits = fit_bg_nbd(x, t_x, age), Standard(customers.columns(TRAITS))
    return Rhythm(
        purchases=purchases,
        lifted=purchases if isinstance(purchases, Unfit) else fit_lifted(customers, traits),
        traits=traits,
        value=fit_gamma_gamma(valued, mean),
        repeat_value=fit_gamma_gamma(customers["valued_repeats"], customers["mean_repeat_cents"]),
        rate=float((x.sum() + BORROWED_PURCHASES) / max(age.sum(), 1.0)),
        mean_cents=float((valued * mean).sum() / max(valued.sum(), 1.0)),
    )


def rhythm_notes(customers: Customers) -> list[str]:
    """Sentences on what could not be fitted, and what stands in its place."""
    rhythm = fit_rhythm(customers)
    found = []
    if isinstance(rhythm.purchases, Unfit):
        found.append(
            f"BG/NBD is not fitted ({rhythm.purchases.detail}): purchases go by rates drawn towards all."
        )
    elif isinstance(rhythm.lifted, Unfit):
        found.append(
            f"Pareto/NBD is not fitted ({rhythm.lifted.detail}): what BG/NBD expects stands in its place."
        )
    if isinstance(rhythm.repeat_value, Unfit):
        found.append(
            f"Gamma-Gamma of repeats is not fitted ({rhythm.repeat_value.detail}): "
            "orders go by means drawn towards all."
        )
    return found
