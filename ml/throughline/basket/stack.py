"""The ranking stacked on the candidates: members, and their blend.

Scores are standardised within a shopper's candidates and added up. Where FEW_BOUGHT candidates bought or more
teach, the blend is built by bagged forward selection with replacement (Caruana et al. 2004) on validation:
from the best simple model on, each step adds the member or simple model that raises NDCG@10 + R@10 the most,
until none does; repeated on draws of the shoppers, so that what helps only by luck gets little weight. How
often each entered is its weight.

Where fewer teach, weights are fixed, as weights fitted on a few hundred shoppers, or on other shoppers of the
same weeks, do not carry over to later weeks (docs/tried.md): the members and the best simple model count
once, the member of few columns five times. For products new to a shopper the few columns, mostly own history,
say little: there it is both trees, and the logistic regression twice.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .candidates import LISTED, Candidates
from .members import FEW, STRENGTH_OF_FEW, Logistic, Member, Trees, pairs_of

MOST_STEPS = 6
BAGS = 10
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


def fixed_blend(simple: str, new: bool) -> Blend:
    """`simple`: the best simple model; `new`: for products new to the shopper."""
    if new:
        counts = {LOGISTIC: 2, **dict.fromkeys(TREES, 1)}
    else:
        counts = {simple: 1, **dict.fromkeys(MEMBERS, 1), STEADY: 5}
    total = sum(counts.values())
    return Blend({name: count / total for name, count in counts.items()})


def as_grid(table: Candidates, values: np.ndarray, blank: float, allowed: np.ndarray | None) -> np.ndarray:
    """(C, most candidates a question): a question's values side by side, `blank` at the end and where not
    allowed."""
    place = np.arange(len(table.case)) - np.searchsorted(table.case, table.case)
    grid = np.full((table.cases, int(place.max(initial=0)) + 1), blank)
    grid[table.case, place] = values if allowed is None else np.where(allowed, values, blank)
    return grid


def worth(score: np.ndarray, bought: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """(C,) NDCG@10 + R@10 of grids of scores and of what is bought; `sizes` (C,): all targets."""
    most = min(10, score.shape[1])
    top = np.argpartition(-score, most - 1, axis=1)[:, :most]
    top = np.take_along_axis(top, np.argsort(-np.take_along_axis(score, top, 1), axis=1, kind="stable"), 1)
    hit = np.take_along_axis(bought, top, 1)
    discount = 1 / np.log2(np.arange(2, 12))
    ideal = np.concatenate([[0], np.cumsum(discount)])[np.minimum(sizes, 10)]
    return hit.sum(1) / sizes + (hit * discount[:most]).sum(1) / ideal


def selected_blend(
    table: Candidates,
    scores: dict[str, np.ndarray],
    targets: list[np.ndarray],
    asked: np.ndarray,
    start: str,
    seed: int,
    allowed: np.ndarray | None = None,
) -> Blend:
    """`asked`: which of the table's questions have the `targets`; `start`: the best simple model; what may be
    added is all of `scores`; `allowed`: which candidates count."""
    grids = {name: as_grid(table, score, -np.inf, allowed)[asked] for name, score in scores.items()}
    bought = as_grid(table, table.label, 0, allowed)[asked]
    sizes = np.array([len(one) for one in targets])
    memo: dict[tuple[str, ...], np.ndarray] = {}

    def of(entered: tuple[str, ...]) -> np.ndarray:  # (C,)
        if entered not in memo:
            memo[entered] = worth(sum(grids[name] for name in entered), bought, sizes)
        return memo[entered]

    rng = np.random.default_rng(seed)
    weights: dict[str, float] = {}
    for _ in range(BAGS):
        drawn = rng.integers(0, len(targets), len(targets))
        entered = (start,)
        for _ in range(MOST_STEPS):
            tried = {name: of(tuple(sorted((*entered, name))))[drawn].mean() for name in scores}
            best = max(tried, key=lambda name: tried[name])
            if tried[best] <= of(entered)[drawn].mean():
                break
            entered = tuple(sorted((*entered, best)))
        for name in entered:
            weights[name] = weights.get(name, 0.0) + 1 / (len(entered) * BAGS)
    return Blend(weights)
