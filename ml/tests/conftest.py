"""Small made-up logs: shoppers who walk along chains of products, so that there is something to learn."""

import numpy as np
import pytest

from throughline.contract import Contract
from throughline.data import Log, make_log

pytest_plugins = ["pretrain_logs"]

MINUTE_MS = 60_000.0


@pytest.fixture(scope="session")
def contract() -> Contract:
    return Contract.load()


def log_of(rows: list[list[tuple[int, float]]], contract: Contract, items: int, kind: int = 6) -> Log:
    """A log from (product, minute) pairs a shopper; every event is a product view unless `kind` says else."""
    flat = [step for row in rows for step in row]
    item = np.array([step[0] for step in flat], np.int32)
    columns = {name: np.ones(len(flat), np.int32) for name in contract.columns}
    columns["event_item"] = item
    columns["event_type"] = np.full(len(flat), kind, np.int32)
    return make_log(
        columns=columns,
        at_ms=np.array([step[1] * MINUTE_MS for step in flat], np.float64),
        turn=item > 0,
        next_stage=np.full(len(flat), 1, np.int32),
        offsets=np.cumsum([0] + [len(row) for row in rows]).astype(np.int64),
        item_names=[f"product-{number}" for number in range(1, items + 1)],
        tokens=np.arange(items * contract.tokens_per_item, dtype=np.int32).reshape(items, -1) % 97 + 1,
        text=unit_rows(np.random.default_rng(items).normal(size=(items, contract.text_dimension))),
        price=np.arange(items, dtype=np.int32) % contract.price_vocabulary,
    )


def unit_rows(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def chain_log(contract: Contract, shoppers: int = 120, items: int = 30, seed: int = 0) -> Log:
    """Each shopper walks up the products one by one, nine times in ten; the next follows from the last."""
    rng = np.random.default_rng(seed)
    rows = []
    for _ in range(shoppers):
        item, minute = int(rng.integers(items)), float(rng.uniform(0, 10_000))
        row = []
        for _ in range(int(rng.integers(5, 15))):
            row.append((item + 1, minute))
            item = (item + 1) % items if rng.random() < 0.9 else int(rng.integers(items))
            minute += float(rng.uniform(0.5, 5))
        rows.append(row)
    return log_of(rows, contract, items)


@pytest.fixture(scope="session")
def chains(contract: Contract) -> Log:
    return chain_log(contract)


@pytest.fixture(scope="session")
def golden_cases(contract: Contract) -> dict:
    """As app/features/golden-cases.ts gives them: one product is new to the model, one has no text."""
    rng = np.random.default_rng(8)
    tokens = rng.integers(0, contract.token_vocabulary, (6, contract.tokens_per_item))
    text = unit_rows(rng.normal(size=(6, contract.text_dimension)))
    text[4] = 0
    sizes = {"event_item": 7, **contract.vocabularies}
    histories = [
        {name: rng.integers(1, sizes[name], contract.history_length).tolist() for name in contract.columns}
        for _ in range(3)
    ]
    return {
        "items": [
            {
                "item": {"title": f"Product {number}"},
                "id": 0 if number == 3 else number,
                "inputs": {"tokens": words.tolist(), "text": vector.tolist(), "price": number},
            }
            for number, (words, vector) in enumerate(zip(tokens, text, strict=True), 1)
        ],
        "histories": [{"inputs": inputs} for inputs in histories],
    }
