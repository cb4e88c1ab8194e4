"""Whether BG/NBD tells better than the plain rhythm who buys again, and the shop's parameters if it does.

The held-out window is the last days of the log (contract.outcome_days, 30). BG/NBD is fitted on what was
known when it began (cut 1) and gives each customer's probability of buying in it. The plain rhythm is what
stands in its place: the lifecycle by silence against the customer's own rhythm, as a probability by the
share of such customers, with as many purchases so far (one, two, more), who bought in the window before
(cut 0). Both are judged by log loss on the same customers; the fit stands if the paired 95 % interval of
its gain lies above 0. Then the parameters are fitted again on the whole log (cut 2).

Limits: one window, so one season; log loss weighs customers alike, whatever they spend.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from .bg_nbd import at_bounds, fit_bg_nbd, log_likelihood, p_buys_within
from .contract import Contract
from .gamma_gamma import expected_spend, fit_gamma_gamma
from .maximise import Unfit
from .metrics.binary import calibration_error, log_losses
from .metrics.bootstrap import paired_difference
from .metrics.weighed import plain

RHYTHM, HELD_OUT, NOW = 0, 1, 2  # cuts, as app/features/purchase-summary.ts counts them
# What a cell of few customers borrows from all: as much as so many customers would say.
BORROWED_CUSTOMERS = 5.0


@dataclass(frozen=True)
class Customers:
    """Customers as of one moment. C customers; days from the first purchase, money in cents."""

    row: np.ndarray  # (C,)
    x: np.ndarray  # (C,) purchases after the first
    t_x: np.ndarray  # (C,) days to the last
    age: np.ndarray  # (C,) days to the moment
    valued: np.ndarray  # (C,) repeat purchases with a value
    mean_cents: np.ndarray  # (C,) their mean
    lifecycle: np.ndarray  # (C,) code of the lifecycle by the rhythm alone
    bought_next: np.ndarray  # (C,) 1, 0, -1 = not known yet
    as_of_ms: float


def load_customers(folder: Path, cut: int, contract: Contract) -> Customers:
    """Of purchases.arrow. Raises ValueError where its columns are not the contract's."""
    table = pa.ipc.open_file(pa.memory_map(str(folder / "purchases.arrow"))).read_all()
    expected = ["row", "cut", "as_of_ms", *contract.purchase_columns]
    if table.column_names != expected:
        raise ValueError(f"purchases.arrow: expected columns {expected}, got {table.column_names}")
    rows = {name: table[name].to_numpy() for name in expected}
    here = rows["cut"] == cut
    moments = rows["as_of_ms"][here]
    return Customers(
        row=rows["row"][here],
        x=rows["frequency"][here].astype(np.float64),
        t_x=rows["recency_days"][here],
        age=rows["age_days"][here],
        valued=rows["valued_repeats"][here].astype(np.float64),
        mean_cents=rows["mean_repeat_cents"][here],
        lifecycle=rows["rhythm_lifecycle"][here],
        bought_next=rows["bought_next"][here],
        as_of_ms=float(moments[0]) if len(moments) else 0.0,
    )


def rhythm_probabilities(before: Customers, asked: Customers, lifecycles: int) -> np.ndarray:
    """(C,) the share of such customers who bought in the window before, drawn towards the share of all."""
    cells = 3 * lifecycles

    def cell(customers: Customers) -> np.ndarray:
        return customers.lifecycle * 3 + np.minimum(customers.x, 2).astype(np.int64)

    share = before.bought_next.mean()
    size = np.bincount(cell(before), minlength=cells)
    bought = np.bincount(cell(before), before.bought_next, minlength=cells)
    return ((bought + BORROWED_CUSTOMERS * share) / (size + BORROWED_CUSTOMERS))[cell(asked)]


