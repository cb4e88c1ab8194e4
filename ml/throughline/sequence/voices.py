"""One pass over the questions: what every model says of every product, its ranks, and a list of candidates.

A voice gives log-scores (B, N + 1) of questions start .. stop. Counts and linear scores become
log(share of the row + popularity's share): the logarithm lets voices be added (blending probabilities or
z-scores was worse), and popularity breaks ties.
"""

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sparse
import torch
from tqdm import tqdm

from .fit import Trained
from .questions import Questions, Sequences

Voice = Callable[[int, int], np.ndarray]
CANDIDATES = 150
TOP = 10  # for coverage and novelty
CELLS = 6_000_000  # scores of one voice held at once
RULED_OUT = -1e5
NOWHERE = 1e-9  # the share of a product that no training sequence has
CERTAIN = 1e3


@dataclass
class Table:
    candidates: np.ndarray  # (Q, K) int32
    scores: np.ndarray  # (Q, K, V) float32
    ranks: dict[str, np.ndarray]  # voice -> (P,) of each target, 0 = first
    top: dict[str, np.ndarray]  # voice -> (Q, TOP)


def shares(scores: np.ndarray, popular: np.ndarray) -> np.ndarray:
    """log(row's share + popularity's share), (B, N + 1)."""
    scores = np.maximum(scores, 0, dtype=np.float32)
    scores /= np.maximum(scores.sum(1, keepdims=True), 1e-9)
    scores += popular
    return np.log(scores, out=scores)


def popularity_share(training: Sequences) -> np.ndarray:
    """(N + 1,) float32, nowhere 0."""
    popular = training.popularity()
    return (popular / max(1.0, popular.sum()) + NOWHERE).astype(np.float32)


def popular_voice(popular: np.ndarray) -> Voice:
    return lambda start, stop: np.tile(np.log(popular), (stop - start, 1))


def sparse_voice(vote: sparse.csr_matrix, weight: sparse.csr_matrix, popular: np.ndarray) -> Voice:
    return lambda start, stop: shares((vote[start:stop] @ weight).toarray(), popular)


def counted_voice(scores: sparse.csr_matrix, popular: np.ndarray) -> Voice:
    return lambda start, stop: shares(scores[start:stop].toarray(), popular)


def linear_voice(vote: sparse.csr_matrix, used: np.ndarray, weight: np.ndarray, popular: np.ndarray) -> Voice:
    narrow = vote[:, used]

    def scores(start: int, stop: int) -> np.ndarray:
        whole = np.zeros((stop - start, len(popular)), np.float32)
        whole[:, used] = narrow[start:stop] @ weight
        return shares(whole, popular)

    return scores


def net_voice(states: np.ndarray, vectors: np.ndarray, unknown: np.ndarray) -> Voice:
    """log p. states (Q, D), unknown (N + 1,) bool: never in training. Those get what counting models
    give them, and no less: another voice may know better."""
    items, never = torch.from_numpy(vectors), torch.from_numpy(unknown)

    def scores(start: int, stop: int) -> np.ndarray:
        logits = torch.from_numpy(states[start:stop]) @ items.T
        logits[:, never] = -torch.inf
        said = torch.log_softmax(logits, 1)
        said[:, never] = math.log(NOWHERE)
        return said.numpy()

    return scores


def trained_voice(trained: Trained, questions: slice, training: Sequences) -> Voice:
    return net_voice(trained.states[questions], trained.vectors, training.popularity() == 0)


def ruled_out(questions: Questions, start: int, stop: int, masked: bool) -> tuple[np.ndarray, np.ndarray]:
    """Rows and products that are no answer: the one looked at; with `masked` the whole history."""
    current = questions.current[start:stop]
    rows, items = np.flatnonzero(current), current[current > 0]
    if masked:
        seen = questions.seen[start:stop]
        rows = np.concatenate([rows, np.repeat(np.arange(stop - start), np.diff(seen.indptr))])
        items = np.concatenate([items, seen.indices])
    return rows, items


