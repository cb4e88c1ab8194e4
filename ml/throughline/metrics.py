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


def area_under_curve(score: np.ndarray, yes: np.ndarray, weight: np.ndarray | None = None) -> float:
    """Of the receiver: the share of pairs of a yes and a no that are in order, ties counted by half. 0-1."""
    weight = np.ones(len(score)) if weight is None else weight
    _, tie = np.unique(score, return_inverse=True)
    positive = np.bincount(tie, weight * yes)
    negative = np.bincount(tie, weight * ~yes)
    below = np.cumsum(negative) - negative
    pairs = positive.sum() * negative.sum()
    return float((positive * (below + 0.5 * negative)).sum() / pairs) if pairs > 0 else 0.5


def auc_interval(
    score: np.ndarray, yes: np.ndarray, shopper: np.ndarray, seed: int, draws: int = 300
) -> tuple[float, float, float]:
    """AUC with its 95 % interval, by drawing whole shoppers again."""
    _, where = np.unique(shopper, return_inverse=True)
    _, rank = np.unique(score, return_inverse=True)
    shoppers = int(where.max(initial=-1)) + 1
    rng = np.random.default_rng(seed)
    samples = np.empty(draws)
    for draw in range(draws):
        weight = np.bincount(rng.integers(0, shoppers, shoppers), minlength=shoppers)[where]
        samples[draw] = area_under_curve(rank, yes, weight)
    low, high = np.quantile(samples, [0.025, 0.975])
    return area_under_curve(score, yes), float(low), float(high)


def calibration_error(p: np.ndarray, yes: np.ndarray, bins: int = 10) -> float:
    """Expected calibration error over bins of equal count: mean |predicted − observed|, 0-1."""
    order = np.argsort(p, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    error = sum(len(part) * abs(p[part].mean() - yes[part].mean()) for part in parts)
    return float(error / max(1, len(p)))


def normalised_gini(guess: np.ndarray, truth: np.ndarray) -> float:
    """How well the guess orders what was spent: 1 = as the truth does, 0 = as chance does. Tied guesses share
    their place."""

    def gini(order_by: np.ndarray) -> float:
        _, tie = np.unique(-order_by, return_inverse=True)
        count, total = np.bincount(tie), np.bincount(tie, truth)
        share = np.cumsum(total) / max(total.sum(), 1e-12)
        before = np.concatenate([[0.0], share[:-1]])
        return float(((share + before) / 2 * count).sum() / len(truth) - 0.5)

    best = gini(truth)
    return gini(guess) / best if best > 0 else 0.0


def gini_gain(
    guess: np.ndarray, other: np.ndarray, truth: np.ndarray, shopper: np.ndarray, seed: int, draws: int = 300
) -> tuple[float, float, float]:
    """How much higher the guess's normalised Gini is than the other's, with its 95 % interval, by drawing
    whole shoppers again."""
    order = np.argsort(shopper, kind="stable")
    _, starts, counts = np.unique(shopper[order], return_index=True, return_counts=True)
    rng = np.random.default_rng(seed)
    samples = np.empty(draws)
    for draw in range(draws):
        drawn = rng.integers(0, len(starts), len(starts))
        ends = np.cumsum(counts[drawn])
        rows = order[np.arange(ends[-1]) + np.repeat(starts[drawn] - ends + counts[drawn], counts[drawn])]
        samples[draw] = normalised_gini(guess[rows], truth[rows]) - normalised_gini(other[rows], truth[rows])
    low, high = np.quantile(samples, [0.025, 0.975])
    gain = normalised_gini(guess, truth) - normalised_gini(other, truth)
    return float(gain), float(low), float(high)
