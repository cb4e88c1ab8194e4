import numpy as np
import pytest

from throughline.data import Cases
from throughline.metrics import case_metrics


def cases(targets: list[list[int]], current: list[int]) -> Cases:
    count = len(targets)
    zeros = np.zeros(count, np.int64)
    return Cases(
        end=zeros,
        start=zeros,
        shopper=np.arange(count),
        current=np.array(current),
        at_ms=np.zeros(count),
        targets=[np.array(one) for one in targets],
    )


def scorer(scores):
    return lambda _cases, batch: np.array(scores, float)[batch]


def test_a_target_at_rank_three_counts_one_over_log2_of_four():
    values = case_metrics(scorer([[0, 5, 4, 3, 2, 1]]), cases([[3]], [0]), masked=True)
    assert values["R@5"][0] == 1
    assert values["NDCG@5"][0] == pytest.approx(0.5)
    assert values["MRR@20"][0] == pytest.approx(1 / 3)


def test_the_product_looked_at_is_left_out_only_when_masked():
    one = cases([[2]], [1])
    assert case_metrics(scorer([[0, 5, 4, 3]]), one, masked=True)["MRR@20"][0] == 1
    assert case_metrics(scorer([[0, 5, 4, 3]]), one, masked=False)["MRR@20"][0] == 0.5


def test_a_tie_never_helps():
    values = case_metrics(scorer([[0.0] * 8]), cases([[1]], [0]), masked=True)
    assert values["R@5"][0] == 0
    assert values["R@10"][0] == 1


def test_a_whole_basket_in_the_top_is_a_full_score():
    values = case_metrics(scorer([[0, 1, 9, 8, 2, 0]]), cases([[2, 3]], [0]), masked=True)
    assert values["R@5"][0] == 1
    assert values["NDCG@5"][0] == pytest.approx(1)


def test_the_row_of_no_product_is_never_ranked():
    values = case_metrics(scorer([[99, 1, 0, 0]]), cases([[1]], [0]), masked=True)
    assert values["MRR@20"][0] == 1