def rank_targets(
    scores: np.ndarray, rows: np.ndarray, targets: np.ndarray, out_rows: np.ndarray, out_items: np.ndarray
) -> np.ndarray:
    """Ranks of the targets, 0 = first; ties count against them. A target that is ruled out comes last."""
    kept = scores[out_rows, out_items]
    scores[out_rows, out_items] = -np.inf
    scores[:, 0] = -np.inf
    own = scores[rows, targets]
    ranks = (scores[rows] >= own[:, None]).sum(1) - 1
    scores[out_rows, out_items] = kept
    return np.where(np.isfinite(own), ranks, scores.shape[1])


def batch_size(questions: Questions) -> int:
    return int(np.clip(CELLS // questions.seen.shape[1], 20, 500))


def judge_voice(voice: Voice, questions: Questions, masked: bool) -> np.ndarray:
    """(P,) ranks."""
    found = []
    size = batch_size(questions)
    for start in range(0, len(questions), size):
        stop = min(len(questions), start + size)
        low, high = np.searchsorted(questions.target_of, [start, stop])
        rows, targets = questions.target_of[low:high] - start, questions.target[low:high]
        found.append(
            rank_targets(voice(start, stop), rows, targets, *ruled_out(questions, start, stop, masked))
        )
    return np.concatenate(found) if found else np.zeros(0, np.int64)


class Notes:
    """What one way of masking gives, batch by batch."""

    def __init__(self, masked: bool, names: list[str]):
        self.masked = masked
        self.candidates: list[np.ndarray] = []
        self.scores: list[np.ndarray] = []
        self.ranks: dict[str, list[np.ndarray]] = {name: [] for name in names}
        self.top: dict[str, list[np.ndarray]] = {name: [] for name in names}

    def take(self, said: dict[str, np.ndarray], prior: dict[str, float], questions: Questions, start: int):
        stop = start + len(next(iter(said.values())))
        low, high = np.searchsorted(questions.target_of, [start, stop])
        rows, targets = questions.target_of[low:high] - start, questions.target[low:high]
        out = ruled_out(questions, start, stop, self.masked)
        blend = np.zeros_like(next(iter(said.values())))
        favourites: list[np.ndarray] = []
        for name, scores in said.items():
            self.ranks[name].append(rank_targets(scores, rows, targets, *out))
            scores[out] = RULED_OUT
            scores[:, 0] = RULED_OUT
            most = min(TOP, scores.shape[1] - 1)
            self.top[name].append(torch.from_numpy(scores).topk(most).indices.numpy())
            if prior.get(name):
                blend += prior[name] * scores
                favourites.append(self.top[name][-1])
        for best in favourites:  # what one voice alone puts on top is a candidate, whatever the others say
            blend[np.arange(len(blend))[:, None], best] += CERTAIN
        candidates = torch.from_numpy(blend).topk(min(CANDIDATES, blend.shape[1] - 1)).indices.numpy()
        self.candidates.append(candidates.astype(np.int32))
        self.scores.append(np.stack([np.take_along_axis(one, candidates, 1) for one in said.values()], -1))

    def table(self) -> Table:
        return Table(
            np.concatenate(self.candidates),
            np.concatenate(self.scores),
            {name: np.concatenate(one) for name, one in self.ranks.items()},
            {name: np.concatenate(one) for name, one in self.top.items()},
        )


def listen(
    voices: dict[str, Voice],
    prior: dict[str, float],
    questions: Questions,
    ways: tuple[bool, ...],
    name: str,
) -> dict[bool, Table]:
    """A table for each way: with the history masked (True) or not (False).

    `prior`: weights of the log-blend that draws up the candidates, beside the TOP of each of its voices.
    """
    # Not masked comes first: masking overwrites the scores.
    notes = [Notes(masked, list(voices)) for masked in sorted(ways)]
    size = batch_size(questions)
    steps = range(0, len(questions), size)
    for start in tqdm(steps, desc=name, leave=False, mininterval=5, file=sys.stderr):
        stop = min(len(questions), start + size)
        said = {key: voice(start, stop) for key, voice in voices.items()}
        for one in notes:
            one.take(said, prior, questions, start)
    return {one.masked: one.table() for one in notes}
