"""All that is known at a moment, as matrices of shoppers × products, and the simple models read off them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
from scipy import sparse

from .log import DAY_MS, DEEDS, PURCHASE, BasketLog

# How much more a stronger deed says than a look, as a weight in the one-number history.
DEED_WEIGHT = {"buy": 3.0, "cart": 2.0, "favourite": 2.0, "look": 1.0}


T = TypeVar("T")


@dataclass
class Past:
    """Events before `as_of_ms`, with ages in days."""

    log: BasketLog
    as_of_ms: float
    shopper: np.ndarray
    item: np.ndarray
    age: np.ndarray
    deed: np.ndarray  # index into `deeds`
    deeds: list[str]
    order: np.ndarray  # purchases: number of the order (or day of purchase) over all shoppers; −1 = none
    orders: int
    memo: dict[str, Any] = field(default_factory=dict)

    @property
    def bought(self) -> np.ndarray:
        return self.deed == 0

    def matrix(self, value: np.ndarray, chosen: np.ndarray | None = None) -> sparse.csr_matrix:
        """(shoppers, items + 1): values summed over a pair's events."""
        rows, columns = self.shopper, self.item
        if chosen is not None:
            rows, columns, value = rows[chosen], columns[chosen], value[chosen]
        shape = (self.log.shoppers, self.log.items + 1)
        return sparse.csr_matrix((value.astype(np.float32), (rows, columns)), shape=shape)

    def keep(self, name: str, make: Callable[[], T]) -> T:
        """A table made once for this moment."""
        if name not in self.memo:
            self.memo[name] = make()
        return self.memo[name]


def past_of(log: BasketLog, as_of_ms: float) -> Past:
    before = np.flatnonzero(log.at_ms < as_of_ms)
    kind = log.kind[before]
    deeds = [*DEEDS, "look"]
    deed = np.full(len(before), len(DEEDS))
    for number, codes in enumerate(DEEDS.values()):
        deed[np.isin(kind, codes)] = number
    bought = kind == PURCHASE
    day = np.floor(log.at_ms[before] / DAY_MS).astype(np.int64)
    number = np.where(log.basket[before] > 0, log.basket[before], 0) if log.has_orders else day
    order = np.full(len(before), -1)
    keys = np.stack([log.shopper[before], number], 1)[bought]
    orders = 0
    if len(keys):
        _, numbered = np.unique(keys, axis=0, return_inverse=True)
        order[bought] = numbered.reshape(-1)
        orders = int(numbered.max()) + 1
    age = (as_of_ms - log.at_ms[before]) / DAY_MS
    return Past(log, as_of_ms, log.shopper[before], log.item[before], age, deed, deeds, order, orders)


def popularity(past: Past, days: float, deed: int | None = 0) -> np.ndarray:
    """(items + 1,) shoppers who did `deed` (0: bought; None: anything) with a product in the last days."""
    chosen = past.age <= days
    if deed is not None:
        chosen &= past.deed == deed
    pairs = np.unique(past.shopper[chosen] * (past.log.items + 1) + past.item[chosen])
    return np.bincount(pairs % (past.log.items + 1), minlength=past.log.items + 1).astype(np.float32)


def weighted_history(past: Past, half_life: float, only_bought: bool = False) -> sparse.csr_matrix:
    """Σ weight of the deed × .5^(age / half-life)."""
    weight = np.array([DEED_WEIGHT[name] for name in past.deeds])[past.deed]
    return past.matrix(weight * 0.5 ** (past.age / half_life), past.bought if only_bought else None)


def top_of_rows(matrix: sparse.csr_matrix, most: int) -> sparse.csr_matrix:
    """Keeps each row's `most` largest entries; of equal ones the first."""
    matrix = matrix.tocsr()
    kept = np.ones(matrix.nnz, bool)
    for row in np.flatnonzero(np.diff(matrix.indptr) > most):
        place = slice(matrix.indptr[row], matrix.indptr[row + 1])
        value = matrix.data[place]
        least = np.partition(value, -most)[-most]
        kept[place] = value > least
        level = np.flatnonzero(value == least)
        kept[place][level[: most - kept[place].sum()]] = True
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    return sparse.csr_matrix((matrix.data[kept], (row[kept], matrix.indices[kept])), shape=matrix.shape)


def cosine_neighbours(
    rows: sparse.csr_matrix, exponent: float, most: int = 100, shrink: float = 2.0
) -> sparse.csr_matrix:
    """(items + 1, items + 1): co-occurrence over rows / (n_source^.5 · n_target^exponent + shrink)."""
    together = (rows.T @ rows).tocoo()
    count = np.asarray(rows.multiply(rows).sum(0)).reshape(-1)
    other = together.row != together.col
    source, target, value = together.row[other], together.col[other], together.data[other]
    value = value / (count[source] ** 0.5 * count[target] ** exponent + shrink)
    return top_of_rows(sparse.csr_matrix((value, (source, target)), shape=together.shape), most)


def binary(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    out = matrix.copy()
    out.data = np.ones_like(out.data)
    return out


def basket_matrix(past: Past) -> sparse.csr_matrix:
    """(orders, items + 1), 1 where an order holds a product."""
    chosen = past.order >= 0
    shape = (max(past.orders, 1), past.log.items + 1)
    ones = np.ones(chosen.sum(), np.float32)
    return binary(sparse.csr_matrix((ones, (past.order[chosen], past.item[chosen])), shape=shape))


def short_rows(matrix: sparse.csr_matrix, power: float = 0.5) -> sparse.csr_matrix:
    """Rows with many entries speak less about each: divided by length^power."""
    length = np.maximum(np.diff(matrix.indptr), 1).astype(np.float32)
    return sparse.diags(length**-power).dot(matrix).tocsr().astype(np.float32)
