"""Ranking metrics over the whole catalogue, one value a case so that methods can be compared in pairs.

With |T| products turned to at once (a basket): R@k = hits in the top k / min(k, |T|); NDCG@k with the ideal
ranking below the line; MRR@k = 1 / rank of the first hit. With one target they are the usual figures. Ties
are broken against the method: a target ranks below every product with the same score.
"""

import numpy as np

from .baselines import Scorer
from .data import Cases

CUTS = (5, 10, 20)
NAMES = tuple(f"R@{k}" for k in CUTS) + tuple(f"NDCG@{k}" for k in CUTS) + ("MRR@20",)


def case_metrics(
    scorer: Scorer, cases: Cases, *, masked: bool, batch_size: int = 256
) -> dict[str, np.ndarray]:
    """Metric name -> (C,). `masked`: the product looked at is out of the ranking, as it is when served."""
    values = {name: np.zeros(len(cases.end)) for name in NAMES}
    discount = 1 / np.log2(np.arange(2, 2 + max(CUTS)))
    for start in range(0, len(cases.end), batch_size):
        batch = np.arange(start, min(start + batch_size, len(cases.end)))
        scores = scorer(cases, batch).astype(np.float64)
        scores[:, 0] = -np.inf
        if masked:
            current = cases.current[batch]
            scores[np.flatnonzero(current), current[current > 0]] = -np.inf
        for row, case in enumerate(batch):
            targets = cases.targets[case]
            own = scores[row][targets]
            if len(targets) == 1:
                ranks = np.array([(scores[row] >= own[0]).sum() - 1])
            else:
                others = np.delete(scores[row], targets)
                above = (others[None, :] >= own[:, None]).sum(1)
                ranks = np.sort(above + np.argsort(np.argsort(-own)))
            for k in CUTS:
                hits = ranks[ranks < k]
                ideal = min(k, len(targets))
                values[f"R@{k}"][case] = len(hits) / ideal
                values[f"NDCG@{k}"][case] = discount[hits].sum() / discount[:ideal].sum()
            if ranks.min() < 20:
                values["MRR@20"][case] = 1 / (1 + ranks.min())
    return values


def means(values: dict[str, np.ndarray]) -> dict[str, float]:
    return {name: float(one.mean()) if len(one) else 0.0 for name, one in values.items()}


def paired_difference(
    a: np.ndarray, b: np.ndarray, shopper: np.ndarray, seed: int, draws: int = 1000
) -> tuple[float, float, float]:
    """Mean of a − b with its 95 % interval, by drawing whole shoppers again: their cases go together."""
    _, where = np.unique(shopper, return_inverse=True)
    total = np.bincount(where, a - b)
    count = np.bincount(where).astype(np.float64)
    rng = np.random.default_rng(seed)
    samples = np.empty(draws)
    for draw in range(draws):
        weight = np.bincount(rng.integers(0, len(total), len(total)), minlength=len(total))
        samples[draw] = (weight * total).sum() / (weight * count).sum()
    low, high = np.quantile(samples, [0.025, 0.975])
    return float((a - b).mean()), float(low), float(high)
