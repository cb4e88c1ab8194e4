"""How cells become the numbers that the models see: one list of features, learnt on the training part.

    number  the cell as it is. A blank stays blank (NaN) where the training part had blanks, else it is
            `fill`: trees that never saw a blank have not learnt where it belongs.
    is      1 where the cell is `value`
    rate    mean label of the training rows with this value, drawn towards the mean of all by RATE_PRIOR rows
            (Micci-Barreca 2001). Training rows get the rate of the other folds: their own label is not in it.
    count   log(1 + training rows with this value), for text of many values

Three views: boosted trees and forests see numbers with either indicators or rates (they err differently, so
that their blend gains), the linear model numbers with indicators (it makes more of small whole numbers, which
may be codes). float32, for that is what a graph takes.
"""

from dataclasses import asdict, dataclass, field

import numpy as np

from .columns import Column

RATE_PRIOR = 20.0
RATE_FOLDS = 5
MOST_INDICATORS = 30
MOST_CODES = 30  # distinct whole numbers that may be codes of something
FEWEST_ROWS = 10  # a value of fewer rows has no indicator
FEWEST_RATED = 3
IDENTIFIER_SHARE = 0.9
FEWEST_FOR_IDENTIFIER = 100
VIEWS = ("indicators", "rates", "linear")


@dataclass(frozen=True)
class Feature:
    name: str
    column: str
    origin: str  # column of the table
    how: str  # number | is | rate | count
    views: tuple[str, ...]
    fill: float | None = None
    value: str = ""
    by_value: dict[str, float] = field(default_factory=dict)
    otherwise: float = 0.0


@dataclass(frozen=True)
class Encoding:
    features: tuple[Feature, ...]
    left_out: dict[str, str]  # column -> why

    def view(self, name: str) -> np.ndarray:
        """Numbers of the features that a view holds; all of them where it would hold none."""
        held = [at for at, one in enumerate(self.features) if name in one.views]
        return np.array(held or range(len(self.features)), np.int64)

    def as_dict(self) -> dict:
        """What a program needs to make the inputs of the exported graph, in their order."""
        return {"features": [asdict(one) for one in self.features], "left_out": self.left_out}


def values_of(column: Column) -> tuple[np.ndarray, np.ndarray]:
    """The distinct values as text (V,), "" for a blank, and which of them each row has (N,).

    Whole numbers have no point, as other languages print them."""
    if column.is_text:
        cells = np.array(["" if cell is None else cell for cell in column.values], str)
        return np.unique(cells, return_inverse=True)
    numbers, where = np.unique(column.values, return_inverse=True)  # all NaN are one value
    return np.array(["" if np.isnan(one) else f"{one:.12g}" for one in numbers], str), where


def _why_left_out(column: Column) -> str | None:
    if column.is_text:
        filled = [cell for cell in column.values if cell is not None]
        distinct = len(set(filled))
        enough = len(filled) >= FEWEST_FOR_IDENTIFIER
        if enough and distinct > IDENTIFIER_SHARE * len(filled):
            return "nearly every row has a value of its own"
        if distinct == 0 or (distinct == 1 and len(filled) == len(column.values)):
            return "the same in every row"
        return None
    filled = column.values[~np.isnan(column.values)]
    distinct = len(np.unique(filled))
    if distinct == 0 or (distinct == 1 and len(filled) == len(column.values)):
        return "the same in every row"
    whole = bool((filled == np.floor(filled)).all())
    numbered = whole and distinct == len(filled) and np.ptp(filled) < 3 * len(filled)
    if numbered and len(filled) >= FEWEST_FOR_IDENTIFIER:
        return "it numbers the rows"
    return None


def _is_coded(column: Column) -> bool:
    if column.is_text:
        return True
    distinct = np.unique(column.values[~np.isnan(column.values)])
    return 3 <= len(distinct) <= MOST_CODES and bool((distinct == np.floor(distinct)).all())


def _rates(where: np.ndarray, y: np.ndarray, values: int) -> np.ndarray:
    """(V,) mean label of each value, drawn towards the mean of all; that mean where a value has few rows."""
    size = np.bincount(where, minlength=values)
    rate = (np.bincount(where, y, values) + RATE_PRIOR * y.mean()) / (size + RATE_PRIOR)
    return np.where(size >= FEWEST_RATED, rate, y.mean())


