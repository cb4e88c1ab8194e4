"""Products that nobody has bought yet, by their text alone."""

import numpy as np
import pytest
from basket_logs import BUY, log_of, weekly_log
from scipy import sparse

from throughline.basket.cold_start import Asked, aged_matrix, cold_start, families, fit, only_of
from throughline.basket.cuts import cuts_of
from throughline.basket.log import DAY_MS, Span


def test_families_join_colour_variants_and_identical_texts():
    titles = ["red mug", "blue mug", "Lantern ", "lantern", ""]
    log = log_of([(0, 1, BUY, 1, 1)], 5, titles=titles, names=["85123A", "85123B", "10002", "20003", "30004"])
    family = families(log)
    assert family[0] == family[1] and family[2] == family[3]
    assert len(set(family.tolist())) == 3


def test_text_alone_finds_who_buys_a_product_never_bought():
    rng = np.random.default_rng(1)
    words = ["candle scented wax", "garden spade tool", "baby toy rattle", "paper card birthday"]
    names = [f"item {number}" for number in range(200)]
    titles = [f"{words[number % 4]} nr{number}" for number in range(200)]
    events = []
    for shopper in range(150):
        own = np.arange(1 + shopper % 4, 201, 4)
        for number, day in enumerate(np.sort(rng.uniform(0, 120, 20))):
            events.append((shopper, int(rng.choice(own)), BUY, float(day), number + 1))
    log = log_of(events, 200, titles=titles, names=names)
    found = cold_start(log, cuts_of(log, Span(90 * DAY_MS, 121 * DAY_MS)), seed=1)
    by_text = found.among_cold["text to factors"]["R@5"].mean()
    assert by_text > found.among_cold["random"]["R@5"].mean() + 0.3


def test_without_text_there_is_no_cold_start():
    log = weekly_log()
    assert cold_start(log, cuts_of(log, Span(90 * DAY_MS, 121 * DAY_MS)), seed=1) is None


def test_a_product_with_purchases_lies_halfway_between_its_own_place_and_its_texts():
    before = sparse.csr_matrix(np.random.default_rng(0).random((30, 12)) < 0.5, dtype=float)
    before = only_of(before, np.arange(12) % 6 < 5)  # two kinds of six products, one of each never bought
    texts = sparse.csr_matrix(np.repeat(np.eye(2), 6, axis=0))
    fitted = fit(texts, Asked(before, before, np.ones(12), np.arange(0), []))
    by_text = np.repeat(fitted.products[[5, 11]], 6, axis=0)
    own = (2 * fitted.products - by_text)[np.arange(12) % 6 < 5]
    np.testing.assert_allclose(own.T @ own, np.eye(own.shape[1]), atol=1e-6)


def test_a_taste_that_many_shoppers_share_outweighs_one_of_few():
    bought = np.zeros((44, 10))
    bought[:40, :4], bought[40:43, 5:9], bought[43, [0, 5]] = 1, 1, 1  # the last one has both tastes
    before = sparse.csr_matrix(bought)
    texts = sparse.csr_matrix(np.repeat(np.eye(2), 5, axis=0))
    fitted = fit(texts, Asked(before, before, np.ones(10), np.arange(0), []))
    scores = fitted.scores(np.array([43]))[0]
    assert scores[4] > 2 * scores[9] > 0  # never bought, so placed by their texts


def test_a_purchase_is_aged_from_its_last_time():
    log = log_of([(0, 1, BUY, 1, 1), (0, 1, BUY, 30, 2), (0, 2, BUY, 20, 1), (0, 2, BUY, 50, 3)], 2)
    aged = aged_matrix(log, 40 * DAY_MS, half_life=10).toarray()
    assert aged[0].tolist() == pytest.approx([0.5, 0.25])
