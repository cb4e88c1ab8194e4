"""Losses as sums with their counts, so that processes can divide by the targets of all of them."""

from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ..head_losses import WEIGHTS, Answers, class_loss, hazard_loss, spend_loss
from ..model import Outputs

# Of each sum in a step's loss. The next item and the behaviour that turns to it come first.
NAMES = ("item", "behaviour", *WEIGHTS)


def head_labels(answers: Answers, index: np.ndarray, learned: np.ndarray) -> dict[str, tuple[Tensor, Tensor]]:
    """Head name -> (B, W) bool: where something is known, and the labels there. index (B, W) of events, -1 =
    padding; learned (B, W) bool: which places count."""
    event = np.maximum(index, 0)
    found = {}
    for name, labels in answers.classes.items():
        label = np.where(learned, labels[event], -1)
        found[name] = (torch.from_numpy(label >= 0), torch.from_numpy(label[label >= 0]).long())
    hazards = torch.from_numpy(answers.hazards[event[learned]])
    found["return_hazard_logits"] = (torch.from_numpy(learned), hazards)
    cents = np.where(learned, answers.spend_cents[event], -1.0)
    found["spend"] = (torch.from_numpy(cents >= 0), torch.from_numpy(cents[cents >= 0]).float())
    return found


def head_sums(outputs: Outputs, labels: dict[str, tuple[Tensor, Tensor]]) -> Iterator[tuple[str, Tensor]]:
    """Head name, summed loss in nats."""
    for name, (places, label) in labels.items():
        given = getattr(outputs, name)[places]
        if len(label) == 0:
            yield name, 0 * given.sum()
            continue
        loss = {"return_hazard_logits": hazard_loss, "spend": spend_loss}.get(name, class_loss)
        yield name, loss(given, label) * len(label)


def behaviour_sum(logits: Tensor, behaviour: Tensor) -> Tensor:
    """logits (P, K), behaviour (P,)"""
    return F.cross_entropy(logits, behaviour, reduction="sum")
