"""A plain table: does a column of yes and no (or a quantity) follow from the others?

A fifth of the rows is kept apart, stratified by the label, and looked at once, when everything is chosen.
Rows count as independent: a table says nothing of time or of who is behind a row.
"""

import json

import numpy as np
import pyarrow as pa
from sklearn.model_selection import KFold, StratifiedKFold, train_test_split

from ..contract import Contract
from ..tabular.columns import Column, Label, read_columns, read_label
from ..tabular.encode import encode, values_of
from ..tabular.judged import calibration, choose, deciding, deciles, importance, judge
from ..tabular.learn import Learnt, learn
from ..tabular.measures import figures
from ..tabular.onnx import write_model
from .options import NotEnoughDataError, Options
from .result import Picture, Result
from .stages import Stages

TEST_SHARE = 0.2
FOLDS = 5
FEWEST_ROWS = 50
FEWEST_OF_EACH = 10  # rows with yes, and with no: fewer leave a fold without any
LEAK_AUC = 0.99
LEAK_EXPLAINED = 0.99  # share of a quantity's variance
CARRIES_AUC = 0.8  # and within CARRIES_WITHIN of the chosen model: the column carries the score
CARRIES_WITHIN = 0.06
MANY_BLANK = 0.5


def _label_and_columns(options: Options) -> tuple[str, Label, list[Column]]:
    name = json.loads((options.work / "evaluation.json").read_text())["label"]
    table = pa.ipc.open_file(pa.memory_map(str(options.work / "table.arrow"))).read_all()
    label = read_label(table, name)
    columns = read_columns(table.drop_columns([name]))
    if not columns:
        raise NotEnoughDataError(f'Expected columns beside the label "{name}", got none.')
    return name, label, [column.at(label.rows) for column in columns]


def _check_size(name: str, label: Label) -> None:
    rows = len(label.values)
    if rows < FEWEST_ROWS:
        raise NotEnoughDataError(f'Expected {FEWEST_ROWS} rows with "{name}" or more, got {rows}.')
    if label.is_binary:
        fewer = int(min(label.values.sum(), rows - label.values.sum()))
        if fewer < FEWEST_OF_EACH:
            raise NotEnoughDataError(
                f'Label "{name}": expected {FEWEST_OF_EACH} rows or more of either value, got {fewer} of the '
                "rarer. Add rows or choose another label."
            )


def _split(label: Label, seed: int) -> tuple[np.ndarray, np.ndarray]:
    return train_test_split(
        np.arange(len(label.values)),
        test_size=TEST_SHARE,
        stratify=label.values if label.is_binary else None,
        random_state=seed,
    )


def _folds(y: np.ndarray, is_binary: bool, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    if not is_binary:
        return list(KFold(FOLDS, shuffle=True, random_state=seed).split(y))
    return list(StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(y, y))


def _repeated(columns: list[Column], train: np.ndarray, test: np.ndarray) -> int:
    """Rows kept apart that stand in the training part, too, label aside."""
    rows = np.stack([values_of(column)[1] for column in columns], 1)
    known = {row.tobytes() for row in rows[train]}
    return sum(row.tobytes() in known for row in rows[test])


def _leaks(name: str, learnt: Learnt, outcome: np.ndarray, is_binary: bool, best: float) -> list[str]:
    found = []
    spread = float(outcome.var())
    for column, told in learnt.single.items():
        if is_binary:
            auc = figures(outcome, told, True)["AUC"]
            if auc >= LEAK_AUC:
                found.append(
                    f'Leak? "{column}" alone tells "{name}" (AUC {auc:.3f}). If it is known only after the '
                    "label, leave it out."
                )
            elif auc >= CARRIES_AUC and best - auc <= CARRIES_WITHIN:
                found.append(
                    f'"{column}" carries most of the score (alone AUC {auc:.3f}): make sure that it is known '
                    "before the label."
                )
        else:
            explained = 1 - float(((told - outcome) ** 2).mean()) / spread
            if explained >= LEAK_EXPLAINED:
                found.append(
                    f'Leak? "{column}" alone explains {100 * explained:.1f} % of "{name}". If it is known '
                    "only after the label, leave it out."
                )
    return found


def _blanks(columns: list[Column]) -> list[str]:
    notes, any_blank = [], 0
    for column in columns:
        names, where = values_of(column)
        share = float((names == "")[where].mean())
        any_blank += share > 0
        if share >= MANY_BLANK:
            notes.append(f'"{column.name}" is blank in {100 * share:.0f} % of the rows.')
    if any_blank:
        notes.append(f"{any_blank} of {len(columns)} columns have blanks: a blank is a value of its own.")
    return notes


def evaluate(options: Options, contract: Contract, stages: Stages) -> Result:
    """Raises NotEnoughDataError for a label that cannot be learnt: too few rows, one value, many classes."""
    name, label, columns = _label_and_columns(options)
    _check_size(name, label)
    train, test = _split(label, options.seed)
    y, kept_apart = label.values[train], label.values[test]
    learnt = learn(
        [column.at(train) for column in columns],
        y,
        np.arange(len(train)),
        _folds(y, label.is_binary, options.seed),
        label.is_binary,
        options.seed,
        stages.keep,
    )
    outcome = y[learnt.asked]
    chosen, told = choose(learnt, outcome, label.is_binary)
    member = learnt.candidate(chosen).member
    x = encode(learnt.encoding, [column.at(test) for column in columns])
    predictions = {one.name: one.member.predict(x) for one in learnt.candidates}
    rows, differences = judge(
        learnt, predictions, kept_apart, outcome, label.is_binary, np.arange(len(test)), options.seed
    )
    p = predictions[chosen]
    pictures: list[Picture] = [deciles(kept_apart, p, chosen, label.is_binary)]
    if label.is_binary:
        pictures.insert(0, calibration(kept_apart, p, chosen))
    if learnt.encoding.features:
        pictures.append(
            stages.keep(
                "table: importance",
                lambda: importance(member, learnt.encoding, x, kept_apart, label.is_binary, options.seed),
            )
        )
    notes = [label.note] if label.note else []
    notes += [f'"{column}" is left out: {why}.' for column, why in learnt.encoding.left_out.items()]
    notes += _leaks(name, learnt, outcome, label.is_binary, told[chosen])
    notes += _blanks(columns)
    repeated = _repeated(columns, train, test)
    if repeated:
        notes.append(f"{repeated} of {len(test)} rows kept apart stand in the training part, too.")
    notes.append(write_model(member, learnt.encoding, x, options.work / "model"))
    cases: dict[str, int | str] = {
        "rows to learn from": len(train),
        "rows kept apart": len(test),
        "columns": len(columns),
    }
    if label.is_binary:
        cases["yes"] = f"{name} = {label.positive}"
        cases["rows with yes"] = int(label.values.sum())
    return Result(
        target=options.target,
        split=options.split,
        seed=options.seed,
        decided_by=deciding(label.is_binary),
        rows=rows,
        cases=cases,
        differences=differences,
        pictures=pictures,
        notes=notes,
    )
