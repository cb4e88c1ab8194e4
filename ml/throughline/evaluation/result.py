"""What an evaluation gives: one row a model, pictures, and what was noticed about the data."""

import json
import math
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ..metrics import binary, ranking, value

METRICS = ranking.NAMES + binary.NAMES + value.NAMES
LESS_IS_BETTER = ("Brier", "ECE", *value.ERRORS)


@dataclass
class Row:
    """One model or baseline, fitted before the test part and judged on it."""

    model: str
    metrics: dict[str, float]  # of METRICS, those that fit the target
    interval: dict[str, tuple[float, float]]  # 95 %, of the same metrics
    setting: str = ""  # what was chosen on validation, in words
    validation: float | None = None  # the figure it was chosen by
    chosen: bool = False
    reference: bool = False  # printed to compare (a refit, figures without masking); never chosen
    detail: dict[str, float] = field(default_factory=dict)  # coverage, novelty, F1 …: for the report

    def __post_init__(self) -> None:
        unknown = [name for name in (*self.metrics, *self.interval) if name not in METRICS]
        if unknown:
            raise ValueError(f"{self.model}: expected metrics of {METRICS}, got {unknown}")
        bad = [name for name, value in self.metrics.items() if not math.isfinite(value)]
        if bad:
            raise ValueError(f"{self.model}: {bad} came out as no number")


@dataclass
class Picture:
    """A line drawing of the report. `kind`: calibration | deciles | learning | scaling | importance."""

    kind: str
    title: str
    x: str  # axis labels, with units
    y: str
    series: list[dict]  # {name, points: [[x, y], …]}
    note: str = ""


@dataclass
class Result:
    target: str
    split: str
    seed: int
    decided_by: str  # the metric that chooses on validation: "NDCG@10", "AUC", "RMSE"
    rows: list[Row]
    cases: dict[str, int | str]  # how many questions, shoppers, products; the cut, in words
    # {of, over, metric, gain, low, high}: paired, 95 %; above 0 is better, of errors as well
    differences: list[dict] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # findings on the data or the run, one sentence each

    def __post_init__(self) -> None:
        chosen = [row.model for row in self.rows if row.chosen]
        if len(chosen) != 1:
            raise ValueError(f"expected one chosen row, got {chosen}")


def write_result(result: Result, path: Path) -> None:
    """Whole or not at all."""
    temporary = path.with_suffix(".new")
    temporary.write_text(json.dumps(asdict(result), allow_nan=False))
    os.replace(temporary, path)
