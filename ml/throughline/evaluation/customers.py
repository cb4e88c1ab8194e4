"""Targets `return` and `spend`: customers known at the test cut, and what they do until the log ends.

Rows come from app/features/customer-rows.server.ts. Every model learns at cuts before the test whose
outcomes end by it; the validation cut, of which models saw only what came before or other customers, weighs
the ensemble and picks the chosen row: the ensemble, unless another is surely better there. Where the log
has room, who returns within 30 and 90 days is asked as well, in rows of reference. Money is in units of the
currency, not in cents.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from ..contract import Contract
from ..metrics.binary import binary_measures, bins_of_equal_count
from ..metrics.bootstrap import interval, measure_samples
from ..metrics.value import error_measures, value_measures
from ..metrics.weighed import Measure, plain
from ..retention.ensemble import ENSEMBLE, fit_ensemble
from ..retention.forecasts import RHYTHM, RHYTHM_OF_ALL, Asked, Forecasts, all_forecasts
from ..retention.models import Forecast
from ..retention.rhythm import rhythm_notes
from ..retention.rows import Customers, load_customers
from .options import NotEnoughDataError, Options
from .result import LESS_IS_BETTER, Picture, Result, Row
from .stages import Stages

DECIDED_BY = {"return": "AUC", "spend": "Gini"}
FEWEST_CUSTOMERS = 50  # below it every interval spans all there is to tell
FEWEST_RETURNING = 10
DRAWS, DRAWS_OF_MANY, MANY = 1000, 300, 20_000


@dataclass(frozen=True)
class Answered:
    """One question, answered at both cuts by all models and the ensemble."""

    validation: Customers
    validation_forecasts: Forecasts
    test: Customers
    test_forecasts: Forecasts
    ensemble_words: str


def evaluate(options: Options, contract: Contract, stages: Stages) -> Result:
    questions = load_customers(options.work)
    if 0 not in questions:
        raise NotEnoughDataError(
            "Expected customers before and after the cut, got none. The log needs purchase events of named "
            "shoppers on both sides of it: check their type, or move the cut with --cut."
        )
    check(questions[0], options.target)
    answered = answer(questions[0], options.seed, stages, "until the end")
    rows, differences = judged(answered, options)
    if options.target == "return":
        for days in sorted(set(questions) - {0}):
            if enough(questions[days]):
                shorter = answer(questions[days], options.seed, stages, f"within {days} days")
                rows += within(shorter, days, options.seed)
    chosen = next(row.model for row in rows if row.chosen)
    picture = calibration if options.target == "return" else deciles
    return Result(
        target=options.target,
        split=options.split,
        seed=options.seed,
        decided_by=DECIDED_BY[options.target],
        rows=rows,
        cases=cases(answered.test),
        differences=differences,
        pictures=[picture(answered.test, answered.test_forecasts, (chosen, RHYTHM_OF_ALL))],
        notes=notes(questions[0]),
    )


def check(customers: Customers, target: str) -> None:
    for role in ("test", "validation"):
        here = customers.of(role)
        returning = int((here.orders_next > 0).sum())
        if len(here) < FEWEST_CUSTOMERS or returning < FEWEST_RETURNING:
            raise NotEnoughDataError(
                f"Expected at least {FEWEST_CUSTOMERS} customers known at the {role} cut and "
                f"{FEWEST_RETURNING} of them who buy after it, got {len(here)} and {returning}. "
                "Give a longer log, or move the cut with --cut."
            )
    if not (customers.of("train").orders_next > 0).any():
        raise NotEnoughDataError(
            "Expected customers who buy again before the validation cut, got none. Give a longer log, or a "
            "later cut with --cut."
        )
    if target == "spend" and not (customers.of("test").spend_next_cents > 0).any():
        raise NotEnoughDataError(
            "Expected purchases with a price, got none. Give price and quantity of each."
        )


def enough(customers: Customers) -> bool:
    try:
        check(customers, "return")
    except NotEnoughDataError:
        return False
    return True


def answer(customers: Customers, seed: int, stages: Stages, label: str) -> Answered:
    train, validation, test = (customers.of(role) for role in ("train", "validation", "test"))
    overlapping = bool((train.as_of_ms + train.horizon_days * 86_400_000 > validation.as_of_ms[0] + 1).any())
    # Where outcomes overlap, folds part the customers, and the validation cut's own rows can teach as well.
    taught = customers.of("train", "validation") if overlapping else train
    before = stages.keep(
        f"{label}: validation", lambda: all_forecasts(Asked(taught, validation), seed, f"{label}: validation")
    )
    last = Asked(customers.of("train", "validation"), test)
    after = stages.keep(f"{label}: test", lambda: all_forecasts(last, seed, f"{label}: test"))
    ensemble = fit_ensemble(before, validation, seed)
    return Answered(
        validation,
        before | {ENSEMBLE: ensemble(before)},
        test,
        after | {ENSEMBLE: ensemble(after)},
        ensemble.words(),
    )


def measures_of(forecast: Forecast, customers: Customers, target: str) -> dict[str, Measure]:
    """For who returns, errors are of the number of purchases."""
    if target == "spend":
        return value_measures(forecast.cents / 100, customers.spend_next_cents / 100)
    bought = customers.orders_next
    return binary_measures(forecast.p, bought > 0) | error_measures(forecast.orders, bought)


def drawn(measures: dict[str, Measure], customers: Customers, seed: int) -> dict[str, np.ndarray]:
    """Name -> (draws,)"""
    draws = DRAWS if len(customers) <= MANY else DRAWS_OF_MANY
    return measure_samples(measures, np.arange(len(customers)), seed, draws)


def choose(answered: Answered, target: str, seed: int) -> tuple[str, dict[str, float]]:
    """Of the validation cut: the chosen model, and every model's figure."""
    decided_by = DECIDED_BY[target]
    asked = answered.validation
    measure = {
        name: measures_of(forecast, asked, target)[decided_by]
        for name, forecast in answered.validation_forecasts.items()
    }
    figures = {name: plain(one, len(asked)) for name, one in measure.items()}
    best = max(figures, key=lambda name: (figures[name], name == ENSEMBLE))
    if best == ENSEMBLE:
        return best, figures
    samples = drawn({name: measure[name] for name in (best, ENSEMBLE)}, asked, seed)
    low, _ = interval(samples[best] - samples[ENSEMBLE])
    return (best if low > 0 else ENSEMBLE), figures


