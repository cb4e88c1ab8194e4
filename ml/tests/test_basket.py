"""Next basket on small made-up logs with a known answer."""

import json

import numpy as np
import pyarrow as pa
import pytest
from basket_logs import BUY, LOOK, log_of, weekly_log
from scipy import sparse

from throughline.basket.candidates import best, candidates_of, within_case
from throughline.basket.contest import BLEND, Judged, Ranked
from throughline.basket.cuts import cuts_of
from throughline.basket.log import DAY_MS, BasketLog, Span, questions
from throughline.basket.members import Logistic, Logs, Pairs, Trees, thinned
from throughline.basket.pair_history import pair_history
from throughline.basket.past import past_of, top_of_rows
from throughline.basket.ranking import judge
from throughline.basket.stack import STEADY, fixed_blend, selected_blend, standardised, top_lists
from throughline.evaluation import next_basket
from throughline.evaluation.options import NotEnoughDataError, Options
from throughline.evaluation.stages import Stages


def written(log: BasketLog, folder, test_day: float, end_day: float):
    """As app/features writes it."""
    folder.mkdir(parents=True, exist_ok=True)
    starts = np.searchsorted(log.shopper, np.arange(log.shoppers + 1))

    def lists(values: np.ndarray, kind: pa.DataType) -> pa.Array:
        return pa.ListArray.from_arrays(pa.array(starts, pa.int32()), pa.array(values).cast(kind))

    def write(name: str, table: pa.Table) -> None:
        with pa.ipc.new_file(str(folder / name), table.schema) as file:
            file.write_table(table)

    write(
        "sequences.arrow",
        pa.table(
            {
                "at_ms": lists(log.at_ms, pa.float64()),
                "event_item": lists(log.item, pa.int32()),
                "event_type": lists(log.kind, pa.int32()),
                "basket": lists(log.basket, pa.int32()),
            }
        ),
    )
    write("items.arrow", pa.table({"item": log.item_names, "title": log.titles}))
    told = {"test_ms": test_day * DAY_MS, "end_ms": end_day * DAY_MS, "has_orders": log.has_orders}
    (folder / "evaluation.json").write_text(json.dumps(told))
    return folder


def evaluated(folder, contract):
    options = Options(folder, "next-basket", "time", 1, 1)
    return next_basket.evaluate(options, contract, Stages(folder / "kept", options.identity()))


def test_with_orders_the_first_order_of_a_known_shopper_is_asked():
    log = log_of([(0, 1, BUY, 1, 1), (0, 2, BUY, 11, 2), (0, 3, BUY, 12, 3), (1, 4, BUY, 13, 1)], 4)
    asked = questions(log, Span(10 * DAY_MS, 20 * DAY_MS))
    assert asked.shopper.tolist() == [0]
    assert [one.tolist() for one in asked.targets] == [[2]]


def test_without_orders_all_that_anybody_buys_is_asked():
    log = log_of(
        [(0, 1, BUY, 1, 0), (0, 2, BUY, 11, 0), (0, 3, BUY, 12, 0), (0, 2, BUY, 12, 0), (1, 4, BUY, 13, 0)],
        4,
        has_orders=False,
    )
    asked = questions(log, Span(10 * DAY_MS, 20 * DAY_MS))
    assert [one.tolist() for one in asked.targets] == [[2, 3], [4]]


def test_every_answer_learnt_from_lies_before_what_is_chosen_or_tested_on():
    log = weekly_log()
    cuts = cuts_of(log, Span(100 * DAY_MS, 120 * DAY_MS))
    assert cuts.validation.until_ms <= cuts.test.as_of_ms
    assert cuts.before_validation and cuts.before_test
    assert all(span.until_ms <= cuts.validation.as_of_ms for span in cuts.before_validation)
    assert all(span.until_ms <= cuts.test.as_of_ms for span in cuts.before_test)


