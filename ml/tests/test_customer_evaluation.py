import json

import numpy as np
import pyarrow as pa
import pytest

from throughline.contract import Contract
from throughline.evaluation.customers import evaluate
from throughline.evaluation.options import NotEnoughDataError, Options
from throughline.evaluation.result import write_result
from throughline.evaluation.stages import Stages
from throughline.retention import rows
from throughline.retention.ensemble import ENSEMBLE
from throughline.retention.forecasts import RHYTHM, Asked, carried, overlaps
from throughline.retention.models import Forecast

DAY_MS = 86_400_000.0
END = 400.0  # days
HALF = END / 2
LONG = [(HALF * 26 / 39, "validation", 0), (HALF * 24 / 39, "train", 0), (HALF * 22 / 39, "train", 0)]
MONTHS = [(HALF - 30, "validation", 30), (HALF - 60, "train", 30), (HALF - 90, "train", 30)]
CUTS = [*LONG, (HALF, "test", 0), *MONTHS, (HALF, "test", 30)]


def shoppers(count: int, seed: int) -> list[tuple]:
    """Days and cents of purchases, a rate, a usual worth. A hint gives the rate of each away."""
    rng = np.random.default_rng(seed)
    people = []
    for _ in range(count):
        rate = rng.gamma(0.7, 1 / 60)
        gaps = rng.exponential(1 / rate, 60)
        days = rng.uniform(0, HALF / 2) + np.concatenate([[0.0], np.cumsum(gaps)])
        days = days[days <= END]
        usual = rng.lognormal(8, 0.6)
        people.append((days, np.round(usual * rng.lognormal(0, 0.3, len(days))), rate, usual))
    return people


def row_of(number: int, person: tuple, cut: tuple[float, str, int], place: int) -> dict | None:
    days, cents, rate, usual = person
    moment, role, question = cut
    until = moment + question if question else (END if role == "test" else HALF)
    known, next_ = days <= moment, (days > moment) & (days <= until)
    if not known.any():
        return None
    past, value = days[known], cents[known]
    return {
        "row": number,
        "cut": place,
        "role": rows.ROLES.index(role),
        "question_days": question,
        "orders_next": int(next_.sum()),
        "as_of_ms": moment * DAY_MS,
        "horizon_days": until - moment,
        "spend_next_cents": float(cents[next_].sum()),
        "frequency": len(past) - 1,
        "recency_days": past[-1] - past[0],
        "age_days": moment - past[0],
        "silence_days": moment - past[-1],
        "days_since_last_event": moment - past[-1],
        "valued_repeats": len(past) - 1,
        "mean_repeat_cents": value[1:].mean() if len(past) > 1 else 0.0,
        "valued_purchases": len(past),
        "mean_valued_cents": value.mean(),
        "total_cents": value.sum(),
        "first_cents": value[0],
        "units_first": 1.0,
        "hint": np.log(rate),
        "hint_cents": np.log(usual),
        "always_the_same": 1.0,
    }


def write(folder, people: list[tuple]) -> None:
    given = [
        row
        for number, person in enumerate(people)
        for place, cut in enumerate(CUTS)
        if (row := row_of(number, person, cut, place)) is not None
    ]
    whole = {"row", "cut", "role", "question_days", "orders_next"}
    names = [*rows.ABOUT, *rows.NEEDED, "hint", "hint_cents", "always_the_same"]
    batch = pa.record_batch(
        {
            name: pa.array([row[name] for row in given], pa.int32() if name in whole else pa.float64())
            for name in names
        }
    )
    with pa.ipc.new_file(str(folder / "customers.arrow"), batch.schema) as file:
        file.write(batch)


def evaluated(folder, target: str):
    options = Options(folder, target, "time", 1, 1)
    return evaluate(options, Contract.load(), Stages(folder / "kept", options.identity()))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("customers")
    write(made, shoppers(250, seed=3))
    return made