def judged(answered: Answered, options: Options) -> tuple[list[Row], list[dict]]:
    """Rows of the question until the log's end, and the chosen one's gains over the named baselines."""
    chosen, validation = choose(answered, options.target, options.seed)
    asked = answered.test
    rows, samples = [], {}
    for name, forecast in answered.test_forecasts.items():
        measures = measures_of(forecast, asked, options.target)
        samples[name] = drawn(measures, asked, options.seed)
        rows.append(
            Row(
                model=name,
                metrics={metric: plain(measure, len(asked)) for metric, measure in measures.items()},
                interval={metric: interval(values) for metric, values in samples[name].items()},
                setting=answered.ensemble_words if name == ENSEMBLE else "",
                validation=validation[name],
                chosen=name == chosen,
                detail=totals(forecast, asked, options.target),
            )
        )
    figures = {row.model: row.metrics for row in rows}
    over = [name for name in (RHYTHM, RHYTHM_OF_ALL, "recency") if name != chosen]
    return rows, [
        gain(chosen, other, metric, figures, samples) for other in over for metric in figures[chosen]
    ]


def gain(chosen: str, other: str, metric: str, figures: dict, samples: dict) -> dict:
    """Above 0 is better, whichever way the metric runs."""
    sign = -1 if metric in LESS_IS_BETTER else 1
    low, high = interval(sign * (samples[chosen][metric] - samples[other][metric]))
    return {
        "of": chosen,
        "over": other,
        "metric": metric,
        "gain": sign * (figures[chosen][metric] - figures[other][metric]),
        "low": low,
        "high": high,
    }


