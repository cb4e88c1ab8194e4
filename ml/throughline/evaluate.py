"""The table that decides: the model beside every baseline, on the test part of the time split.

What a baseline can be tuned in (neighbours' exponents, decay, span of days) is chosen on the validation part,
as is the model's epoch. The gate: on test, the model's NDCG@10 exceeds that of every gating baseline with the
whole 95 % interval of the paired difference above zero (shoppers drawn again), and its R@10 is higher too.

`own_history` is measured beside them but does not gate: it answers with what the shopper has seen or bought,
which a slate leaves out or the shopper has found already. On logs of repeat orders it scores high:
a reader should know by how much.

What is judged is what is served: the transformer and, with the weight that validation chose, the neighbours
(blend). The transformer alone stands beside it for reference.

The other heads have their own gates (head_reports): one that does not beat its baseline is left out of the
artifact.
"""

import numpy as np

from .baselines import (
    Scorer,
    item_knn,
    own_history,
    popularity,
    recent_popularity,
)
from .blend import FLOOR, blended, choose_weight, most_weighing, neighbour_weights, sequences_before
from .contract import Contract
from .data import Cases, Log, Split, cases_between, current_items
from .head_reports import head_reports
from .metrics.bootstrap import paired_difference
from .metrics.cases import case_metrics, means_by_history, seen_before
from .metrics.ranking import means
from .predict import model_scorer
from .train import VALIDATION_CASES

TEST_CASES = 10_000
TRANSFORMER_ALONE = "transformer_alone"
REFERENCES = ("own_history", TRANSFORMER_ALONE)


def tuned_baselines(log: Log, split: Split, validation: Cases) -> dict[str, tuple[str, Scorer]]:
    """name -> (chosen setting, scorer), each setting chosen by NDCG@10 on validation."""
    cut = split.validation_ms
    choices: dict[str, list[tuple[str, Scorer]]] = {
        "popularity": [("all time", popularity(log, cut))],
        "recent_popularity": [(f"{days} days", recent_popularity(log, days)) for days in (3, 7, 28)],
        "own_history": [(f"decay {decay}", own_history(log, cut, decay)) for decay in (0.5, 1.0, 2.0)],
        "item_knn": [
            (f"target exponent {exponent}, decay {decay}", item_knn(log, cut, exponent, decay))
            for exponent in (0.1, 0.5)
            for decay in (1.0, 1.5, 2.5)
        ],
    }
    chosen = {}
    for name, options in choices.items():
        if len(options) == 1 or len(validation.end) == 0:
            chosen[name] = options[0]
            continue
        values = [means(case_metrics(scorer, validation, masked=True))["NDCG@10"] for _, scorer in options]
        chosen[name] = options[int(np.argmax(values))]
    return chosen


def evaluate(model, log: Log, ids, split: Split, contract: Contract, seed: int) -> dict:
    current = current_items(log)
    validation = cases_between(log, current, split.validation_ms, split.test_ms, VALIDATION_CASES, seed)
    test = cases_between(log, current, split.test_ms, split.end_ms, TEST_CASES, seed)
    alone = model_scorer(model, log, ids, contract)
    neighbours = neighbour_weights(sequences_before(log, split.validation_ms, contract), log.items)
    weighed = cases_between(log, current, split.validation_ms, split.test_ms, most_weighing(log.items), seed)
    weight = choose_weight(alone, neighbours, log, weighed, contract, seed)
    scorer = blended(alone, neighbours, weight, log, contract)
    values = case_metrics(scorer, test, masked=True)
    size = f"d {model.config.dimension}, {model.config.blocks} blocks"
    served = f"{size}, weight of the neighbours {weight:g}" if weight > 0 else size
    rows = {"model": {"setting": served, **means(values)}}
    every = {"model": values}
    beats = {}
    others = tuned_baselines(log, split, validation)
    if weight > 0:
        others = {TRANSFORMER_ALONE: (size, alone), **others}
    for name, (setting, baseline) in others.items():
        theirs = case_metrics(baseline, test, masked=True)
        rows[name] = {"setting": setting, **means(theirs)}
        every[name] = theirs
        if len(test.end) == 0:
            continue
        gain, low, high = paired_difference(values["NDCG@10"], theirs["NDCG@10"], test.shopper, seed)
        higher_recall = rows["model"]["R@10"] > rows[name]["R@10"]
        beats[name] = {
            "gain": gain,
            "low": low,
            "high": high,
            "beaten": bool(low > 0 and higher_recall),
            "gates": name not in REFERENCES,
        }
    heads = head_reports(model, log, ids, split, contract, seed)
    return {
        "split": {
            "validation_from_ms": split.validation_ms,
            "test_from_ms": split.test_ms,
            "test_to_ms": split.end_ms,
        },
        "cases": {
            "validation": len(validation.end),
            "test": len(test.end),
            "test_shoppers": len(np.unique(test.shopper)),
        },
        "blend": {"weight": weight, "floor": FLOOR},
        "next_item": rows,
        "next_item_by_history": means_by_history(every, seen_before(log, test)),
        "next_item_unmasked": {"model": means(case_metrics(scorer, test, masked=False))},
        "gain_in_ndcg_at_10": beats,
        "beats_every_baseline": bool(beats) and all(one["beaten"] for one in beats.values() if one["gates"]),
        "next_stage": heads["next_stage_logits"],
        "heads": heads,
    }
