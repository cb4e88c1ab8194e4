"""Settings tried on folds of the training part: what each member says of rows that it had not learnt."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ..metrics.binary import log_losses
from .columns import Column
from .encode import Encoding, encode, fit_and_encode
from .members import Growth, Member, fit_forest, fit_linear, round_losses
from .pairs import Pairs, choose_pairs

Fold = tuple[np.ndarray, np.ndarray]  # rows to fit, rows to predict

LEAVES = (3, 10, 30)  # fewest rows in a leaf of a forest
STRENGTHS = (1e-4, 1e-3, 1e-2, 1e-1)
GROWTHS = (Growth(0.05, 15, 0.5, 300), Growth(0.03, 31, 0.3, 300), Growth(0.05, 6, 0.5, 400))
MANY_ROWS = 60_000
GROWTHS_OF_MANY = (Growth(0.1, 31, 0.5, 300), Growth(0.06, 63, 0.4, 300))
# Settings are tried on two folds, forests of few trees and at most so many rows: more changes little.
TRIED_FOLDS = 2
TRIED_TREES = 60
APART_TREES = 120
MOST_TRIED_ROWS = 40_000


@dataclass(frozen=True)
class Part:
    """A fold's rows, encoded by its first part."""

    encoding: Encoding
    x: np.ndarray
    y: np.ndarray
    asked: np.ndarray
    outcome: np.ndarray
    pairs: Pairs | None = None  # which x and asked hold already

    def tried(self, seed: int) -> np.ndarray:
        if len(self.y) <= MOST_TRIED_ROWS:
            return np.arange(len(self.y))
        return np.random.default_rng(seed).choice(len(self.y), MOST_TRIED_ROWS, replace=False)

    def view(self, name: str) -> np.ndarray:
        columns = self.encoding.view(name)
        return self.pairs.view(columns, len(self.encoding.features)) if self.pairs else columns

    def paired(self, view: str, is_binary: bool, seed: int) -> "Part | None":
        """With ratios and products of its strongest numbers; None where it has no two."""
        pairs = choose_pairs(self.encoding, self.x, self.y, view=view, is_binary=is_binary, seed=seed)
        if pairs is None:
            return None
        return replace(self, x=pairs.beside(self.x), asked=pairs.beside(self.asked), pairs=pairs)


def loss_of(y: np.ndarray, p: np.ndarray, is_binary: bool) -> float:
    return float((log_losses(p, y) if is_binary else (p - y) ** 2).mean())


class Trials:
    """The folds of one run. Every `try_…` gives a setting and its predictions (V,) for the rows asked."""

    def __init__(self, parts: list[Part], is_binary: bool, seed: int):
        self.parts = parts
        self.is_binary = is_binary
        self.seed = seed
        self.outcome = np.concatenate([part.outcome for part in parts])

    def each(self, fit: Callable[[Part], Member]) -> np.ndarray:
        return np.concatenate([fit(part).predict(part.asked) for part in self.parts])

    def best(self, predictions: dict) -> tuple[object, np.ndarray]:
        setting = min(predictions, key=lambda one: loss_of(self.outcome, predictions[one], self.is_binary))
        return setting, predictions[setting]

    def try_linear(self) -> tuple[float, np.ndarray]:
        return self.best(
            {
                strength: self.each(
                    lambda part, strength=strength: fit_linear(
                        part.x, part.y, is_binary=self.is_binary, encoding=part.encoding, strength=strength
                    )
                )
                for strength in STRENGTHS
            }
        )

    def try_forest(self, kind: str, view: str) -> tuple[int, np.ndarray]:
        def told(part: Part, leaf: int, trees: int) -> np.ndarray:
            rows = part.tried(self.seed) if trees == TRIED_TREES else slice(None)
            return fit_forest(
                part.x[rows],
                part.y[rows],
                is_binary=self.is_binary,
                kind=kind,
                leaf=leaf,
                columns=part.view(view),
                seed=self.seed,
                trees=trees,
            ).predict(part.asked)

        def loss(leaf: int) -> float:
            return sum(
                loss_of(part.outcome, told(part, leaf, TRIED_TREES), self.is_binary)
                for part in self.parts[:TRIED_FOLDS]
            )

        best = min(LEAVES, key=loss)
        return best, np.concatenate([told(part, best, APART_TREES) for part in self.parts])

    def try_boosted(self, view: str, growths: tuple[Growth, ...] | None = None) -> tuple[Growth, np.ndarray]:
        """Rounds are read off one fit of each growth: the curve of the loss, averaged over the folds.
        `growths`: those to try, where they are not the usual ones."""

        def told(part: Part, growth: Growth) -> tuple[np.ndarray, np.ndarray]:
            rows = part.tried(self.seed)
            return round_losses(
                part.x[rows],
                part.y[rows],
                part.asked,
                part.outcome,
                is_binary=self.is_binary,
                growth=growth,
                columns=part.view(view),
                seed=self.seed,
            )

        many = max(len(part.y) for part in self.parts) > MANY_ROWS
        tried = {
            growth: [told(part, growth) for part in self.parts[:TRIED_FOLDS]]
            for growth in growths or (GROWTHS_OF_MANY if many else GROWTHS)
        }
        best = min(tried, key=lambda growth: np.sum([losses for losses, _ in tried[growth]], 0).min())
        all_folds = tried[best] + [told(part, best) for part in self.parts[TRIED_FOLDS:]]
        rounds = int(np.argmin(np.sum([losses for losses, _ in all_folds], 0))) + 1
        apart = np.concatenate([staged[rounds - 1] for _, staged in all_folds]).astype(np.float64)
        return Growth(best.learning_rate, best.leaves, best.share, rounds), apart

    def try_paired(self, view: str) -> tuple[Growth, np.ndarray] | None:
        """Boosted trees that see pairs, too; None where a fold has no two columns of numbers. One growth
        only: with pairs each costs twice as much."""
        parts = [part.paired(view, self.is_binary, self.seed) for part in self.parts]
        found = [part for part in parts if part]
        if len(found) < len(parts):
            return None
        return Trials(found, self.is_binary, self.seed).try_boosted(view, GROWTHS[:1])


def parts_of(
    columns: list[Column], y: np.ndarray, groups: np.ndarray, folds: list[Fold], seed: int
) -> list[Part]:
    parts = []
    for fitted, asked in folds:
        encoding, x = fit_and_encode([one.at(fitted) for one in columns], y[fitted], groups[fitted], seed)
        x_asked = encode(encoding, [one.at(asked) for one in columns])
        parts.append(Part(encoding, x, y[fitted], x_asked, y[asked]))
    return parts
