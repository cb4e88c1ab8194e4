"""Neighbours by counting: products that follow each other, and shoppers who chose alike.

Item-kNN: C_ij = Σ gap^-decay over j following i within 50 elements, plus `backward` times the same for j
before i; W = C / (p_i^.5 · p_j^target_exponent + .5), the top 200 of each source; a history votes with
(1 + distance from its end)^-query_decay, the last product × `last`.
Shopper-kNN: similarity Σ over shared products of vote · p^-.3 / |shopper|^.5, the 200 most alike; their
products count p^-.1.
"""

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sparse

from .questions import HISTORY, Questions, Sequences

NEIGHBOURS = 200
BATCH = 500  # questions whose likeness to all shoppers is held at once


@dataclass(frozen=True)
class ItemKnn:
    decay: float = 0.5
    backward: float = 0.25
    source_exponent: float = 0.5
    target_exponent: float = 0.1
    query_decay: float = 1.5
    last: float = 0.8

    def words(self) -> str:
        return (
            f"gap^-{self.decay:g}, backwards times {self.backward:g}, "
            f"target popularity^{self.target_exponent:g}, "
            f"history (1 + distance)^-{self.query_decay:g}, last times {self.last:g}"
        )


# Untuned and without order: each pair of a history counts the same, cosine weights (the plain baseline).
PLAIN = ItemKnn(decay=0.0, backward=1.0, target_exponent=0.5, query_decay=0.0, last=1.0)
GRID = {
    "target_exponent": (0.0, 0.1, 0.2, 0.35, 0.5),
    "query_decay": (0.5, 1.0, 1.5, 2.0),
    "backward": (0.0, 0.25, 0.5, 1.0),
    "last": (0.6, 0.8, 1.0, 1.3),
    "decay": (0.25, 0.5, 1.0),
}


def cooccurrence(training: Sequences, decay: float, backward: float) -> sparse.csr_matrix:
    """(N + 1, N + 1)"""
    item, shopper = training.item, training.shopper
    size = training.items + 1
    rows, columns, values = [], [], []
    for gap in range(1, min(HISTORY, len(item) - 1) + 1):
        same = (shopper[gap:] == shopper[:-gap]) & (item[gap:] != item[:-gap])
        a, b = item[:-gap][same], item[gap:][same]
        weight = np.full(len(a), gap**-decay, np.float32)
        rows += [a, b] if backward else [a]
        columns += [b, a] if backward else [b]
        values += [weight, weight * np.float32(backward)] if backward else [weight]
    if not rows:
        return sparse.csr_matrix((size, size), dtype=np.float32)
    entries = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
    return sparse.coo_matrix(entries, shape=(size, size)).tocsr()


def strongest(matrix: sparse.csr_matrix, most: int) -> sparse.csr_matrix:
    """The `most` largest entries of each row."""
    matrix = matrix.tocoo()
    order = np.lexsort((-matrix.data, matrix.row))
    row = matrix.row[order]
    place = np.arange(len(row)) - np.searchsorted(row, np.arange(matrix.shape[0]))[row]
    kept = order[place < most]
    entries = (matrix.data[kept], (matrix.row[kept], matrix.col[kept]))
    return sparse.csr_matrix(entries, shape=matrix.shape)


def weights(training: Sequences, setting: ItemKnn) -> sparse.csr_matrix:
    """W, (N + 1, N + 1)."""
    counts = cooccurrence(training, setting.decay, setting.backward).tocoo()
    popular = np.maximum(training.popularity(), 1)
    below = popular[counts.row] ** setting.source_exponent * popular[counts.col] ** setting.target_exponent
    value = (counts.data / (below + 0.5)).astype(np.float32)
    return strongest(sparse.csr_matrix((value, (counts.row, counts.col)), shape=counts.shape), NEIGHBOURS)


def votes(questions: Questions, decay: float, last: float = 1.0, most: int = HISTORY) -> sparse.csr_matrix:
    """(Q, N + 1): what each product of a history counts."""
    history = questions.history[:, -most:]
    distance = np.arange(history.shape[1])[::-1]
    vote = (1.0 + distance) ** -decay
    vote[distance == 0] *= last
    row, place = np.nonzero(history)
    entries = (vote[place].astype(np.float32), (row, history[row, place]))
    return sparse.csr_matrix(entries, shape=questions.seen.shape)


def shopper_knn(training: Sequences, questions: Questions) -> sparse.csr_matrix:
    """Scores, (Q, N + 1). The asker's own training sequence is nobody's neighbour."""
    shoppers = len(training.offsets) - 1
    ones = np.ones(len(training.item), np.float32)
    chosen = sparse.csr_matrix(
        (ones, (training.shopper, training.item)), shape=(shoppers, training.items + 1)
    )
    chosen.data[:] = 1
    popular = np.maximum(training.popularity(), 1).astype(np.float32)
    length = np.maximum(np.diff(chosen.indptr), 1).astype(np.float32)
    other = (sparse.diags(length**-0.5) @ chosen).T.tocsr()
    vote = votes(questions, 1.0) @ sparse.diags(popular**-0.3)
    parts = []
    for start in range(0, len(questions), BATCH):
        alike = (vote[start : start + BATCH] @ other).tocoo()
        strange = alike.col != questions.shopper[start : start + BATCH][alike.row]
        entries = (alike.data[strange], (alike.row[strange], alike.col[strange]))
        alike = strongest(sparse.csr_matrix(entries, shape=alike.shape), NEIGHBOURS)
        parts.append(alike @ chosen @ sparse.diags(popular**-0.1))
    return sparse.vstack(parts).tocsr().astype(np.float32)


def tune(judge, start: ItemKnn = ItemKnn()) -> tuple[ItemKnn, float]:
    """One pass of coordinate search: `judge(setting)` gives the figure to raise."""
    best, value = start, judge(start)
    for field, choices in GRID.items():
        for choice in choices:
            if choice == getattr(best, field):
                continue
            candidate = replace(best, **{field: choice})
            found = judge(candidate)
            if found > value:
                best, value = candidate, found
    return best, value
