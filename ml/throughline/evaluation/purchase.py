"""Purchase intent: after each event of a visit, does a purchase follow in it?

Rows are app/features/visit-rows.ts: one after each event, with what was known by then; whole visits belong to
training, validation or test by time. Members learn from training and are weighed, calibrated and chosen on
validation, then fitted again on both. Rows of one shopper are drawn together for the intervals.

Limits: a shopper with many visits counts as one draw but as many rows; a season that only the test part has
is seen by no model.
"""

import numpy as np
import pyarrow as pa

from ..contract import Contract
from ..tabular.columns import Column
from ..tabular.encode import encode
from ..tabular.judged import calibration, choose, deciding, deciles, importance, judge
from ..tabular.learn import Learnt, learn
from ..tabular.measures import figures
from ..tabular.onnx import write_model
from .options import NotEnoughDataError, Options
from .result import Result, Row
from .stages import Stages

TRAIN, VALIDATION, TEST = 0, 1, 2  # roles, as app/features/visit-rows.ts counts them
PREFIXES = (1, 3, 5)
FEWEST_VISITS = 20  # of each part with a purchase ahead, and as many without
FEWEST_AT_PREFIX = 20  # rows; fewer say nothing of a ranking
# Rows of drawn shoppers that are learnt from; more add time and hardly any accuracy.
MOST_ROWS = 120_000
BASELINES = {"rate by the last stage": "last_stage", "rate by events so far": "visit_events"}
NOT_FEATURES = ("row", "visit", "prefix", "role", "buys", "at_ms")


class _Visits:
    """Rows whose answer is known: y, shopper, visit, prefix, role (N,), and the feature columns."""

    def __init__(self, table: pa.Table):
        known = {name: table[name].to_numpy() for name in NOT_FEATURES}
        asked = np.flatnonzero((known["buys"] >= 0) & (known["role"] >= 0))
        self.y = known["buys"][asked].astype(np.float64)
        self.shopper = known["row"][asked]
        self.role = known["role"][asked]
        self.prefix = known["prefix"][asked]
        _, self.visit = np.unique(
            np.stack([known["row"][asked], known["visit"][asked]]), axis=1, return_inverse=True
        )
        self.columns = [
            Column(name, table[name].to_numpy()[asked].astype(np.float64), False)
            for name in table.column_names
            if name not in NOT_FEATURES
        ]

    def rows_of(self, role: int) -> np.ndarray:
        return np.flatnonzero(self.role == role)

    def at(self, rows: np.ndarray) -> list[Column]:
        return [column.at(rows) for column in self.columns]


def _load(options: Options) -> _Visits:
    path = options.work / "visits.arrow"
    visits = _Visits(pa.ipc.open_file(pa.memory_map(str(path))).read_all())
    for role, words in ((TRAIN, "training"), (VALIDATION, "validation"), (TEST, "test")):
        rows = visits.rows_of(role)
        buying = len(np.unique(visits.visit[rows][visits.y[rows] == 1]))
        other = len(np.unique(visits.visit[rows][visits.y[rows] == 0]))
        if min(buying, other) < FEWEST_VISITS:
            raise NotEnoughDataError(
                f"Purchase in a visit: expected {FEWEST_VISITS} visits or more in the {words} part that had "
                f"a purchase ahead, and as many that had none; got {buying} and {other}. Give a longer log "
                "with its browsing, or another --cut."
            )
    return visits


def _drawn(visits: _Visits, rows: np.ndarray, most: int, seed: int) -> np.ndarray:
    """Rows of whole shoppers, drawn until there are `most`."""
    if len(rows) <= most:
        return rows
    shoppers, size = np.unique(visits.shopper[rows], return_counts=True)
    order = np.random.default_rng(seed).permutation(len(shoppers))
    kept = shoppers[order[: max(1, int(np.searchsorted(np.cumsum(size[order]), most)))]]
    return rows[np.isin(visits.shopper[rows], kept)]


def _add_prefixes(
    rows: list[Row], predictions: dict[str, np.ndarray], y: np.ndarray, prefix: np.ndarray
) -> None:
    """How well after few events: only visits that had so many."""
    for number in PREFIXES:
        own = prefix == number
        if own.sum() < FEWEST_AT_PREFIX or len(np.unique(y[own])) < 2:
            continue
        for row in rows:
            told = figures(y[own], predictions[row.model][own], True)
            for metric in ("AUC", "AUPR", "ECE"):
                row.detail[f"{metric}@{number}"] = told[metric]


def _learn(visits: _Visits, options: Options, stages: Stages) -> tuple[Learnt, np.ndarray]:
    """What was learnt, and the validation rows' answers in the order of its predictions."""
    share = MOST_ROWS * 3 // 4
    train = _drawn(visits, visits.rows_of(TRAIN), share, options.seed)
    validation = _drawn(visits, visits.rows_of(VALIDATION), MOST_ROWS - share, options.seed)
    rows = np.concatenate([train, validation])
    fold = (np.arange(len(train)), np.arange(len(train), len(rows)))
    y = visits.y[rows]
    learnt = learn(
        visits.at(rows), y, visits.shopper[rows], [fold], True, options.seed, stages.keep, BASELINES
    )
    return learnt, y[learnt.asked]


def evaluate(options: Options, contract: Contract, stages: Stages) -> Result:
    """Raises NotEnoughDataError where a part has too few visits with or without a purchase."""
    visits = _load(options)
    learnt, outcome = _learn(visits, options, stages)
    chosen, _ = choose(learnt, outcome, True)
    member = learnt.candidate(chosen).member
    test = visits.rows_of(TEST)
    y = visits.y[test]
    x = encode(learnt.encoding, visits.at(test))
    predictions = stages.keep(
        "purchase: predictions", lambda: {one.name: one.member.predict(x) for one in learnt.candidates}
    )
    rows, differences = stages.keep(
        "purchase: judged",
        lambda: judge(learnt, predictions, y, outcome, True, visits.shopper[test], options.seed),
    )
    _add_prefixes(rows, predictions, y, visits.prefix[test])
    pictures = [
        calibration(y, predictions[chosen], chosen),
        deciles(y, predictions[chosen], chosen, True),
        stages.keep(
            "purchase: importance", lambda: importance(member, learnt.encoding, x, y, True, options.seed)
        ),
    ]
    notes = [
        f'"{column}" is left out: {why}.'
        for column, why in learnt.encoding.left_out.items()
        if why != "the same in every row"
    ]
    notes.append(write_model(member, learnt.encoding, x, options.work / "model"))
    cases: dict[str, int | str] = {
        "visits in training": len(np.unique(visits.visit[visits.rows_of(TRAIN)])),
        "visits in validation": len(np.unique(visits.visit[visits.rows_of(VALIDATION)])),
        "visits in test": len(np.unique(visits.visit[test])),
        "moments asked in test": len(test),
        "of which a purchase followed": int(y.sum()),
        "shoppers in test": len(np.unique(visits.shopper[test])),
    }
    return Result(
        target=options.target,
        split=options.split,
        seed=options.seed,
        decided_by=deciding(True),
        rows=rows,
        cases=cases,
        differences=differences,
        pictures=pictures,
        notes=notes,
    )
