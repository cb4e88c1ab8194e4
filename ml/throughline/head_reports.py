"""Each head beside its baseline, on events that it was not fitted on, with 95 % intervals by drawing shoppers
again.

Steps and intent are judged on the test part of the time split, against the table of what followed the last
event's type in training. Who comes back, and spend, need their days after the event, so both are asked at the
end of each visit from the validation part on, as far as the log still holds the answer; nothing of these two
heads is chosen there. The return's baselines are recency (days since the visit before) and a table of recency
and the number of visits; spend's is the mean by whether and how often the shopper came and bought.

A head is served only where its gain over the baseline has its whole interval above zero: in log loss, and for
spend in the normalised Gini, with no higher squared error. Few shoppers spend, and one moves a squared
error more than all that a model can know; what spend is used for is to order shoppers (arXiv 1912.07753).
"""

import numpy as np

from .contract import Contract
from .data import Log, Split
from .head_losses import DAY_MS, answers_before, ends_visit, start_tables
from .metrics.binary import auc, calibration_error, log_losses
from .metrics.bootstrap import measure_difference, measure_interval, paired_difference
from .metrics.value import gini, root_mean_square
from .metrics.weighed import plain
from .model import BehaviourModel, head_sizes
from .predict import head_outputs

MOST_EVENTS = 30_000
PREFIXES = (1, 3, 5)
RETURN_DAYS = (30, 90)
FEWEST_OF_EACH = 20  # of either answer, before a share of them says anything
RECENCY_DAYS = (1, 3, 7, 14, 30, 60)
VISITS = (1, 2, 4, 8)


def softmax(x: np.ndarray) -> np.ndarray:
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def gain(baseline: np.ndarray, model: np.ndarray, shopper: np.ndarray, seed: int) -> dict:
    """Of losses: how much lower the model's mean is, and whether the whole interval is above zero."""
    mean, low, high = paired_difference(baseline, model, shopper, seed)
    return {"gain": mean, "low": low, "high": high, "beaten": bool(low > 0)}


def head_reports(
    model: BehaviourModel, log: Log, ids: np.ndarray, split: Split, contract: Contract, seed: int
) -> dict[str, dict]:
    """Head name -> its figures, with `served`."""
    types = contract.vocabularies["event_type"]
    trained = answers_before(log, split.validation_ms, contract)
    tables = start_tables(log, trained, types, head_sizes(contract))
    places = np.flatnonzero(log.at_ms >= split.test_ms)
    if len(places) > MOST_EVENTS:
        places = np.sort(np.random.default_rng(seed).choice(places, MOST_EVENTS, replace=False))
    outputs = head_outputs(model, log, ids, contract, places)
    kind = log.columns["event_type"][places]
    everything = answers_before(log, np.inf, contract)
    reports = {}
    for name, labels in everything.classes.items():
        label = labels[places]
        known = label >= 0
        rows, theirs = outputs[name][known], tables[name][kind[known]]
        if name == "intent_logit":
            reports[name] = intent_report(log, places[known], rows, theirs, label[known] == 1, seed)
        else:
            reports[name] = class_report(rows, theirs, label[known], log.shopper[places[known]], seed)
            if name == "next_stage_logits":
                reports[name]["calibration"] = calibration(softmax(rows), label[known], contract.stages)
    reports |= later_reports(model, log, ids, split, contract, seed)
    return reports


def class_report(ours, theirs, label, shopper, seed: int) -> dict:
    if len(label) == 0:
        return {"events": 0, "served": False}
    rows = np.arange(len(label))
    p = softmax(ours)
    loss = -np.log(np.maximum(p[rows, label], 1e-12))
    table_loss = -np.log(np.maximum(softmax(theirs)[rows, label], 1e-12))
    lead = gain(table_loss, loss, shopper, seed)
    return {
        "events": len(label),
        "log_loss": float(loss.mean()),
        "transition_table_log_loss": float(table_loss.mean()),
        "gain_in_log_loss": lead,
        "served": lead["beaten"],
    }


def calibration(p: np.ndarray, label: np.ndarray, names: tuple[str, ...]) -> dict:
    """For each class: mean predicted, observed share, and the expected calibration error. All 0-1."""
    if len(p) == 0:
        return {name: {"predicted": 0.0, "observed": 0.0, "calibration_error": 0.0} for name in names}
    return {
        name: {
            "predicted": float(p[:, code].mean()),
            "observed": float((label == code).mean()),
            "calibration_error": plain(calibration_error(p[:, code], label == code), len(p)),
        }
        for code, name in enumerate(names)
    }


