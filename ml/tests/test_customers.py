import json

import numpy as np
import pyarrow as pa
import pytest

from throughline.contract import Contract
from throughline.customers import card_lines, customers_report

CONTRACT = Contract.load()
DAY_MS = 86_400_000.0
END = 600.0  # days


def histories(customers: int, seed: int) -> list[np.ndarray]:
    """Times of purchase, in days, of customers who buy and leave by BG/NBD's story."""
    rng = np.random.default_rng(seed)
    rows = []
    for _ in range(customers):
        rate, leaves = rng.gamma(1.2, 1 / 40), rng.beta(0.8, 3.0)
        times = [rng.uniform(0, END)]
        while times[-1] < END:
            times.append(times[-1] + rng.exponential(1 / rate))
            if rng.random() < leaves:
                break
        rows.append(np.array([one for one in times if one <= END]))
    return rows


def write_rows(folder, rows: list[np.ndarray], lifecycle=lambda _times, _moment: 0) -> None:
    """purchases.arrow as app/features writes it, of made-up customers."""
    table = {name: [] for name in ["row", "cut", "as_of_ms", *CONTRACT.purchase_columns]}
    days = CONTRACT.outcome_days
    for row, times in enumerate(rows):
        for cut, moment in enumerate((END - 2 * days, END - days, END)):
            past = times[times <= moment]
            if len(past) == 0:
                continue
            repeats = len(past) - 1
            following = ((times > moment) & (times <= moment + days)).any()
            values = {
                "row": row,
                "cut": cut,
                "as_of_ms": moment * DAY_MS,
                "frequency": repeats,
                "recency_days": past[-1] - past[0],
                "age_days": moment - past[0],
                "valued_repeats": repeats,
                "mean_repeat_cents": 1_000.0 + 37 * (row % 50) if repeats else 0.0,
                "rhythm_lifecycle": lifecycle(times, moment),
                "bought_next": -1 if cut == 2 else int(following),
            }
            for name, value in values.items():
                table[name].append(value)
    fractions = {"as_of_ms", "recency_days", "age_days", "mean_repeat_cents"}
    batch = pa.record_batch(
        {
            name: pa.array(column, pa.float64() if name in fractions else pa.int32())
            for name, column in table.items()
        }
    )
    with pa.ipc.new_file(str(folder / "purchases.arrow"), batch.schema) as file:
        file.write(batch)


def test_a_fit_that_foretells_the_held_out_window_better_gives_its_parameters(tmp_path):
    write_rows(tmp_path, histories(3_000, seed=1))
    report = customers_report(tmp_path, CONTRACT, seed=1)
    held_out = report["held_out"]
    assert held_out["beaten"]
    assert held_out["log_loss"] < held_out["rhythm_log_loss"]
    assert held_out["calibration_error"] < 0.02
    assert report["reason"] is None
    assert report["bgnbd"]["r"] == pytest.approx(1.2, rel=0.25)
    assert report["bgnbd"]["alpha"] == pytest.approx(40, rel=0.3)
    json.dumps(report, allow_nan=False)
    assert "BG/NBD in days" in "\n".join(card_lines(report))


def test_a_rhythm_that_knows_better_leaves_no_parameters_and_says_so(tmp_path):
    def knows(times, moment):
        return int(((times > moment) & (times <= moment + CONTRACT.outcome_days)).any())

    write_rows(tmp_path, histories(1_500, seed=2), knows)
    report = customers_report(tmp_path, CONTRACT, seed=1)
    assert not report["held_out"]["beaten"]
    assert report["held_out"]["rhythm_log_loss"] < report["held_out"]["log_loss"]
    assert report["bgnbd"] is None
    assert report["reason"] == "rhythm_not_beaten"
    assert "rhythm_not_beaten" in "\n".join(card_lines(report))


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([], "short_history"),
        (histories(60, seed=3), "too_few_customers"),
        ([np.array([END - 20.0, END - 5])] * 500, "short_history"),
        ([np.array([END - 300.0])] * 500, "too_few_repeat_customers"),
    ],
)
def test_too_small_a_log_gives_a_reason_instead_of_parameters(tmp_path, rows, reason):
    write_rows(tmp_path, rows)
    report = customers_report(tmp_path, CONTRACT, seed=1)
    assert report["bgnbd"] is None
    assert report["reason"] == reason
    assert report["held_out"] is None
    assert reason in "\n".join(card_lines(report))


def test_rows_of_other_columns_are_refused(tmp_path):
    batch = pa.record_batch({"row": pa.array([0], pa.int32())})
    with pa.ipc.new_file(str(tmp_path / "purchases.arrow"), batch.schema) as file:
        file.write(batch)
    with pytest.raises(ValueError, match="expected columns"):
        customers_report(tmp_path, CONTRACT, seed=1)
