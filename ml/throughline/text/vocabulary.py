"""Which pieces the static encoder keeps of the teacher's 250,000.

Pieces are lower-cased (catalogues shout as often as they speak) and merged: the probability of the merged
piece is the sum, its vector is the likeliest one's. Each script has a quota, spent on its likeliest pieces.
Whole words that the teacher would cut are added from a list of things that shops sell; they win against
their own parts.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from .encode import words
from .teacher import Teacher
from .unigram import Unigram

# By how much of commerce is written in it. Latin holds some thirty languages.
QUOTAS = {
    "LATIN": 26_000,
    "CJK": 5_000,
    "HIRAGANA": 1_200,
    "KATAKANA": 2_000,
    "HANGUL": 2_000,
    "CYRILLIC": 3_000,
    "GREEK": 800,
    "ARABIC": 1_000,
    "HEBREW": 700,
    "THAI": 700,
    "DEVANAGARI": 600,
    "DIGIT": 1_200,
}
ADDED_WORDS = 8_000
WHOLE_WORD_GAIN = 0.1


@dataclass(frozen=True)
class Vocabulary:
    pieces: list[str]
    log_probabilities: np.ndarray  # (V,)
    sources: list[list[int]]  # rows of the teacher that stand for the piece


def script_of(piece: str) -> str | None:
    """Script of the first letter; DIGIT where there is none; None for what words never hold."""
    letters = piece.removeprefix("▁")
    if not letters or any(
        unicodedata.category(character)[0] not in "LNM" or ord(character) > 0xFFFF for character in letters
    ):
        return None
    for character in letters:
        if character.isalpha():
            return unicodedata.name(character, "?").split()[0]
    return "DIGIT"


def chosen_pieces(teacher: Teacher) -> dict[str, tuple[float, int]]:
    """piece -> (log probability, row of the teacher)"""
    merged: dict[str, tuple[float, float, int]] = {}
    for row, piece in enumerate(teacher.pieces):
        plain = unicodedata.normalize("NFKC", piece).lower()
        if script_of(plain) not in QUOTAS:
            continue
        # A piece that words() would cut, or begin otherwise, is never met.
        if words(plain.removeprefix("▁")) not in ([plain], ["▁" + plain]):
            continue
        score = float(teacher.log_probabilities[row])
        total, best, of = merged.get(plain, (-np.inf, -np.inf, row))
        merged[plain] = (float(np.logaddexp(total, score)), max(best, score), row if score > best else of)
    by_script: dict[str, list[str]] = {script: [] for script in QUOTAS}
    for piece in sorted(merged, key=lambda piece: (-merged[piece][0], piece)):
        by_script[script_of(piece) or ""].append(piece)
    kept = set()
    for script, found in by_script.items():
        kept.update(found[: QUOTAS[script]])
        # Single characters stay whatever their rank, so that few words have unknown parts.
        kept.update(piece for piece in found if len(piece) == 1 and script != "CJK")
    return {piece: (merged[piece][0], merged[piece][2]) for piece in sorted(kept)}


def vocabulary(teacher: Teacher, whole_words: Iterable[str]) -> Vocabulary:
    kept = chosen_pieces(teacher)
    pieces = list(kept)
    scores = [score for score, _ in kept.values()]
    sources = [[row] for _, row in kept.values()]
    unigram = Unigram({piece: row for row, piece in enumerate(pieces)}, scores)
    tokenizer = teacher.tokenizer()
    found = []
    for word in sorted(set(whole_words)):
        piece = "▁" + word
        parts = unigram.segment(piece)
        if words(word) != [piece] or len(parts) < 2 or None in parts:
            continue
        found.append((sum(scores[row] for row in parts if row is not None), piece))
    for score, piece in sorted(found, reverse=True)[:ADDED_WORDS]:
        pieces.append(piece)
        scores.append(score + WHOLE_WORD_GAIN)
        sources.append(teacher.tokens(tokenizer, piece[1:]))
    return Vocabulary(pieces, np.array(scores, np.float32), sources)
