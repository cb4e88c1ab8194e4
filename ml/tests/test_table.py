"""A plain table from file to result."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from throughline.contract import Contract
from throughline.evaluation.options import NotEnoughDataError, Options
from throughline.evaluation.result import Result, write_result
from throughline.evaluation.stages import Stages
from throughline.evaluation.table import evaluate
from throughline.tabular import learn, trials
from throughline.tabular.members import Growth
from throughline.tabular.onnx import run_graph


@pytest.fixture(scope="module", autouse=True)
def few_trees():
    """What is shown here needs no accuracy, and a test may take seconds only."""
    few = {"APART_TREES": 20, "TRIED_TREES": 5, "GROWTHS": (Growth(0.1, 6, 0.5, 80),)}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in few.items():
            patch.setattr(trials, name, value)
        patch.setattr(learn, "FOREST_TREES", 20)
        yield


def write_table(folder: Path, columns: dict, label: str) -> Options:
    table = pa.table(columns)
    with pa.ipc.new_file(folder / "table.arrow", table.schema) as file:
        file.write_table(table)
    (folder / "evaluation.json").write_text(json.dumps({"label": label}))
    return Options(folder, "label", "random", 1, 1)


def visits(rows: int, seed: int) -> dict:
    """Purchases follow from minutes and channel; the rest tells nothing."""
    rng = np.random.default_rng(seed)
    minutes = rng.exponential(8, rows)
    channel = rng.choice(np.array(["mail", "search", "social", None], object), rows)
    margin = 0.3 * minutes - 4 + 4.0 * (channel == "mail")
    bought = rng.random(rows) < 1 / (1 + np.exp(-margin))
    return {
        "visit": np.arange(rows),
        "minutes": [None if rng.random() < 0.1 else float(one) for one in minutes],
        "channel": channel.tolist(),
        "campaign": [f"c{one}" for one in rng.integers(0, 80, rows)],
        "shop": ["one"] * rows,
        "weekend": (rng.random(rows) < 0.3).tolist(),
        "bought": ["yes" if one else "no" for one in bought],
    }


def evaluated(options: Options) -> Result:
    return evaluate(options, Contract.load(), Stages(options.work / "kept", options.identity()))


@pytest.fixture(scope="module")
def result(tmp_path_factory) -> tuple[Result, Path]:
    folder = tmp_path_factory.mktemp("table")
    columns = visits(700, 4)
    options = write_table(folder, columns, "bought")
    return evaluated(options), folder


def test_models_beat_the_baselines_where_columns_tell_together(result):
    told, folder = result
    rows = {row.model: row for row in told.rows}
    assert rows["the share of all"].metrics["AUC"] == 0.5
    assert rows["the best single column"].setting == "minutes"
    chosen = next(row for row in told.rows if row.chosen)
    assert chosen.metrics["AUC"] > rows["the best single column"].metrics["AUC"] + 0.02
    assert chosen.validation == max(row.validation for row in told.rows)
    for row in told.rows:
        low, high = row.interval["AUC"]
        assert low <= row.metrics["AUC"] <= high
    assert chosen.detail["F1"] > 0.5
    write_result(told, folder / "result.json")


def test_what_cannot_tell_is_named(result):
    notes = " ".join(result[0].notes)
    assert '"visit" is left out: it numbers the rows' in notes
    assert '"shop" is left out: the same in every row' in notes
    assert "Leak" not in notes


def test_pictures_and_a_graph_come_with_it(result):
    told, folder = result
    assert [picture.kind for picture in told.pictures] == ["calibration", "deciles", "importance"]
    assert told.pictures[2].series[0]["name"] == "minutes"
    encoding = json.loads((folder / "model" / "encoding.json").read_text())
    x = np.zeros((2, len(encoding["features"])), np.float32)
    p = run_graph((folder / "model" / "tabular.onnx").read_bytes(), x)
    assert ((p >= 0) & (p <= 1)).all()


def test_there_is_no_pair_without_two_numbers_or_where_rows_are_many(result, tmp_path, monkeypatch):
    assert "boosted trees, pairs" not in {row.model for row in result[0].rows}  # minutes alone
    rng = np.random.default_rng(3)
    a, b = rng.random(200), rng.random(200)
    options = write_table(tmp_path, {"a": a, "b": b, "y": (a > b).tolist()}, "y")
    monkeypatch.setattr(learn, "MANY_ROWS", 100)
    assert "boosted trees, pairs" not in {row.model for row in evaluated(options).rows}


def test_a_column_that_is_the_label_is_called_a_leak(tmp_path):
    columns = visits(300, 5)
    columns["receipt"] = [3.5 if one == "yes" else None for one in columns["bought"]]
    told = evaluated(write_table(tmp_path, columns, "bought"))
    assert any(note.startswith('Leak? "receipt" alone tells "bought"') for note in told.notes)


def test_a_quantity_is_predicted_as_one(tmp_path):
    rng = np.random.default_rng(2)
    a, b = rng.normal(size=400), rng.integers(0, 4, 400)
    y = 3 * a + np.array([0, 5, -2, 1])[b] + rng.normal(size=400)
    told = evaluated(write_table(tmp_path, {"a": a, "b": b, "y": y}, "y"))
    assert told.decided_by == "RMSE"
    rows = {row.model: row for row in told.rows}
    chosen = next(row for row in told.rows if row.chosen)
    assert chosen.metrics["RMSE"] < 0.5 * rows["the mean of all"].metrics["RMSE"]
    assert chosen.metrics["Gini"] > 0.9
    assert chosen.metrics["MSE"] == pytest.approx(chosen.metrics["RMSE"] ** 2)
    assert rows["boosted trees, pairs"].setting.endswith(", pairs: 1")
    less_error = next(
        one for one in told.differences if one["over"] == "the mean of all" and one["metric"] == "RMSE"
    )
    assert less_error["gain"] > less_error["low"] > 0


def test_too_little_is_refused_in_words(tmp_path):
    with pytest.raises(NotEnoughDataError, match="got 30"):
        evaluated(write_table(tmp_path, {"a": list(range(30)), "y": [0, 1] * 15}, "y"))
    with pytest.raises(NotEnoughDataError, match="got 3 of the rarer"):
        evaluated(write_table(tmp_path, {"a": list(range(100)), "y": [1] * 3 + [0] * 97}, "y"))
    with pytest.raises(NotEnoughDataError, match="columns beside the label"):
        evaluated(write_table(tmp_path, {"y": [0, 1] * 50}, "y"))


def test_columns_that_say_nothing_leave_the_share_of_all(tmp_path):
    told = evaluated(write_table(tmp_path, {"a": [1] * 100, "y": [0, 1] * 50}, "y"))
    assert [row.model for row in told.rows] == ["the share of all"]
    assert any("no graph" in note for note in told.notes)
