"""What a shopper buys next: the first order after the cut, or, in a log without orders, all that is bought
in the test span.

Every model knows only what comes before the cut. The stacked ranking learns from earlier cuts and is chosen
on a validation cut whose answers lie before the test (throughline.basket.cuts has the protocol); its members
are then fitted again on cuts up to the test. Each row's `validation` is its NDCG@10 there; the blend is
chosen unless another is surely better there. Rows named "(new products)" rank and count only what the
shopper has not bought before.
"""

from collections.abc import Callable

import numpy as np
from tqdm import tqdm

from ..basket.candidates import Candidates, candidates_of
from ..basket.cold_start import BY_TEXT, ColdStart, cold_start
from ..basket.contest import OWN_RECENCY, Judged, Ranked, ranked, tuned_recency
from ..basket.cuts import Cuts, cuts_of
from ..basket.log import BasketLog, Questions, Span, load_basket_log, questions
from ..basket.members import thinned
from ..basket.stack import MEMBERS
from ..contract import Contract
from ..metrics.bootstrap import interval, mean_samples, paired_difference
from ..metrics.ranking import coverage
from .options import NotEnoughDataError, Options
from .result import METRICS, Picture, Result, Row
from .stages import Stages

LEAST_QUESTIONS = 20
MOST_LEARNT_FROM = 1500  # shoppers of one earlier cut
MOST_CHECKED = 4000  # shoppers of the validation cut
NEW = " (new products)"


def evaluate(options: Options, contract: Contract, stages: Stages) -> Result:
    log, span, _ = load_basket_log(options.work)
    cuts = cuts_of(log, span)
    asked, checked = (
        questions(log, cuts.test),
        drawn(questions(log, cuts.validation), MOST_CHECKED, options.seed),
    )
    for part, found in (("test", asked), ("validation", checked)):
        if len(found.shopper) < LEAST_QUESTIONS:
            raise NotEnoughDataError(
                f"Expected at least {LEAST_QUESTIONS} shoppers with a next basket in the {part} span, got "
                f"{len(found.shopper)}. Take a longer log, or another --cut."
            )
    test = stages.keep("candidates, test", lambda: candidates_of(log, asked))
    validation = stages.keep("candidates, validation", lambda: candidates_of(log, checked))
    earlier = earlier_tables(log, cuts, options.seed, stages)
    everything = stages.keep(
        "ranking", lambda: ranked(validation, test, cuts, earlier, options.seed, new=False)
    )
    tuned = stages.keep("own recency", lambda: tuned_recency(log, checked, asked))
    # It stands for the one with a fixed half-life, which stays a column and a score of the blend.
    everything.models = [tuned if one.name == OWN_RECENCY else one for one in everything.models]
    fresh = stages.keep(
        "ranking, new", lambda: ranked(validation, test, cuts, earlier, options.seed, new=True)
    )
    cold = stages.keep("cold start", lambda: cold_start(log, cuts, options.seed))
    return result_of(options, log, cuts, test, validation, everything, fresh, cold)


def drawn(asked: Questions, most: int, seed: int) -> Questions:
    if len(asked.shopper) <= most:
        return asked
    kept = np.sort(np.random.default_rng(seed).choice(len(asked.shopper), most, replace=False))
    return Questions(asked.span, asked.shopper[kept], [asked.targets[one] for one in kept])


def earlier_tables(log: BasketLog, cuts: Cuts, seed: int, stages: Stages) -> dict[Span, Candidates]:
    """Thinned candidates of each earlier cut that asks anything."""
    tables = {}
    spans = sorted({*cuts.before_validation, *cuts.before_test}, key=lambda one: -one.as_of_ms)
    for number, span in enumerate(tqdm(spans, desc="earlier cuts")):
        asked = drawn(questions(log, span), MOST_LEARNT_FROM, seed)
        if len(asked.shopper):
            make = made(log, asked, seed * 1000 + number)
            tables[span] = stages.keep(f"candidates {span.as_of_ms:.0f}", make)
    return tables


def made(log: BasketLog, asked: Questions, seed: int) -> Callable[[], Candidates]:
    return lambda: thinned(candidates_of(log, asked), seed)


def row_of(one: Judged, seed: int, items: int, suffix: str = "") -> Row:
    values = one.values()
    names = [name for name in values if name in METRICS]
    columns = np.stack([values[name] for name in names], 1)
    samples = mean_samples(columns, np.arange(len(columns)), seed)
    return Row(
        model=one.name + suffix,
        metrics={name: float(values[name].mean()) for name in names},
        interval={name: interval(one) for name, one in zip(names, samples.T, strict=True)},
        setting=one.setting,
        validation=one.validation,
        reference=bool(suffix),
        detail={
            "HR@10": float(values["HR@10"].mean()),
            "coverage": coverage(one.tops[:, :10], items),
        },
    )


