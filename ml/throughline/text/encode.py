"""Text to vector by the static encoder, as app/features/text-encoder.ts does it: the program computes what
models see; this reader serves distillation and checking, and golden vectors hold the two together.

    words    NFKC, lower case, runs of letters, digits and marks; scripts without spaces are runs of their own
    pieces   the likeliest segmentation of each word (unigram.py); unknown characters are left out
    vector   unit(Σ over pieces of scale · levels); zero where nothing is known
"""

import re
import unicodedata
from functools import lru_cache

import numpy as np

from .artefact import StaticEncoder
from .unigram import Unigram

LONGEST_WORD = 64
# Lao, Thai, Burmese, Khmer, Hiragana, Katakana, Han: written without spaces, so none begins a word.
UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f"
)
_RUN = re.compile(f"[{UNSPACED}]+|[^{UNSPACED}]+")
_UNSPACED = re.compile(f"[{UNSPACED}]")


@lru_cache(1 << 16)
def _in_word(character: str) -> bool:
    return unicodedata.category(character)[0] in "LNM"


def words(text: str) -> list[str]:
    """Words in order, each with "▁" before it unless its script has no spaces."""
    normal = unicodedata.normalize("NFKC", text).lower()
    spaced = "".join(character if _in_word(character) else " " for character in normal)
    found = []
    for word in spaced.split():
        for run in _RUN.findall(word):
            cut = run[:LONGEST_WORD]
            found.append(cut if _UNSPACED.match(cut) else "▁" + cut)
    return found


class Encode:
    def __init__(self, encoder: StaticEncoder):
        self.table = encoder.table
        self.unigram = Unigram(
            {piece: row for row, piece in enumerate(encoder.pieces)}, encoder.log_probabilities
        )
        self._rows = lru_cache(1 << 17)(self._segment)

    def _segment(self, word: str) -> tuple[int, ...]:
        return tuple(row for row in self.unigram.segment(word) if row is not None)

    def rows(self, text: str) -> list[int]:
        return [row for word in words(text) for row in self._rows(word)]

    def __call__(self, texts: list[str]) -> np.ndarray:
        """-> (N, D) float32, unit or zero"""
        found = np.zeros((len(texts), self.table.shape[1]), np.float32)
        for index, text in enumerate(texts):
            total = self.table[self.rows(text)].astype(np.float64).sum(0)
            length = np.sqrt((total * total).sum())
            if length > 0:
                found[index] = total / length
        return found
