"""Made-up shops with departments: a shopper stays in one, and its products are alike in text."""

import numpy as np
from conftest import log_of, unit_rows

from throughline.contract import Contract
from throughline.data import Log


def departments_log(
    contract: Contract, *, departments: int = 6, products: int = 5, shoppers: int = 150, seed: int = 0
) -> Log:
    """Product p is of department p // products. Each department has a word and a direction, the same in every
    shop, and each product a word and a direction of its own."""
    rng = np.random.default_rng(seed)
    items = departments * products
    rows = []
    for _ in range(shoppers):
        own = int(rng.integers(departments)) * products
        minute = float(rng.uniform(0, 10_000))
        row = []
        for _ in range(int(rng.integers(4, 10))):
            row.append((own + int(rng.integers(products)) + 1, minute))
            minute += float(rng.uniform(0.5, 5))
        rows.append(row)
    log = log_of(rows, contract, items)
    words = np.zeros((items + 1, contract.tokens_per_item), np.int32)
    words[1:, 0] = np.arange(items) // products + 1
    words[1:, 1] = 100 + np.arange(items) + 50 * seed
    log.item_tokens = words
    directions = np.random.default_rng(0).normal(size=(departments, contract.text_dimension))
    own_part = 0.5 * rng.normal(size=(items, contract.text_dimension))
    log.item_text[1:] = unit_rows(directions[np.arange(items) // products] + own_part)
    log.item_price[1:] = 1 + np.arange(items) % products
    return log
