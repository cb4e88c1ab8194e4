"""Forecasts of every model for one question: out of sample at the validation cut, and at the test cut.

At the validation cut a model has seen either earlier cuts alone, whose outcomes end by it, or, where a long
horizon makes outcomes overlap, other customers alone (folds). At the test cut it has seen all cuts before.
Either way it learnt for the mean horizon of its rows, and is carried to the horizon asked for by the
purchases that BG/NBD expects in each (`Rhythm.lengthening`, L): counts and cents × L, and 1 − (1 − p)^L, as
the hazard is so much longer.

The baselines that are one feature (recency, frequency, spend so far) become probabilities and amounts by a
regression on that feature alone, so that their calibration can be judged beside the others'.
"""

from dataclasses import dataclass

import numpy as np
from tqdm import tqdm

from .models import FOLDS, LEARNT, MOST_ROWS, Fit, Forecast, Lesson, Predict, fit_linear_on
from .rhythm import SMALLEST, Rhythm, fit_rhythm
from .rows import Customers

DAY_MS = 86_400_000.0

# Baselines of one feature: name -> the feature. Which way it runs, the fit finds out.
SINGLE = {
    "recency": "silence_days",
    "frequency": "frequency",
    "spend so far": "total_cents",
    "mean order": "mean_valued_cents",
}
RHYTHM = "BG/NBD + Gamma-Gamma"
RHYTHM_OF_ALL = "BG/NBD + Gamma-Gamma with first purchases"
SAME_FOR_ALL = "same for all"
Forecasts = dict[str, Forecast]


@dataclass(frozen=True)
class Asked:
    """One question: what to learn from, and whom to ask about."""

    taught: Customers
    asked: Customers

    @property
    def learnt_days(self) -> float:
        return float(self.taught.horizon_days.mean())

    @property
    def asked_days(self) -> float:
        return float(self.asked.horizon_days[0])


def overlaps(asked: Asked) -> bool:
    """Whether outcomes learnt from reach past the moment asked about."""
    ends = asked.taught.as_of_ms + asked.taught.horizon_days * DAY_MS
    return bool((ends > asked.asked.as_of_ms[0] + 1).any())


def lesson_of(customers: Customers, rhythm: Rhythm, days: float) -> Lesson:
    return Lesson(
        features=np.hstack([customers.features, rhythm.features(customers, days)]),
        expected=rhythm.expected(customers, days),
        orders=customers.orders_next.astype(np.float64),
        cents=customers.spend_next_cents,
        shopper=customers.row,
        cuts=len(np.unique(customers.cut)),
    )


def rhythm_forecasts(rhythm: Rhythm, asked: Customers, days: float) -> Forecasts:
    """Probabilities by Poisson from the expected purchases."""
    orders = rhythm.orders(asked, days)
    p = -np.expm1(-orders)
    return {
        RHYTHM: Forecast(p, orders, orders * rhythm.order_cents(asked, repeats_only=True)),
        RHYTHM_OF_ALL: Forecast(p, orders, orders * rhythm.order_cents(asked, repeats_only=False)),
    }


def carried(forecast: Forecast, times: float) -> Forecast:
    """To a horizon with so many times the purchases."""
    p = np.clip(forecast.p, SMALLEST, 1 - SMALLEST)
    return Forecast(-np.expm1(times * np.log1p(-p)), forecast.orders * times, forecast.cents * times)


def all_forecasts(question: Asked, seed: int, label: str) -> Forecasts:
    """Model -> what it says of everybody asked about."""
    asked = question.asked
    rhythm = fit_rhythm(asked)
    times = rhythm.lengthening(asked, question.learnt_days, question.asked_days)
    lesson = lesson_of(question.taught, rhythm, question.learnt_days)
    at = lesson_of(asked, rhythm, question.learnt_days)
    if overlaps(question):
        parts = [(lesson.shopper % FOLDS != fold, asked.row % FOLDS == fold) for fold in range(FOLDS)]
    else:
        parts = [(np.ones(len(lesson.orders), bool), np.ones(len(asked), bool))]
    given = rhythm_forecasts(rhythm, asked, question.asked_days)
    for name, fit in tqdm(fits_of(question.taught.names).items(), desc=label, leave=False):
        given[name] = carried(fitted(fit, lesson, at, parts, seed), times)
    return given


def fits_of(names: tuple[str, ...]) -> dict[str, Fit]:
    one: dict[str, Fit] = {SAME_FOR_ALL: fit_same}
    for name, feature in SINGLE.items():
        one[name] = fit_linear_on(names.index(feature))
    return one | LEARNT


def fit_same(lesson: Lesson, seed: int) -> Predict:
    means = (lesson.again.mean(), lesson.orders.mean(), lesson.cents.mean())
    return lambda features, _: Forecast(*(np.full(len(features), one) for one in means))


def fitted(
    fit: Fit, lesson: Lesson, at: Lesson, parts: list[tuple[np.ndarray, np.ndarray]], seed: int
) -> Forecast:
    """`parts`: whose rows teach, and who is asked about (masks)."""
    given = np.zeros((3, len(at.orders)))
    for teaches, asked in parts:
        known = thinned(lesson.where(teaches), seed)
        # One outcome alone leaves nothing to tell apart.
        one = fit if 0 < known.again.mean() < 1 else fit_same
        forecast = one(known, seed)(at.features[asked], at.expected[asked])
        given[:, asked] = forecast.p, forecast.orders, forecast.cents
    return Forecast(*given)


def thinned(lesson: Lesson, seed: int) -> Lesson:
    """At most MOST_ROWS, by whole customers."""
    if len(lesson.orders) <= MOST_ROWS:
        return lesson
    shoppers = np.unique(lesson.shopper)
    share = MOST_ROWS / len(lesson.orders)
    kept = shoppers[np.random.default_rng(seed).random(len(shoppers)) < share]
    return lesson.where(np.isin(lesson.shopper, kept))
