"""What a shopper has done with one product so far, and how regularly it is bought: columns for a pair."""

import numpy as np

from .past import Past

HALF_LIVES = (4.0, 20.0)


def sums(keys: np.ndarray, asked: np.ndarray, value: np.ndarray | None = None) -> np.ndarray:
    """(P,) Σ value (or counts) over the events with each asked key."""
    known, where = np.unique(keys, return_inverse=True)
    total = np.bincount(where, value, minlength=len(known))
    return looked_up(known, total, asked, 0.0)


def looked_up(known: np.ndarray, value: np.ndarray, asked: np.ndarray, missing: float) -> np.ndarray:
    out = np.full(len(asked), missing)
    if len(known):
        place = np.minimum(np.searchsorted(known, asked), len(known) - 1)
        found = known[place] == asked
        out[found] = value[place[found]]
    return out


def least(keys: np.ndarray, asked: np.ndarray, value: np.ndarray, missing: float = np.nan) -> np.ndarray:
    order = np.lexsort((value, keys))
    known, first = np.unique(keys[order], return_index=True)
    return looked_up(known, value[order][first], asked, missing)


def pair_history(past: Past, shopper: np.ndarray, item: np.ndarray) -> dict[str, np.ndarray]:
    """(P,) columns. Ages in days; NaN = never."""
    width = past.log.items + 1
    key, asked = past.shopper * width + past.item, shopper * width + item
    columns: dict[str, np.ndarray] = {}
    for number, name in enumerate(past.deeds):
        chosen = past.deed == number
        if not chosen.any():
            continue
        columns[f"{name}: times"] = sums(key[chosen], asked)
        for half_life in HALF_LIVES:
            weight = 0.5 ** (past.age[chosen] / half_life)
            columns[f"{name}: aged {half_life:.0f}"] = sums(key[chosen], asked, weight)
        columns[f"{name}: last"] = least(key[chosen], asked, past.age[chosen])
    columns["any: last"] = least(key, asked, past.age)
    columns["any: first"] = -least(key, asked, -past.age)
    days = np.unique(key * 100_000 + np.floor(past.age).astype(np.int64)) // 100_000
    columns["any: days"] = sums(days, asked)
    columns |= cadence(past, key, shopper, item)
    return columns


def cadence(past: Past, key: np.ndarray, shopper: np.ndarray, item: np.ndarray) -> dict[str, np.ndarray]:
    """Orders with the product, among how many, how far apart, and how long since against that distance."""
    width = past.log.items + 1
    chosen = past.order >= 0
    asked = shopper * width + item
    lines = np.unique(np.stack([key[chosen], past.order[chosen]], 1), axis=0)
    held = sums(lines[:, 0], asked) if len(lines) else np.zeros(len(asked))
    first = -least(key[chosen], asked, -past.age[chosen])
    last = least(key[chosen], asked, past.age[chosen])
    orders = shopper_orders(past)
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = np.where(held > 1, (first - last) / (held - 1), np.nan)
        own_gap = np.where(orders["orders"][shopper] > 1, orders["gap"][shopper], np.nan)
        return {
            "orders with it": held,
            "share of orders": held / np.maximum(orders["orders"][shopper], 1),
            "gap": gap,
            "due": last / np.maximum(gap, 0.5),
            "orders since": last / np.maximum(own_gap, 0.5),
            "in the last order": (last <= orders["last"][shopper] + 1e-9).astype(float),
            "share since first": held / np.maximum(1 + first / np.maximum(own_gap, 0.5), 1),
        }


