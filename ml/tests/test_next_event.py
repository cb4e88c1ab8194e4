import json

import numpy as np
import pytest

from throughline.contract import Contract
from throughline.data import Split, make_log
from throughline.evaluation import behaviour, next_event, next_event_questions, next_event_rows
from throughline.evaluation.options import NotEnoughDataError, Options
from throughline.evaluation.stages import Stages
from throughline.sequence import models
from throughline.sequence.questions import by_time, leave_one_out
from throughline.sequence.transformer import Shape
from throughline.settings import Settings

CONTRACT = Contract.load()
DAY_MS = 86_400_000.0


def log_of(rows: list[list[int]], items: int, at_ms=None):
    """Every shopper's products; times a day apart unless given."""
    lengths = [len(row) for row in rows]
    item = np.array([one for row in rows for one in row], np.int32)
    columns = {name: np.zeros(len(item), np.int32) for name in CONTRACT.columns}
    columns["event_item"] = item
    columns["event_type"][:] = CONTRACT.type_codes["purchase"]
    if at_ms is None:
        at_ms = np.concatenate([np.arange(n) * DAY_MS for n in lengths])
    return make_log(
        columns,
        at_ms,
        item > 0,
        np.full(len(item), -1),
        np.concatenate([[0], np.cumsum(lengths)]),
        [f"product {k}" for k in range(items)],
        np.zeros((items, CONTRACT.tokens_per_item), np.int32),
        np.zeros((items, CONTRACT.text_dimension), np.float32),
        np.zeros(items, np.int32),
    )


def walks(shoppers: int, items: int, seed: int, sure: float = 0.8) -> list[list[int]]:
    """Each product is mostly followed by the next in the list, without coming back to one."""
    rng = np.random.default_rng(seed)
    rows = []
    for _ in range(shoppers):
        row = [int(rng.integers(items))]
        while len(row) < rng.integers(5, 9):
            step = (row[-1] + 1) % items if rng.random() < sure else int(rng.integers(items))
            if step not in row:
                row.append(step)
        rows.append([one + 1 for one in row])
    return rows


@pytest.fixture
def run(tmp_path, monkeypatch):
    small = {
        models.PLAIN_NET: (Shape(dimension=16), 1),
        models.POOLED_NET: (Shape(pools=2, dimension=16, dropout=0.1), 1),
    }
    monkeypatch.setattr(models, "NETS", small)
    monkeypatch.setattr(next_event_rows, "DRAWS", 50)
    monkeypatch.setattr(behaviour, "Settings", lambda seed: Settings(seed=seed, epochs=3, batch=8))
    monkeypatch.setattr(behaviour, "MOST_PRODUCTS", 0)

    def evaluated(log, split="leave-one-out", cuts=None, behaviour=False):
        monkeypatch.setattr(next_event_questions, "load_log", lambda folder, contract: log)
        (tmp_path / "evaluation.json").write_text(json.dumps(cuts or {}))
        options = Options(tmp_path, "next-event", split, 1, 1, behaviour)
        return next_event.evaluate(options, CONTRACT, Stages(tmp_path / "kept", options.identity()))

    return evaluated


def row(result, name):
    return next(one for one in result.rows if one.model == name)


def test_models_that_read_the_order_beat_popularity_where_order_is_all(run):
    result = run(log_of(walks(300, 40, 1), 40))
    popular = row(result, models.POPULAR).metrics["R@5"]
    assert row(result, models.KNN).metrics["R@5"] > popular + 0.4
    assert row(result, models.PLAIN_NET).metrics["R@5"] > popular + 0.3
    chosen = next(one for one in result.rows if one.chosen)
    assert chosen.metrics["R@5"] > popular + 0.4
    assert not chosen.reference


def test_the_chosen_row_is_the_one_that_validated_best(run):
    result = run(log_of(walks(200, 30, 2), 30))
    judged = [one for one in result.rows if not one.reference]
    assert max(judged, key=lambda one: one.validation).chosen
    assert all(
        low <= one.metrics[name] <= high for one in judged for name, (low, high) in one.interval.items()
    )


def test_a_log_of_returns_to_the_same_products_is_not_masked(run):
    rng = np.random.default_rng(3)
    rows = []
    for _ in range(150):
        own = rng.choice(60, 3, replace=False) + 1
        rows.append([int(own[k % 3]) for k in range(9)])
    result = run(log_of(rows, 60))
    assert row(result, models.OWN).metrics["R@5"] > 0.95
    assert "not masked" in result.notes[0]
    assert row(result, f"{models.KNN}, history masked").metrics["R@20"] == 0


