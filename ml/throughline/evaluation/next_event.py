"""--target next-event: which product next? Every baseline and sequence model, for both splits.

The whole catalogue is ranked. leave-one-out: one question a shopper; time: one before each group of turns of
the test part. What may be no answer: the product looked at; the whole history only if that is no worse
on validation, then for all rows alike, and the figures the other way stand below as reference rows.
All settings, epochs, blend weights and the stacked model come from validation; no weight and no count sees a
test target. With leave-one-out the validation product stands in the test history but was never trained on.
"""

from dataclasses import dataclass

import numpy as np

from ..contract import Contract
from ..sequence.models import BEHAVIOUR, KNN, NETS, PLAIN_NET, POOLED_NET, Models, choose_mask
from ..sequence.questions import Questions, repeats_share
from ..sequence.stack import answer, candidate_ranks, fit_ensemble
from ..sequence.voices import CANDIDATES, TOP, Table, Voice, listen
from .behaviour import SERVED, Served, heard_unasked
from .next_event_questions import Asked, read
from .next_event_rows import Rows, spread
from .options import Options
from .result import Picture, Result
from .stages import Stages

BLEND_TWO, BLEND, STACKED = "blend: item-kNN + SASRec", "blend of all", "stacked blend of all"
SURELY_USED = 0.005  # weights below it are not worth a word


@dataclass
class Heard:
    """What every model said: on validation, on the test, and on the test with the history masked the other
    way."""

    names: list[str]
    prior: dict[str, float]
    validation: Table
    test: Table
    other_way: Table


def evaluate(options: Options, contract: Contract, stages: Stages) -> Result:
    """Raises NotEnoughDataError."""
    asked = read(options, contract)
    masked = stages.keep(
        "masking the history", lambda: choose_mask(asked.training, asked.validation, options.seed)
    )
    models = Models(
        asked.log,
        asked.training,
        asked.validation,
        asked.test,
        masked,
        options.seed,
        stages,
        asked.cuts is not None,
    )
    served = (
        Served(asked, masked, options, contract, stages)
        if options.behaviour or heard_unasked(asked.log)
        else None
    )
    heard = hear(models, served, asked)
    rows = Rows(asked.validation, asked.test, options.seed)
    for name in heard.names:
        detail = spread(heard.test.top[name], asked.training)
        words = served.words(name) if served and name in (BEHAVIOUR, SERVED) else models.words(name)
        rows.add(name, heard.validation.ranks[name], heard.test.ranks[name], words, detail)
    other_way = {name: heard.other_way.ranks[name] for name in (KNN, PLAIN_NET, POOLED_NET)}
    other_way |= add_ensembles(rows, heard, asked, options, stages)

    best = max(rows.rows, key=lambda row: row.validation)
    best.chosen = True
    differences = differences_of(rows, heard, best.model)
    way = "history not masked" if masked else "history masked"
    for name, ranks in other_way.items():
        rows.add(f"{name}, {way}", None, ranks, reference=True)
    if options.split == "leave-one-out":
        ranks = models.refit_ranks(asked.validation, asked.test)
        rows.add(f"{KNN}, refit with validation", None, ranks, reference=True)
    return Result(
        options.target,
        options.split,
        options.seed,
        "NDCG@10",
        rows.rows,
        cases(asked),
        differences,
        [learning(models, served)],
        notes(asked, masked),
    )


def hear(models: Models, served: Served | None, asked: Asked) -> Heard:
    end = len(asked.validation)
    first, second = slice(0, end), slice(end, end + len(asked.test))

    def voices_of(questions: Questions, rows: slice) -> dict[str, Voice]:
        return models.voices(questions, rows) | (served.voices(questions) if served else {})

    voices = voices_of(asked.validation, first)
    prior = models.prior(list(voices))
    ways = (models.masked, not models.masked)
    before = listen(voices, prior, asked.validation, ways[:1], "validation")
    tested = listen(voices_of(asked.test, second), prior, asked.test, ways, "test")
    return Heard(list(voices), prior, before[ways[0]], tested[ways[0]], tested[ways[1]])


