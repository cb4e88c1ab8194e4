"""The log as baskets see it: who did what with which product when, and what is asked at a cut.

Reads the rows that app/features wrote (sequences.arrow, items.arrow, evaluation.json).
"""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa

from .text import vectors_of_texts

DAY_MS = 86_400_000.0
PURCHASE = 17  # type code of the contract
# What a shopper can do with a product, strongest first; every type not named here is a look.
DEEDS = {"buy": (PURCHASE,), "cart": (8,), "favourite": (11,)}


@dataclass
class BasketLog:
    """E events with a product, by shopper and then by time; products count from 1."""

    shopper: np.ndarray  # (E,) int64
    item: np.ndarray  # (E,) int64, 1 … items
    kind: np.ndarray  # (E,) type code
    at_ms: np.ndarray  # (E,) float64
    basket: np.ndarray  # (E,) number of the order within the shopper, 0 = not in an order
    shoppers: int
    items: int
    item_names: list[str]
    titles: list[str]  # items, "" = none
    categories: list[str]
    brands: list[str]
    has_orders: bool

    @cached_property
    def text_vectors(self) -> np.ndarray:
        """(items + 1, D) of length 1, row 0 = zeros."""
        vectors = vectors_of_texts(self.titles)
        return np.concatenate([np.zeros((1, vectors.shape[1]), np.float32), vectors])

    @property
    def bought(self) -> np.ndarray:
        return self.kind == PURCHASE


@dataclass(frozen=True)
class Span:
    """Asked at `as_of_ms`, answered by what is bought from then to `until_ms`."""

    as_of_ms: float
    until_ms: float

    @property
    def days(self) -> float:
        return (self.until_ms - self.as_of_ms) / DAY_MS


@dataclass
class Questions:
    """Shoppers who buy within the span, and what."""

    span: Span
    shopper: np.ndarray  # (C,)
    targets: list[np.ndarray]  # C, distinct products, sorted


def load_basket_log(folder: Path) -> tuple[BasketLog, Span, dict]:
    """The log, the test span and evaluation.json."""
    told = json.loads((folder / "evaluation.json").read_text())
    sequences = pa.ipc.open_file(pa.memory_map(str(folder / "sequences.arrow"))).read_all()
    items = pa.ipc.open_file(pa.memory_map(str(folder / "items.arrow"))).read_all()
    names = items["item"].to_pylist()

    def flat(name: str) -> np.ndarray:
        return np.concatenate(
            [chunk.flatten().to_numpy(zero_copy_only=False) for chunk in sequences[name].chunks]
        )

    def text(name: str) -> list[str]:
        if name not in items.column_names:
            return [""] * len(names)
        return [one or "" for one in items[name].to_pylist()]

    lengths = np.concatenate([np.diff(chunk.offsets.to_numpy()) for chunk in sequences["at_ms"].chunks])
    shopper = np.repeat(np.arange(len(lengths)), lengths)
    item, at_ms = flat("event_item").astype(np.int64), flat("at_ms").astype(np.float64)
    kept = (item > 0) & (at_ms < told["end_ms"])
    log = BasketLog(
        shopper=shopper[kept],
        item=item[kept],
        kind=flat("event_type")[kept],
        at_ms=at_ms[kept],
        basket=flat("basket")[kept].astype(np.int64),
        shoppers=len(lengths),
        items=len(names),
        item_names=names,
        titles=text("title"),
        categories=text("category"),
        brands=text("brand"),
        has_orders=bool(told["has_orders"]),
    )
    return log, Span(float(told["test_ms"]), float(told["end_ms"])), told


def questions(log: BasketLog, span: Span) -> Questions:
    """With orders: the first order within the span, of shoppers known before it. Without: all that is bought
    within it, by anybody."""
    inside = log.bought & (log.at_ms >= span.as_of_ms) & (log.at_ms < span.until_ms)
    if log.has_orders:
        inside &= log.basket > 0
        known = np.zeros(log.shoppers, bool)
        known[log.shopper[log.at_ms < span.as_of_ms]] = True
        first = np.full(log.shoppers, np.iinfo(np.int64).max)
        np.minimum.at(first, log.shopper[inside], log.basket[inside])
        inside &= known[log.shopper] & (log.basket == first[log.shopper])
    pairs = np.unique(log.shopper[inside] * (log.items + 1) + log.item[inside])
    who, what = pairs // (log.items + 1), pairs % (log.items + 1)
    shopper, starts = np.unique(who, return_index=True)
    return Questions(span, shopper, np.split(what, starts[1:]) if len(shopper) else [])
