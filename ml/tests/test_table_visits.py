"""Purchase intent from rows of visits: one after each event of a visit."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from throughline.contract import Contract
from throughline.evaluation.options import NotEnoughDataError, Options
from throughline.evaluation.purchase import evaluate
from throughline.evaluation.result import write_result
from throughline.evaluation.stages import Stages
from throughline.tabular import learn, trials
from throughline.tabular.members import Growth

BROWSE, CART = 2, 3


def visit_rows(visits: int, seed: int) -> dict:
    """Whoever puts into the cart early in a visit mostly buys later; the hour tells nothing."""
    rng = np.random.default_rng(seed)
    rows: list[dict] = []
    for visit in range(visits):
        shopper, length = int(rng.integers(0, visits // 4)), int(rng.integers(2, 8))
        carts = rng.random(length) < 0.15
        buys = rng.random() < (0.8 if carts.any() else 0.05)
        role = 0 if visit < visits * 0.6 else 1 if visit < visits * 0.8 else 2
        for prefix in range(1, length + 1):
            rows.append(
                {
                    "row": shopper,
                    "visit": visit,
                    "prefix": prefix,
                    "role": role if rng.random() < 0.98 else -1,
                    "buys": int(buys) if rng.random() < 0.98 else -1,
                    "at_ms": float(visit * 1e6 + prefix),
                    "last_stage": float(CART if carts[prefix - 1] else BROWSE),
                    "visit_events": float(prefix),
                    "cart_lines": float(carts[:prefix].sum()),
                    "hour": float(rng.integers(0, 24)),
                }
            )
    return {name: [row[name] for row in rows] for name in rows[0]}


def options_of(folder: Path, columns: dict) -> Options:
    whole = {"row", "visit", "prefix", "role", "buys"}
    table = pa.table(
        {
            name: pa.array(values, pa.int32() if name in whole else pa.float64())
            for name, values in columns.items()
        }
    )
    with pa.ipc.new_file(folder / "visits.arrow", table.schema) as file:
        file.write_table(table)
    return Options(folder, "purchase", "time", 1, 1)


@pytest.fixture(autouse=True)
def few_trees(monkeypatch):
    few = {"APART_TREES": 20, "TRIED_TREES": 5, "GROWTHS": (Growth(0.1, 6, 0.5, 80),)}
    for name, value in few.items():
        monkeypatch.setattr(trials, name, value)
    monkeypatch.setattr(learn, "FOREST_TREES", 20)


def test_intent_is_told_from_what_has_happened_in_the_visit_so_far(tmp_path):
    options = options_of(tmp_path, visit_rows(1500, 1))
    told = evaluate(options, Contract.load(), Stages(tmp_path / "kept", options.identity()))
    rows = {row.model: row for row in told.rows}
    chosen = next(row for row in told.rows if row.chosen)
    assert chosen.metrics["AUC"] > 0.7
    assert chosen.metrics["AUC"] > rows["rate by the last stage"].metrics["AUC"] + 0.03
    assert rows["rate by events so far"].metrics["AUC"] < 0.6
    assert chosen.detail["AUC@5"] > chosen.detail["AUC@1"]
    assert chosen.metrics["ECE"] < 0.08
    assert int(told.cases["visits in test"]) == pytest.approx(300, abs=15)
    assert chosen.setting
    write_result(told, tmp_path / "result.json")


def test_a_log_without_purchases_ahead_is_refused_in_words(tmp_path):
    columns = visit_rows(300, 2)
    columns["buys"] = [0] * len(columns["buys"])
    options = options_of(tmp_path, columns)
    with pytest.raises(NotEnoughDataError, match="got 0 and"):
        evaluate(options, Contract.load(), Stages(tmp_path / "kept", options.identity()))
