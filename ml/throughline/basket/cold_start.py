"""Products that nobody has bought yet, ranked by their text alone: strict cold start.

Held out are whole families of products: the same stem of the product id (85123A and 85123B), or the same
text. Otherwise a colour variant tells who buys its sibling. A held-out product takes no part in any fit,
whenever it was bought. The fit sees purchases before the cut; asked is which held-out products a known
shopper buys within the span after it, for the first time.

Method. X = TF-IDF of words and characters; M = shoppers × other products, 1 where bought, rows divided by
√length; M ≈ U S Vᵀ of rank d (Halko et al. 2011). Kernel ridge carries text to factors,
V_cold = K_cold (K + λI)⁻¹ V, K = X Xᵀ, a shopper's score is U S V_coldᵀ, plus the
popularity that the text suggests by the same ridge. d, λ and its weight are chosen by holding out
other families once more, on the validation span. Ridge draws what is foretold from text towards 0, so beside
products with purchases of their own the cold ones would stand too low: they are lifted until, on validation,
lists hold them as often as first purchases do. More would serve them at the cost of all others.
"""

import re
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import svds

from .cuts import Cuts
from .log import BasketLog, Span
from .ranking import judge
from .text import tfidf

HELD_OUT = 0.1
LEAST_TEXTS = 100  # products with text
LEAST_ASKED = 30  # shoppers
MOST_PRODUCTS = 6000  # the most bought, in the kernel's inverse
RANKS = (64, 256)
RIDGES = (0.3, 1.0, 3.0)
POPULAR = (0.0, 0.25, 0.5, 1.0)
LIFTS = np.arange(-4, 9) / 4  # deviations of a shopper's taste
MOST_LISTED = 1000  # shoppers whose lists set the lift
BY_TEXT = "text to factors"
LISTED = 20


@dataclass
class ColdStart:
    products: int  # held out
    shoppers: int
    among_cold: dict[str, dict[str, np.ndarray]]  # model -> metric -> (C,)
    among_all: dict[str, dict[str, np.ndarray]]
    rank: int
    ridge: float
    popular: float  # weight of the popularity that the text suggests
    lift: float  # of cold products among all


@dataclass(frozen=True)
class Setting:
    rank: int
    ridge: float
    popular: float
    lift: float = 0.0


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
    shopper: np.ndarray  # (C,) who buy held-out products for the first time within it
    targets: list[np.ndarray]  # C


def asked_in(log: BasketLog, span: Span, cold: np.ndarray, usable: np.ndarray) -> Asked:
    """`usable`: products that exist for this question at all, the held-out ones among them."""
    before = only_of(bought_matrix(log, -np.inf, span.as_of_ms), usable & ~cold)
    first = only_of(first_purchases(log, span), cold)
    shopper = np.flatnonzero((np.diff(first.indptr) > 0) & (np.diff(before.indptr) > 0))
    return Asked(before, shopper, [first.indices[first.indptr[s] : first.indptr[s + 1]] for s in shopper])


@dataclass
class Fitted:
    """Factors of shoppers and products, and how text leads to them."""

    shoppers: np.ndarray  # (S, d)
    products: np.ndarray  # (items, d): the warm ones' own, the cold ones' by text
    by_popularity: np.ndarray  # (items,) log popularity that the text suggests

    def scores(self, shoppers: np.ndarray, popular: float) -> np.ndarray:
        """(C, items) a shopper's taste, of deviation 1, and `popular` × popularity, likewise."""
        taste = self.shoppers[shoppers] @ self.products.T
        taste /= np.maximum(taste.std(1, keepdims=True), 1e-12)
        return taste + popular * self.by_popularity / max(float(self.by_popularity.std()), 1e-12)


def fit(texts: sparse.csr_matrix, bought: sparse.csr_matrix, rank: int, ridge: float) -> Fitted:
    """`bought` (shoppers, items): a product without a purchase in it gets its factors from its text."""
    warm = np.flatnonzero(np.asarray(bought.sum(0)).reshape(-1) > 0)
    length = np.maximum(np.asarray(bought[:, warm].sum(1)).reshape(-1), 1)
    matrix = (sparse.diags(length**-0.5) @ bought[:, warm]).tocsc()
    rank = max(1, min(rank, min(matrix.shape) - 1))
    u, s, vt = svds(matrix, k=rank, v0=np.ones(min(matrix.shape)))
    taught = np.argsort(-np.asarray(bought[:, warm].sum(0)).reshape(-1), kind="stable")[:MOST_PRODUCTS]
    kernel = (texts[warm[taught]] @ texts[warm[taught]].T).toarray()
    kernel[np.diag_indices_from(kernel)] += ridge
    popular = np.log1p(np.asarray(bought[:, warm[taught]].sum(0)).reshape(-1))
    goal = np.column_stack([vt.T[taught], popular - popular.mean()])
    answer = cho_solve(cho_factor(kernel, overwrite_a=True), goal)
    suggested = (texts @ texts[warm[taught]].T) @ answer
    products = suggested[:, :-1]
    products[warm] = vt.T
    return Fitted(u * s, products, suggested[:, -1])


