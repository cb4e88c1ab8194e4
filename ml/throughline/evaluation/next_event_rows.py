"""Rows of --target next-event, and what of one model lies above another, over the same draws of shoppers."""

import numpy as np

from ..metrics.bootstrap import DRAWS, interval, mean_samples, paired_difference
from ..metrics.ranking import coverage, means, novelty, ranking_metrics
from ..sequence.questions import Questions, Sequences, ndcg_at_10
from .result import Row


def spread(top: np.ndarray, training: Sequences) -> dict[str, float]:
    return {"coverage": coverage(top, training.items), "novelty": novelty(top, training.popularity())}


class Rows:
    """Collects rows with their figures a question."""

    def __init__(self, validation: Questions, test: Questions, seed: int):
        self.validation, self.test, self.seed = validation, test, seed
        self.rows: list[Row] = []
        self.values: dict[str, dict[str, np.ndarray]] = {}

    def add(
        self,
        model: str,
        validation_ranks: np.ndarray | None,
        test_ranks: np.ndarray,
        setting: str = "",
        detail: dict[str, float] | None = None,
        reference: bool = False,
    ) -> None:
        """Ranks (P,) of the validation and test targets."""
        values = ranking_metrics(self.test.ranked(test_ranks))
        samples = mean_samples(np.stack(list(values.values()), 1), self.test.shopper, self.seed, DRAWS)
        self.values[model] = values
        self.rows.append(
            Row(
                model,
                means(values),
                {name: interval(one) for name, one in zip(values, samples.T, strict=True)},
                setting,
                None if validation_ranks is None else ndcg_at_10(validation_ranks, self.validation),
                reference=reference,
                detail=detail or {},
            )
        )

    def difference(self, of: str, over: str, metric: str) -> dict:
        a, b = self.values[of][metric], self.values[over][metric]
        gain, low, high = paired_difference(a, b, self.test.shopper, self.seed, DRAWS)
        return {"of": of, "over": over, "metric": metric, "gain": gain, "low": low, "high": high}
