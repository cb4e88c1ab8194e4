"""Calibration of the heads on the validation part: logits · slope + shift, a shift a class (Platt scaling).

Fitted by maximum likelihood with a normal prior around "as it is" that weighs as much as a few cases, so that
a small validation part changes little. What a shop sells and whom it reaches moves on from the training part;
the heads are brought back to the last rates before the test. Hazards of returning and spend are left as they
are: their answers lie beyond the validation part.
"""

import numpy as np
import torch

from .contract import Contract
from .data import Log, Split
from .head_losses import answers_before, class_loss
from .model import BehaviourModel
from .predict import head_outputs

MOST_EVENTS = 20_000
PRIOR_CASES = 20.0


def calibrate(model: BehaviourModel, log: Log, ids: np.ndarray, split: Split, contract: Contract, seed: int):
    """Sets slope and shift of each class head from events of the validation part."""
    for head in model.encoder.heads.values():
        head.slope.fill_(1.0)
        head.shift.zero_()
    answers = answers_before(log, split.test_ms, contract)
    places = np.flatnonzero((log.at_ms >= split.validation_ms) & (log.at_ms < split.test_ms))
    if len(places) > MOST_EVENTS:
        places = np.sort(np.random.default_rng(seed).choice(places, MOST_EVENTS, replace=False))
    outputs = head_outputs(model, log, ids, contract, places)
    for name, labels in answers.classes.items():
        known = labels[places] >= 0
        if not known.any():
            continue
        slope, shift = fit(outputs[name][known], labels[places][known])
        head = model.encoder.heads[name]
        head.slope.copy_(torch.tensor([slope]))
        head.shift.copy_(torch.from_numpy(shift))


def fit(logits: np.ndarray, label: np.ndarray) -> tuple[float, np.ndarray]:
    """logits (P, C), label (P,) -> slope, shift (C,)"""
    x, y = torch.from_numpy(logits).double(), torch.from_numpy(label).long()
    log_slope = torch.zeros(1, dtype=torch.double, requires_grad=True)
    shift = torch.zeros(x.shape[1], dtype=torch.double, requires_grad=True)
    optimiser = torch.optim.LBFGS([log_slope, shift], max_iter=200, line_search_fn="strong_wolfe")

    def closure():
        optimiser.zero_grad()
        prior = PRIOR_CASES / len(y) * (log_slope.pow(2).sum() + 0.5 * shift.pow(2).sum())
        loss = class_loss(x * log_slope.exp() + shift, y) + prior
        loss.backward()
        return loss

    optimiser.step(closure)
    return float(log_slope.detach().exp()), shift.detach().numpy()
