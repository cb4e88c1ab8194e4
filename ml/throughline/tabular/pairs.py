"""Boosted trees that also see two number columns as one: a / b and a · b for each two of the strongest.

A tree splits one column at a time, so that a share such as seconds a page costs it many splits. The graph
makes these columns from its own inputs (onnx.py): whoever serves it gives the encoded columns and nothing
more. Both compute in float32, which IEEE 754 rounds alike, so that a row takes the same branch in either.

What is no finite number (a blank, x / 0) is a blank. Of a pair, what is rarely zero divides. A forest loses
by such columns (docs/tried.md), so none sees them.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from .encode import Encoding
from .members import Boosted, Growth, boosting

MOST_NUMBERS = 8  # 28 pairs, 56 columns: twice the time of boosted trees on a usual table
FEWEST_VALUES = 3  # a column of two is an indicator
LARGEST = np.float32(3e38)
# One short fit finds the strong columns: the order of the first few hardly changes with more rounds.
SCREENING = Growth(0.1, 15, 0.5, 60)


@dataclass(frozen=True)
class Pairs:
    over: np.ndarray  # (P,) columns of x
    under: np.ndarray  # (P,)

    def beside(self, x: np.ndarray) -> np.ndarray:
        """(N, F) float32 -> (N, F + 2P): the ratios, then the products."""
        a, b = x[:, self.over], x[:, self.under]
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            made = np.concatenate([a / b, a * b], 1)
            made = np.where(np.abs(made) <= LARGEST, made, np.float32(np.nan))
        return np.concatenate([x, made], 1)

    def view(self, columns: np.ndarray, features: int) -> np.ndarray:
        """`columns` of the F features, and all that is made."""
        return np.concatenate([columns, features + np.arange(2 * len(self.over))])


@dataclass(frozen=True)
class PairedBoosted:
    boosted: Boosted  # its columns are of `pairs.beside(x)`
    pairs: Pairs

    def predict(self, x: np.ndarray) -> np.ndarray:
        return self.boosted.predict(self.pairs.beside(x))


def _gains(x: np.ndarray, y: np.ndarray, columns: np.ndarray, is_binary: bool, seed: int) -> np.ndarray:
    """(C,) what the splits on each column gained, in all."""
    fitted = boosting(SCREENING, len(y), is_binary, seed).fit(x[:, columns], y)
    total = np.zeros(len(columns))
    for (tree,) in fitted._predictors:
        splits = tree.nodes[tree.nodes["is_leaf"] == 0]
        np.add.at(total, splits["feature_idx"], splits["gain"])
    return total


def choose_pairs(
    encoding: Encoding, x: np.ndarray, y: np.ndarray, *, view: str, is_binary: bool, seed: int
) -> Pairs | None:
    """Of the rows that are fitted, (N, F) and (N,). None without two columns of numbers."""
    columns = encoding.view(view)
    is_number = [
        encoding.features[at].how == "number" and len(np.unique(x[~np.isnan(x[:, at]), at])) >= FEWEST_VALUES
        for at in columns
    ]
    if sum(is_number) < 2:
        return None
    gains = np.where(is_number, _gains(x, y, columns, is_binary, seed), -1.0)
    first = np.argsort(-gains, kind="stable")[: min(MOST_NUMBERS, sum(is_number))]
    strong = np.sort(columns[first])
    empty = {at: float((np.nan_to_num(x[:, at]) == 0).mean()) for at in strong}
    pairs = [(b, a) if empty[a] < empty[b] else (a, b) for a, b in combinations(strong.tolist(), 2)]
    return Pairs(*np.array(pairs, np.int64).T)