@pytest.fixture(scope="module")
def results(folder):
    """Of both targets; few bootstrap draws, as no test asks for narrow ends."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("throughline.evaluation.customers.DRAWS", 100)
        return {target: evaluated(folder, target) for target in ("return", "spend")}


def test_a_feature_that_tells_who_returns_beats_the_rhythm_and_is_used(folder, results):
    result = results["return"]
    figures = {row.model: row.metrics for row in result.rows}
    chosen = next(row for row in result.rows if row.chosen)
    assert chosen.metrics["AUC"] > figures["recency"]["AUC"] + 0.02
    assert figures["same for all"]["AUC"] == pytest.approx(0.5)
    assert set(chosen.metrics) == {"AUC", "AUPR", "Brier", "ECE", "RMSE", "MSE", "MAE"}
    assert chosen.interval["AUC"][0] < chosen.metrics["AUC"] < chosen.interval["AUC"][1]
    assert figures[f"{RHYTHM}, within 30 days"]["AUC"] > 0.6
    assert all(row.reference for row in result.rows if "within" in row.model)
    over_recency = next(
        one for one in result.differences if one["over"] == "recency" and one["metric"] == "AUC"
    )
    assert over_recency["low"] <= over_recency["gain"] <= over_recency["high"]
    assert "foretold" in result.rows[0].detail
    write_result(result, folder / "result.json")
    assert json.loads((folder / "result.json").read_text())["decided_by"] == "AUC"


def test_spend_is_in_currency_units_and_a_known_worth_is_found(folder, results):
    result = results["spend"]
    figures = {row.model: row for row in result.rows}
    assert figures[ENSEMBLE].metrics["Gini"] > figures["frequency"].metrics["Gini"] + 0.03
    assert figures["same for all"].metrics["Gini"] == pytest.approx(0)
    cents = rows.load_customers(folder)[0].of("test").spend_next_cents
    assert figures[RHYTHM].detail["happened"] == pytest.approx(cents.sum() / 100)
    assert figures[RHYTHM].metrics["RMSE"] < cents.std() / 100


def test_a_log_without_prices_tells_who_returns_and_refuses_spend(tmp_path, monkeypatch):
    monkeypatch.setattr("throughline.evaluation.customers.DRAWS", 20)
    write(tmp_path, [(days, 0 * cents, rate, usual) for days, cents, rate, usual in shoppers(120, seed=3)])
    figures = {row.model: row.metrics for row in evaluated(tmp_path, "return").rows}
    assert figures[ENSEMBLE]["AUC"] > 0.6
    with pytest.raises(NotEnoughDataError, match="with a price"):
        evaluated(tmp_path, "spend")


def test_a_second_run_goes_on_from_what_was_kept(folder, results, monkeypatch, capsys):
    monkeypatch.setattr("throughline.evaluation.customers.DRAWS", 100)
    assert evaluated(folder, "spend") == results["spend"]
    assert "kept from an earlier run" in capsys.readouterr().err


@pytest.mark.parametrize("target", ["return", "spend"])
def test_too_few_customers_are_refused_with_what_came(tmp_path, target):
    write(tmp_path, shoppers(30, seed=1))
    with pytest.raises(NotEnoughDataError, match=r"at least 50 customers .* got \d+ and \d+"):
        evaluated(tmp_path, target)


def test_a_log_without_customers_is_refused(tmp_path):
    write(tmp_path, [(np.array([END + 1]), np.array([5.0]), 1.0, 1.0)])
    with pytest.raises(NotEnoughDataError, match="purchase events"):
        evaluated(tmp_path, "return")


def test_missing_columns_are_named(tmp_path):
    batch = pa.record_batch({"row": pa.array([0], pa.int32())})
    with pa.ipc.new_file(str(tmp_path / "customers.arrow"), batch.schema) as file:
        file.write(batch)
    with pytest.raises(ValueError, match="silence_days"):
        rows.load_customers(tmp_path)


def test_outcomes_that_reach_past_the_moment_asked_about_are_noticed(folder):
    questions = rows.load_customers(folder)
    parts = {name: questions[0].of(name) for name in ("train", "validation", "test")}
    assert overlaps(Asked(parts["train"], parts["validation"]))
    assert not overlaps(Asked(questions[0].of("train", "validation"), parts["test"]))
    assert not overlaps(Asked(questions[30].of("train"), questions[30].of("validation")))


def test_twice_the_purchases_is_twice_the_hazard():
    once = Forecast(np.array([0.5, 0.1]), np.array([1.0, 2.0]), np.array([10.0, 20.0]))
    twice = carried(once, 2.0)
    assert twice.p == pytest.approx([0.75, 0.19])
    assert twice.orders == pytest.approx([2, 4])
    assert twice.cents == pytest.approx([20, 40])
