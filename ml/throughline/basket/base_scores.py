"""The simple models: popularity, own history, neighbours of several kinds. Each scores every product for
every shopper asked about; alone they are the baselines, together the candidates and columns of the ranking.

Item-kNN: co-occurrence of products C over rows (orders, or shoppers), W = C / (n_source^.5 · n_target^a +
shrink), 100 neighbours a product; a shopper's query is the history, aged with a half-life. User-kNN is the
same over shoppers. The factor model is a truncated SVD of the aged shopper × product matrix. Linear models in
closed form: throughline.basket.linear.
"""

from collections.abc import Callable

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import svds

from .linear import ease, next_order
from .past import (
    Past,
    basket_matrix,
    binary,
    cosine_neighbours,
    popularity,
    short_rows,
    top_of_rows,
    weighted_history,
)

# (past, shoppers (C,)) -> (C, items + 1)
BaseModel = Callable[[Past, np.ndarray], np.ndarray]
QUERY_DAYS = 30.0  # half-life of the history that asks for neighbours
FACTORS = 48


def dense(matrix: sparse.spmatrix | np.ndarray) -> np.ndarray:
    return matrix.toarray() if sparse.issparse(matrix) else np.asarray(matrix, np.float32)


def same_for_all(past: Past, shoppers: np.ndarray, days: float, deed: int | None) -> np.ndarray:
    counts = past.keep(f"popular {days} {deed}", lambda: popularity(past, days, deed))
    return np.tile(counts, (len(shoppers), 1))


def aged(past: Past, half_life: float, only_bought: bool = False) -> sparse.csr_matrix:
    return past.keep(
        f"aged {half_life} {only_bought}", lambda: weighted_history(past, half_life, only_bought)
    )


def own_recency(past: Past, shoppers: np.ndarray, half_life: float, only_bought: bool) -> np.ndarray:
    return dense(aged(past, half_life, only_bought)[shoppers])


def own_frequency(past: Past, shoppers: np.ndarray) -> np.ndarray:
    """Orders with the product; where there are no orders, days with any event on it."""

    def make() -> sparse.csr_matrix:
        if past.log.has_orders:
            chosen = past.order >= 0
            number = past.order
        else:
            chosen = np.ones(len(past.item), bool)
            number = np.floor(past.age).astype(np.int64)
        keys = np.stack([past.shopper[chosen], past.item[chosen], number[chosen]], 1)
        keys = np.unique(keys, axis=0) if len(keys) else keys.reshape(0, 3)
        shape = (past.log.shoppers, past.log.items + 1)
        return sparse.csr_matrix((np.ones(len(keys), np.float32), (keys[:, 0], keys[:, 1])), shape=shape)

    return dense(past.keep("frequency", make)[shoppers])


def order_neighbours(past: Past, shoppers: np.ndarray, exponent: float) -> np.ndarray:
    """Products in the same orders (days of purchase) as what the shopper bought."""
    table = past.keep(
        f"order neighbours {exponent}",
        lambda: cosine_neighbours(short_rows(basket_matrix(past), 0.25), exponent),
    )
    return dense(aged(past, QUERY_DAYS * 2, only_bought=True)[shoppers] @ table)


def buyer_neighbours(past: Past, shoppers: np.ndarray) -> np.ndarray:
    """Products bought by the same shoppers."""
    table = past.keep(
        "buyer neighbours",
        lambda: cosine_neighbours(short_rows(binary(aged(past, QUERY_DAYS, True))), 0.5),
    )
    return dense(aged(past, QUERY_DAYS, True)[shoppers] @ table)


def visitor_neighbours(past: Past, shoppers: np.ndarray) -> np.ndarray:
    """Products that the same shoppers had to do with, any deed."""
    table = past.keep(
        "visitor neighbours",
        lambda: cosine_neighbours(short_rows(binary(aged(past, QUERY_DAYS))), 0.5),
    )
    return dense(aged(past, QUERY_DAYS / 2)[shoppers] @ table)


def bought_after_look(past: Past, shoppers: np.ndarray) -> np.ndarray:
    """Products bought by those who had to do with the same products as this shopper."""

    def make() -> sparse.csr_matrix:
        looked, bought = short_rows(binary(aged(past, QUERY_DAYS))), binary(aged(past, QUERY_DAYS, True))
        together = (looked.T @ bought).tocoo()
        source = np.asarray(looked.sum(0)).reshape(-1)
        target = np.asarray(bought.sum(0)).reshape(-1)
        other = together.row != together.col
        row, column = together.row[other], together.col[other]
        value = together.data[other] / (source[row] ** 0.5 * target[column] ** 0.3 + 2.0)
        return top_of_rows(sparse.csr_matrix((value, (row, column)), shape=together.shape), 100)

    table = past.keep("bought after look", make)
    return dense(aged(past, QUERY_DAYS / 2)[shoppers] @ table)


