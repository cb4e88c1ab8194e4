"""What the model answers by the served path: item vectors once, then the last place of each history."""

import numpy as np
import torch
from torch import Tensor

from .baselines import Scorer
from .batches import to_tensors
from .contract import Contract
from .data import Cases, Log, right_aligned, take
from .item_tower import Whitening
from .model import HEADS, BehaviourModel


def all_vectors(
    model: BehaviourModel,
    log: Log,
    ids: np.ndarray,
    unknown: Tensor | None = None,
    whitening: Whitening | None = None,
) -> torch.Tensor:
    """(N + 1, D) of products with ids (N + 1,). `unknown` (N,) bool: products whose id is not told.
    `whitening`: where the model is not of the log's shop."""
    item_id = torch.from_numpy(ids[1:])
    if unknown is not None:
        item_id = item_id.masked_fill(unknown, 0)
    # Places that no product of the catalogue fills cost as much as words.
    places = 1 + np.flatnonzero(log.item_tokens.any(0)).max(initial=0)
    tokens, text, price, image = (
        torch.from_numpy(one[1:])
        for one in (log.item_tokens[:, :places], log.item_text, log.item_price, log.item_image)
    )
    return model.item_vectors(tokens, text, price, item_id, image, whitening)


def history_scorer(model: BehaviourModel, vectors: Tensor, log: Log, contract: Contract) -> Scorer:
    """Scores of the products with vectors (N + 1, D), after the histories of cases."""
    model.eval()

    def scores(cases: Cases, batch: np.ndarray) -> np.ndarray:
        end = cases.end[batch]
        length = np.minimum(end - cases.start[batch], contract.history_length)
        index = right_aligned(end, length, contract.history_length)
        columns = {name: take(values, index) for name, values in log.columns.items()}
        with torch.no_grad():
            shopper = model.encoder(vectors, to_tensors(columns), last_only=True).shopper_vector
            return (shopper[:, 0] @ vectors.T).numpy()

    return scores


def model_scorer(model: BehaviourModel, log: Log, ids: np.ndarray, contract: Contract) -> Scorer:
    with torch.no_grad():
        vectors = all_vectors(model, log, ids)
    return history_scorer(model, vectors, log, contract)


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
