"""python -m throughline.golden_neighbours writes golden-neighbours.json: a log's neighbours and their boosts.

The program counts neighbours itself (app/scoring/item-knn.ts) and adds them itself (app/scoring/blend.ts).
"""

import json
from pathlib import Path

import numpy as np

from .blend import FLOOR, Sequences, boosts, neighbour_weights

FILE = Path(__file__).parent.parent / "golden-neighbours.json"

ITEMS, SHOPPERS, LENGTH = 12, 30, 6


def golden() -> dict:
    rng = np.random.default_rng(1)
    lists = [rng.choice(ITEMS, rng.integers(2, 9), replace=False) + 1 for _ in range(SHOPPERS)]
    shopper = np.repeat(np.arange(SHOPPERS), [len(one) for one in lists])
    weights = neighbour_weights(Sequences(np.concatenate(lists), shopper), ITEMS)
    histories = rng.integers(0, ITEMS + 1, (8, LENGTH))
    histories[0] = 0
    histories[1, :-1] = 0
    return {
        "floor": FLOOR,
        "items": ITEMS,
        "sequences": [one.tolist() for one in lists],
        "weights": weights.toarray()[1:, 1:].tolist(),
        "histories": histories.tolist(),
        "boosts": boosts(weights, histories)[:, 1:].tolist(),
    }


if __name__ == "__main__":
    FILE.write_text(json.dumps(golden()) + "\n")