def shopper_orders(past: Past) -> dict[str, np.ndarray]:
    """(shoppers,) number of orders, days since the last and first, mean gap, products an order."""

    def make() -> dict[str, np.ndarray]:
        chosen = past.order >= 0
        lines = np.bincount(past.shopper[chosen], minlength=past.log.shoppers).astype(float)
        pairs = np.unique(np.stack([past.shopper[chosen], past.order[chosen]], 1), axis=0)
        orders = np.bincount(pairs[:, 0], minlength=past.log.shoppers).astype(float)
        last = np.full(past.log.shoppers, np.inf)
        first = np.full(past.log.shoppers, -np.inf)
        np.minimum.at(last, past.shopper[chosen], past.age[chosen])
        np.maximum.at(first, past.shopper[chosen], past.age[chosen])
        nobody = orders == 0
        last[nobody] = first[nobody] = np.nan
        with np.errstate(divide="ignore", invalid="ignore"):
            gap = np.where(orders > 1, (first - last) / (orders - 1), np.nan)
            size = lines / orders
        return {"orders": orders, "last": last, "first": first, "gap": gap, "size": size}

    return past.keep("shopper orders", make)


def shopper_columns(past: Past) -> dict[str, np.ndarray]:
    """(shoppers,) how much, how lately and how regularly a shopper buys, and how much of it is repeated."""
    orders = shopper_orders(past)
    width = past.log.items + 1
    count = past.log.shoppers
    events = np.bincount(past.shopper, minlength=count).astype(float)
    recent = np.bincount(past.shopper[past.age <= 14], minlength=count).astype(float)
    products = np.bincount(np.unique(past.shopper * width + past.item) // width, minlength=count)
    last = np.full(count, np.inf)
    np.minimum.at(last, past.shopper, past.age)
    chosen = past.order >= 0
    lines = np.unique(np.stack([past.shopper[chosen], past.item[chosen], past.order[chosen]], 1), axis=0)
    bought = np.bincount(lines[:, 0], minlength=count)
    different = np.bincount(np.unique(lines[:, 0] * width + lines[:, 1]) // width, minlength=count)
    columns = {
        "shopper: events": events,
        "shopper: events, 14 days": recent,
        "shopper: products": products.astype(float),
        "shopper: days since": np.where(np.isfinite(last), last, np.nan),
        "shopper: repeats": 1 - different / np.maximum(bought, 1),
        "shopper: bought products": different.astype(float),
    }
    return columns | {f"shopper: {name}": value for name, value in orders.items()}


def item_columns(past: Past) -> dict[str, np.ndarray]:
    """(items + 1,) who buys it, how often it is bought again, how it trends, how new it is."""
    width = past.log.items + 1

    def distinct(chosen: np.ndarray) -> np.ndarray:
        pairs = np.unique(past.shopper[chosen] * width + past.item[chosen])
        return np.bincount(pairs % width, minlength=width).astype(float)

    everything = np.ones(len(past.item), bool)
    buyers, visitors = distinct(past.bought), distinct(everything)
    week, month = distinct(past.bought & (past.age <= 7)), distinct(past.bought & (past.age <= 30))
    chosen = past.order >= 0
    lines = np.unique(np.stack([past.shopper[chosen], past.item[chosen], past.order[chosen]], 1), axis=0)
    pairs, times = np.unique(lines[:, 0] * width + lines[:, 1], return_counts=True)
    again = np.bincount(pairs[times > 1] % width, minlength=width)
    overall = (times > 1).mean() if len(times) else 0.0
    first = np.full(width, -np.inf)
    np.maximum.at(first, past.item, past.age)
    days = max(float(past.age.max()) if len(past.age) else 1.0, 1.0)
    rate = visitors / days
    recent = distinct(past.age <= 14)
    return {
        "product: buyers": buyers,
        "product: buyers, 30 days": month,
        "product: buyers, 7 days": week,
        "product: visitors": visitors,
        "product: visitors, 14 days": recent,
        "product: buys a visitor": (buyers + 0.5) / (visitors + 5),
        "product: bought again": (again + 5 * overall) / (buyers + 5),
        "product: trend": (recent / min(14.0, days) + 0.05) / (rate + 0.05),
        "product: days since first": np.where(np.isfinite(first), first, np.nan),
    }
