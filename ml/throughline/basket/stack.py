"""The ranking stacked on the candidates: members, and their blend.

Scores are standardised within a shopper's candidates and added up with fixed weights: the members and the
simple model that is best on validation count once. Where fewer than FEW_BOUGHT candidates bought teach, the
member of few columns counts five times: the others then learn what does not carry over to later weeks, and so
do weights fitted on a few hundred shoppers or on other shoppers of the same weeks (docs/tried.md). For
products new to a shopper the few columns, mostly own history, say little: there it is both trees, and the
logistic regression twice.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .candidates import LISTED, Candidates
from .members import FEW, STRENGTH_OF_FEW, Logistic, Member, Trees, pairs_of

FEW_BOUGHT = 10_000  # about a hundred a column
LOGISTIC = "logistic regression"
STEADY = "logistic regression, few columns"
# Small on purpose: a shop's few thousand purchases carry no more.
TREES: dict[str, Callable[[], Member]] = {
    "boosted trees": lambda: Trees(max_leaf_nodes=16, max_iter=70),
    "boosted trees, small": lambda: Trees(max_leaf_nodes=6, max_iter=50),
}
MEMBERS: dict[str, Callable[[], Member]] = TREES | {
    LOGISTIC: Logistic,
    STEADY: lambda: Logistic((STRENGTH_OF_FEW,), FEW),
}


def standardised(table: Candidates, score: np.ndarray) -> np.ndarray:
    """(P,) mean 0 and deviation 1 within each question."""
    count = np.maximum(np.bincount(table.case, minlength=table.cases), 1)
    centred = score - (np.bincount(table.case, score, table.cases) / count)[table.case]
    spread = np.sqrt(np.bincount(table.case, centred**2, table.cases) / count)
    return centred / np.maximum(spread, 1e-9)[table.case]


def fit_and_score(
    name: str, learn_on: list[Candidates], asked: Candidates, seed: int, new: bool
) -> tuple[Member, np.ndarray]:
    """A member fitted on earlier cuts, and its standardised scores of the asked pairs. `new`: learns only
    from products new to the shopper."""
    member = MEMBERS[name]().fit(pairs_of(learn_on, new), seed)
    return member, standardised(asked, member.score(asked.columns))


def top_lists(table: Candidates, score: np.ndarray, allowed: np.ndarray | None = None) -> np.ndarray:
    """(C, LISTED) products by score, −1 where there are fewer; equal scores by product number."""
    row = np.arange(len(table.item)) if allowed is None else np.flatnonzero(allowed)
    order = row[np.lexsort((table.item[row], -score[row], table.case[row]))]
    case = table.case[order]
    place = np.arange(len(order)) - np.searchsorted(case, case)
    out = np.full((table.cases, LISTED), -1)
    kept = place < LISTED
    out[case[kept], place[kept]] = table.item[order[kept]]
    return out


@dataclass(frozen=True)
class Blend:
    weights: dict[str, float]  # add up to 1

    def score(self, scores: dict[str, np.ndarray]) -> np.ndarray:
        return sum(weight * scores[name] for name, weight in self.weights.items())

    def words(self) -> str:
        parts = sorted(self.weights.items(), key=lambda part: -part[1])
        return " + ".join(f"{weight:.2f} {name}" for name, weight in parts)


def blend_of(simple: str, bought: int, new: bool) -> Blend:
    """`simple`: the best simple model; `bought`: candidates bought that members learn from; `new`: for
    products new to the shopper."""
    if new:
        counts = {LOGISTIC: 2, **dict.fromkeys(TREES, 1)}
    else:
        counts = {simple: 1, **dict.fromkeys(MEMBERS, 1), STEADY: 5 if bought < FEW_BOUGHT else 1}
    total = sum(counts.values())
    return Blend({name: count / total for name, count in counts.items()})