def _common(names: np.ndarray, sizes: np.ndarray) -> list[str]:
    """Values that have an indicator."""
    order = np.argsort(-sizes, kind="stable")[:MOST_INDICATORS]
    common = [str(names[at]) for at in order if sizes[at] >= min(FEWEST_ROWS, sizes.sum() / 20)]
    if len(common) == 2 and len(names) == 2:
        common = common[:1]  # the other one says the same
    return sorted(common)


def _features_of(column: Column, y: np.ndarray) -> list[Feature]:
    made: list[Feature] = []
    if not column.is_text:
        blank = np.isnan(column.values)
        fill = None if blank.any() else float(np.median(column.values))
        made.append(Feature(column.name, column.name, column.origin, "number", VIEWS, fill=fill))
    if not _is_coded(column):
        return made
    names, where = values_of(column)
    sizes = np.bincount(where)
    for value in _common(names, sizes) if column.is_text else []:
        name = f"{column.name} = {value or '(blank)'}"
        views = ("indicators", "linear")
        made.append(Feature(name, column.name, column.origin, "is", views, value=value))
    name = f"{column.name} (rate)"
    views = ("indicators", "rates", "linear") if len(names) > MOST_INDICATORS else ("rates",)
    made.append(
        Feature(
            name,
            column.name,
            column.origin,
            "rate",
            views,
            by_value={
                str(key): float(rate)
                for key, rate, size in zip(names, _rates(where, y, len(names)), sizes, strict=True)
                if size >= FEWEST_RATED
            },
            otherwise=float(y.mean()),
        )
    )
    if len(names) > MOST_INDICATORS:
        counts = {str(key): float(np.log1p(size)) for key, size in zip(names, sizes, strict=True) if size > 1}
        name = f"{column.name} (count)"
        made.append(
            Feature(name, column.name, column.origin, "count", VIEWS, by_value=counts, otherwise=np.log(2.0))
        )
    return made


def fit_encoding(columns: list[Column], y: np.ndarray) -> Encoding:
    """Of the training part only: columns of (N,) and the label (N,)."""
    left_out: dict[str, str] = {}
    features: list[Feature] = []
    for column in columns:
        why = _why_left_out(column)
        if why is not None:
            left_out[column.name] = why
        else:
            features.extend(_features_of(column, y))
    return Encoding(tuple(features), left_out)


def encode(encoding: Encoding, columns: list[Column]) -> np.ndarray:
    """(N, F) float32 of rows whose label is not known."""
    by_name = {column.name: column for column in columns}
    rows = len(columns[0].values)
    encoded = np.empty((rows, len(encoding.features)), np.float32)
    known: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    for at, feature in enumerate(encoding.features):
        column = by_name[feature.column]
        if feature.how == "number":
            values = column.values
            if feature.fill is not None:
                values = np.where(np.isnan(values), feature.fill, values)
            encoded[:, at] = values
            continue
        if column.name not in known:
            known[column.name] = values_of(column)
        names, where = known[column.name]
        if feature.how == "is":
            told = names == feature.value
        else:
            told = np.array([feature.by_value.get(str(one), feature.otherwise) for one in names])
        encoded[:, at] = told[where]
    return encoded


def fit_and_encode(
    columns: list[Column], y: np.ndarray, groups: np.ndarray, seed: int
) -> tuple[Encoding, np.ndarray]:
    """The encoding, and the training rows (N, F) with rates from other folds; a group stays in one fold."""
    encoding = fit_encoding(columns, y)
    if not encoding.features:
        return encoding, np.empty((len(y), 0), np.float32)
    encoded = encode(encoding, columns)
    _, where = np.unique(groups, return_inverse=True)
    fold = np.random.default_rng(seed).integers(0, RATE_FOLDS, where.max() + 1)[where]
    by_name = {column.name: column for column in columns}
    rated = [(at, one) for at, one in enumerate(encoding.features) if one.how == "rate"]
    for at, feature in rated:
        names, values = values_of(by_name[feature.column])
        for number in range(RATE_FOLDS):
            own = fold == number
            if own.any() and not own.all():
                encoded[own, at] = _rates(values[~own], y[~own], len(names))[values[own]]
    return encoding, encoded
