"""The linear models of the next basket on made-up logs with a known answer."""

import numpy as np
from basket_logs import BUY, LOOK, log_of

from throughline.basket import linear
from throughline.basket.linear import ease, next_order, orders_and_histories, taking_part
from throughline.basket.log import DAY_MS
from throughline.basket.past import past_of


def test_the_next_order_follows_from_what_was_bought_before():
    """Whoever bought 1 buys 2 ten days later, whoever bought 3 buys 4; the last shoppers have yet to."""
    events = []
    for shopper in range(40):
        first = 1 if shopper % 2 else 3
        events += [(shopper, first, BUY, 1.0, 1), (shopper, first + 1, BUY, 11.0, 2)]
    events += [(40, 1, BUY, 5.0, 1), (41, 3, BUY, 5.0, 1)]
    scores = next_order(past_of(log_of(events, 5), 15 * DAY_MS), np.array([40, 41]))
    assert scores.argmax(1).tolist() == [2, 4]
    assert (scores[:, [0, 5]] == 0).all()  # row 0 is no product, 5 was never bought


def test_the_same_again_is_learnt_where_it_is_what_happens():
    events = [
        (shopper, product, BUY, day, number)
        for shopper in range(30)
        for product in (1 + shopper % 3,)
        for number, day in ((1, 1.0), (2, 11.0), (3, 21.0))
    ]
    scores = next_order(past_of(log_of(events, 3), 30 * DAY_MS), np.array([0, 1, 2]))
    assert scores.argmax(1).tolist() == [1, 2, 3]


def test_ease_finds_what_belongs_together_and_never_the_product_itself():
    """Products 1 to 3 are bought by the same shoppers, 4 to 6 by others; two shoppers lack one."""
    events = []
    for shopper in range(30):
        some = (1, 2, 3) if shopper % 2 else (4, 5, 6)
        events += [(shopper, product, BUY, 1.0 + place, 1) for place, product in enumerate(some)]
    events += [(30, 1, BUY, 2.0, 1), (31, 4, BUY, 2.0, 1)]
    scores = ease(past_of(log_of(events, 6), 9 * DAY_MS), np.array([30, 31]))
    assert sorted(np.argsort(-scores[0])[:2]) == [2, 3]
    assert sorted(np.argsort(-scores[1])[:2]) == [5, 6]
    assert scores[0, 1] == 0


def test_a_history_ends_a_day_before_its_order():
    """The look of day 10.5 belongs to the visit of the order on day 11; the one of day 3 does not."""
    log = log_of(
        [
            (0, 1, BUY, 1, 1),
            (0, 3, LOOK, 3, 0),
            (0, 4, LOOK, 10.5, 0),
            (0, 2, BUY, 11, 2),
            (0, 5, LOOK, 12, 0),
        ],
        5,
    )
    before, held, age = orders_and_histories(past_of(log, 15 * DAY_MS))
    assert before.nonzero()[1].tolist() == [1, 3]
    assert held.nonzero()[1].tolist() == [2]
    assert age.tolist() == [4]
    assert before[0, 1] == np.float32(0.5 ** (10 / linear.NEXT_DAYS))


def test_of_many_products_the_most_bought_take_part(monkeypatch):
    monkeypatch.setattr(linear, "MOST", 2)
    events = [(shopper, product, BUY, 1.0, 1) for product in (1, 2, 3) for shopper in range(product)]
    past = past_of(log_of(events, 4), 5 * DAY_MS)
    assert taking_part(past).tolist() == [2, 3]
    assert ease(past, np.arange(3)).shape == (3, 5)


def test_without_purchases_or_second_orders_nothing_is_said():
    shoppers = np.array([0])
    for events in ([(0, 1, LOOK, 1.0, 0)], [(0, 1, BUY, 1.0, 1)]):
        past = past_of(log_of(events, 2), 5 * DAY_MS)
        assert not next_order(past, shoppers).any()
        assert not ease(past, shoppers).any()
