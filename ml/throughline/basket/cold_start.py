"""Products that nobody has bought yet, ranked by their text alone: strict cold start.

Held out are whole families of products: the same stem of the product id (85123A and 85123B), or the same
text. Otherwise a colour variant tells who buys its sibling. A held-out product takes no part in any fit,
whenever it was bought. The fit sees purchases before the cut; asked is which held-out products a known
shopper buys within the span after it, for the first time.

Method. X = TF-IDF of words and characters; M = shoppers × other products, 1 where bought, rows divided by
√length; M ≈ U S Vᵀ. Kernel ridge carries text to factors, T = K (K + λI)⁻¹ V, K = X Xᵀ. A cold product lies
where its text puts it, T; one with purchases half there and half at its own V: of few purchases V is noise,
and only so do both kinds compare, as ridge draws what is foretold towards 0. A shopper's taste is what was
bought, the newer the more, times V W, W = S² / (S² + μ): the linear item model (MᵀM + μI)⁻¹ MᵀM = V W Vᵀ, in
which a direction counts the more, the more shoppers carry it, instead of wholly or not at all, as with a rank
cut off. The popularity of late that the text suggests by the same ridge is added.

λ, μ and its weight are fixed, in units that any log has: texts have length 1, μ counts shoppers. What a span
and a few draws of families would choose did worse than this in the span after it (docs/tried.md).
"""

import re
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import svds

from .candidates import LISTED, best, listed
from .cuts import Cuts
from .log import DAY_MS, BasketLog, Span
from .ranking import judge
from .text import tfidf

HELD_OUT = 0.1
LEAST_TEXTS = 100  # products with text
LEAST_ASKED = 30  # shoppers
MOST_PRODUCTS = 6000  # the most bought, in the kernel's inverse
FACTORS = 512  # the largest; those beyond weigh little
RIDGE = 0.5  # λ
STIFFNESS = 14.0  # μ, in shoppers: each has length 1 in M
POPULAR = 1.0  # weight of the popularity that the text suggests
BY_OWN = 0.5  # of a warm product's place; the rest is its text's
TASTE_DAYS, POPULAR_DAYS = 60.0, 28.0  # half-lives
BY_TEXT = "text to factors"


@dataclass
class ColdStart:
    products: int  # held out
    shoppers: int
    among_cold: dict[str, dict[str, np.ndarray]]  # model -> metric -> (C,)
    among_all: dict[str, dict[str, np.ndarray]]


def families(log: BasketLog) -> np.ndarray:
    """(items,) number of each product's family: joined by stem, or by text."""
    count = log.items
    stems = [re.sub(r"(?<=\d)[A-Za-z]{1,2}$", "", name.strip()) for name in log.item_names]
    texts = [re.sub(r"\W+", " ", title.lower()).strip() for title in log.titles]
    rows, columns = [], []
    for keys in (stems, texts):
        first: dict[str, int] = {}
        for product, key in enumerate(keys):
            if key:
                rows.append(product)
                columns.append(first.setdefault(key, product))
    graph = sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(count, count))
    return connected_components(graph, directed=False)[1]


def held_out(family: np.ndarray, eligible: np.ndarray, seed: int) -> np.ndarray:
    """(items,) bool: whole families, HELD_OUT of the eligible products."""
    rng = np.random.default_rng(seed)
    cold = np.zeros(len(family), bool)
    wanted = HELD_OUT * eligible.sum()
    for one in rng.permutation(np.unique(family[eligible])):
        if cold[eligible].sum() >= wanted:
            break
        cold |= family == one
    return cold


