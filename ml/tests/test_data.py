import numpy as np
import pyarrow as pa
from conftest import MINUTE_MS, log_of
from hypothesis import given, settings
from hypothesis import strategies as st

from throughline.contract import Contract
from throughline.data import (
    cases_between,
    current_items,
    load_log,
    next_turns,
    shuffled_groups,
    split_by_time,
    training_windows,
)

CONTRACT = Contract.load()
shopper = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6)), min_size=1, max_size=12)
logs = st.lists(shopper.map(lambda row: sorted(row, key=lambda step: step[1])), min_size=1, max_size=4)


def target_by_search(row, place, current):
    for item, minute in row[place + 1 :]:
        if item > 0 and minute > row[place][1] and item != current:
            return item
    return 0


@settings(max_examples=60, deadline=None)
@given(logs)
def test_the_target_is_the_first_other_product_of_a_later_moment(rows):
    log = log_of(rows, CONTRACT, items=4)
    current = current_items(log)
    following, _ = next_turns(log, current)
    for number, row in enumerate(rows):
        for place in range(len(row)):
            index = log.offsets[number] + place
            found = log.item[following[index]] if following[index] >= 0 else 0
            assert found == target_by_search(row, place, current[index])


@settings(max_examples=60, deadline=None)
@given(logs)
def test_a_target_never_comes_from_another_shopper_or_from_the_past(rows):
    log = log_of(rows, CONTRACT, items=4)
    following, _ = next_turns(log, current_items(log))
    index = np.flatnonzero(following >= 0)
    assert (log.shopper[following[index]] == log.shopper[index]).all()
    assert (log.at_ms[following[index]] > log.at_ms[index]).all()


@settings(max_examples=60, deadline=None)
@given(logs, st.integers(0, 6))
def test_windows_hold_each_event_before_the_moment_once_and_none_after(rows, minute):
    log = log_of(rows, CONTRACT, items=4)
    windows = training_windows(log, minute * MINUTE_MS, history_length=4)
    learned = [
        index
        for end, fresh in zip(windows.end, windows.fresh, strict=True)
        for index in range(end - fresh, end)
    ]
    assert sorted(learned) == np.flatnonzero(log.at_ms < minute * MINUTE_MS).tolist()
    assert (windows.length <= 4).all()


def test_a_shuffled_order_differs_only_inside_groups():
    log = log_of([[(1, 0), (2, 0), (3, 0), (4, 5), (1, 6)]], CONTRACT, items=4)
    order = shuffled_groups(log, np.random.default_rng(3))
    assert sorted(order[:3]) == [0, 1, 2]
    assert order[3:].tolist() == [3, 4]


def test_a_basket_is_one_question_with_its_products_as_targets():
    log = log_of([[(1, 0), (2, 10), (3, 10), (1, 10)]], CONTRACT, items=4)
    cases = cases_between(log, current_items(log), 0, 1e12, most=10, seed=1)
    assert cases.end.tolist() == [1]
    assert cases.targets[0].tolist() == [2, 3]  # 1 is looked at already
    assert cases.current.tolist() == [1]


def test_after_a_basket_no_product_counts_as_looked_at():
    log = log_of([[(1, 0), (2, 0), (3, 10)]], CONTRACT, items=4)
    assert current_items(log).tolist() == [0, 0, 3]


def test_the_test_part_lies_after_the_validation_part(chains):
    split = split_by_time(chains)
    assert chains.at_ms.min() < split.validation_ms < split.test_ms < split.end_ms
    share = (chains.at_ms >= split.test_ms).mean()
    assert 0.05 < share < 0.15


def write_rows(folder, log, image):
    """The Arrow files of a log of one event a shopper, with pictures (N, k) or without."""

    def fixed(rows, kind):
        return pa.FixedSizeListArray.from_arrays(pa.array(rows.ravel(), kind), rows.shape[1])

    def lists(values):
        return pa.array([[value] for value in values.tolist()])

    items = {
        "item": pa.array(log.item_names),
        "item_tokens": fixed(log.item_tokens[1:], pa.int32()),
        "item_text": fixed(log.item_text[1:], pa.float32()),
        "item_price": pa.array(log.item_price[1:]),
    }
    if image is not None:
        items["item_image"] = fixed(image, pa.float32())
    flat = {**log.columns, **log.labels, "at_ms": log.at_ms, "turn": log.turn, "next_stage": log.next_stage}
    sequences = {name: lists(values) for name, values in flat.items()}
    for name, columns in (("items", items), ("sequences", sequences)):
        table = pa.table(columns)
        with pa.ipc.new_file(folder / f"{name}.arrow", table.schema) as file:
            file.write_table(table)


def test_pictures_are_read_where_the_rows_have_them(tmp_path):
    log = log_of([[(1, 1)], [(2, 2)]], CONTRACT, items=3)
    write_rows(tmp_path, log, None)
    assert load_log(tmp_path, CONTRACT).item_image.shape == (4, 0)
    pictures = np.arange(12, dtype=np.float32).reshape(3, 4)
    write_rows(tmp_path, log, pictures)
    read = load_log(tmp_path, CONTRACT)
    np.testing.assert_array_equal(read.item_image[1:], pictures)
    assert not read.item_image[0].any()
