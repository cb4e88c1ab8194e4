"""Each ranking metric against cases worked by hand, and NDCG against scikit-learn."""

import numpy as np
import pytest
from conftest import log_of
from sklearn.metrics import ndcg_score

from throughline.contract import Contract
from throughline.data import Cases, cases_between, current_items
from throughline.metrics.cases import case_metrics, means_by_history, seen_before
from throughline.metrics.ranking import (
    NAMES,
    TargetRanks,
    coverage,
    hit_rate,
    means,
    ndcg,
    novelty,
    ranking_metrics,
    ranks_in_lists,
    recall,
    reciprocal_rank,
)


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


def ranks(rank: list[int], case: list[int], sizes: list[int]) -> TargetRanks:
    return TargetRanks(np.array(rank, np.int64), np.array(case, np.int64), np.array(sizes))


BASKETS = ranks([0, 7, 30, 2], [0, 0, 0, 1], [3, 1])  # of three products and of one


def test_recall_is_the_share_of_the_basket_found():
    assert recall(BASKETS, 5).tolist() == pytest.approx([1 / 3, 1])
    assert recall(BASKETS, 10).tolist() == pytest.approx([2 / 3, 1])


def test_attainable_recall_has_no_more_below_the_line_than_a_list_holds():
    basket = ranks([0, 1, 2, 3], [0] * 4, [12])
    assert recall(basket, 5).tolist() == pytest.approx([4 / 12])
    assert recall(basket, 5, attainable=True).tolist() == pytest.approx([4 / 5])


def test_ndcg_is_the_discounted_gain_over_that_of_the_ideal_list():
    ideal = 1 + 1 / np.log2(3) + 1 / np.log2(4)
    assert ndcg(BASKETS, 10).tolist() == pytest.approx([(1 + 1 / np.log2(9)) / ideal, 1 / np.log2(4)])


def test_ndcg_agrees_with_scikit_learn():
    rng = np.random.default_rng(2)
    relevant = (rng.random((30, 25)) < 0.15).astype(float)
    relevant[:, 0] = 1
    scores = rng.random((30, 25))
    rank = np.argsort(np.argsort(-scores, 1), 1)
    case, product = np.nonzero(relevant)
    found = TargetRanks(rank[case, product], case, relevant.sum(1).astype(int))
    for k in (5, 20):
        assert ndcg(found, k).mean() == pytest.approx(ndcg_score(relevant, scores, k=k))


def test_the_first_hit_alone_counts_for_the_reciprocal_rank_and_the_hit_rate():
    assert reciprocal_rank(BASKETS, 20).tolist() == pytest.approx([1, 1 / 3])
    assert reciprocal_rank(BASKETS, 2).tolist() == [1, 0]
    assert hit_rate(BASKETS, 2).tolist() == [1, 0]


def test_a_case_without_a_hit_counts_nothing_anywhere():
    values = ranking_metrics(ranks([], [], [2]))
    assert tuple(values) == NAMES
    assert means(values) == dict.fromkeys(NAMES, 0.0)


def test_lists_are_read_by_place_and_an_empty_place_is_no_hit():
    tops = np.array([[5, 1, 2, -1], [-1, -1, -1, -1]])
    found = ranks_in_lists(tops, [np.array([2, 5, 9]), np.array([3])])
    assert sorted(found.rank.tolist()) == [0, 2]
    assert found.case.tolist() == [0, 0]
    assert found.sizes.tolist() == [3, 1]


def test_coverage_is_the_share_of_products_that_are_shown():
    assert coverage(np.array([[1, 2], [2, 0], [-1, 0]]), 4) == 0.5


def test_novelty_is_in_bits_of_the_products_share():
    # One added to each: shares 1/8, 1/8, 4/8, 2/8.
    assert novelty(np.array([[2], [3]]), np.array([0.0, 0, 3, 1])) == pytest.approx((1 + 2) / 2)


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


def test_a_tie_among_the_targets_of_one_basket_costs_nothing():
    values = case_metrics(scorer([[0, 1, 9, 9, 2, 0]]), cases([[2, 3]], [0]), masked=True)
    assert values["NDCG@5"][0] == pytest.approx(1)


def test_a_whole_basket_in_the_top_is_a_full_score():
    values = case_metrics(scorer([[0, 1, 9, 8, 2, 0]]), cases([[2, 3]], [0]), masked=True)
    assert values["R@5"][0] == 1
    assert values["NDCG@5"][0] == pytest.approx(1)


def test_the_row_of_no_product_is_never_ranked():
    values = case_metrics(scorer([[99, 1, 0, 0]]), cases([[1]], [0]), masked=True)
    assert values["MRR@20"][0] == 1


def test_cases_keep_their_places_across_batches():
    scores = [[0, 5, 4, 3], [0, 3, 4, 5], [0, 4, 5, 3]]
    asked = cases([[1], [1], [2, 3]], [0, 0, 0])
    values = case_metrics(scorer(scores), asked, masked=True, batch_size=2)
    assert values["MRR@20"].tolist() == pytest.approx([1, 1 / 3, 1])
    assert len(case_metrics(scorer(scores), cases([], []), masked=True)["R@5"]) == 0


def test_questions_are_told_apart_by_whether_the_shopper_had_the_product_before():
    # Shopper one turns to 2 (new), 1 (seen) and a basket of 3 and 2 (one of it seen); shopper two to 1 (new).
    rows = [[(1, 0), (2, 1), (1, 2), (3, 3), (2, 3)], [(3, 0), (1, 1)]]
    log = log_of(rows, Contract.load(), items=3)
    asked = cases_between(log, current_items(log), 0, np.inf, 100, 1)
    seen = seen_before(log, asked)
    assert [sorted(one) for one in asked.targets] == [[2], [1], [2, 3], [1]]
    assert seen.tolist() == [False, True, True, False]
    found = means_by_history({"model": {"R@10": np.array([1.0, 0.5, 0.0, 0.0])}}, seen)
    assert found["new"] == {"questions": 2, "rows": {"model": {"R@10": 0.5}}}
    assert found["seen_before"] == {"questions": 2, "rows": {"model": {"R@10": 0.25}}}