def places_in_visit(log: Log) -> np.ndarray:
    """(E,) how many events of its visit have happened with each event, from 1."""
    first = np.ones(len(log.at_ms), bool)
    visit = log.labels["visit"]
    first[1:] = (log.shopper[1:] != log.shopper[:-1]) | (visit[1:] != visit[:-1])
    starts = np.flatnonzero(first)
    return np.arange(len(first)) - starts[np.cumsum(first) - 1] + 1


def intent_report(log: Log, places, ours, theirs, yes, seed: int) -> dict:
    report = {"events": len(places), "buying": int(yes.sum()), "served": False}
    if min(yes.sum(), (~yes).sum()) < FEWEST_OF_EACH:
        return report
    p, table = sigmoid(ours[:, 0]), sigmoid(theirs[:, 0])
    shopper = log.shopper[places]
    lead = gain(log_losses(table, yes), log_losses(p, yes), shopper, seed)
    prefix = places_in_visit(log)[places]
    after = {}
    for events in PREFIXES:
        there = prefix == events
        if min(yes[there].sum(), (~yes[there]).sum()) < FEWEST_OF_EACH:
            continue
        after[str(events)] = {
            "visits": int(there.sum()),
            "auc": measure_interval(auc(p[there], yes[there]), shopper[there], seed),
            "table_auc": measure_interval(auc(table[there], yes[there]), shopper[there], seed),
            "calibration_error": plain(calibration_error(p[there], yes[there]), int(there.sum())),
        }
    ours_auc = measure_interval(auc(p, yes), shopper, seed)
    table_auc = measure_interval(auc(table, yes), shopper, seed)
    return report | {
        "log_loss": float(log_losses(p, yes).mean()),
        "table_log_loss": float(log_losses(table, yes).mean()),
        "gain_in_log_loss": lead,
        "auc": ours_auc,
        "table_auc": table_auc,
        "calibration_error": plain(calibration_error(p, yes), len(yes)),
        "after_events": after,
        "served": lead["beaten"] and ours_auc[0] > table_auc[0],
    }


def cells_of(log: Log, places: np.ndarray, bought: bool) -> np.ndarray:
    """(P,) a cell of the table of recency (days since the visit before) and visits; with `bought`, of whether
    the shopper has bought and of visits."""
    visit = log.labels["visit"].astype(np.int64)
    visits = np.searchsorted(VISITS, visit[places] + 1, side="left")
    if not bought:
        return np.searchsorted(RECENCY_DAYS, recency_days(log, places)) * (len(VISITS) + 1) + visits
    # Purchases of each shopper up to and with each event.
    purchase = np.cumsum(log.labels["basket"] > 0)
    start = log.offsets[log.shopper[places]]
    before = np.where(start > 0, purchase[np.maximum(start - 1, 0)], 0)
    return (purchase[places] > before) * (len(VISITS) + 1) + visits


def recency_days(log: Log, places: np.ndarray) -> np.ndarray:
    """(P,) days from the last event of the visit before to the event; a large number in a first visit."""
    begins = places - places_in_visit(log)[places] + 1
    before = np.maximum(begins - 1, 0)
    days = (log.at_ms[places] - log.at_ms[before]) / DAY_MS
    return np.where(begins > log.offsets[log.shopper[places]], days, 1e4)