def test_columns_do_not_change_with_what_happens_after_the_cut():
    log = weekly_log()
    span = Span(80 * DAY_MS, 100 * DAY_MS)
    early = log.at_ms < 100 * DAY_MS
    shorter = BasketLog(
        **{
            name: value[early] if isinstance(value, np.ndarray) else value
            for name, value in vars(log).items()
            if name != "text_vectors"
        }
    )
    whole, cut = candidates_of(log, questions(log, span)), candidates_of(shorter, questions(shorter, span))
    np.testing.assert_array_equal(whole.item, cut.item)
    np.testing.assert_array_equal(whole.columns, cut.columns)


def test_cadence_tells_orders_with_a_product_and_how_far_apart():
    log = log_of([(0, 1, BUY, 1, 1), (0, 2, BUY, 1, 1), (0, 1, BUY, 11, 2), (0, 2, LOOK, 12, 0)], 3)
    columns = pair_history(past_of(log, 16 * DAY_MS), np.array([0, 0, 0]), np.array([1, 2, 3]))
    assert columns["orders with it"].tolist() == [2, 1, 0]
    assert columns["gap"][0] == 10
    assert columns["due"][0] == pytest.approx(0.5)
    assert columns["look: last"][1] == 4 and np.isnan(columns["any: last"][2])


def test_equal_values_share_the_middle_of_their_places():
    places = within_case(np.array([1.0, 3.0, 1.0, 9.0]), np.array([0, 0, 0, 1]))
    assert places.tolist() == [1.5, 0, 1.5, 0]


def test_of_a_row_the_largest_entries_stay_and_of_equal_ones_the_first():
    dense = np.array([[1.0, 3.0, 2.0, 2.0, 2.0], [0.0, 0.0, 5.0, 0.0, 1.0]])
    kept = top_of_rows(sparse.csr_matrix(dense), 3).toarray()
    assert kept.tolist() == [[0, 3, 2, 2, 0], [0, 0, 5, 0, 1]]


def test_best_leaves_out_what_cannot_be_listed():
    assert best(np.array([[1.0, -np.inf, 3.0]]), 3).tolist() == [[2, 0, -1]]


def made_pairs(cases: int = 200, seed: int = 0) -> Pairs:
    rng = np.random.default_rng(seed)
    columns = rng.normal(size=(cases * 20, 3))
    columns[rng.random(columns.shape) < 0.1] = np.nan
    strength = np.nan_to_num(columns[:, 0]) + rng.normal(size=len(columns)) * 0.3
    group = np.repeat(np.arange(cases), 20)
    return Pairs(["first", "second", "third"], columns, strength > 1.5, group, np.ones(len(group)))


@pytest.mark.parametrize(
    "member",
    [Trees(max_iter=20), Logistic(), Logistic((0.01,), ("first", "third"))],
)
def test_each_member_learns_the_column_that_decides(member):
    score = member.fit(made_pairs(), 1).score(made_pairs(seed=1).columns)
    label = made_pairs(seed=1).label
    assert np.mean(score[label][:, None] > score[~label][None, :500]) > 0.9


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("member", [Trees(max_iter=2), Logistic()])
def test_a_column_without_any_value_is_no_obstacle(member):
    pairs = made_pairs(cases=20)
    pairs.columns[:, 2] = np.nan
    assert np.isfinite(member.fit(pairs, 1).score(pairs.columns)).all()


def test_logarithms_are_centred_with_blanks_marked():
    columns = np.array([[0.0, np.nan], [0.0, np.nan], [5.0, np.nan], [np.nan, np.nan]])
    inputs = Logs(columns)(columns)
    assert inputs.shape == (4, 4)
    assert inputs[:3, 0].mean() == pytest.approx(0, abs=1e-6) and inputs[2, 0] > 1
    assert inputs[3].tolist() == [0, 0, 1, 1]


