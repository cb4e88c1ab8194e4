"""Linear models of what is bought, in closed form: weights that take a shopper's history to scores.

    next order   (XᵀX + λ)⁻¹ XᵀY, a row an order: X = the history until a day before it, Y = what it held
    EASE         −P / diag(P), P = (AᵀA + λ)⁻¹, zero diagonal; A = shoppers × products
                 (Steck, arXiv 1905.03375)

The first learns what follows what, the same again included; the second what belongs together, so it finds
products new to a shopper. Time grows with the cube of the products: above MOST only the most popular take
part.
"""

import numpy as np
from scipy import linalg, sparse

from .past import DEED_WEIGHT, Past, basket_matrix, popularity, short_rows, weighted_history

MOST = 4_000  # products
NEXT_DAYS, NEXT_PENALTY = 120.0, 25.0  # half-life of the history; an order to learn from has twice that
APART_DAYS = 1.0  # between history and order: a cut does not see an order's own visit either
FURTHEST_BACK = 1_000  # events before an order
EASE_DAYS, EASE_PENALTY = 120.0, 10.0
ASKED_DAYS = 60.0  # half-life of the history that EASE is asked with


def taking_part(past: Past) -> np.ndarray:
    """Products that were bought, rising, at most MOST."""
    popular = popularity(past, np.inf)
    order = np.argsort(-popular, kind="stable")[:MOST]
    return np.sort(order[popular[order] > 0])


def gram(rows: sparse.csr_matrix, penalty: float) -> np.ndarray:
    """rowsᵀ rows + penalty, dense (K, K)."""
    out = (rows.T @ rows).toarray()
    out[np.diag_indices_from(out)] += penalty
    return out


def over_all(asked: sparse.csr_matrix, weight: np.ndarray, used: np.ndarray, items: int) -> np.ndarray:
    """asked (C, K) @ weight (K, K) → (C, items + 1), 0 for products that take no part."""
    out = np.zeros((asked.shape[0], items + 1), np.float32)
    out[:, used] = asked @ weight
    return out


def saturated(history: sparse.csr_matrix) -> sparse.csr_matrix:
    """What was bought often says little more than what was bought twice; a long history says less of each."""
    rows = history.copy()
    rows.data = rows.data / (rows.data + 1)
    length = np.sqrt(np.asarray(rows.multiply(rows).sum(1)).reshape(-1))
    return (sparse.diags(np.maximum(length, 1e-9) ** -0.5) @ rows).tocsr()


def orders_and_histories(past: Past) -> tuple[sparse.csr_matrix, sparse.csr_matrix, np.ndarray]:
    """Orders with a history: the history (O, items + 1), what they held (O, items + 1), their age (O,)."""
    line = np.flatnonzero(past.order >= 0)
    width = past.log.items + 1
    age = np.full(past.orders, -np.inf)
    np.maximum.at(age, past.order[line], past.age[line])
    first = np.full(past.orders, len(past.item))
    np.minimum.at(first, past.order[line], line)
    start = np.searchsorted(past.shopper, past.shopper[first])
    length = np.minimum(first - start, FURTHEST_BACK)
    row = np.repeat(np.arange(past.orders), length)
    event = np.arange(len(row)) + np.repeat(first - np.cumsum(length), length)
    ahead = past.age[event] - age[row]
    kept = ahead > APART_DAYS - 1e-6
    row, event, ahead = row[kept], event[kept], ahead[kept]
    deed = np.array([DEED_WEIGHT[name] / DEED_WEIGHT["buy"] for name in past.deeds])[past.deed[event]]
    value = (deed * 0.5 ** (ahead / NEXT_DAYS)).astype(np.float32)
    before = sparse.csr_matrix((value, (row, past.item[event])), shape=(past.orders, width))
    some = np.flatnonzero(np.diff(before.indptr))
    return before[some], basket_matrix(past)[some], age[some]


def next_order(past: Past, shoppers: np.ndarray) -> np.ndarray:
    """(C, items + 1) by what their history says of the next order; zeros where nobody came back yet."""
    used = past.keep("taking part", lambda: taking_part(past))

    def make() -> np.ndarray:
        before, held, age = orders_and_histories(past)
        if not len(age):
            return np.zeros((len(used), len(used)), np.float32)
        weight = sparse.diags((0.5 ** (age / (2 * NEXT_DAYS))).astype(np.float32))
        rows = (weight @ saturated(before)[:, used]).tocsr()
        goal = (weight @ short_rows(held, 0.25)[:, used]).tocsr()
        return linalg.solve(gram(rows, NEXT_PENALTY), (rows.T @ goal).toarray(), assume_a="pos")

    weight = past.keep("next order", make)
    history = weighted_history(past, NEXT_DAYS)[shoppers] / DEED_WEIGHT["buy"]
    return over_all(saturated(history.tocsr())[:, used], weight, used, past.log.items)


def ease(past: Past, shoppers: np.ndarray) -> np.ndarray:
    """(C, items + 1) by what the same shoppers had to do with; a product says nothing of itself."""
    used = past.keep("taking part", lambda: taking_part(past))

    def logs(days: float) -> sparse.csr_matrix:
        rows = weighted_history(past, days)[:, used] / DEED_WEIGHT["buy"]
        rows.data = np.log1p(rows.data)
        return rows.tocsr()

    def make() -> np.ndarray:
        inverse = linalg.inv(gram(short_rows(logs(EASE_DAYS), 0.25), EASE_PENALTY), overwrite_a=True)
        inverse /= -np.diag(inverse).copy()[None, :]
        np.fill_diagonal(inverse, 0)
        return inverse.astype(np.float32)

    weight = past.keep("ease", make)
    asked = past.keep("ease asked", lambda: logs(ASKED_DAYS))[shoppers]
    return over_all(asked, weight, used, past.log.items)
