"""Models of customers, fitted on customers at cuts whose outcomes are known.

Each gives three forecasts: the probability to buy within the horizon, how many purchases, and cents spent.
All learn for one length of horizon; `forecasts.py` carries them to the one asked for. Small logs are the
rule here and one customer stands at several cuts, so every model is a plain one: few leaves, many customers
a leaf, strong ridge.
Shapes: C customers at cuts, F features (those of the log, then PRIOR_FEATURES).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit, logit
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression, PoissonRegressor, Ridge
from sklearn.preprocessing import SplineTransformer

MOST_ROWS = 60_000  # customers at cuts that a model learns from: more cost time and hardly change it
MOST_TREE_ROWS = 20_000  # that one tree of a forest sees
FOLDS = 5  # of customers; fewer understate what is learnt beside what is fitted without outcomes
RIDGES = (1.0, 0.3, 0.1)  # penalties, a share of the rows: their mean is as good as the best of them
KNOTS = 6  # of the broken lines a feature is drawn by
CORRECTION_PENALTY = 0.3  # 1 is better where Pareto/NBD is, worse where it is not
SMALLEST = 1e-9


@dataclass(frozen=True)
class Lesson:
    """What models learn from."""

    features: np.ndarray  # (C, F)
    expected: np.ndarray  # (C,) purchases in the horizon, by Pareto/NBD (rhythm.py)
    orders: np.ndarray  # (C,) purchases in the horizon
    cents: np.ndarray  # (C,)
    shopper: np.ndarray  # (C,) whose rows belong together
    cuts: int  # at how many a customer can stand

    @property
    def again(self) -> np.ndarray:
        return (self.orders > 0).astype(np.int64)

    def where(self, mask: np.ndarray) -> "Lesson":
        return replace(
            self,
            features=self.features[mask],
            expected=self.expected[mask],
            orders=self.orders[mask],
            cents=self.cents[mask],
            shopper=self.shopper[mask],
        )

    def leaf(self, customers: int) -> int:
        """Rows that a leaf holds at least, for so many customers in it; more in large logs."""
        return max(customers * self.cuts, len(self.orders) // 400)


@dataclass(frozen=True)
class Forecast:
    p: np.ndarray  # (C,) probability of a purchase
    orders: np.ndarray  # (C,)
    cents: np.ndarray  # (C,)


Predict = Callable[[np.ndarray, np.ndarray], Forecast]  # features (C, F), expected (C,)
Fit = Callable[[Lesson, int], Predict]  # lesson, seed


class Standard:
    """Signed logarithms at mean 0 and deviation 1: money and counts are skewed by orders of magnitude."""

    def __init__(self, features: np.ndarray):
        logs = self.logs(features)
        self.mean, self.spread = logs.mean(0), logs.std(0)
        self.spread[self.spread < 1e-9] = np.inf  # says nothing: becomes 0

    @staticmethod
    def logs(features: np.ndarray) -> np.ndarray:
        return np.sign(features) * np.log1p(np.abs(features))

    def __call__(self, features: np.ndarray) -> np.ndarray:
        # Beyond 4 deviations nothing was learnt.
        return np.clip((self.logs(features) - self.mean) / self.spread, -4, 4)


class Lines(Standard):
    """The same, and each feature as broken lines, so that a linear model can bend with it."""

    def __init__(self, features: np.ndarray):
        super().__init__(features)
        scaled = super().__call__(features)
        # A feature that is nearly always the same has no quantiles to break at.
        self.bent = np.array([len(np.unique(np.quantile(one, [0.1, 0.5, 0.9]))) == 3 for one in scaled.T])
        self.splines = None
        if self.bent.any():
            splines = SplineTransformer(n_knots=KNOTS, degree=1, knots="quantile", extrapolation="linear")
            self.splines = splines.fit(scaled[:, self.bent])

    def __call__(self, features: np.ndarray) -> np.ndarray:
        scaled = super().__call__(features)
        if self.splines is None:
            return scaled
        return np.hstack([scaled, self.splines.transform(scaled[:, self.bent])])


def logistic(inputs: np.ndarray, again: np.ndarray, ridge: float) -> LogisticRegression:
    return LogisticRegression(C=1 / (ridge * len(again)), max_iter=300).fit(inputs, again)


def fit_linear(lesson: Lesson, seed: int) -> Predict:
    """Logistic and Poisson regression, and the zero-inflated log-normal: p · exp(μ + σ²/2).

    p is the mean, as log odds, of the logistic regression's and of 1 − exp(−expected purchases) by two
    Poisson regressions: counts say more than yes and no of who returns in a horizon longer than that learnt
    from. The second corrects what Pareto/NBD expects (its exposure), so that its penalty draws it there.

    Its level is not to be trusted (arXiv 1912.07753, on the tail), so it is scaled to what all spent
    together, and clipped at the most that a customer has spent.
    """
    lines, standard = Lines(lesson.features), Standard(lesson.features)
    bent, straight = lines(lesson.features), standard(lesson.features)
    again = [logistic(bent, lesson.again, ridge) for ridge in RIDGES]
    orders = PoissonRegressor(alpha=1.0, max_iter=300).fit(bent, lesson.orders)
    correction = PoissonRegressor(alpha=CORRECTION_PENALTY, max_iter=300)
    correction.fit(straight, lesson.orders / lesson.expected, sample_weight=lesson.expected)
    paid = lesson.cents > 0
    value = (
        Ridge(alpha=float(paid.sum())).fit(straight[paid], np.log(lesson.cents[paid])) if paid.any() else None
    )
    most_cents, most_orders = lesson.cents.max(), lesson.orders.max()

    def p_again(lined: np.ndarray, at: np.ndarray, expected: np.ndarray) -> np.ndarray:
        each = (
            np.mean([one.predict_proba(lined)[:, 1] for one in again], axis=0),
            -np.expm1(-orders.predict(lined)),
            -np.expm1(-expected * correction.predict(at)),
        )
        return expit(np.mean([logit(np.clip(p, SMALLEST, 1 - SMALLEST)) for p in each], axis=0))

    def raw_cents(p: np.ndarray, at: np.ndarray) -> np.ndarray:
        return p * (np.exp(np.minimum(value.predict(at), np.log(most_cents))) if value is not None else 0.0)

    total = raw_cents(p_again(bent, straight, lesson.expected), straight).sum()
    scale = lesson.cents.sum() / max(total, SMALLEST)  # exp(σ²/2) is in it

    def predict(features: np.ndarray, expected: np.ndarray) -> Forecast:
        lined, at = lines(features), standard(features)
        p = p_again(lined, at, expected)
        return Forecast(
            p,
            np.minimum(orders.predict(lined), most_orders),
            np.minimum(scale * raw_cents(p, at), most_cents),
        )

    return predict


def fit_cents(
    model: PoissonRegressor | HistGradientBoostingRegressor, inputs: np.ndarray, cents: np.ndarray
) -> Callable[[np.ndarray], np.ndarray]:
    """0 where nobody spent: a log may be without prices."""
    if not cents.any():
        return lambda at: np.zeros(len(at))
    unit = max(float(cents.mean()), 1.0)
    model.fit(inputs, cents / unit)
    return lambda at: unit * model.predict(at)


def fit_linear_on(feature: int) -> Fit:
    """The same regressions on one feature alone: what a plain rule knows, as probabilities and amounts."""

    def fit(lesson: Lesson, seed: int) -> Predict:
        column = slice(feature, feature + 1)
        standard = Standard(lesson.features[:, column])
        inputs = standard(lesson.features[:, column])
        again = logistic(inputs, lesson.again, 1e-4)
        orders = PoissonRegressor(alpha=1e-4).fit(inputs, lesson.orders)
        cents = fit_cents(PoissonRegressor(alpha=1e-4), inputs, lesson.cents)

        def predict(features: np.ndarray, _: np.ndarray) -> Forecast:
            at = standard(features[:, column])
            return Forecast(again.predict_proba(at)[:, 1], orders.predict(at), cents(at))

        return predict

    return fit


def fit_forest(lesson: Lesson, seed: int) -> Predict:
    """One forest for the three: splits that part all of them hold better than those of one, and cost once."""
    count = len(lesson.orders)
    wanted = np.column_stack([lesson.again, lesson.orders, lesson.cents]).astype(np.float64)
    spread = np.maximum(wanted.std(0), SMALLEST)
    forest = RandomForestRegressor(
        n_estimators=60,
        min_samples_leaf=lesson.leaf(20),
        max_features=0.25,
        max_samples=min(1.0, MOST_TREE_ROWS / count),
        random_state=seed,
        n_jobs=1,
    ).fit(lesson.features.astype(np.float32), wanted / spread)

    def predict(features: np.ndarray, _: np.ndarray) -> Forecast:
        p, orders, cents = (forest.predict(features.astype(np.float32)) * spread).T
        return Forecast(p, orders, cents)

    return predict


def fit_boosted(lesson: Lesson, seed: int) -> Predict:
    settings = {
        "max_iter": 80,
        "learning_rate": 0.07,
        "max_leaf_nodes": 4,
        "min_samples_leaf": lesson.leaf(30),
        "l2_regularization": 10.0,
        "max_features": 0.3,
        "early_stopping": False,
        "random_state": seed,
    }
    again = HistGradientBoostingClassifier(**settings).fit(lesson.features, lesson.again)
    orders = HistGradientBoostingRegressor(loss="poisson", **settings).fit(lesson.features, lesson.orders)
    cents = fit_cents(
        HistGradientBoostingRegressor(loss="poisson", **settings), lesson.features, lesson.cents
    )
    return lambda features, _: Forecast(
        again.predict_proba(features)[:, 1], orders.predict(features), cents(features)
    )


LINEAR = "logistic, log-normal"
LEARNT: dict[str, Fit] = {
    LINEAR: fit_linear,
    "random forest": fit_forest,
    "boosted trees": fit_boosted,
}