def test_few_columns_are_all_that_a_member_reads():
    pairs = made_pairs(cases=20)
    member = Logistic((0.01,), ("first",)).fit(pairs, 1)
    other = pairs.columns.copy()
    other[:, 1:] = 7.0
    np.testing.assert_array_equal(member.score(pairs.columns), member.score(other))


def test_thinning_keeps_all_that_is_bought():
    log = weekly_log()
    table = candidates_of(log, questions(log, Span(80 * DAY_MS, 100 * DAY_MS)))
    assert thinned(table, 1).label.sum() == table.label.sum()


def judged(name: str, checked: np.ndarray) -> Judged:
    return Judged(name, np.full((1, 20), -1), [np.array([1])], checked)


def test_the_blend_is_chosen_unless_another_is_surely_better():
    values = np.tile([0.2, 0.4], 50)
    models = [judged(BLEND, values), judged("lucky", np.where(np.arange(100) == 3, 1.0, values))]
    assert Ranked(models, np.arange(1), fixed_blend("lucky", new=False)).chosen().name == BLEND
    models.append(judged("better", values + 0.1))
    assert Ranked(models, np.arange(1), fixed_blend("lucky", new=False)).chosen().name == "better"


def test_few_purchases_lean_on_few_columns():
    assert fixed_blend("own recency", new=False).weights[STEADY] == pytest.approx(5 / 9)
    assert STEADY not in fixed_blend("like shoppers", new=True).weights


def test_a_selected_blend_leaves_out_a_member_that_only_harms():
    log = weekly_log()
    table = candidates_of(log, questions(log, Span(80 * DAY_MS, 100 * DAY_MS)))
    truth = standardised(table, table.label.astype(float))
    scores, asked = {"knows": truth, "harms": -truth}, np.arange(table.cases)
    blend = selected_blend(table, scores, table.targets, asked, "knows", seed=1)
    assert blend.weights == {"knows": pytest.approx(1.0)}


def test_what_knows_the_truth_finds_all_that_the_candidates_hold():
    log = weekly_log()
    table = candidates_of(log, questions(log, Span(80 * DAY_MS, 100 * DAY_MS)))
    truth = standardised(table, table.label.astype(float))
    reach = np.bincount(table.case, table.label) / [len(one) for one in table.targets]
    assert judge(top_lists(table, truth), table.targets)["R@20"].mean() == pytest.approx(reach.mean())


@pytest.mark.parametrize("has_orders", [True, False])
def test_staples_are_found_again(tmp_path, contract, has_orders):
    folder = written(weekly_log(has_orders=has_orders), tmp_path / "work", 100, 121)
    result = evaluated(folder, contract)
    rows = {row.model: row for row in result.rows}
    chosen = next(row for row in result.rows if row.chosen)
    assert chosen.metrics["R@10"] > rows["popular, all time"].metrics["R@10"] + 0.2
    assert chosen.model == BLEND
    assert any(row.reference and row.model.endswith("(new products)") for row in result.rows)


def test_too_few_shoppers_say_what_is_missing(tmp_path, contract):
    folder = written(weekly_log(shoppers=5), tmp_path / "work", 100, 121)
    with pytest.raises(NotEnoughDataError, match="at least 20 shoppers"):
        evaluated(folder, contract)


def test_a_log_without_repeat_purchases_is_ranked_too(tmp_path, contract):
    rng = np.random.default_rng(3)
    events = []
    for shopper in range(80):
        taste = shopper % 4
        products = rng.permutation(np.arange(1 + taste * 30, 31 + taste * 30))[:12]
        events += [
            (shopper, int(product), BUY, float(day), n + 1)
            for n, (product, day) in enumerate(zip(products, np.sort(rng.uniform(0, 120, 12)), strict=True))
        ]
    result = evaluated(written(log_of(events, 120), tmp_path / "work", 95, 121), contract)
    rows = {row.model: row for row in result.rows}
    chosen = next(row for row in result.rows if row.chosen)
    assert chosen.metrics["R@20"] > 1.5 * rows["popular, all time"].metrics["R@20"]
