"""python -m throughline.tabular.golden writes golden-tabular.json: a small blend as a graph, and predictions.

The program runs the graph with its own runtime (app/scoring) and must get the same. Blanks are null.
"""

import base64
import json
from pathlib import Path

import numpy as np

from .blend import Blend, Curve, Weights
from .columns import Column
from .encode import encode, fit_and_encode
from .members import Growth, Member, fit_boosted, fit_forest, fit_linear
from .onnx import to_graph
from .pairs import PairedBoosted, choose_pairs

FILE = Path(__file__).parent.parent.parent / "golden-tabular.json"
ROWS = 400
SHOWN = 40
TREES = 5


def small_table(seed: int, rows: int = ROWS) -> tuple[list[Column], np.ndarray]:
    """Minutes, a code, a share with blanks, a channel with blanks; and whether the visit bought."""
    rng = np.random.default_rng(seed)
    minutes = rng.exponential(8, rows)
    device = rng.integers(1, 5, rows).astype(np.float64)
    share = np.where(rng.random(rows) < 0.2, np.nan, rng.random(rows))
    channel = rng.choice(np.array(["mail", "search", "social", None], object), rows)
    margin = 0.15 * minutes - 1.5 + (device == 3) + 2 * np.nan_to_num(share, nan=0.9) + (channel == "mail")
    y = (rng.random(rows) < 1 / (1 + np.exp(2 - margin))).astype(np.float64)
    columns = [
        Column("minutes", minutes, False),
        Column("device", device, False),
        Column("share", share, False),
        Column("channel", channel, True),
    ]
    return columns, y


def small_blend(seed: int) -> tuple[Blend, np.ndarray, int]:
    """The blend, encoded rows that it had not learnt (SHOWN, F), and F."""
    columns, y = small_table(seed)
    encoding, x = fit_and_encode(columns, y, np.arange(ROWS), seed)
    every = np.arange(len(encoding.features))
    growth = Growth(0.2, 6, 0.5, TREES)
    pairs = choose_pairs(encoding, x, y, view="indicators", is_binary=True, seed=seed)
    if pairs is None:
        raise ValueError("expected a table with two columns of numbers, got one without")
    beside, paired = pairs.beside(x), pairs.view(every, len(every))
    members: dict[str, Member] = {
        "logistic regression": fit_linear(x, y, is_binary=True, encoding=encoding, strength=1e-3),
        "random forest": fit_forest(
            x, y, is_binary=True, kind="random", leaf=20, columns=every, seed=seed, trees=TREES
        ),
        "boosted trees": fit_boosted(x, y, is_binary=True, growth=growth, columns=every, seed=seed, copies=2),
        "boosted trees, pairs": PairedBoosted(
            fit_boosted(beside, y, is_binary=True, growth=growth, columns=paired, seed=seed, copies=1), pairs
        ),
    }
    weights = Weights(np.array([0.3, 0.3, 0.3, 0.2]), -0.1, True)
    curve = Curve(np.array([0.05, 0.4, 0.7, 0.95]), np.array([0.02, 0.3, 0.75, 0.97]))
    asked, _ = small_table(seed + 1, SHOWN)
    return Blend(members, weights, curve), encode(encoding, asked), len(encoding.features)


def golden() -> dict:
    blend, x, features = small_blend(seed=1)
    return {
        "graph": base64.b64encode(to_graph(blend, features).SerializeToString()).decode(),
        "columns": [[None if np.isnan(cell) else float(cell) for cell in row] for row in x],
        "predictions": blend.predict(x).tolist(),
    }


if __name__ == "__main__":
    FILE.write_text(json.dumps(golden()) + "\n")
