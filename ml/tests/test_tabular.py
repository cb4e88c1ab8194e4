"""Columns, encoding, measures, members and their graphs."""

import base64
import json

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import roc_auc_score

from throughline.evaluation.options import NotEnoughDataError
from throughline.tabular.blend import Blend, Curve, Weights, fit_blend
from throughline.tabular.columns import Column, read_columns, read_label
from throughline.tabular.encode import encode, fit_and_encode, fit_encoding
from throughline.tabular.golden import FILE, golden, small_blend, small_table
from throughline.tabular.measures import at_threshold, best_threshold, figures
from throughline.tabular.members import Growth, fit_boosted, fit_forest, fit_linear
from throughline.tabular.onnx import not_above, run_graph, to_graph
from throughline.tabular.pairs import PairedBoosted, Pairs, choose_pairs

NAN = float("nan")


def graph_of(member, features: int) -> bytes:
    return to_graph(member, features).SerializeToString()


# What a table says


def test_text_that_is_numbers_or_days_is_read_as_such():
    columns = read_columns(
        pa.table(
            {
                "price": ["$1,200.50", "30", None, " 5 "],
                "share": ["12.5 %", "3%", "", "100 %"],
                "day": ["2024-01-01", "2024-01-06T12:00:00Z", None, "1970-01-01 06:00"],
                "size": ["M", "L", "", "M"],
                "gift": [True, None, False, True],
            }
        )
    )
    found = {column.name: column for column in columns}
    np.testing.assert_array_equal(found["price"].values, [1200.5, 30, NAN, 5])
    np.testing.assert_array_equal(found["share"].values, [12.5, 3, NAN, 100])
    np.testing.assert_array_equal(found["day"].values, [19723, 19728.5, NAN, 0.25])
    np.testing.assert_array_equal(found["day (weekday)"].values, [0, 5, NAN, 3])
    assert found["day (hour)"].origin == "day"
    assert found["size"].values.tolist() == ["M", "L", None, "M"]
    np.testing.assert_array_equal(found["gift"].values, [1, NAN, 0, 1])


@pytest.mark.parametrize(
    ("cells", "positive", "values"),
    [
        ([True, False, False], "True", [1, 0, 0]),
        (["TRUE", "False", "true"], "TRUE", [1, 0, 1]),
        (["no", "yes", "no"], "yes", [0, 1, 0]),
        ([1.0, 0.0, 0.0], "1", [1, 0, 0]),
        ([2, 1, 1], "2", [1, 0, 0]),
        (["stay", "churn", "stay"], "churn", [0, 1, 0]),
    ],
)
def test_a_label_of_two_values_is_yes_or_no(cells, positive, values):
    label = read_label(pa.table({"y": [*cells, None]}), "y")
    assert label.is_binary
    assert label.positive == positive
    assert label.values.tolist() == values
    assert label.rows.tolist() == [0, 1, 2]


def test_numbers_of_many_values_are_a_quantity_and_many_classes_are_refused():
    label = read_label(pa.table({"y": [1.5, None, 3.0, 2.0]}), "y")
    assert not label.is_binary
    assert label.values.tolist() == [1.5, 3.0, 2.0]
    with pytest.raises(NotEnoughDataError, match="More than two classes"):
        read_label(pa.table({"y": ["a", "b", "c"]}), "y")
    with pytest.raises(NotEnoughDataError, match="expected two values"):
        read_label(pa.table({"y": ["a", "a"]}), "y")
    with pytest.raises(NotEnoughDataError, match="It has: y"):
        read_label(pa.table({"y": [1, 2]}), "z")


# How it becomes numbers


def test_columns_that_cannot_tell_are_left_out_and_named():
    rows = 200
    encoding = fit_encoding(
        [
            Column("same", np.ones(rows), False),
            Column("blank", np.full(rows, NAN), False),
            Column("number", np.arange(rows).astype(float), False),
            Column("key", np.array([f"k{at}" for at in range(rows)], object), True),
            Column("kept", np.linspace(0, 1, rows) ** 2, False),
        ],
        np.arange(rows) % 2.0,
    )
    assert set(encoding.left_out) == {"same", "blank", "number", "key"}
    assert [feature.name for feature in encoding.features] == ["kept"]