def bought_matrix(log: BasketLog, from_ms: float, until_ms: float) -> sparse.csr_matrix:
    """(shoppers, items) 1 where bought within a span of time."""
    chosen = log.bought & (log.at_ms >= from_ms) & (log.at_ms < until_ms)
    pairs = np.unique(log.shopper[chosen] * log.items + log.item[chosen] - 1)
    shape = (log.shoppers, log.items)
    return sparse.csr_matrix((np.ones(len(pairs)), (pairs // log.items, pairs % log.items)), shape=shape)


def aged_matrix(log: BasketLog, as_of_ms: float, half_life: float) -> sparse.csr_matrix:
    """(shoppers, items) .5^(age of the last purchase / half-life)."""
    chosen = log.bought & (log.at_ms < as_of_ms)
    keys = log.shopper[chosen] * log.items + log.item[chosen] - 1
    pairs, place = np.unique(keys, return_inverse=True)
    value = np.zeros(len(pairs))
    np.maximum.at(value, place, 0.5 ** ((as_of_ms - log.at_ms[chosen]) / DAY_MS / half_life))
    shape = (log.shoppers, log.items)
    return sparse.csr_matrix((value, (pairs // log.items, pairs % log.items)), shape=shape)


def first_purchases(log: BasketLog, span: Span) -> sparse.csr_matrix:
    """(shoppers, items) 1 where bought within the span and never before it."""
    before = bought_matrix(log, -np.inf, span.as_of_ms)
    within = bought_matrix(log, span.as_of_ms, span.until_ms)
    return (within - within.multiply(before)).tocsr()


def only_of(matrix: sparse.csr_matrix, products: np.ndarray) -> sparse.csr_matrix:
    kept = matrix.multiply(products[None, :].astype(float)).tocsr()
    kept.eliminate_zeros()
    return kept


@dataclass
class Asked:
    before: sparse.csr_matrix  # (shoppers, items) bought before the span, without the held-out products
    taste: sparse.csr_matrix  # the same, aged
    popular: np.ndarray  # (items,) aged purchases before the span
    shopper: np.ndarray  # (C,) who buy held-out products for the first time within it
    targets: list[np.ndarray]  # C


def asked_in(log: BasketLog, span: Span, cold: np.ndarray, usable: np.ndarray) -> Asked:
    """`usable`: products that exist for this question at all, the held-out ones among them."""
    known = usable & ~cold
    before = only_of(bought_matrix(log, -np.inf, span.as_of_ms), known)
    shopper, targets = buyers(only_of(first_purchases(log, span), cold), before)
    taste, popular = (aged_matrix(log, span.as_of_ms, days) for days in (TASTE_DAYS, POPULAR_DAYS))
    return Asked(before, only_of(taste, known), sums(only_of(popular, known)), shopper, targets)


def buyers(first: sparse.csr_matrix, before: sparse.csr_matrix) -> tuple[np.ndarray, list[np.ndarray]]:
    """Shoppers with a history who buy any of it, and what."""
    shopper = np.flatnonzero((np.diff(first.indptr) > 0) & (np.diff(before.indptr) > 0))
    return shopper, [first.indices[first.indptr[s] : first.indptr[s + 1]] for s in shopper]


def sums(matrix: sparse.csr_matrix) -> np.ndarray:
    """(items,)"""
    return np.asarray(matrix.sum(0)).reshape(-1)


@dataclass
class Fitted:
    """Factors of shoppers and products, and what the text says of popularity."""

    shoppers: np.ndarray  # (S, d)
    products: np.ndarray  # (items, d)
    by_popularity: np.ndarray  # (items,) log popularity that the text suggests

    def scores(self, shoppers: np.ndarray) -> np.ndarray:
        """(C, items) a shopper's taste, of deviation 1, and the popularity times its weight, likewise."""
        taste = self.shoppers[shoppers] @ self.products.T
        taste /= np.maximum(taste.std(1, keepdims=True), 1e-12)
        return taste + POPULAR * self.by_popularity / max(float(self.by_popularity.std()), 1e-12)


def fit(texts: sparse.csr_matrix, asked: Asked) -> Fitted:
    """Text places what nobody bought."""
    bought = sums(asked.before)
    warm = np.flatnonzero(bought > 0)
    length = np.maximum(np.asarray(asked.before.sum(1)).reshape(-1), 1)
    matrix = (sparse.diags(length**-0.5) @ asked.before[:, warm]).tocsc()
    rank = max(1, min(FACTORS, min(matrix.shape) - 1))
    _, singular, directions = svds(matrix, k=rank, v0=np.ones(min(matrix.shape)))
    own, weight = directions.T, singular**2 / (singular**2 + STIFFNESS)  # (warm, d), (d,)
    total = np.asarray(asked.taste.sum(1)).reshape(-1)
    shoppers = (sparse.diags(np.maximum(total, 1e-9) ** -0.5) @ asked.taste[:, warm]) @ (own * weight)
    taught = np.argsort(-bought[warm], kind="stable")[:MOST_PRODUCTS]
    known = texts[warm[taught]]
    kernel = (known @ known.T).toarray()
    kernel[np.diag_indices_from(kernel)] += RIDGE
    popular = np.log1p(asked.popular[warm[taught]])
    goal = np.column_stack([own[taught], popular - popular.mean()])
    suggested = texts @ (known.T @ cho_solve(cho_factor(kernel, overwrite_a=True), goal))
    products = suggested[:, :-1]
    products[warm] = BY_OWN * own + (1 - BY_OWN) * products[warm]
    return Fitted(shoppers, products, suggested[:, -1])


def kinds(log: BasketLog) -> np.ndarray:
    """(items,) category; where none is given, the last word of the title, which names the kind of thing."""
    last = [(title.lower().split() or [""])[-1] for title in log.titles]
    names = [category or word for category, word in zip(log.categories, last, strict=True)]
    return np.unique(names, return_inverse=True)[1]


def cold_start(log: BasketLog, cuts: Cuts, seed: int) -> ColdStart | None:
    """None where the log has too few products with text, or too few first purchases of them."""
    count = np.bincount(log.item[log.bought] - 1, minlength=log.items)
    has_text = np.array([bool(title.strip()) for title in log.titles])
    eligible = has_text & (count > 0)
    if eligible.sum() < LEAST_TEXTS:
        return None
    cold = held_out(families(log), eligible, seed)
    asked = asked_in(log, cuts.test, cold, np.ones(log.items, bool))
    if len(asked.shopper) < LEAST_ASKED:
        return None
    texts = tfidf([title.lower() for title in log.titles], np.flatnonzero(has_text & ~cold))
    fitted = fit(texts, asked)
    one_row = {
        "random": np.random.default_rng(seed).random(log.items),
        "popularity of the category": popularity_of_kind(log, asked.before),
        "popularity by text": fitted.by_popularity,
    }
    among = cold & eligible
    among_cold = {
        name: judged(np.tile(scores, (len(asked.shopper), 1)), among, asked.targets)
        for name, scores in one_row.items()
    }
    table = fitted.scores(asked.shopper)
    among_cold[BY_TEXT] = judged(table, among, asked.targets)
    table[asked.before[asked.shopper].nonzero()] = -np.inf
    among_all = {BY_TEXT: judged(table, count > 0, asked.targets)}
    return ColdStart(int(among.sum()), len(asked.shopper), among_cold, among_all)


def popularity_of_kind(log: BasketLog, bought: sparse.csr_matrix) -> np.ndarray:
    """(items,) purchases a product of the same kind."""
    kind, count = kinds(log), sums(bought)
    total = np.bincount(kind, count)
    return (total / np.maximum(np.bincount(kind, count > 0), 1))[kind]


def judged(table: np.ndarray, allowed: np.ndarray, targets: list[np.ndarray]) -> dict[str, np.ndarray]:
    return judge(listed(best(np.where(allowed[None, :], table, -np.inf), LISTED)), targets)