def add_ensembles(
    rows: Rows, heard: Heard, asked: Asked, options: Options, stages: Stages
) -> dict[str, np.ndarray]:
    """A row for each ensemble. Returns their ranks on the test with the history masked the other way."""
    names, validation, test = heard.names, asked.validation, asked.test
    start = np.array([heard.prior.get(name, 0.02) for name in names])
    pair = [names.index(KNN), names.index(PLAIN_NET)]
    other_way = {}
    # What is served is a blend itself, and its parts are members.
    every = [number for number, name in enumerate(names) if name != SERVED]
    for blend, stacked, members in ((BLEND_TWO, None, pair), (BLEND, STACKED, every)):
        fitted, blended, deep = stages.keep(
            f"weights of {blend}, {len(members)} voices",
            lambda members=members, stacked=stacked: fit_ensemble(
                heard.validation, validation, members, start[members], options.seed, stacked is not None
            ),
        )
        answers = answer(fitted, heard.test, test)
        others = answer(fitted, heard.other_way, test)
        weights = zip(members, np.mean(fitted.weights, 0), strict=True)
        words = ", ".join(f"{names[member]} {one:.2f}" for member, one in weights if one >= SURELY_USED)
        made = [(blend, words, blended, answers[0], others[0])]
        if stacked is not None:
            words = "blend + 32 hidden units over scores, ranks and history length"
            made.append((stacked, words, deep, answers[1], others[1]))
        for name, setting, seen, answered, otherwise in made:
            rows.add(
                name,
                candidate_ranks(seen, heard.validation, validation),
                candidate_ranks(answered, heard.test, test),
                setting,
                spread(top_of(answered, heard.test), asked.training),
            )
            other_way[name] = candidate_ranks(otherwise, heard.other_way, test)
    return other_way


def top_of(scores: np.ndarray, table: Table) -> np.ndarray:
    """(Q, TOP) products by scores (Q, K) of the candidates."""
    best = np.argsort(-scores, axis=1)[:, :TOP]
    return np.take_along_axis(table.candidates, best, 1)


def differences_of(rows: Rows, heard: Heard, best: str) -> list[dict]:
    """Over the baseline that validated best, the plain network, and the blend of two."""
    baselines = [row for row in rows.rows if row.model in heard.names and row.model not in NETS]
    baseline = max(baselines, key=lambda row: row.validation)
    rivals = [name for name in (baseline.model, PLAIN_NET, BLEND_TWO) if name != best]
    return [
        rows.difference(best, rival, metric)
        for rival in dict.fromkeys(rivals)
        for metric in ("NDCG@10", "R@10")
    ]


def cases(asked: Asked) -> dict[str, int | str]:
    return {
        "questions": len(asked.test),
        "validation questions": len(asked.validation),
        "shoppers": len(np.unique(asked.test.shopper)),
        "products": asked.training.items,
        "training turns": len(asked.training.item),
        "split": asked.split,
    }


def learning(models: Models, served: Served | None) -> Picture:
    curves = [
        {"name": name, "points": [[one["epoch"], one["validation"]] for one in trained.curve]}
        for name, trained in models.nets.items()
    ]
    if served:
        points = [[one["epoch"], one["NDCG@10"]] for one in served.curve]
        curves.append({"name": BEHAVIOUR, "points": points})
    return Picture("learning", "Validation by epoch", "epoch", "NDCG@10", curves)


def notes(asked: Asked, masked: bool) -> list[str]:
    return [
        f"{repeats_share(asked.validation):.1%} of the validation targets already stand in the shopper's "
        f"history; the history is {'masked' if masked else 'not masked'}, as validation says.",
        "Intervals draw whole shoppers; blends and the stacked model are cross-fitted on validation: "
        "what each is worth there was fitted on other shoppers.",
        f"Blends and the stacked model order {CANDIDATES} candidates, drawn up by a fixed blend.",
    ]
