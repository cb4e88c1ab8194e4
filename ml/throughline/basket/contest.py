"""All models asked the same questions: simple ones, members of the stacked ranking, and their blend."""

from dataclasses import dataclass

import numpy as np
from tqdm import tqdm

from .base_scores import own_recency
from .candidates import LISTED, Candidates, best, listed, tie_breaker
from .cuts import Cuts
from .log import BasketLog, Questions, Span
from .past import past_of
from .ranking import judge
from .stack import (
    FEW_BOUGHT,
    MEMBERS,
    Blend,
    fit_and_score,
    fixed_blend,
    selected_blend,
    standardised,
    top_lists,
)

LEAST_BOUGHT = 100  # bought candidates at earlier cuts, below which nothing is stacked
BLEND = "stacked blend"
OWN_RECENCY = "own recency"  # as base_scores names it
HALF_LIVES = (3.0, 7.0, 14.0, 30.0, 60.0, np.inf)


@dataclass
class Judged:
    """One model's lists on the test, and its NDCG@10 on validation."""

    name: str
    tops: np.ndarray  # (C, 20)
    targets: list[np.ndarray]
    checked: np.ndarray  # (V,) NDCG@10 of each question of the validation
    setting: str = ""

    @property
    def validation(self) -> float:
        return float(self.checked.mean()) if len(self.checked) else 0.0

    def values(self) -> dict[str, np.ndarray]:
        return judge(self.tops, self.targets)


@dataclass
class Ranked:
    """All models on one kind of question: everything, or only new products."""

    models: list[Judged]
    cases: np.ndarray  # which of the test's questions are asked
    blend: Blend | None

    def chosen(self) -> Judged:
        """The blend, unless another is surely better on validation: of many rows the best is partly luck."""
        best = max(self.models, key=lambda one: one.validation)
        if self.blend is None:
            return best
        blend = next(one for one in self.models if one.name == BLEND)
        ahead = best.checked - blend.checked
        return best if ahead.mean() > 2 * ahead.std() / np.sqrt(len(ahead)) else blend


def tuned_recency(log: BasketLog, checked: Questions, asked: Questions) -> Judged:
    """Own history with the half-life, and purchases or everything, that rank best on validation."""

    def lists(of: Questions, half_life: float, only_bought: bool) -> np.ndarray:
        past = past_of(log, of.span.as_of_ms)
        fill = tie_breaker(past)
        out = []
        for start in range(0, len(of.shopper), 256):
            score = own_recency(past, of.shopper[start : start + 256], half_life, only_bought)
            score = score + fill
            score[:, 0] = -np.inf
            out.append(listed(best(score, LISTED)))
        return np.concatenate(out)

    figures = {
        (half_life, only): judge(lists(checked, half_life, only), checked.targets)["NDCG@10"]
        for half_life in HALF_LIVES
        for only in (False, True)
    }
    half_life, only = max(figures, key=lambda setting: figures[setting].mean())
    age = f"half-life {half_life:.0f} days" if np.isfinite(half_life) else "whatever their age"
    words = f"{'purchases' if only else 'all events'}, {age}"
    tops = lists(asked, half_life, only)
    return Judged(OWN_RECENCY, tops, asked.targets, figures[half_life, only], words)


def ranked(
    validation: Candidates,
    test: Candidates,
    cuts: Cuts,
    earlier: dict[Span, Candidates],
    seed: int,
    new: bool,
) -> Ranked:
    """Simple models, members and blend. `new`: only products that the shopper has not bought before."""
    check_on, check_targets = target_part(validation, new)
    ask_on, ask_targets = target_part(test, new)
    allowed = {True: ~validation.bought_before, False: None}[new]
    test_allowed = {True: ~test.bought_before, False: None}[new]

    def checked(tops: np.ndarray) -> np.ndarray:  # (V,)
        return judge(tops[check_on], check_targets)["NDCG@10"] if len(check_on) else np.zeros(0)

    tops = (validation.new_tops, test.new_tops) if new else (validation.tops, test.tops)
    models = [
        Judged(name, tops[1][name][ask_on], ask_targets, checked(tops[0][name]))
        for name in tops[0]
        if not (new and name.startswith("own") and name != OWN_RECENCY)
    ]
    before_validation = [earlier[span] for span in cuts.before_validation if span in earlier]
    before_test = [earlier[span] for span in cuts.before_test if span in earlier]
    if min(bought(before_validation, new), bought(before_test, new)) < LEAST_BOUGHT or not len(check_on):
        return Ranked(models, ask_on, None)
    simple = max(models, key=lambda one: one.validation).name
    scores = [
        {
            name: standardised(table, table.columns[:, table.names.index(f"score: {name}")])
            for name in table.tops
        }
        for table in (validation, test)
    ]
    for name in tqdm(MEMBERS, desc="members, new products" if new else "members"):
        scores[0][name] = fit_and_score(name, before_validation, validation, seed, new)[1]
        scores[1][name] = fit_and_score(name, before_test, test, seed, new)[1]
        lists = [
            top_lists(validation, scores[0][name], allowed),
            top_lists(test, scores[1][name], test_allowed),
        ]
        models.append(Judged(name, lists[1][ask_on], ask_targets, checked(lists[0])))
    if bought(before_test, new=False) < FEW_BOUGHT:
        blend = fixed_blend(simple, new)
    else:
        blend = selected_blend(validation, scores[0], check_targets, check_on, simple, seed, allowed)
    lists = [
        top_lists(validation, blend.score(scores[0]), allowed),
        top_lists(test, blend.score(scores[1]), test_allowed),
    ]
    models.append(Judged(BLEND, lists[1][ask_on], ask_targets, checked(lists[0]), blend.words()))
    return Ranked(models, ask_on, blend)


def target_part(table: Candidates, new: bool) -> tuple[np.ndarray, list[np.ndarray]]:
    """Which questions are asked, and their targets."""
    if not new:
        return np.arange(table.cases), table.targets
    kept = [number for number, one in enumerate(table.new_targets) if len(one)]
    return np.array(kept, np.int64), [table.new_targets[number] for number in kept]


def bought(tables: list[Candidates], new: bool) -> int:
    return int(sum((one.label & ~one.bought_before if new else one.label).sum() for one in tables))