def totals(forecast: Forecast, asked: Customers, target: str) -> dict[str, float]:
    if target == "return":
        return {"foretold": float(forecast.orders.sum()), "happened": float(asked.orders_next.sum())}
    return {
        "foretold": float(forecast.cents.sum() / 100),
        "happened": float(asked.spend_next_cents.sum() / 100),
    }


def within(answered: Answered, days: int, seed: int) -> list[Row]:
    """The same for a fixed horizon: rows to compare."""
    asked = answered.test
    rows = []
    for name in (ENSEMBLE, RHYTHM, "recency"):
        forecast = answered.test_forecasts[name]
        measures = measures_of(forecast, asked, "return")
        rows.append(
            Row(
                model=f"{name}, within {days} days",
                metrics={metric: plain(measure, len(asked)) for metric, measure in measures.items()},
                interval={name: interval(values) for name, values in drawn(measures, asked, seed).items()},
                reference=True,
                detail=totals(forecast, asked, "return"),
            )
        )
    return rows


def cases(asked: Customers) -> dict[str, int | str]:
    return {
        "customers": len(asked),
        "who bought again": int((asked.orders_next > 0).sum()),
        "their purchases": int(asked.orders_next.sum()),
        "their spend": f"{asked.spend_next_cents.sum() / 100:,.2f}",
        "cut": datetime.fromtimestamp(asked.as_of_ms[0] / 1000, UTC).isoformat(timespec="minutes"),
        "horizon": f"{asked.horizon_days[0]:.1f} days",
    }


def tenths(customers: Customers, order: np.ndarray, values: np.ndarray) -> np.ndarray:
    """(≤ 10,) means of values over tenths of the customers by `order`, the lowest first."""
    place = bins_of_equal_count(order)
    return np.bincount(place, values) / np.bincount(place)


def calibration(asked: Customers, forecasts: Forecasts, names: tuple[str, ...]) -> Picture:
    again = (asked.orders_next > 0).astype(np.float64)

    def points(p: np.ndarray) -> list[list[float]]:
        return np.column_stack([tenths(asked, p, p), tenths(asked, p, again)]).tolist()

    return Picture(
        kind="calibration",
        title="Who buys again: foretold and seen",
        x="probability foretold, mean of a tenth of the customers",
        y="share who bought",
        series=[{"name": name, "points": points(forecasts[name].p)} for name in dict.fromkeys(names)],
    )


def deciles(asked: Customers, forecasts: Forecasts, names: tuple[str, ...]) -> Picture:
    spent = asked.spend_next_cents / 100
    series = []
    for name in dict.fromkeys(names):
        cents = forecasts[name].cents
        for what, values in (("foretold", cents / 100), ("spent", spent)):
            means = tenths(asked, cents, values)
            points = [[float(place + 1), float(mean)] for place, mean in enumerate(means)]
            series.append({"name": f"{name}, {what}", "points": points})
    return Picture(
        kind="deciles",
        title="Spend by tenths of the customers, the lowest forecast first",
        x="tenth of the customers by the forecast",
        y="mean spend of a customer in the horizon, currency units",
        series=series,
    )


def notes(customers: Customers) -> list[str]:
    found = []
    test = customers.of("test")
    learnt = customers.of("train", "validation").horizon_days.mean()
    asked = float(test.horizon_days[0])
    if learnt < 0.95 * asked:
        found.append(
            f"Models learnt from outcomes of {learnt:.0f} days and are carried to {asked:.0f} days by "
            "BG/NBD's expected purchases: the log before the cut is not longer."
        )
    unpriced = float((test["valued_purchases"] == 0).mean())
    if unpriced > 0.05:
        found.append(
            f"{unpriced:.0%} of the customers have no purchase with a price: their spend is a guess."
        )
    found += rhythm_notes(test)
    return found
