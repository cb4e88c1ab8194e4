"""What the heads say after given events, by the served path."""

import numpy as np
import torch

from .contract import Contract
from .data import Log, right_aligned, take
from .model import HEADS, BehaviourModel
from .train import all_vectors, to_tensors


def head_outputs(
    model: BehaviourModel, log: Log, ids: np.ndarray, contract: Contract, places: np.ndarray
) -> dict[str, np.ndarray]:
    """Head name -> (P, size), after each of the given events and what came before it."""
    model.eval()
    parts: dict[str, list[np.ndarray]] = {name: [] for name in HEADS}
    with torch.no_grad():
        vectors = all_vectors(model, log, ids)
        for start in range(0, max(1, len(places)), 256):
            end = places[start : start + 256] + 1
            length = np.minimum(end - log.offsets[log.shopper[end - 1]], contract.history_length)
            index = right_aligned(end, length, contract.history_length)
            columns = to_tensors({name: take(values, index) for name, values in log.columns.items()})
            outputs = model.encoder(vectors, columns, last_only=True).last()
            for name in HEADS:
                parts[name].append(getattr(outputs, name).numpy())
    return {name: np.concatenate(each) for name, each in parts.items()}
