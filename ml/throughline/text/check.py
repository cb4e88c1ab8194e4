"""What the static encoder is worth, on texts and logs that it was not made from.

    python -m throughline.text.check --titles FILE
        agreement with its teacher on texts, one a line
    python -m throughline.text.check --rows DIR [--stem REGEX]
        cold start on the rows of a log: items.arrow with titles, sequences.arrow

Strict cold start: groups of products with one text, or one stem of their names, are held out whole, so
no other colour of a product gives it away. From what the rest was bought by, each shopper and product
has a vector (SVD of the shopper × product matrix, Y = V S); a kernel ridge from text to Y places the
held-out ones, and they are ranked for each shopper by u · ŷ. The penalty is chosen on a tenth of the
known products' groups.

    ŷ(x) = mean Y + k(x, ·) (K + λ I)⁻¹ (Y − mean Y)     R@10 = hits among the ten / held-out products bought
"""

import argparse
import re
from pathlib import Path

import numpy as np
import pyarrow as pa
from scipy.sparse import csr_matrix
from scipy.sparse.linalg import svds
from sklearn.feature_extraction.text import TfidfVectorizer

from ..metrics.ranking import TargetRanks, recall
from .artefact import unpacked
from .encode import Encode
from .fit import unit_rows
from .teacher import packaged_weights, read_teacher

ENCODER = Path(__file__).parent.parent.parent / "text-encoder" / "encoder.bin"
COLD = 300
BOUGHT_BY_AT_LEAST = 5
RANK = 128
PENALTIES = (0.03, 0.1, 0.3, 1.0, 3.0)
SEEDS = (0, 1, 2)
PURCHASE = 17  # the canonical code of contract.json


def agreement(first: np.ndarray, second: np.ndarray) -> dict[str, float]:
    """Unit rows (N, ·) of the same texts: correlation of all pairs' cosines, and of each text's ten nearest
    by `second` the share that `first` has among its ten."""
    a, b = first @ first.T, second @ second.T
    pairs = np.triu_indices(len(a), 1)
    np.fill_diagonal(a, -np.inf)
    np.fill_diagonal(b, -np.inf)
    near_a, near_b = (np.argpartition(-one, 10, 1)[:, :10] for one in (a, b))
    shared = [len(set(x) & set(y)) / 10 for x, y in zip(near_a, near_b, strict=True)]
    return {"correlation": float(np.corrcoef(a[pairs], b[pairs])[0, 1]), "nearest_10": float(np.mean(shared))}


def groups_of(titles: list[str], names: list[str], stem: str | None) -> np.ndarray:
    """(N,) the same number for products of one text or one stem, also through a third product."""
    parent = list(range(len(names)))

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    seen: dict[str, int] = {}
    for row, (title, name) in enumerate(zip(titles, names, strict=True)):
        found = re.match(stem, name) if stem else None
        for key in (f"text {title}", f"stem {found[0]}" if found else f"name {name}"):
            parent[root(row)] = root(seen.setdefault(key, row))
    return np.array([root(row) for row in range(len(names))])