def table_means(cells: np.ndarray, values: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Mean of the values in each asked cell, with a weight of five cases at the mean of all."""
    size = int(max(cells.max(initial=0), asked.max(initial=0))) + 1
    overall = values.mean() if len(values) else 0.0
    sums = np.bincount(cells, values, minlength=size) + 5 * overall
    return (sums / (np.bincount(cells, minlength=size) + 5))[asked]


def later_reports(model, log: Log, ids, split: Split, contract: Contract, seed: int) -> dict[str, dict]:
    ends = np.flatnonzero(ends_visit(log))
    log_end = log.at_ms.max(initial=0)
    asked = ends[log.at_ms[ends] >= split.validation_ms]
    outputs = head_outputs(model, log, ids, contract, asked)
    hazards = sigmoid(outputs["return_hazard_logits"])
    returns = {}
    for days in RETURN_DAYS:
        spans = sum(bound <= days for bound in contract.return_bounds_days)
        p = 1 - np.prod(1 - hazards[:, :spans], axis=1)
        fitted = ends[log.at_ms[ends] + days * DAY_MS <= split.validation_ms]
        judged = log.at_ms[asked] + days * DAY_MS <= log_end
        returns[f"days_{days}"] = return_report(log, asked[judged], p[judged], fitted, days, seed)
    spend_places = log.at_ms[asked] + contract.spend_days * DAY_MS <= log_end
    fitted = ends[log.at_ms[ends] + contract.spend_days * DAY_MS <= split.validation_ms]
    return {
        "return_hazard_logits": returns | {"served": returns[f"days_{RETURN_DAYS[0]}"]["beaten"]},
        "spend": spend_report(log, asked[spend_places], outputs["spend"][spend_places], fitted, seed),
    }


def came_back(log: Log, places: np.ndarray, days: int) -> np.ndarray:
    back = log.labels["return_days"][places]
    return (back >= 0) & (back <= days)


def return_report(log: Log, places, p, fitted, days: int, seed: int) -> dict:
    yes = came_back(log, places, days)
    report = {"visits": len(places), "returning": int(yes.sum()), "beaten": False}
    if min(yes.sum(), (~yes).sum()) < FEWEST_OF_EACH or len(fitted) == 0:
        return report
    cells = cells_of(log, fitted, bought=False)
    table = table_means(
        cells, came_back(log, fitted, days).astype(float), cells_of(log, places, bought=False)
    )
    shopper = log.shopper[places]
    lead = gain(log_losses(table, yes), log_losses(p, yes), shopper, seed)
    recent = -recency_days(log, places)
    ours_auc = measure_interval(auc(p, yes), shopper, seed)
    table_auc = measure_interval(auc(table, yes), shopper, seed)
    return report | {
        "log_loss": float(log_losses(p, yes).mean()),
        "table_log_loss": float(log_losses(table, yes).mean()),
        "gain_in_log_loss": lead,
        "auc": ours_auc,
        "table_auc": table_auc,
        "recency_auc": measure_interval(auc(recent, yes), shopper, seed),
        "calibration_error": plain(calibration_error(p, yes), len(yes)),
        "beaten": lead["beaten"] and ours_auc[0] > table_auc[0],
    }


def expected_cents(spend: np.ndarray) -> np.ndarray:
    """(P, 3) as the head gives it -> (P,) expected cents. The spread is cut at 2: beyond it the mean of a
    log-normal is all tail."""
    return sigmoid(spend[:, 0]) * np.exp(spend[:, 1] + 0.5 * np.minimum(spend[:, 2], 2.0) ** 2)


def spend_report(log: Log, places, spend, fitted, seed: int) -> dict:
    cents = log.labels["spend_cents"]
    known = cents[places] >= 0
    places, spend, fitted = places[known], spend[known], fitted[cents[fitted] >= 0]
    truth = cents[places].astype(float)
    report = {"visits": len(places), "spending": int((truth > 0).sum()), "served": False}
    if report["spending"] < FEWEST_OF_EACH or len(fitted) == 0:
        return report
    ours = expected_cents(spend.astype(float))
    cells = cells_of(log, fitted, bought=True)
    table = table_means(cells, cents[fitted].astype(float), cells_of(log, places, bought=True))
    mean = np.full(len(places), cents[fitted].mean())
    shopper = log.shopper[places]
    lead = gain((table - truth) ** 2 / 1e4, (ours - truth) ** 2 / 1e4, shopper, seed)
    ours_gini, table_gini = gini(ours, truth), gini(table, truth)
    gini_lead, low, high = measure_difference(ours_gini, table_gini, shopper, seed)

    def rmse(guess: np.ndarray) -> float:
        return plain(root_mean_square((guess - truth) / 100), len(truth))

    return report | {
        "mean": {"predicted": float(ours.mean() / 100), "observed": float(truth.mean() / 100)},
        "rmse": rmse(ours),
        "table_rmse": rmse(table),
        "mean_rmse": rmse(mean),
        "gini": plain(ours_gini, len(truth)),
        "table_gini": plain(table_gini, len(truth)),
        "gain_in_gini": {"gain": gini_lead, "low": low, "high": high, "beaten": low > 0},
        "gain_in_squared_error": lead,
        "served": low > 0 and lead["gain"] >= 0,
    }