def held_out_report(before: Customers, asked: Customers, contract: Contract, seed: int) -> dict | Unfit:
    """Log loss of both on the held-out window, and whether the fit stands."""
    if len(before.row) == 0 or (before.bought_next < 0).any() or (asked.bought_next < 0).any():
        days = 2 * contract.outcome_days
        return Unfit("short_history", f"expected customers from more than {days} days before the log's end")
    fit = fit_bg_nbd(asked.x, asked.t_x, asked.age)
    if isinstance(fit, Unfit):
        return fit
    outcome = asked.bought_next
    p_fit = p_buys_within(fit, asked.x, asked.t_x, asked.age, float(contract.outcome_days))
    p_rhythm = rhythm_probabilities(before, asked, len(contract.lifecycles))
    p_all = np.full(len(outcome), before.bought_next.mean())
    fits, rhythms = log_losses(p_fit, outcome), log_losses(p_rhythm, outcome)
    gain, low, high = paired_difference(rhythms, fits, asked.row, seed)
    return {
        "from_ms": asked.as_of_ms,
        "days": contract.outcome_days,
        "customers": len(outcome),
        "bought": int(outcome.sum()),
        "log_loss": float(fits.mean()),
        "rhythm_log_loss": float(rhythms.mean()),
        "same_for_all_log_loss": float(log_losses(p_all, outcome).mean()),
        "predicted": float(p_fit.mean()),
        "rhythm_predicted": float(p_rhythm.mean()),
        "observed": float(outcome.mean()),
        "calibration_error": plain(calibration_error(p_fit, outcome), len(outcome)),
        "rhythm_calibration_error": plain(calibration_error(p_rhythm, outcome), len(outcome)),
        "gain": gain,
        "low": low,
        "high": high,
        "beaten": bool(low > 0),
    }


def spend_report(now: Customers) -> dict:
    """Gamma-Gamma on the values of repeat purchases, in cents."""
    known = (now.valued > 0) & (now.mean_cents > 0)
    fit = fit_gamma_gamma(now.valued, now.mean_cents)
    if isinstance(fit, Unfit):
        return {"parameters": None, "reason": fit.reason, "detail": fit.detail, "customers": int(known.sum())}
    x, mean = now.valued[known], now.mean_cents[known]
    varied = x.std() > 0 and mean.std() > 0
    return {
        "parameters": fit.as_dict(),
        "customers": len(x),
        "expected_order_cents": float(expected_spend(fit, np.zeros(1), np.zeros(1))[0]),
        "mean_order_cents": float((x * mean).sum() / x.sum()),
        # The model takes it to be 0.
        "correlation_of_count_and_mean": float(np.corrcoef(x, mean)[0, 1]) if varied else 0.0,
    }


def customers_report(folder: Path, contract: Contract, seed: int) -> dict:
    """`bgnbd` holds the shop's parameters in days, null with a `reason` where there are none to be used."""
    before, asked, now = (load_customers(folder, cut, contract) for cut in (RHYTHM, HELD_OUT, NOW))
    report = {
        "customers": len(now.row),
        "repeat_customers": int((now.x > 0).sum()),
        "bgnbd": None,
        "reason": None,
        "detail": None,
        "held_out": None,
        "spend": spend_report(now),
    }
    held_out = held_out_report(before, asked, contract, seed)
    if isinstance(held_out, Unfit):
        return report | {"reason": held_out.reason, "detail": held_out.detail}
    report["held_out"] = held_out
    fit = fit_bg_nbd(now.x, now.t_x, now.age)
    if isinstance(fit, Unfit):
        return report | {"reason": fit.reason, "detail": fit.detail}
    report["fitted"] = fit.as_dict() | {
        "log_likelihood": log_likelihood(fit, now.x, now.t_x, now.age)[0],
        "at_bounds": at_bounds(fit, now.age),
    }
    if not held_out["beaten"]:
        detail = "on the held-out window its log loss is not surely below the plain rhythm's"
        return report | {"reason": "rhythm_not_beaten", "detail": detail}
    return report | {"bgnbd": fit.as_dict()}


def card_lines(customers: dict) -> list[str]:
    """The report as a part of the model's card."""
    lines = ["", "## Who buys again", ""]
    held_out = customers["held_out"]
    if held_out is not None:
        lines.append(
            f"Within {held_out['days']} days, {held_out['customers']:,} customers: log loss BG/NBD "
            f"{held_out['log_loss']:.4f}, plain rhythm {held_out['rhythm_log_loss']:.4f}, gain "
            f"{held_out['gain']:+.4f} [{held_out['low']:+.4f}, {held_out['high']:+.4f}]."
        )
    if customers["bgnbd"] is None:
        lines.append(f"No parameters are used ({customers['reason']}): {customers['detail']}.")
    else:
        parameters = ", ".join(f"{name} {value:.4f}" for name, value in customers["bgnbd"].items())
        lines.append(f"BG/NBD in days: {parameters}.")
    spend = customers["spend"]
    if spend["parameters"] is not None:
        parameters = ", ".join(f"{name} {value:.4f}" for name, value in spend["parameters"].items())
        lines.append(f"Gamma-Gamma in cents: {parameters}; {spend['customers']:,} customers.")
    return lines
