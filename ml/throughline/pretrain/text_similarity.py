"""The baseline of a model without ids: products whose text is near to that of what the shopper turned to.

Words weigh log((N + 1) / (1 + products with it)); a product is the unit vector of its words; a history is the
sum of its products', weighted (1 + distance from the end)^-decay; scores are cosines (Salton's vector space).
"""

import numpy as np
import scipy.sparse as sparse

from ..baselines import Scorer, history_of
from ..data import Cases, Log

MOST_PRODUCTS = 50


def text_similarity(log: Log, decay: float) -> Scorer:
    words = word_vectors(log)

    def scores(cases: Cases, batch: np.ndarray) -> np.ndarray:
        row, item, weight = [], [], []
        for number, case in enumerate(batch):
            items, distance = history_of(log, cases, int(case), MOST_PRODUCTS)
            row += [number] * len(items)
            item += items.tolist()
            weight += ((1.0 + distance) ** -decay).tolist()
        history = sparse.csr_matrix((weight, (row, item)), shape=(len(batch), log.items + 1)) @ words
        length = np.sqrt(history.multiply(history).sum(1))
        return np.asarray((history @ words.T).todense() / np.maximum(length, 1e-9))

    return scores


def word_vectors(log: Log) -> sparse.csr_matrix:
    """(N + 1, vocabulary) unit rows; a product without text has a row of zeros."""
    product, _ = np.nonzero(log.item_tokens)
    word = log.item_tokens[log.item_tokens > 0]
    shape = (log.items + 1, int(word.max(initial=0)) + 1)
    counts = sparse.csr_matrix((np.ones(len(word)), (product, word)), shape=shape)
    counts.data[:] = 1.0
    rarity = np.log((log.items + 1) / (1 + np.asarray(counts.sum(0)).ravel()))
    weighted = counts @ sparse.diags(rarity)
    length = np.sqrt(np.asarray(weighted.multiply(weighted).sum(1)).ravel())
    return sparse.csr_matrix(sparse.diags(1 / np.maximum(length, 1e-9)) @ weighted)