def test_the_time_split_asks_only_after_the_cut_and_knows_recent_popularity(run):
    rows = walks(150, 30, 4)
    starts = np.random.default_rng(4).integers(0, 60, len(rows))
    at_ms = np.concatenate(
        [(start + np.arange(len(one))) * DAY_MS for start, one in zip(starts, rows, strict=True)]
    )
    cuts = {"validation_ms": 40 * DAY_MS, "test_ms": 50 * DAY_MS, "end_ms": 70 * DAY_MS}
    result = run(log_of(rows, 30, at_ms), "time", cuts)
    assert result.cases["questions"] <= (at_ms >= 50 * DAY_MS).sum()
    assert row(result, models.recent_name(7)).metrics["R@20"] > 0


def test_the_last_product_is_asked_for_and_the_one_before_it_never_trained_on():
    training, validation, test = leave_one_out(log_of([[1, 2, 3, 4], [5, 5, 6], [7, 8, 8, 9]], 9))
    assert training.item.tolist() == [1, 2, 5, 6, 7]
    assert validation.target.tolist() == [3, 8]
    assert test.target.tolist() == [4, 9]
    assert [one[one > 0].tolist() for one in test.history] == [[1, 2, 3], [7, 8]]


def test_a_product_is_looked_at_where_it_stands_alone_and_none_in_a_basket():
    log = log_of([[1, 2, 3, 4], [5, 6]], 6, np.array([0, 1, 1, 2, 0, 1]) * DAY_MS)
    later = 10 * DAY_MS
    training, _, _ = by_time(log, Split(later, later, later), (10, 10), seed=1)
    looked_at = dict(zip(training.item.tolist(), training.looked_at.tolist(), strict=True))
    assert looked_at == {1: 1, 2: 0, 3: 0, 4: 4, 5: 5, 6: 6}


def test_too_short_a_log_says_what_it_needs(run):
    with pytest.raises(NotEnoughDataError, match="three different products"):
        run(log_of([[1, 2, 3]] * 10, 3))


@pytest.mark.parametrize("split", ["leave-one-out", "time"])
def test_the_model_that_the_app_serves_is_judged_beside_them_when_asked_for(run, monkeypatch, split):
    rows = walks(200, 30, 5)
    starts = np.random.default_rng(4).integers(0, 60, len(rows))
    at_ms = np.concatenate(
        [(start + np.arange(len(one))) * DAY_MS for start, one in zip(starts, rows, strict=True)]
    )
    cuts = {"validation_ms": 40 * DAY_MS, "test_ms": 50 * DAY_MS, "end_ms": 70 * DAY_MS}
    result = run(log_of(rows, 30, at_ms), split, cuts, behaviour=True)
    popular = row(result, models.POPULAR).metrics["R@5"]
    for name in (models.BEHAVIOUR, behaviour.SERVED):
        assert row(result, name).metrics["R@5"] > popular + 0.3
    assert behaviour.SERVED not in row(result, next_event.BLEND).setting
    # Three epochs, and what it starts with.
    assert len(result.pictures[0].series[-1]["points"]) == 4


def test_the_behaviour_model_learns_from_nothing_that_is_asked_for():
    rows = [*walks(50, 30, 6), [1, 2]]
    log = log_of(rows, 30, np.zeros(sum(len(one) for one in rows)))
    training, validation, test = leave_one_out(log)
    asked = next_event_questions.Asked(log, training, validation, test, "", None)
    past = behaviour.before_what_is_asked(asked)
    assert (past.group_end == np.arange(len(past.item)) + 1).all()  # each event stands alone
    assert past.item.tolist() == [one for row in rows[:-1] for one in row[:-2]] + [1, 2]
    assert all((labels <= 0).all() for labels in past.labels.values())
    for cases, target in ((validation.cases, -2), (test.cases, -1)):
        for end, start, row in zip(cases.end, cases.start, rows[:-1], strict=True):
            assert log.item[start:end].tolist() == row[:target]


def test_in_a_small_log_the_served_model_is_heard_unasked(run, monkeypatch):
    monkeypatch.setattr(behaviour, "MOST_PRODUCTS", 30)
    names = [one.model for one in run(log_of(walks(60, 30, 7), 30)).rows]
    assert behaviour.SERVED in names
    monkeypatch.setattr(behaviour, "MOST_EVENTS", 100)
    assert not behaviour.heard_unasked(log_of(walks(60, 30, 7), 30))
