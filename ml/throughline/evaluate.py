"""The table that decides: the model beside every baseline, on the test part of the time split.

What a baseline can be tuned in (neighbours' exponents, decay, span of days) is chosen on the validation part,
as is the model's epoch. The gate: on test, the model's NDCG@10 exceeds that of every gating baseline with the
whole 95 % interval of the paired difference above zero (shoppers drawn again), and its R@10 is higher too.

`own_history` is measured beside them but does not gate: it answers with what the shopper has seen or bought,
which a slate leaves out or the shopper has found already. On logs of repeat orders it scores high:
a reader should know by how much.
"""

import numpy as np
import torch

from .baselines import (
    Scorer,
    item_knn,
    own_history,
    popularity,
    recent_popularity,
    transition_probabilities,
)
from .contract import Contract
from .data import Cases, Log, Split, cases_between, current_items, right_aligned, take
from .metrics import case_metrics, means, paired_difference
from .model import BehaviourModel
from .train import VALIDATION_CASES, all_vectors, model_scorer, to_tensors

TEST_CASES = 10_000
STAGE_CASES = 20_000
CALIBRATION_BINS = 10
REFERENCES = ("own_history",)


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


def stage_probabilities(
    model: BehaviourModel, log: Log, ids: np.ndarray, contract: Contract, places: np.ndarray
) -> np.ndarray:
    """(P, 6) the head's probabilities after each of the given events."""
    out = np.zeros((len(places), len(contract.stages)))
    with torch.no_grad():
        vectors = all_vectors(model, log, ids)
        for start in range(0, len(places), 256):
            end = places[start : start + 256] + 1
            length = np.minimum(end - log.offsets[log.shopper[end - 1]], contract.history_length)
            index = right_aligned(end, length, contract.history_length)
            columns = to_tensors({name: take(values, index) for name, values in log.columns.items()})
            _, logits = model.encoder(vectors, columns, last_only=True)
            out[start : start + len(end)] = logits[:, 0].softmax(-1).numpy()
    return out


def calibration(probability: np.ndarray, label: np.ndarray, stages: tuple[str, ...]) -> dict:
    """For each class: mean predicted, observed share, and the expected calibration error over ten bins of
    equal count. All 0-1."""
    table = {}
    for code, stage in enumerate(stages):
        predicted, observed = probability[:, code], (label == code).astype(float)
        order = np.argsort(predicted, kind="stable")
        bins = [part for part in np.array_split(order, CALIBRATION_BINS) if len(part)]
        error = sum(len(part) * abs(predicted[part].mean() - observed[part].mean()) for part in bins)
        table[stage] = {
            "predicted": float(predicted.mean()),
            "observed": float(observed.mean()),
            "calibration_error": float(error / max(1, len(order))),
        }
    return table


def next_stage_report(model, log: Log, ids, split: Split, contract: Contract, seed: int) -> dict:
    """Log loss (nats an event) on test beside the transition table's, and the head's calibration."""
    places = np.flatnonzero((log.at_ms >= split.test_ms) & (log.next_stage >= 0))
    if len(places) > STAGE_CASES:
        places = np.sort(np.random.default_rng(seed).choice(places, STAGE_CASES, replace=False))
    if len(places) == 0:
        return {"events": 0}
    label = log.next_stage[places]
    model_p = stage_probabilities(model, log, ids, contract, places)
    types = contract.vocabularies["event_type"]
    table = transition_probabilities(log, split.validation_ms, len(contract.stages), types)
    table_p = table[log.columns["event_type"][places]]
    rows = np.arange(len(places))

    def log_loss(p: np.ndarray) -> float:
        return float(-np.log(np.maximum(p[rows, label], 1e-12)).mean())

    return {
        "events": len(places),
        "log_loss": log_loss(model_p),
        "transition_table_log_loss": log_loss(table_p),
        "calibration": calibration(model_p, label, contract.stages),
    }


def evaluate(model, log: Log, ids, split: Split, contract: Contract, seed: int) -> dict:
    current = current_items(log)
    validation = cases_between(log, current, split.validation_ms, split.test_ms, VALIDATION_CASES, seed)
    test = cases_between(log, current, split.test_ms, split.end_ms, TEST_CASES, seed)
    scorer = model_scorer(model, log, ids, contract)
    values = case_metrics(scorer, test, masked=True)
    rows = {
        "model": {"setting": f"d {model.config.dimension}, {model.config.blocks} blocks", **means(values)}
    }
    beats = {}
    for name, (setting, baseline) in tuned_baselines(log, split, validation).items():
        theirs = case_metrics(baseline, test, masked=True)
        rows[name] = {"setting": setting, **means(theirs)}
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
        "next_item": rows,
        "next_item_unmasked": {"model": means(case_metrics(scorer, test, masked=False))},
        "gain_in_ndcg_at_10": beats,
        "beats_every_baseline": bool(beats) and all(one["beaten"] for one in beats.values() if one["gates"]),
        "next_stage": next_stage_report(model, log, ids, split, contract, seed),
    }