def lists(scores: np.ndarray) -> np.ndarray:
    """(C, LISTED) best first."""
    most = min(LISTED, scores.shape[1])
    order = np.argsort(-scores, axis=1, kind="stable")[:, :most]
    order[~np.isfinite(np.take_along_axis(scores, order, 1))] = -1
    return np.pad(order, ((0, 0), (0, LISTED - most)), constant_values=-1)


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
    family = families(log)
    cold = held_out(family, eligible, seed)
    asked = asked_in(log, cuts.test, cold, np.ones(log.items, bool))
    if len(asked.shopper) < LEAST_ASKED:
        return None
    texts = tfidf([title.lower() for title in log.titles], np.flatnonzero(has_text & ~cold))
    setting = chosen_setting(log, cuts, texts, family, eligible & ~cold, seed)
    fitted = fit(texts, asked.before, setting.rank, setting.ridge)
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
    table = fitted.scores(asked.shopper, setting.popular)
    among_cold[BY_TEXT] = judged(table, among, asked.targets)
    table += setting.lift * cold
    table[asked.before[asked.shopper].nonzero()] = -np.inf
    among_all = {BY_TEXT: judged(table, count > 0, asked.targets)}
    return ColdStart(
        int(among.sum()),
        len(asked.shopper),
        among_cold,
        among_all,
        setting.rank,
        setting.ridge,
        setting.popular,
        setting.lift,
    )


def lift_of(
    fitted: Fitted,
    asked: Asked,
    first: sparse.csr_matrix,
    cold: np.ndarray,
    usable: np.ndarray,
    popular: float,
) -> float:
    """What brings the share of cold products in lists nearest to their share in first purchases (shoppers,
    items)."""
    shoppers = np.flatnonzero((np.diff(first.indptr) > 0) & (np.diff(asked.before.indptr) > 0))
    shoppers = shoppers[:: len(shoppers) // MOST_LISTED + 1]
    wanted = first[shoppers][:, cold].sum() / first[shoppers].sum()
    table = np.where(usable[None, :], fitted.scores(shoppers, popular), -np.inf)
    table[asked.before[shoppers].nonzero()] = -np.inf
    shares = np.array([cold[lists(table + lift * cold)[:, :10]].mean() for lift in LIFTS])
    return float(LIFTS[int(np.argmin(np.abs(shares - wanted)))])


def popularity_of_kind(log: BasketLog, bought: sparse.csr_matrix) -> np.ndarray:
    """(items,) purchases a product of the same kind."""
    kind, count = kinds(log), np.asarray(bought.sum(0)).reshape(-1)
    total = np.bincount(kind, count)
    return (total / np.maximum(np.bincount(kind, count > 0), 1))[kind]


def judged(table: np.ndarray, allowed: np.ndarray, targets: list[np.ndarray]) -> dict[str, np.ndarray]:
    return judge(lists(np.where(allowed[None, :], table, -np.inf)), targets)


def chosen_setting(
    log: BasketLog, cuts: Cuts, texts: sparse.csr_matrix, family: np.ndarray, usable: np.ndarray, seed: int
) -> Setting:
    """By R@10 among the cold on the validation span, families held out once more; then the lift."""
    inner = held_out(family, usable, seed + 1) & usable
    asked = asked_in(log, cuts.validation, inner, usable)
    if len(asked.shopper) < LEAST_ASKED:
        return Setting(RANKS[0], RIDGES[1], POPULAR[1])
    figures = {}
    for rank in RANKS:
        for ridge in RIDGES:
            fitted = fit(texts, asked.before, rank, ridge)
            for popular in POPULAR:
                table = fitted.scores(asked.shopper, popular)
                recall = judged(table, inner, asked.targets)["R@10"].mean()
                figures[Setting(rank, ridge, popular)] = float(recall)
    best = max(figures, key=lambda setting: figures[setting])
    fitted = fit(texts, asked.before, best.rank, best.ridge)
    first = only_of(first_purchases(log, cuts.validation), usable)
    return replace(best, lift=lift_of(fitted, asked, first, inner, usable, best.popular))