class ColdStart:
    """One draw of held-out products: bought (S, N) 0/1, groups (N,), usable (N,) bool."""

    def __init__(self, bought: csr_matrix, groups: np.ndarray, usable: np.ndarray, seed: int):
        order = np.unique(groups[usable])
        np.random.default_rng(seed).shuffle(order)
        sizes = np.array([(usable & (groups == group)).sum() for group in order])
        held = order[: int(np.searchsorted(np.cumsum(sizes), COLD)) + 1]
        is_cold = usable & np.isin(groups, held)
        self.cold, self.known = np.flatnonzero(is_cold), np.flatnonzero(usable & ~is_cold)
        before = bought[:, self.known].astype(np.float64)
        left, values, right = svds(before, k=min(RANK, min(before.shape) - 1), v0=np.ones(min(before.shape)))
        wanted = bought[:, self.cold].toarray() > 0
        asked = wanted.any(1) & (np.asarray(before.sum(1)).ravel() > 0)
        self.vectors, self.shoppers, self.wanted = right.T * values, left[asked], wanted[asked]
        inner = np.unique(groups[self.known])
        np.random.default_rng(seed + 1).shuffle(inner)
        self.judged = np.isin(groups[self.known], inner[: max(1, len(inner) // 10)])

    def recall(self, kernel: np.ndarray) -> float:
        """kernel (N, N) over all products"""
        mean = self.vectors.mean(0)
        learnt, judged = self.known[~self.judged], self.known[self.judged]

        def placed(rows: np.ndarray, by: np.ndarray, values: np.ndarray, penalty: float) -> np.ndarray:
            weights = np.linalg.solve(kernel[np.ix_(by, by)] + penalty * np.eye(len(by)), values - mean)
            return kernel[np.ix_(rows, by)] @ weights + mean

        def error(penalty: float) -> float:
            off = placed(judged, learnt, self.vectors[~self.judged], penalty) - self.vectors[self.judged]
            return float((off**2).sum())

        chosen = placed(self.cold, self.known, self.vectors, min(PENALTIES, key=error))
        return self.recall_of(self.shoppers @ chosen.T)

    def recall_of(self, scores: np.ndarray) -> float:
        top = np.argpartition(-scores, 10, 1)[:, :10]
        case, place = np.nonzero(np.take_along_axis(self.wanted, top, 1))
        return float(recall(TargetRanks(place, case, self.wanted.sum(1)), 10).mean())


def cubed(unit: np.ndarray) -> np.ndarray:
    """max(0, cos)³: near texts count, far ones do not add up."""
    return np.clip(unit @ unit.T, 0, None) ** 3


def kernels(encode: Encode, titles: list[str], tokens: np.ndarray) -> dict[str, np.ndarray]:
    word = TfidfVectorizer(sublinear_tf=True).fit_transform(titles)
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), min_df=2, sublinear_tf=True)
    letter = letters.fit_transform(titles)
    counts = np.zeros((len(titles), int(tokens.max()) + 1), np.float32)
    np.add.at(counts, (np.repeat(np.arange(len(titles)), tokens.shape[1]), tokens.ravel()), 1)
    both = ((word @ word.T) + (letter @ letter.T)).toarray() / 2
    static = cubed(encode(titles))
    return {
        "hashed tokens": cubed(unit_rows(counts[:, 1:])),
        "TF-IDF words and letters": both**2,
        "static encoder": static,
        "static encoder + TF-IDF": (static + both**2) / 2,
    }


def check_rows(folder: Path, stem: str | None) -> None:
    items = pa.ipc.open_file(pa.memory_map(str(folder / "items.arrow"))).read_all()
    sequences = pa.ipc.open_file(pa.memory_map(str(folder / "sequences.arrow"))).read_all()
    titles = [" ".join(re.findall(r"\w+", title.lower())) for title in items["title"].to_pylist()]
    tokens = np.array(items["item_tokens"].to_pylist(), np.int64)
    item, kind = (
        sequences[name].combine_chunks().flatten().to_numpy() for name in ("event_item", "event_type")
    )
    lengths = np.diff(sequences["at_ms"].combine_chunks().offsets.to_numpy())
    bought_now = (kind == PURCHASE) & (item > 0)
    shopper = np.repeat(np.arange(len(lengths)), lengths)[bought_now]
    bought = csr_matrix(
        (np.ones(len(shopper), np.float32), (shopper, item[bought_now] - 1)),
        shape=(len(lengths), len(titles)),
    )
    bought.data[:] = 1
    by = np.asarray(bought.sum(0)).ravel()
    usable = np.array([title != "" for title in titles]) & (by >= BOUGHT_BY_AT_LEAST)
    groups = groups_of(titles, items["item"].to_pylist(), stem)
    draws = [ColdStart(bought, groups, usable, seed) for seed in SEEDS]
    chance = np.random.default_rng(0)
    found = {"at random": [draw.recall_of(chance.random(draw.wanted.shape)) for draw in draws]}
    for name, kernel in kernels(Encode(unpacked(ENCODER.read_bytes())), titles, tokens).items():
        found[name] = [draw.recall(kernel) for draw in draws]
    for name, recalls in found.items():
        print(f"{name:28} R@10 {np.mean(recalls):.4f}   " + " ".join(f"{one:.4f}" for one in recalls))


def check_titles(file: Path) -> None:
    texts = sorted({line.strip() for line in file.read_text().splitlines() if line.strip()})
    teacher = read_teacher(packaged_weights()).embed(texts)
    encode = Encode(unpacked(ENCODER.read_bytes()))
    print(agreement(unit_rows(encode(texts)), unit_rows(teacher - teacher.mean(0))))


def main() -> None:
    parser = argparse.ArgumentParser(description="Judges the static text encoder.")
    parser.add_argument("--titles", type=Path)
    parser.add_argument("--rows", type=Path)
    parser.add_argument("--stem", help="of a product's name: products that share it are held out together")
    options = parser.parse_args()
    if options.titles:
        check_titles(options.titles)
    if options.rows:
        check_rows(options.rows, options.stem)


if __name__ == "__main__":
    main()
