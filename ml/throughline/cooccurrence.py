"""Which products follow which: directed co-occurrence counts, for the neighbour baseline and for the start of
the item vectors. Distances count groups of simultaneous events, so a basket's lines are all one step apart.
"""

import numpy as np
import torch

from .data import Log


def item_steps(log: Log, before_ms: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Product, shopper and group number of every step: events with a product before a moment, with runs of
    the same product taken as one step."""
    kept = np.flatnonzero((log.item > 0) & (log.at_ms < before_ms))
    item, shopper, group = log.item[kept], log.shopper[kept], log.group_end[kept]
    fresh = np.ones(len(kept), bool)
    fresh[1:] = (item[1:] != item[:-1]) | (shopper[1:] != shopper[:-1])
    item, shopper, group = item[fresh], shopper[fresh], group[fresh]
    number = np.cumsum(np.concatenate([[0], group[1:] != group[:-1]])) if len(group) else group
    return item.astype(np.int64), shopper, number


def cooccurrence(
    log: Log, before_ms: float, window: int, decay: float, backward: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs (source, target, weight): Σ distance^-decay over target following source within `window` steps,
    plus `backward` times the same for target preceding source. Within a group both ways count in full."""
    item, shopper, number = item_steps(log, before_ms)
    n = log.items + 1
    keys, weights = np.zeros(0, np.int64), np.zeros(0)
    for apart in range(1, min(window, len(item) - 1) + 1):
        same = (shopper[apart:] == shopper[:-apart]) & (item[apart:] != item[:-apart])
        a, b = item[:-apart][same], item[apart:][same]
        groups = (number[apart:] - number[:-apart])[same]
        weight = np.maximum(groups, 1).astype(np.float64) ** -decay
        back = np.where(groups == 0, 1.0, backward) * weight
        keys = np.concatenate([keys, a * n + b, b * n + a])
        weights = np.concatenate([weights, weight, back])
        if len(keys) > 20_000_000 or apart == min(window, len(item) - 1):
            keys, where = np.unique(keys, return_inverse=True)
            weights = np.bincount(where, weights, minlength=len(keys))
    used = weights > 0
    return keys[used] // n, keys[used] % n, weights[used]


def cooccurrence_vectors(log: Log, before_ms: float, dimension: int, seed: int) -> torch.Tensor:
    """(N + 1, dimension): singular vectors of log1p(C_ij ΣC / (r_i r_j)), U√S, root mean square .05."""
    a, b, weight = cooccurrence(log, before_ms, window=50, decay=0.75, backward=1.0)
    n = log.items + 1
    vectors = torch.zeros(n, dimension)
    if len(weight) == 0:
        return vectors
    row = np.bincount(a, weight, minlength=n)
    value = np.log1p(weight * weight.sum() / (row[a] * row[b]))
    matrix = torch.sparse_coo_tensor(
        torch.from_numpy(np.stack([a, b])), torch.from_numpy(value).float(), (n, n), check_invariants=False
    ).coalesce()
    torch.manual_seed(seed)
    rank = min(dimension, n - 1)
    u, s, _ = torch.svd_lowrank(matrix, q=min(rank + 16, n), niter=4)
    vectors[:, :rank] = (u * s.sqrt())[:, :rank]
    scale = vectors[row > 0].pow(2).mean().sqrt()
    return vectors * (0.05 / scale.clamp(min=1e-9))