def test_a_blank_stays_blank_only_where_the_training_part_had_some():
    known = [Column("a", np.array([1.0, 2, 3, 9]), False), Column("b", np.array([1.0, NAN, 3, 5]), False)]
    encoding = fit_encoding(known, np.array([0.0, 1, 0, 1]))
    asked = [Column("a", np.array([NAN]), False), Column("b", np.array([NAN]), False)]
    a, b = (encode(encoding, asked)[0, [one.name for one in encoding.features].index(name)] for name in "ab")
    assert a == 2.5
    assert np.isnan(b)


def test_a_training_row_never_sees_its_own_label_in_a_rate():
    """A column of pairs tells nothing; rates with the own label in them would tell it all."""
    rng = np.random.default_rng(0)
    rows = 3000
    codes = np.repeat(np.arange(rows // 3), 3)
    column = Column("code", np.array([f"c{code}" for code in codes], object), True)
    y = (rng.random(rows) < 0.3).astype(float)
    encoding, x = fit_and_encode([column], y, np.arange(rows), 1)
    at = [one.how for one in encoding.features].index("rate")
    assert abs(roc_auc_score(y, x[:, at]) - 0.5) < 0.05
    assert roc_auc_score(y, encode(encoding, [column])[:, at]) > 0.75


# How good it is


def test_the_threshold_is_the_best_one():
    y = np.array([0, 0, 1, 0, 1, 1.0])
    p = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    threshold = best_threshold(y, p)
    assert 0.2 < threshold <= 0.3
    best = max(at_threshold(y, p, one)["F1"] for one in np.linspace(0, 1, 101))
    assert at_threshold(y, p, threshold)["F1"] == pytest.approx(best)


# Blend and graph


def test_a_blend_trusts_the_member_that_knows_and_is_calibrated():
    rng = np.random.default_rng(7)
    margin = rng.normal(-1, 2, 4000)
    y = (rng.random(4000) < 1 / (1 + np.exp(-margin))).astype(float)
    sure = 1 / (1 + np.exp(-2.5 * margin))  # right order, far too sure
    noise = rng.random(4000)
    weights, _, apart = fit_blend(np.array([sure, noise]), y, True, np.arange(4000), 1)
    assert weights.weight[0] > 10 * weights.weight[1]
    assert figures(y, sure, True)["ECE"] > 0.05
    assert figures(y, apart, True)["ECE"] < 0.02


def test_thresholds_are_rounded_down_so_that_no_row_changes_its_branch():
    threshold = np.random.default_rng(1).normal(size=1000)
    rounded = not_above(threshold)
    assert (rounded <= threshold).all()
    assert (np.nextafter(rounded, np.float32(np.inf)) > threshold).all()


@pytest.mark.parametrize("kind", ["random", "extra", "boosted", "linear"])
@pytest.mark.parametrize("is_binary", [True, False])
def test_a_graph_says_what_its_model_says_with_blanks_too(kind, is_binary):
    columns, y = small_table(11, 1500)
    if not is_binary:
        y = y * 30 + np.nan_to_num(columns[2].values, nan=7.0) + columns[0].values
    encoding, x = fit_and_encode(columns, y, np.arange(len(y)), 1)
    every = encoding.view("indicators") if kind == "boosted" else encoding.view("rates")
    if kind == "linear":
        member = fit_linear(x, y, is_binary=is_binary, encoding=encoding, strength=1e-3)
    elif kind == "boosted":
        member = fit_boosted(
            x, y, is_binary=is_binary, growth=Growth(0.1, 15, 0.5, 40), columns=every, seed=1
        )
    else:
        member = fit_forest(x, y, is_binary=is_binary, kind=kind, leaf=3, columns=every, seed=1, trees=40)
    asked = encode(encoding, small_table(12, 1500)[0])
    told = member.predict(asked)
    assert np.isnan(asked).any()
    assert np.std(told) > 0.05
    came = run_graph(graph_of(member, x.shape[1]), asked)
    assert (np.abs(came - told) / np.maximum(1, np.abs(told))).max() <= 1e-5


def test_a_graph_takes_numbers_that_are_large_and_near_each_other():
    columns, y = small_table(13, 800)
    seconds = Column("seconds", 1.7e9 + 1e6 * columns[0].values, False)
    encoding, x = fit_and_encode([seconds, *columns[1:]], y, np.arange(len(y)), 1)
    member = fit_linear(x, y, is_binary=True, encoding=encoding, strength=1e-3)
    assert np.abs(run_graph(graph_of(member, x.shape[1]), x) - member.predict(x)).max() <= 1e-5


def small_ratios(rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Seconds, pages with zeros, a share with blanks, an indicator; a visit buys where pages last long."""
    rng = np.random.default_rng(5)
    seconds, pages = rng.exponential(300, rows), rng.integers(0, 6, rows)
    share = np.where(rng.random(rows) < 0.2, np.nan, rng.random(rows))
    flag = (rng.random(rows) < 0.5).astype(float)
    y = (seconds > 90 * pages).astype(float)
    return np.stack([seconds, pages, share, flag], 1).astype(np.float32), y


@pytest.mark.parametrize("is_binary", [True, False])
def test_a_graph_makes_the_pairs_that_its_trees_see(is_binary):
    x, y = small_ratios(2000)
    x[:4, :3] = [[3e38, 1e-30, 1], [0, 0, 0], [1e-44, 3, NAN], [-2, 0, NAN]]
    pairs = Pairs(np.array([0, 2, 0]), np.array([1, 1, 2]))
    growth = Growth(0.1, 15, 0.5, 40)
    columns = pairs.view(np.arange(4), 4)
    boosted = fit_boosted(pairs.beside(x), y, is_binary=is_binary, growth=growth, columns=columns, seed=1)
    member = PairedBoosted(boosted, pairs)
    came = run_graph(graph_of(member, 4), x)
    assert np.abs(came - member.predict(x)).max() <= 1e-5
    alone = fit_boosted(x, y, is_binary=is_binary, growth=growth, columns=np.arange(4), seed=1)
    assert np.abs(member.predict(x) - y).mean() < 0.8 * np.abs(alone.predict(x) - y).mean()
    blend = Blend({"one": member, "two": alone}, Weights(np.array([0.4, 0.6]), 0.1, is_binary))
    assert np.abs(run_graph(graph_of(blend, 4), x) - blend.predict(x)).max() <= 1e-5


def test_what_is_no_finite_number_is_blank():
    x = np.array([[6, 3], [1, 0], [0, 0], [NAN, 2], [3e38, 0.5], [3e38, 2]], np.float32)
    made = Pairs(np.array([0]), np.array([1])).beside(x)[:, 2:]
    np.testing.assert_array_equal(made[:, 0], [2, NAN, NAN, NAN, NAN, np.float32(3e38) / 2])
    np.testing.assert_array_equal(made[:, 1], [18, 0, 0, NAN, np.float32(3e38) / 2, NAN])


def test_pairs_are_of_numbers_and_the_one_that_is_rarely_zero_divides():
    x, y = small_ratios(1000)
    seconds, pages, _, flag = (
        Column(name, x[:, at].astype(float), False)
        for at, name in enumerate(("seconds", "pages", "share", "flag"))
    )
    words = Column("words", np.array(["m", "n"], object)[np.arange(1000) % 2], True)

    def pairs_of(*kept: Column) -> list[tuple[str, str]] | None:
        encoding, encoded = fit_and_encode(list(kept), y, np.arange(1000), 1)
        found = choose_pairs(encoding, encoded, y, view="indicators", is_binary=True, seed=1)
        names = [one.name for one in encoding.features]
        return found and [(names[a], names[b]) for a, b in zip(found.over, found.under, strict=True)]

    assert pairs_of(flag, words, pages, seconds) == [("pages", "seconds")]
    assert pairs_of(flag, words, seconds) is None


def test_a_blend_is_one_graph_with_and_without_its_curve():
    blend, x, features = small_blend(3)
    for curve in (blend.curve, None):
        one = Blend(blend.members, blend.weights, curve)
        assert np.abs(run_graph(graph_of(one, features), x) - one.predict(x)).max() <= 1e-5
    left_out = Blend(
        blend.members, Weights(np.array([0.0, 1.2, 0.0, 0.0]), 0.3, True), Curve(*np.eye(2)[::-1])
    )
    assert b"MatMul" not in graph_of(Blend(left_out.members, left_out.weights), features)


def test_the_golden_file_is_what_the_pipeline_gives():
    kept = json.loads(FILE.read_text())
    x = np.array([[NAN if cell is None else cell for cell in row] for row in kept["columns"]], np.float32)
    assert np.isnan(x).any()
    came = run_graph(base64.b64decode(kept["graph"]), x)
    assert np.abs(came - kept["predictions"]).max() <= 1e-5
    now = golden()
    np.testing.assert_allclose(now["predictions"], kept["predictions"], atol=1e-6)
    assert now["columns"] == kept["columns"]
