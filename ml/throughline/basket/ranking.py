"""How good lists of products are, one value a question.

R@k = hits among the first k / |targets|, the whole basket below the line; NDCG@k with the ideal over
min(k, |targets|); MRR@20 = 1 / rank of the first hit; HR@k = 1 where there is a hit among the first k.
"""

import numpy as np

CUTS = (5, 10, 20)
NAMES = tuple(f"R@{k}" for k in CUTS) + tuple(f"NDCG@{k}" for k in CUTS) + ("MRR@20", "HR@10")


def judge(tops: np.ndarray, targets: list[np.ndarray]) -> dict[str, np.ndarray]:
    """tops (C, 20), −1 = no product; name -> (C,)."""
    cases = len(targets)
    sizes = np.array([len(one) for one in targets], np.int64)
    width = int(max([tops.max(initial=0), *(one.max() for one in targets if len(one))])) + 1
    wanted = np.concatenate([number * width + one for number, one in enumerate(targets)])
    hit = np.isin(np.arange(cases)[:, None] * width + tops, wanted) & (tops >= 0)
    discount = 1 / np.log2(np.arange(2, 2 + max(CUTS)))
    ideal = np.concatenate([[0], np.cumsum(discount)])
    values = {}
    for k in CUTS:
        values[f"R@{k}"] = hit[:, :k].sum(1) / sizes
        values[f"NDCG@{k}"] = (hit[:, :k] * discount[:k]).sum(1) / ideal[np.minimum(k, sizes)]
    values["MRR@20"] = np.where(hit.any(1), 1 / (1 + hit.argmax(1)), 0.0)
    values["HR@10"] = hit[:, :10].any(1).astype(float)
    return values
