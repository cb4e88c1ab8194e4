"""The baseline of a model without ids: products whose text is near to that of what the shopper turned to.

A product is the unit vector of its words, each weighing log((N + 1) / (1 + products with it)), or its text
vector, as it is or whitened. A history is the sum of its products', the one d groups from its end weighing
(1 + d)^-decay. Scores are cosines (Salton's vector space).
"""

from typing import Literal

import numpy as np
import scipy.sparse as sparse
import torch

from ..baselines import Scorer, history_of
from ..data import Cases, Log
from ..item_tower import whitening_of

MOST_PRODUCTS = 50

Reading = Literal["words", "text", "whitened text"]


def text_similarity(log: Log, reading: Reading, decay: float) -> Scorer:
    vectors = word_vectors(log) if reading == "words" else text_vectors(log, whitened=reading != "text")

    def scores(cases: Cases, batch: np.ndarray) -> np.ndarray:
        row, item, weight = [], [], []
        for number, case in enumerate(batch):
            items, distance = history_of(log, cases, int(case), MOST_PRODUCTS)
            row += [number] * len(items)
            item += items.tolist()
            weight += ((1.0 + distance) ** -decay).tolist()
        history = sparse.csr_matrix((weight, (row, item)), shape=(len(batch), log.items + 1)) @ vectors
        length = np.sqrt(history.multiply(history).sum(1))
        return np.asarray((history @ vectors.T).todense() / np.maximum(length, 1e-9))

    return scores


def word_vectors(log: Log) -> sparse.csr_matrix:
    """(N + 1, vocabulary) unit rows; a product without text has a row of zeros."""
    product, _ = np.nonzero(log.item_tokens)
    word = log.item_tokens[log.item_tokens > 0]
    shape = (log.items + 1, int(word.max(initial=0)) + 1)
    counts = sparse.csr_matrix((np.ones(len(word)), (product, word)), shape=shape)
    counts.data[:] = 1.0
    rarity = np.log((log.items + 1) / (1 + np.asarray(counts.sum(0)).ravel()))
    return unit_rows(counts @ sparse.diags(rarity))


def text_vectors(log: Log, *, whitened: bool) -> sparse.csr_matrix:
    """(N + 1, t) unit rows; a product without text has a row of zeros."""
    text = torch.from_numpy(log.item_text)
    return unit_rows(sparse.csr_matrix((whitening_of(log)(text) if whitened else text).numpy()))


def unit_rows(rows: sparse.csr_matrix) -> sparse.csr_matrix:
    length = np.sqrt(np.asarray(rows.multiply(rows).sum(1)).ravel())
    return sparse.csr_matrix(sparse.diags(1 / np.maximum(length, 1e-9)) @ rows)
