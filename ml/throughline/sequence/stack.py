"""Ensembles over the candidates: a log-linear blend, and a small network on top of it. Both are fitted on
validation targets, crosswise over shoppers: a shopper's validation figure comes from a fit on other shoppers.

    blend    Σ_v w_v log-score_v, w >= 0 by coordinate search for NDCG@10
    stacked  blend + MLP(log-scores, log-ranks, log history length), listwise softmax over the candidates

The test is answered by the mean of the folds' models. Few inputs and 32 hidden units: the few thousand
validation targets bear no more.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..metrics.ranking import TargetRanks, ndcg
from .questions import Questions
from .voices import RULED_OUT, Table

FOLDS = 4
EPOCHS = 12
HIDDEN = 32
PEAK = 3e-3
MISSED = 1_000_000  # the rank of a target that is no candidate


def fold_of(questions: Questions, seed: int) -> np.ndarray:
    """(Q,): all of a shopper's questions in one fold."""
    names, where = np.unique(questions.shopper, return_inverse=True)
    return (np.random.default_rng(seed).permutation(len(names)) % FOLDS)[where]


def hits(table: Table, questions: Questions) -> np.ndarray:
    """(Q, K) bool: the candidate is a target."""
    found = np.zeros(table.candidates.shape, bool)
    for start in range(0, len(questions.target), 50_000):
        rows = questions.target_of[start : start + 50_000]
        same = table.candidates[rows] == questions.target[start : start + 50_000, None]
        pair, place = np.nonzero(same)
        found[rows[pair], place] = True
    return found


def candidate_ranks(scores: np.ndarray, table: Table, questions: Questions) -> np.ndarray:
    """(P,) by scores (Q, K)."""
    ranks = np.full(len(questions.target), MISSED)
    for start in range(0, len(questions.target), 50_000):
        rows = questions.target_of[start : start + 50_000]
        same = table.candidates[rows] == questions.target[start : start + 50_000, None]
        pair, place = np.nonzero(same)
        own = scores[rows[pair], place]
        ranks[start + pair] = (scores[rows[pair]] >= own[:, None]).sum(1) - 1
    return ranks


def gain(scores: np.ndarray, hit: np.ndarray, sizes: np.ndarray) -> float:
    """NDCG@10 of scores (Q, K)."""
    row, place = np.nonzero(hit)
    rank = (scores[row] >= scores[row, place][:, None]).sum(1) - 1
    return float(ndcg(TargetRanks(rank, row, sizes), 10).mean()) if len(scores) else 0.0


