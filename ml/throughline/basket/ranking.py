"""Lists of products beside the baskets that came; recall has the whole basket below the line."""

import numpy as np

from ..metrics.ranking import hit_rate, ranking_metrics, ranks_in_lists


def judge(tops: np.ndarray, targets: list[np.ndarray]) -> dict[str, np.ndarray]:
    """tops (C, 20), −1 = no product; metric -> (C,)."""
    found = ranks_in_lists(tops, targets)
    return ranking_metrics(found) | {"HR@10": hit_rate(found, 10)}