def result_of(
    options: Options,
    log: BasketLog,
    cuts: Cuts,
    test: Candidates,
    validation: Candidates,
    everything: Ranked,
    fresh: Ranked,
    cold: ColdStart | None,
) -> Result:
    seed = options.seed
    chosen = everything.chosen()
    rows = [row_of(one, seed, log.items) for one in everything.models]
    chosen_row = rows[everything.models.index(chosen)]
    chosen_row.chosen = True
    notes = notes_of(log, cuts, test, everything)
    if len(fresh.cases) >= LEAST_QUESTIONS:
        best_new = fresh.chosen()
        rows += [row_of(one, seed, log.items, NEW) for one in fresh.models]
        values = best_new.values()
        chosen_row.detail |= {f"{name} new": float(values[name].mean()) for name in ("R@10", "NDCG@10")}
        notes.append(
            f"Products new to the shopper ({len(fresh.cases)} shoppers): validation chose {best_new.name}."
        )
    if cold is not None:
        note, detail = cold_words(cold)
        notes.append(note)
        chosen_row.detail |= detail
    return Result(
        target=options.target,
        split=options.split,
        seed=seed,
        decided_by="NDCG@10",
        rows=rows,
        cases={
            "shoppers": test.cases,
            "products": log.items,
            "asked": "the first order after the cut"
            if log.has_orders
            else "all that is bought after the cut",
            "days": round(cuts.test.days),
            "validation shoppers": validation.cases,
        },
        differences=differences(chosen, everything.models, seed),
        pictures=pictures(chosen, everything.models, test),
        notes=notes,
    )


def differences(chosen: Judged, models: list[Judged], seed: int) -> list[dict]:
    mine, each = chosen.values(), np.arange(len(chosen.targets))
    found = []
    for other in models:
        if other.name == chosen.name or other.name in MEMBERS:
            continue
        theirs = other.values()
        for metric in ("R@10", "NDCG@10", "HR@10"):
            gain, low, high = paired_difference(mine[metric], theirs[metric], each, seed)
            found.append(
                {
                    "of": chosen.name,
                    "over": other.name,
                    "metric": metric,
                    "gain": gain,
                    "low": low,
                    "high": high,
                }
            )
    return found


def notes_of(log: BasketLog, cuts: Cuts, test: Candidates, everything: Ranked) -> list[str]:
    reach = np.bincount(test.case, test.label, minlength=test.cases) / [len(one) for one in test.targets]
    known = np.unique(log.shopper[log.at_ms < cuts.test.as_of_ms])
    unknown = int((~np.isin(test.shopper, known)).sum())
    notes = [
        f"The candidates hold {reach.mean():.0%} of what a shopper buys; the rest cannot be ranked.",
        f"Validation asks as of {cuts.validation.days:.3g} days before the test, and learns from "
        f"{len(cuts.before_validation)} earlier cuts; the test from {len(cuts.before_test)}.",
    ]
    if everything.blend is None:
        notes.append("Too few earlier purchases to stack models on: only simple models are compared.")
    if unknown:
        notes.append(f"{unknown} of the shoppers were never seen before the cut; they get what is popular.")
    return notes


def cold_words(cold: ColdStart) -> tuple[str, dict[str, float]]:
    among = {name: float(values["R@10"].mean()) for name, values in cold.among_cold.items()}
    everywhere = float(cold.among_all[BY_TEXT]["R@10"].mean())
    others = ", ".join(f"{name} {value:.3f}" for name, value in among.items() if name != BY_TEXT)
    note = (
        f"Cold start: whole families of products held out ({cold.products} products), first purchases of "
        f"{cold.shoppers} shoppers. R@10 among the held out {among[BY_TEXT]:.3f} by text ({others}); among "
        f"all products {everywhere:.3f}."
    )
    return note, {
        "R@10 cold": among[BY_TEXT],
        "R@10 cold, popularity of the category": among["popularity of the category"],
        "R@10 cold, among all": everywhere,
    }


def pictures(chosen: Judged, models: list[Judged], test: Candidates) -> list[Picture]:
    """How the chosen and the own history do, by how much history there is."""
    length = test.columns[:, test.names.index("shopper: events")]
    events = np.zeros(test.cases)
    events[test.case] = length
    order = np.argsort(events, kind="stable")
    tenths = [part for part in np.array_split(order, 10) if len(part)]
    own = next(one for one in models if one.name == OWN_RECENCY)
    series = []
    for one in {chosen.name: chosen, own.name: own}.values():
        recall = one.values()["R@10"]
        series.append(
            {"name": one.name, "points": [[n + 1, float(recall[p].mean())] for n, p in enumerate(tenths)]}
        )
    return [
        Picture(
            "deciles",
            "Recall by length of history",
            "tenth of the shoppers, shortest history first",
            "R@10",
            series,
            "Each point is a tenth of the shoppers asked about.",
        )
    ]