def blend_weights(scores: np.ndarray, hit: np.ndarray, sizes: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Weights (V,) that sum to 1: the better of two searches, from `start` and from the best voice alone
    (where one voice is worth more than the rest, no small step from an even blend gains). Rows without a hit
    are left out: no weight moves them."""
    kept = hit.any(1)
    scores, hit, sizes = scores[kept], hit[kept], sizes[kept]
    alone = np.eye(len(start))
    best = max(alone, key=lambda one: gain(scores @ one.astype(np.float32), hit, sizes))
    found = [climb(scores, hit, sizes, one) for one in (start / start.sum(), best)]
    return max(found, key=lambda one: one[1])[0]


def climb(
    scores: np.ndarray, hit: np.ndarray, sizes: np.ndarray, start: np.ndarray
) -> tuple[np.ndarray, float]:
    """Weights and their gain."""
    weight = start
    best = gain(scores @ weight.astype(np.float32), hit, sizes)
    for step in (0.2, 0.1, 0.05, 0.025):
        moved = True
        while moved:
            moved = False
            for voice in range(len(weight)):
                for change in (step, -step):
                    other = weight.copy()
                    other[voice] = max(0.0, other[voice] + change)
                    if other.sum() == 0:
                        continue
                    other /= other.sum()
                    found = gain(scores @ other.astype(np.float32), hit, sizes)
                    if found > best + 1e-9:
                        weight, best, moved = other, found, True
    return weight, best


class Stacker(nn.Module):
    def __init__(self, weight: np.ndarray, mean: Tensor, spread: Tensor):
        super().__init__()
        self.voices = len(weight)
        self.weight = nn.Parameter(torch.from_numpy(weight.astype(np.float32)))
        self.register_buffer("mean", mean)
        self.register_buffer("spread", spread)
        self.inner, self.middle = nn.Linear(len(mean), HIDDEN), nn.Linear(HIDDEN, HIDDEN)
        self.outer = nn.Linear(HIDDEN, 1)
        nn.init.zeros_(self.outer.weight)
        self.drop = nn.Dropout(0.2)

    def forward(self, inputs: Tensor) -> Tensor:
        """(B, K, V') → (B, K)"""
        deep = self.drop(F.gelu(self.inner((inputs - self.mean) / self.spread)))
        deep = self.outer(F.gelu(self.middle(deep))).squeeze(-1)
        return inputs[..., : self.voices] @ self.weight + deep


def inputs_of(table: Table, questions: Questions) -> Tensor:
    """(Q, K, 2 V + 1): log-scores less the list's mean, log(1 + rank in the list), log history length."""
    scores = torch.from_numpy(table.scores).clamp(min=-50)
    order = (-scores).argsort(1)
    rank = torch.empty_like(order)
    rank.scatter_(1, order, torch.arange(scores.shape[1])[None, :, None].expand_as(order))
    length = torch.from_numpy(np.log1p(np.asarray(questions.seen.sum(1)).ravel())).float()
    return torch.cat(
        [
            scores - scores.mean(1, keepdim=True),
            (rank + 1).float().log(),
            length[:, None, None].expand(-1, scores.shape[1], 1),
        ],
        -1,
    )


def fit_stacker(inputs: Tensor, hit: np.ndarray, weight: np.ndarray, seed: int) -> Stacker:
    torch.manual_seed(seed)
    kept = torch.from_numpy(np.flatnonzero(hit.any(1)))
    inputs, goal = inputs[kept], torch.from_numpy(hit)[kept].float()
    goal /= goal.sum(1, keepdim=True)
    mean, spread = inputs.mean((0, 1)), inputs.std((0, 1)) + 1e-3
    model = Stacker(weight, mean, spread)
    optimiser = torch.optim.AdamW(model.parameters(), lr=PEAK, weight_decay=1e-3)
    size = int(np.clip(len(kept) // 32, 16, 256))
    total, step = EPOCHS * math.ceil(len(kept) / size), 0
    for _ in range(EPOCHS):
        order = torch.randperm(len(kept))
        for start in range(0, len(kept), size):
            batch = order[start : start + size]
            for group in optimiser.param_groups:
                group["lr"] = PEAK * (1 - step / total)
            loss = F.cross_entropy(model(inputs[batch]), goal[batch])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            step += 1
    return model.eval()


@dataclass
class Fitted:
    """A blend and a stacked model for each fold."""

    voices: list[int]
    weights: list[np.ndarray]
    stackers: list[Stacker]


def only(table: Table, voices: list[int]) -> Table:
    return Table(table.candidates, np.ascontiguousarray(table.scores[:, :, voices]), {}, {})


def fit_ensemble(
    table: Table, questions: Questions, voices: list[int], start: np.ndarray, seed: int, deep: bool
) -> tuple[Fitted, np.ndarray, np.ndarray | None]:
    """With the cross-fitted scores (Q, K) of the blend and, if `deep`, of the stacked model."""
    table = only(table, voices)
    hit, fold = hits(table, questions), fold_of(questions, seed)
    blended, stacked = np.zeros(hit.shape, np.float32), np.zeros(hit.shape, np.float32)
    fitted = Fitted(voices, [], [])
    inputs = inputs_of(table, questions) if deep else None
    for number in range(FOLDS):
        inside, outside = fold == number, fold != number
        weight = blend_weights(table.scores[outside], hit[outside], questions.sizes[outside], start)
        fitted.weights.append(weight)
        blended[inside] = table.scores[inside] @ weight.astype(np.float32)
        if inputs is not None:
            stacker = fit_stacker(inputs[torch.from_numpy(outside)], hit[outside], weight, seed + number)
            fitted.stackers.append(stacker)
            with torch.no_grad():
                stacked[inside] = stacker(inputs[torch.from_numpy(inside)]).numpy()
    return fitted, blended, stacked if deep else None


def answer(fitted: Fitted, table: Table, questions: Questions) -> tuple[np.ndarray, np.ndarray | None]:
    """Scores (Q, K) of the blend and of the stacked model: the mean over the folds' models."""
    table = only(table, fitted.voices)
    blended = table.scores @ np.mean(fitted.weights, 0).astype(np.float32)
    if not fitted.stackers:
        return blended, None
    stacked = np.zeros(blended.shape, np.float32)
    for start in range(0, len(questions), 4_000):
        rows = np.arange(start, min(len(questions), start + 4_000))
        part = Table(table.candidates[rows], table.scores[rows], {}, {})
        inputs = inputs_of(part, questions.part(rows))
        with torch.no_grad():
            stacked[rows] = sum(F.log_softmax(one(inputs), 1) for one in fitted.stackers).numpy()
    return blended, np.where(table.scores[:, :, 0] <= RULED_OUT / 2, RULED_OUT, stacked)
