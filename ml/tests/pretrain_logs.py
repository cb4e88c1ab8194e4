"""Made-up shops with departments: a shopper stays in one, and its products are alike in text."""

import numpy as np
import pytest
import torch
from conftest import log_of, unit_rows

from throughline.contract import Contract
from throughline.data import Log, cases_between, split_by_time
from throughline.learn import learn
from throughline.model import Config
from throughline.pretrain.base import new_base
from throughline.settings import Settings
from throughline.shops import Shop, make_shop

QUICK = Settings(seed=3, epochs=6, patience=6, batch=32, learning_rate=5e-3)
SMALL = Config(items=0, dimension=16, blocks=1, token_dimension=16)


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


def shop_of(contract: Contract, seed: int, settings: Settings = QUICK, **wanted: int) -> Shop:
    log = departments_log(contract, seed=seed, **wanted)
    return make_shop(f"shop {seed}", log, split_by_time(log), contract, settings, validation_cases=200)


def asked_on_test(shop: Shop):
    split = shop.split
    return cases_between(shop.log, shop.batches.current, split.test_ms, split.end_ms, 500, 1)


@pytest.fixture(scope="session")
def base(contract, tmp_path_factory):
    torch.set_num_threads(1)
    shops = [shop_of(contract, 1), shop_of(contract, 2)]
    model = new_base(SMALL, shops, contract, QUICK.seed)
    path = tmp_path_factory.mktemp("base") / "state.pt"
    model, history = learn(model, shops, contract, QUICK, path, mix=2)
    return model, history


@pytest.fixture(scope="session")
def unseen(contract):
    """A shop that no base model here learned from: other products, of other numbers in each department."""
    return shop_of(contract, 9, products=7)
