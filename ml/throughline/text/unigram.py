"""Unigram segmentation (Kudo, 2018, arXiv 1804.10959): of all ways to cut a word into known pieces, the
likeliest.

    best[j] = max over pieces w[i:j] of  best[i] + log p(w[i:j])

A character in no piece costs UNKNOWN_PENALTY below the rarest piece and comes out as None. On equal scores
the first found stays, which is the one with the longer last piece: starts are tried from the left.
"""

from collections.abc import Mapping, Sequence

import numpy as np

UNKNOWN_PENALTY = 10.0  # SentencePiece's own


class Unigram:
    def __init__(self, rows: Mapping[str, int], log_probabilities: Sequence[float] | np.ndarray):
        self.rows = rows
        self.scores = [float(value) for value in log_probabilities]
        self.longest = max(map(len, rows), default=0)
        self.unknown_score = min(self.scores, default=0.0) - UNKNOWN_PENALTY

    def segment(self, word: str) -> list[int | None]:
        length = len(word)
        best = [0.0] + [-np.inf] * length
        came_from = [0] * (length + 1)
        piece: list[int | None] = [None] * (length + 1)
        for end in range(1, length + 1):
            for start in range(max(0, end - self.longest), end):
                row = self.rows.get(word[start:end])
                if row is None and start != end - 1:
                    continue
                score = best[start] + (self.unknown_score if row is None else self.scores[row])
                if score > best[end]:
                    best[end], came_from[end], piece[end] = score, start, row
        found = []
        end = length
        while end > 0:
            found.append(piece[end])
            end = came_from[end]
        return found[::-1]
