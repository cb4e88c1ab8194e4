"""What each head is taught at each place, and its loss.

A label counts only where all of it lies before the cut: a step's half hour, the visit, the days of spend. A
return is a hazard a span of days (b, b'], told by whoever had not come back by b: 1 if they come by b', 0 if
the cut or the log's end lies at b' or later; where it lies inside the span nothing is known, and the span
counts for nothing. Returns and spend are asked of those who have left, so they are learned from the last
event of each visit alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from .contract import Contract
from .data import Log
from .model import Outputs

DAY_MS = 86_400_000.0

WEIGHTS = {
    "next_stage_logits": 0.3,
    "next_type_logits": 0.2,
    "step_gap_logits": 0.1,
    "intent_logit": 0.3,
    "return_hazard_logits": 0.1,
    "spend": 0.02,
}


@dataclass(frozen=True)
class Answers:
    """Labels of all events as far as they are known before a moment; E events."""

    classes: dict[
        str, np.ndarray
    ]  # next_stage_logits, next_type_logits, step_gap_logits, intent_logit: (E,), -1 = ?
    hazards: np.ndarray  # (E, R) float32: 1 came back in the span, 0 did not, -1 = nothing known
    any_hazard: np.ndarray  # (E,) bool: of some span it is known
    spend_cents: np.ndarray  # (E,) float64, -1 = ?


def ends_visit(log: Log) -> np.ndarray:
    """(E,) bool: the event is the last of its visit."""
    last = np.ones(len(log.at_ms), bool)
    visit = log.labels["visit"]
    last[:-1] = (log.shopper[1:] != log.shopper[:-1]) | (visit[1:] != visit[:-1])
    return last


def visit_ends(log: Log) -> np.ndarray:
    """(E,) when the visit that each event is in has its last event, ms."""
    ends = np.flatnonzero(ends_visit(log))
    return log.at_ms[ends[np.searchsorted(ends, np.arange(len(log.at_ms)))]]


def answers_before(log: Log, before_ms: float, contract: Contract) -> Answers:
    step_over = log.at_ms + contract.session_gap_ms < before_ms
    visit_over = visit_ends(log) + contract.session_gap_ms < before_ms
    hazards = np.where(
        ends_visit(log)[:, None], hazard_labels(log, before_ms, contract.return_bounds_days), -1
    ).astype(np.float32)
    spend_over = log.at_ms + contract.spend_days * DAY_MS <= before_ms
    return Answers(
        classes={
            "next_stage_logits": np.where(step_over, log.next_stage, -1),
            "next_type_logits": np.where(step_over, log.labels["next_type"], -1),
            "step_gap_logits": np.where(step_over, log.labels["step_gap"], -1),
            "intent_logit": np.where(visit_over, log.labels["visit_buys"], -1),
        },
        hazards=hazards,
        any_hazard=(hazards >= 0).any(1),
        spend_cents=np.where(ends_visit(log) & spend_over, log.labels["spend_cents"], -1.0),
    )


def hazard_labels(log: Log, before_ms: float, bounds_days: tuple[float, ...]) -> np.ndarray:
    """(E, R) as in Answers."""
    upper = np.array(bounds_days)[None, :]
    lower = np.concatenate([[0.0], bounds_days[:-1]])[None, :]
    known_days = ((min(before_ms, log.at_ms.max(initial=0) + 1) - log.at_ms) / DAY_MS)[:, None]
    back = log.labels["return_days"][:, None].astype(float)
    back = np.where((back >= 0) & (back < known_days), back, np.inf)
    at_risk = back > lower
    came = at_risk & (back <= upper)
    stayed_away = at_risk & (back > upper) & (known_days >= upper)
    return np.where(came, 1.0, np.where(stayed_away, 0.0, -1.0)).astype(np.float32)


def class_loss(logits: Tensor, label: Tensor) -> Tensor:
    """logits (P, C) and label (P,), both without the unknown ones; one column = the log odds of yes."""
    if logits.shape[-1] == 1:
        return F.binary_cross_entropy_with_logits(logits[:, 0], label.to(logits.dtype))
    return F.cross_entropy(logits, label)


def hazard_loss(logits: Tensor, label: Tensor) -> Tensor:
    """(P, R) each; mean over events with any known span of the sum over those spans."""
    known = (label >= 0).to(logits.dtype)
    each = F.binary_cross_entropy_with_logits(logits, label.clamp(min=0), reduction="none") * known
    return each.sum() / known.amax(1).sum().clamp(min=1)


def spend_loss(spend: Tensor, cents: Tensor) -> Tensor:
    """spend (P, 3), cents (P,) >= 0 -> mean negative log-likelihood of zero or log-normal spend, nats."""
    some = (cents > 0).to(spend.dtype)
    any_loss = F.binary_cross_entropy_with_logits(spend[:, 0], some)
    z = (cents.clamp(min=1).log() - spend[:, 1]) / spend[:, 2]
    amount_loss = (0.5 * z.pow(2) + spend[:, 2].log()) * some
    return any_loss + amount_loss.mean()


def head_labels(answers: Answers, index: np.ndarray, learned: np.ndarray) -> dict[str, tuple[Tensor, Tensor]]:
    """Head name -> (B, W) bool: where something is known, and the labels there. index (B, W) of events, -1 =
    padding; learned (B, W) bool: which places count."""
    event = np.maximum(index, 0)
    found = {}
    for name, labels in answers.classes.items():
        label = np.where(learned, labels[event], -1)
        found[name] = (torch.from_numpy(label >= 0), torch.from_numpy(label[label >= 0]).long())
    # Any span of days known; most events do not end a visit and know none.
    known = learned & answers.any_hazard[event]
    found["return_hazard_logits"] = (torch.from_numpy(known), torch.from_numpy(answers.hazards[event[known]]))
    cents = np.where(learned, answers.spend_cents[event], -1.0)
    found["spend"] = (torch.from_numpy(cents >= 0), torch.from_numpy(cents[cents >= 0]).float())
    return found


def head_sums(outputs: Outputs, labels: dict[str, tuple[Tensor, Tensor]]) -> Iterator[tuple[str, Tensor]]:
    """Head name, summed loss in nats: processes divide by the labels of all of them."""
    for name, (places, label) in labels.items():
        given = getattr(outputs, name)[places]
        if len(label) == 0:
            yield name, 0 * given.sum()
            continue
        loss = {"return_hazard_logits": hazard_loss, "spend": spend_loss}.get(name, class_loss)
        yield name, loss(given, label) * len(label)


def start_tables(log: Log, answers: Answers, types: int, sizes: dict[str, int]) -> dict[str, np.ndarray]:
    """Head name -> (types, size): logits of what followed each type of event, with one pseudo-count."""
    kind = log.columns["event_type"].astype(np.int64)
    tables = {}
    for name, label in answers.classes.items():
        known = label >= 0
        if sizes[name] == 1:
            tables[name] = log_odds_by(kind[known], label[known] == 1, types)[:, None]
            continue
        cells = np.bincount(kind[known] * sizes[name] + label[known], minlength=types * sizes[name])
        counts = cells.reshape(types, sizes[name])
        # A class that never came keeps a very small share, so that its logarithm is finite.
        prior = (counts.sum(0) + 0.01) / (counts.sum() + 0.01 * sizes[name])
        tables[name] = np.log((counts + prior) / (counts.sum(1, keepdims=True) + 1))
    hazards = answers.hazards
    tables["return_hazard_logits"] = np.stack(
        [
            log_odds_by(kind[hazards[:, span] >= 0], hazards[hazards[:, span] >= 0, span] == 1, types)
            for span in range(sizes["return_hazard_logits"])
        ],
        axis=1,
    )
    known = answers.spend_cents >= 0
    cents = answers.spend_cents[known]
    logarithms = np.log(cents[cents > 0])
    mean, spread = (logarithms.mean(), logarithms.std()) if len(logarithms) > 1 else (8.0, 1.0)
    spend = np.zeros((types, sizes["spend"]))
    spend[:, 0] = log_odds_by(kind[known], cents > 0, types)
    spend[:, 1] = mean
    spend[:, 2] = np.log(np.expm1(max(spread - 0.05, 0.05)))
    return tables | {"spend": spend}


def log_odds_by(kind: np.ndarray, yes: np.ndarray, types: int) -> np.ndarray:
    """(types,) log odds of yes after each type, with one pseudo-case at the overall rate."""
    rate = (yes.sum() + 0.5) / (len(yes) + 1.0)
    share = (np.bincount(kind, yes, minlength=types) + rate) / (np.bincount(kind, minlength=types) + 1.0)
    return np.log(share) - np.log1p(-share)
