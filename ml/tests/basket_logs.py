"""Made-up logs of purchases in memory."""

import numpy as np

from throughline.basket.log import DAY_MS, BasketLog

BUY, LOOK = 17, 6


def log_of(
    events: list[tuple[int, int, int, float, int]],  # shopper, product, kind, day, basket
    items: int,
    has_orders: bool = True,
    titles: list[str] | None = None,
    names: list[str] | None = None,
) -> BasketLog:
    events = sorted(events, key=lambda one: (one[0], one[3]))
    shopper, item, kind, day, basket = (np.array(column) for column in zip(*events, strict=True))
    return BasketLog(
        shopper=shopper.astype(np.int64),
        item=item.astype(np.int64),
        kind=kind,
        at_ms=day * DAY_MS,
        basket=basket.astype(np.int64),
        shoppers=int(shopper.max()) + 1,
        items=items,
        item_names=names or [f"product-{number}" for number in range(1, items + 1)],
        titles=titles or [""] * items,
        categories=[""] * items,
        brands=[""] * items,
        has_orders=has_orders,
    )


def weekly_log(shoppers: int = 60, items: int = 40, seed: int = 0, has_orders: bool = True) -> BasketLog:
    """Each shopper has three staples bought in turn about weekly, and one product by chance an order."""
    rng = np.random.default_rng(seed)
    events = []
    for shopper in range(shoppers):
        staples = 1 + rng.choice(items, 3, replace=False)
        for number, day in enumerate(np.arange(rng.uniform(0, 7), 120, 7)):
            products = {*staples[rng.random(3) < 0.8].tolist(), int(rng.integers(1, items + 1))}
            events += [(shopper, product, BUY, float(day), number + 1) for product in products]
    return log_of(events, items, has_orders)
