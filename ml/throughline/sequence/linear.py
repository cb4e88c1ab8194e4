"""Linear item models in closed form.

EASE (Steck, arXiv 1905.03375): B = −P / diag(P) with P = (AᵀA + λ)⁻¹, A shoppers × products, zero diagonal.
Sequential (after SLIT, arXiv 2103.16104): B = (XᵀX + λ)⁻¹ XᵀY; a row of X is a history with gap^-1, the same
row of Y what came after it with (1 + gap)^-1, at most 20 on.
Above MOST products only the most popular take part: time grows with the cube, memory with the square.
"""

import numpy as np
import scipy.sparse as sparse
import torch

from .questions import HISTORY, Sequences

MOST = 13_000
EASE_PENALTY = 50.0
SEQUENTIAL_PENALTY = 10.0
AHEAD = 20


def taking_part(training: Sequences) -> np.ndarray:
    """Item rows, rising: those seen in training, at most MOST."""
    popular = training.popularity()
    order = np.argsort(-popular, kind="stable")[:MOST]
    return np.sort(order[popular[order] > 0])


def product(left: sparse.csr_matrix, right: sparse.csr_matrix) -> torch.Tensor:
    """leftᵀ right, dense (K, K), by blocks of rows: a sparse product of long histories takes more memory."""
    dense = np.zeros((left.shape[1], right.shape[1]), np.float32)
    for start in range(0, left.shape[0], 20_000):
        block = (left[start : start + 20_000].T @ right[start : start + 20_000]).tocoo()
        dense[block.row, block.col] += block.data
    return torch.from_numpy(dense)


def factor(gram: torch.Tensor, penalty: float) -> torch.Tensor:
    """Lower Cholesky factor of gram + penalty."""
    gram.diagonal().add_(penalty)
    return torch.linalg.cholesky(gram)


def by_rows(weight: torch.Tensor) -> np.ndarray:
    """LAPACK's answers lie column by column; each product with a sparse matrix would copy them anew."""
    return weight.contiguous().numpy()


def ease(training: Sequences, used: np.ndarray) -> np.ndarray:
    """(K, K) among the products `used`."""
    shape = (len(training.offsets) - 1, training.items + 1)
    chosen = sparse.csr_matrix(
        (np.ones(len(training.item), np.float32), (training.shopper, training.item)), shape=shape
    )
    chosen.data[:] = 1
    chosen = chosen[:, used]
    inverse = torch.cholesky_inverse(factor(product(chosen, chosen), EASE_PENALTY))
    inverse /= -inverse.diagonal().clone()[None, :]
    inverse.diagonal().zero_()
    return by_rows(inverse)


def sequential(training: Sequences, used: np.ndarray) -> np.ndarray:
    """(K, K): row = product of the history, column = product to come."""
    item, shopper = training.item, training.shopper
    steps = np.arange(len(item))

    def shifted(gaps: range, sign: int) -> sparse.csr_matrix:
        rows, columns, values = [], [], []
        for gap in gaps:
            other = steps + sign * gap
            there = (other >= 0) & (other < len(item))
            there[there] = shopper[other[there]] == shopper[steps[there]]
            rows.append(steps[there])
            columns.append(item[other[there]])
            values.append(np.full(there.sum(), 1.0 / (gap if sign < 0 else gap + 1), np.float32))
        entries = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
        return sparse.csr_matrix(entries, shape=(len(item), training.items + 1))[:, used]

    later = np.ones(len(item), bool)
    later[training.offsets[:-1][np.diff(training.offsets) > 0]] = False  # a first product has no history
    before, after = shifted(range(1, HISTORY + 1), -1)[later], shifted(range(AHEAD), 1)[later]
    lower = factor(product(before, before), SEQUENTIAL_PENALTY)
    return by_rows(torch.cholesky_solve(product(before, after), lower))
