"""A table of piece vectors whose sums point where the teacher's sentence vectors point.

    start     E⁰_t = a / (a + p_t) · unit(PCA(teacher(piece t) − mean))   (model2vec; SIF, Arora et al., 2017)
    target    y_x = unit(PCA(teacher(text x) − mean)), PCA of the training texts to D numbers
    fit       min over E of Σ_x |s_x Σ_t∈x E_t − y_x|² + ridge · Σ_t |E_t − E⁰_t|² / |E⁰_t|²

s_x = 1 / |Σ_t∈x E_t| makes the square a cosine; it is taken from the round before, and a second round settles
it. Each round is a ridge regression on a sparse matrix, solved by conjugate gradients for all D columns at
once. Held-out texts choose the ridge.

The means are taken off each for itself: the teacher's vectors share a large common part (its cosines lie
between .7 and 1), and that of single pieces is another than that of texts. What no text touches stays at its
start, so languages without texts stay as the teacher's pieces left them.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix, diags


@dataclass(frozen=True)
class FitSettings:
    dimension: int = 96
    common: float = 1e-3  # a: pieces more probable than this count for less than half
    ridges: tuple[float, ...] = (0.1, 0.5)
    rounds: int = 2
    steps: int = 25  # of conjugate gradients
    held_out: float = 0.05
    seed: int = 1


def unit_rows(values: np.ndarray) -> np.ndarray:
    return values / np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-9)


def principal_axes(values: np.ndarray, dimension: int) -> tuple[np.ndarray, np.ndarray]:
    """(N, W) -> mean (W,), axes (W, D), by falling variance, each axis's largest entry positive."""
    mean = values.mean(0)
    _, vectors = np.linalg.eigh(np.cov((values - mean).T))
    axes = vectors[:, ::-1][:, :dimension]
    return mean, axes * np.sign(axes[np.abs(axes).argmax(0), np.arange(dimension)])


def start_table(
    piece_vectors: np.ndarray, log_probabilities: np.ndarray, axes: np.ndarray, common: float
) -> np.ndarray:
    """(V, W), (V,), (W, D) -> (V, D)"""
    directions = unit_rows((piece_vectors - piece_vectors.mean(0)) @ axes)
    return directions * (common / (common + np.exp(log_probabilities)))[:, None]


def counts_of(rows: list[list[int]], pieces: int) -> csr_matrix:
    """(N, V): how often each text has each piece."""
    lengths = [len(one) for one in rows]
    flat = np.fromiter((row for one in rows for row in one), np.int64, sum(lengths))
    texts = np.repeat(np.arange(len(rows)), lengths)
    return csr_matrix((np.ones(len(flat), np.float32), (texts, flat)), shape=(len(rows), pieces))


def mean_cosine(table: np.ndarray, counts: csr_matrix, targets: np.ndarray) -> float:
    return float((unit_rows(counts @ table) * targets).sum(1).mean())


def ridge_towards(
    start: np.ndarray, matrix: csr_matrix, targets: np.ndarray, penalty: np.ndarray, steps: int
) -> np.ndarray:
    """min |matrix E − targets|² + Σ penalty_t |E_t − start_t|², by conjugate gradients, column by column."""
    transposed = matrix.T.tocsr()
    change = np.zeros_like(start)
    residual = transposed @ (targets - matrix @ start)
    direction = residual.copy()
    size = (residual * residual).sum(0)
    for _ in range(steps):
        image = transposed @ (matrix @ direction) + penalty[:, None] * direction
        step = size / np.maximum((direction * image).sum(0), 1e-20)
        change += step * direction
        residual -= step * image
        next_size = (residual * residual).sum(0)
        direction = residual + next_size / np.maximum(size, 1e-20) * direction
        size = next_size
    return start + change


def fitted_table(
    start: np.ndarray, rows: list[list[int]], targets: np.ndarray, settings: FitSettings
) -> tuple[np.ndarray, dict[str, float]]:
    """start (V, D); rows of each text; targets (N, D) unit -> table (V, D), and the held-out
    cosine of the start and of each ridge."""
    known = np.flatnonzero([len(one) > 0 for one in rows])
    np.random.default_rng(settings.seed).shuffle(known)
    kept_back = max(1, round(settings.held_out * len(known)))
    judged, learnt = known[:kept_back], known[kept_back:]
    counts = counts_of(rows, len(start))
    touched = np.flatnonzero(np.asarray(counts[learnt].sum(0)).ravel() > 0)
    first = start[touched].astype(np.float32)
    matrix = counts[learnt][:, touched]
    wanted = targets[learnt].astype(np.float32)
    relative = 1 / np.maximum((first * first).sum(1), 1e-6)
    cosines = {"start": mean_cosine(start, counts[judged], targets[judged])}
    best = start
    for ridge in settings.ridges:
        part = first
        for _ in range(settings.rounds):
            lengths = np.linalg.norm(matrix @ part, axis=1)
            scaled = (diags(1 / np.maximum(lengths, 1e-6)) @ matrix).tocsr().astype(np.float32)
            part = ridge_towards(first, scaled, wanted, (ridge * relative).astype(np.float32), settings.steps)
        table = start.astype(np.float32)
        table[touched] = part
        cosines[str(ridge)] = mean_cosine(table, counts[judged], targets[judged])
        if cosines[str(ridge)] == max(cosines.values()):
            best = table
    return best, cosines
