"""The served ranking: the model's logits and, on top, what item-to-item neighbours say of the history.

    score_i = s · v_i + λ log(1 + share_i / FLOOR)          share = votes / Σ votes, the MOST strongest alone

The vector has D numbers and cannot hold every pair that a table of neighbours can; the logarithm lets two
models be added (blending probabilities or z-scores was worse), and FLOOR says from where on a vote counts. λ
is chosen on validation; 0 leaves the model alone.

Neighbours and votes are those of the program (app/scoring/item-knn.ts, app/scoring/blend.ts), which counts
them anew every hour; golden-neighbours.json holds both to each other. Limits as there.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sparse

from .baselines import Scorer
from .contract import Contract
from .data import Cases, Log, right_aligned, take
from .metrics.bootstrap import paired_difference
from .metrics.cases import case_metrics

WINDOW = 20
BACKWARDS = 0.25
SOURCE_EXPONENT, TARGET_EXPONENT, SMOOTHING = 0.5, 0.1, 0.5
DISTANCE_EXPONENT = -1.5
LAST_ITEM = 0.8
KEPT_NEIGHBOURS = 100
SEQUENCE_TYPES = ("product_view", "recommendation_click", "favourite", "cart_add", "purchase")

FLOOR = 1e-4
MOST = 200
WEIGHTS = (0.0, 0.1, 0.2, 0.35, 0.5, 0.8, 1.5, 3.0, 6.0)  # of the neighbours, to choose from


@dataclass(frozen=True)
class Sequences:
    item: np.ndarray  # (E,) products, a run of one taken once
    shopper: np.ndarray  # (E,)


def sequences_before(log: Log, before_ms: float, contract: Contract) -> Sequences:
    codes = [contract.type_codes[name] for name in SEQUENCE_TYPES]
    kept = np.flatnonzero(
        (log.item > 0) & (log.at_ms < before_ms) & np.isin(log.columns["event_type"], codes)
    )
    item, shopper = log.item[kept].astype(np.int64), log.shopper[kept]
    fresh = np.ones(len(item), bool)
    fresh[1:] = (item[1:] != item[:-1]) | (shopper[1:] != shopper[:-1])
    return Sequences(item[fresh], shopper[fresh])


def neighbour_weights(sequences: Sequences, items: int) -> sparse.csr_matrix:
    """(N + 1, N + 1) weight of a target for a source, the KEPT_NEIGHBOURS strongest of each source."""
    item, shopper = sequences.item, sequences.shopper
    rows, columns, values = [], [], []
    for gap in range(1, min(WINDOW, len(item) - 1) + 1):
        pair = (shopper[gap:] == shopper[:-gap]) & (item[gap:] != item[:-gap])
        before, after = item[:-gap][pair], item[gap:][pair]
        rows += [before, after]
        columns += [after, before]
        values += [np.full(len(before), gap**-0.5), np.full(len(before), BACKWARDS * gap**-0.5)]
    if not rows:
        return sparse.csr_matrix((items + 1, items + 1))
    counts = sparse.csr_matrix(
        (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))),
        shape=(items + 1, items + 1),
    )
    counts.sum_duplicates()
    table = counts.tocoo()
    met = np.bincount(item, minlength=items + 1).astype(np.float64)
    own = met[table.row] ** SOURCE_EXPONENT
    weight = table.data / (own * met[table.col] ** TARGET_EXPONENT + SMOOTHING)
    order = np.lexsort((table.col, -weight, table.row))
    row, column, weight = table.row[order], table.col[order], weight[order]
    place = np.arange(len(row)) - np.searchsorted(row, row)
    kept = place < KEPT_NEIGHBOURS
    return sparse.csr_matrix((weight[kept], (row[kept], column[kept])), shape=counts.shape)


def boosts(weights: sparse.csr_matrix, event_item: np.ndarray) -> np.ndarray:
    """event_item (B, L), the newest on the right, 0 = none -> (B, N + 1) log(1 + share / FLOOR)"""
    known = event_item > 0
    after = known[:, ::-1].cumsum(1)[:, ::-1] - known  # products that come later
    vote = (1.0 + after) ** DISTANCE_EXPONENT * np.where(after == 0, LAST_ITEM, 1.0) * known
    batch, length = event_item.shape
    rows = np.repeat(np.arange(batch), length)
    history = sparse.csr_matrix(
        (vote.ravel(), (rows, event_item.ravel().astype(np.int64))), shape=(batch, weights.shape[0])
    )
    votes = (history @ weights).toarray()
    share = votes / np.maximum(votes.sum(1, keepdims=True), 1e-300)
    if share.shape[1] > MOST:
        least = np.partition(share, -MOST, axis=1)[:, -MOST, None]
        share = np.where(share >= least, share, 0)
    return np.log1p(share / FLOOR)


def blended(
    scorer: Scorer, weights: sparse.csr_matrix, weight: float, log: Log, contract: Contract
) -> Scorer:
    """The scorer's scores with the neighbours' boosts, weighted by λ = `weight`."""
    if weight == 0:
        return scorer

    def scores(cases: Cases, batch: np.ndarray) -> np.ndarray:
        end = cases.end[batch]
        length = np.minimum(end - cases.start[batch], contract.history_length)
        index = right_aligned(end, length, contract.history_length)
        return scorer(cases, batch) + weight * boosts(weights, take(log.item, index))

    return scores


def remembered(scorer: Scorer, cases: Cases, batch_size: int = 256) -> Scorer:
    """The scorer's answers to these cases, computed once."""
    kept = [
        scorer(cases, np.arange(start, min(start + batch_size, len(cases.end)))).astype(np.float32)
        for start in range(0, len(cases.end), batch_size)
    ]
    whole = np.concatenate(kept) if kept else np.zeros((0, 1), np.float32)
    return lambda _, batch: whole[batch]


def choose_weight(
    scorer: Scorer,
    weights: sparse.csr_matrix,
    log: Log,
    validation: Cases,
    contract: Contract,
    seed: int,
    judge: Callable[[Scorer], np.ndarray] | None = None,
) -> float:
    """λ of the best NDCG@10 on validation, of those whose gain over the model alone is surely above 0 there
    (95 % interval, shoppers drawn again); 0 where none is. The best of several is flattered by chance: on the
    demo shop one within noise did not hold on the test. `judge`: (C,) NDCG@10 of each case; unless given the
    product looked at is no answer, all others are."""
    if len(validation.end) == 0:
        return 0.0
    judge = judge or (lambda one: case_metrics(one, validation, masked=True)["NDCG@10"])
    alone = remembered(scorer, validation)
    found = {weight: judge(blended(alone, weights, weight, log, contract)) for weight in WEIGHTS}
    sure = [
        weight
        for weight in WEIGHTS
        if paired_difference(found[weight], found[0.0], validation.shopper, seed)[1] > 0
    ]
    return max(sure, key=lambda weight: found[weight].mean(), default=0.0)


def most_weighing(items: int) -> int:
    """Cases that λ is chosen on, half a gigabyte of scores or 3,000 cases: of few no gain is sure."""
    return min(10_000, max(3_000, 120_000_000 // (items + 1)))