def like_shoppers(past: Past, shoppers: np.ndarray, most: int = 60) -> np.ndarray:
    """What the most similar shoppers bought, the newer the more."""

    def make() -> sparse.csr_matrix:
        history = binary(aged(past, QUERY_DAYS))
        seen_by = np.asarray(history.sum(0)).reshape(-1)
        rare = np.log1p(past.log.shoppers / (1.0 + seen_by)).astype(np.float32)
        weighed = history @ sparse.diags(rare)
        length = np.sqrt(np.asarray(weighed.multiply(weighed).sum(1)).reshape(-1))
        return (sparse.diags(1 / np.maximum(length, 1e-9)) @ weighed).tocsr().astype(np.float32)

    rows = past.keep("shopper vectors", make)
    alike = (rows[shoppers] @ rows.T).tolil()
    alike[np.arange(len(shoppers)), shoppers] = 0
    near = top_of_rows(alike.tocsr(), most)
    return dense(near @ aged(past, QUERY_DAYS, True))


def factors(past: Past, shoppers: np.ndarray) -> np.ndarray:
    def make() -> tuple[np.ndarray, np.ndarray]:
        matrix = aged(past, QUERY_DAYS * 2).copy()
        matrix.data = np.log1p(matrix.data)
        seen_by = np.maximum(np.diff(matrix.tocsc().indptr), 1)
        matrix = (short_rows(matrix) @ sparse.diags(seen_by.astype(np.float32) ** -0.3)).tocsr()
        rank = min(FACTORS, min(matrix.shape) - 1)
        if rank < 1 or matrix.nnz == 0:
            return np.zeros((matrix.shape[0], 1), np.float32), np.zeros((1, matrix.shape[1]), np.float32)
        start = np.random.default_rng(0).normal(size=min(matrix.shape))
        u, s, vt = svds(matrix, k=rank, v0=start)
        return (u * s).astype(np.float32), vt.astype(np.float32)

    left, right = past.keep("factors", make)
    return left[shoppers] @ right


def same_group(past: Past, shoppers: np.ndarray, which: str) -> np.ndarray:
    """Share of the shopper's aged history in a product's category (brand) × the product's share of it."""

    def make() -> tuple[sparse.csr_matrix, np.ndarray]:
        names = past.log.categories if which == "category" else past.log.brands
        known, code = np.unique(["", *names], return_inverse=True)
        groups = sparse.csr_matrix(
            (np.ones(len(code), np.float32), (np.arange(len(code)), code)), shape=(len(code), len(known))
        ).tolil()
        groups[:, int(np.searchsorted(known, ""))] = 0
        return groups.tocsr(), popularity(past, QUERY_DAYS * 2)

    groups, popular = past.keep(f"group {which}", make)
    own = aged(past, QUERY_DAYS * 2)[shoppers] @ groups  # (C, groups)
    total = np.asarray(own.sum(1)).reshape(-1)
    own = sparse.diags(1 / np.maximum(total, 1e-9)) @ own
    within = np.asarray(groups.T @ popular).reshape(-1)
    share = popular * np.asarray(groups @ (1 / (within + 1.0))).reshape(-1)
    return dense(own @ groups.T) * share[None, :]


def alike_in_text(past: Past, shoppers: np.ndarray) -> np.ndarray:
    vectors = past.log.text_vectors
    history = aged(past, QUERY_DAYS)[shoppers]
    length = np.maximum(np.asarray(history.sum(1)), 1e-9)
    return ((history @ vectors) / length) @ vectors.T


def base_models(past: Past) -> dict[str, BaseModel]:
    """Those that the log has material for."""
    log = past.log
    models: dict[str, BaseModel] = {
        "popular, all time": lambda p, s: same_for_all(p, s, np.inf, 0),
        "popular, 30 days": lambda p, s: same_for_all(p, s, 30.0, 0),
        "popular, 7 days": lambda p, s: same_for_all(p, s, 7.0, 0),
        "own frequency": own_frequency,
        "own recency": lambda p, s: own_recency(p, s, 14.0, False),
        "item-kNN, orders": lambda p, s: order_neighbours(p, s, 0.5),
        "item-kNN, orders, popular": lambda p, s: order_neighbours(p, s, 0.2),
        "item-kNN, buyers": buyer_neighbours,
        "like shoppers": like_shoppers,
        "factors": factors,
        "linear item model (EASE)": ease,
        "next order, linear": next_order,
    }
    if np.any(log.kind[log.at_ms < past.as_of_ms] != 17):
        models |= {
            "item-kNN, visitors": visitor_neighbours,
            "bought after look": bought_after_look,
            "looked at, 14 days": lambda p, s: same_for_all(p, s, 14.0, None),
        }
    for which, names in (("category", log.categories), ("brand", log.brands)):
        if len(set(names)) > 2:
            models[f"same {which}"] = lambda p, s, which=which: same_group(p, s, which)
    if len(set(log.titles)) > 2:
        models["alike in text"] = alike_in_text
    return models
