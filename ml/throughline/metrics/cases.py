"""Ranking metrics of a scorer over cases of the log.

R@k is over min(k, |T|), as many as a slate of k can hold. Ties are broken against the method: a target ranks
below every product with the same score.
"""

import numpy as np

from ..baselines import Scorer
from ..data import Cases, Log
from .ranking import TargetRanks, means, ranking_metrics


def case_metrics(
    scorer: Scorer, cases: Cases, *, masked: bool, batch_size: int = 256
) -> dict[str, np.ndarray]:
    """Metric name -> (C,). `masked`: the product looked at is out of the ranking, as it is when served."""
    ranks = [np.zeros(0, np.int64)]
    for start in range(0, len(cases.end), batch_size):
        batch = np.arange(start, min(start + batch_size, len(cases.end)))
        scores = scorer(cases, batch).astype(np.float64)
        scores[:, 0] = -np.inf
        if masked:
            current = cases.current[batch]
            scores[np.flatnonzero(current), current[current > 0]] = -np.inf
        ranks += [ranks_of(scores[row], cases.targets[case]) for row, case in enumerate(batch)]
    sizes = np.array([len(one) for one in cases.targets], np.int64)
    found = TargetRanks(np.concatenate(ranks), np.repeat(np.arange(len(sizes)), sizes), sizes)
    return ranking_metrics(found, attainable=True)


def ranks_of(scores: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Ranks from 0 of the targets by scores (N + 1,), in no order."""
    own = scores[targets]
    if len(targets) == 1:
        return np.array([(scores >= own[0]).sum() - 1])
    others = np.delete(scores, targets)
    return (others[None, :] >= own[:, None]).sum(1) + np.argsort(np.argsort(-own))


def seen_before(log: Log, cases: Cases) -> np.ndarray:
    """(C,) bool: a target stands in the shopper's history already."""
    return np.array(
        [
            bool(np.isin(targets, log.item[start:end]).any())
            for start, end, targets in zip(cases.start, cases.end, cases.targets, strict=True)
        ],
        bool,
    )


def means_by_history(values: dict[str, dict[str, np.ndarray]], seen: np.ndarray) -> dict[str, dict]:
    """`values`: method -> metric -> (C,). A mean over all questions hides how the two kinds differ: what was
    seen before is easily found again, what is new is what a recommendation is for."""
    return {
        name: {
            "questions": int(rows.sum()),
            "rows": {
                method: means({metric: one[rows] for metric, one in each.items()})
                for method, each in values.items()
            },
        }
        for name, rows in (("new", ~seen), ("seen_before", seen))
    }
