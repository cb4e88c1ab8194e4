"""How high the products stand that came to pass, one value a case, so that methods compare in pairs.

With |T| targets of a case at once (a basket):

    R@k     hits among the first k / |T|
    NDCG@k  sum of 1 / log2(rank + 1) over these hits / the same of min(k, |T|) targets on top
            (Järvelin & Kekäläinen 2002)
    MRR@k   1 / rank of the first hit, 0 where it is not among the first k
    HR@k    1 where there is a hit among the first k

Shapes: C cases, P targets. In the code ranks count from 0.
"""

from dataclasses import dataclass

import numpy as np

CUTS = (5, 10, 20)
NAMES = tuple(f"R@{k}" for k in CUTS) + tuple(f"NDCG@{k}" for k in CUTS) + ("MRR@20",)
DISCOUNT = 1 / np.log2(np.arange(2, 2 + max(CUTS)))  # of ranks 0 ..


@dataclass(frozen=True)
class TargetRanks:
    """Where the targets stand. One that stands nowhere may be missing from `rank` and `case`, not from
    `sizes`."""

    rank: np.ndarray  # (P,) from 0
    case: np.ndarray  # (P,) whose target it is
    sizes: np.ndarray  # (C,) how many targets the case has


def ideal_gain(sizes: np.ndarray, k: int) -> np.ndarray:
    """(C,) discounted gain of all targets on top."""
    return np.concatenate([[0], np.cumsum(DISCOUNT[:k])])[np.minimum(sizes, k)]


def recall(found: TargetRanks, k: int, *, attainable: bool = False) -> np.ndarray:
    """(C,) `attainable`: over min(k, |T|), as many as a list of k can hold."""
    hits = np.bincount(found.case[found.rank < k], minlength=len(found.sizes))
    most = np.minimum(found.sizes, k) if attainable else found.sizes
    return hits / np.maximum(most, 1)


def ndcg(found: TargetRanks, k: int) -> np.ndarray:
    """(C,)"""
    inside = found.rank < k
    gain = np.bincount(found.case[inside], DISCOUNT[found.rank[inside]], minlength=len(found.sizes))
    return gain / ideal_gain(np.maximum(found.sizes, 1), k)


def reciprocal_rank(found: TargetRanks, k: int) -> np.ndarray:
    """(C,)"""
    first = np.full(len(found.sizes), k)
    np.minimum.at(first, found.case, np.minimum(found.rank, k))
    return np.where(first < k, 1 / (1 + first), 0.0)


def hit_rate(found: TargetRanks, k: int) -> np.ndarray:
    """(C,) 0 or 1"""
    hits = np.bincount(found.case[found.rank < k], minlength=len(found.sizes))
    return (hits > 0).astype(np.float64)


def ranking_metrics(found: TargetRanks, *, attainable: bool = False) -> dict[str, np.ndarray]:
    """NAMES -> (C,)"""
    return (
        {f"R@{k}": recall(found, k, attainable=attainable) for k in CUTS}
        | {f"NDCG@{k}": ndcg(found, k) for k in CUTS}
        | {"MRR@20": reciprocal_rank(found, 20)}
    )


def ranks_in_lists(tops: np.ndarray, targets: list[np.ndarray]) -> TargetRanks:
    """`tops` (C, L): products, best first, each once; −1 = none. `targets`: distinct ones of each case."""
    width = int(max([tops.max(initial=0), *(one.max() for one in targets if len(one))])) + 1
    wanted = [number * width + one for number, one in enumerate(targets)]
    listed = np.arange(len(tops))[:, None] * width + tops
    hit = np.isin(listed, np.concatenate(wanted)) & (tops >= 0) if wanted else np.zeros(tops.shape, bool)
    case, rank = np.nonzero(hit)
    return TargetRanks(rank, case, np.array([len(one) for one in targets], np.int64))


def means(values: dict[str, np.ndarray]) -> dict[str, float]:
    """Of each metric over its cases; 0 without any."""
    return {name: float(one.mean()) if len(one) else 0.0 for name, one in values.items()}


def coverage(tops: np.ndarray, items: int) -> float:
    """Share of the catalogue that stands in any of the lists (C, L); products count from 1."""
    return len(np.unique(tops[tops > 0])) / max(1, items)


def novelty(tops: np.ndarray, popularity: np.ndarray) -> float:
    """How far from the obvious the lists (C, L) lie: mean of −log2 of a product's share of all turns, in bits
    (Zhou et al. 2010). `popularity` (N + 1,) counts, one added to each."""
    share = (popularity + 1) / (popularity.sum() + len(popularity))
    return float(-np.log2(share[tops]).mean())
