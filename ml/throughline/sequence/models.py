"""Every baseline and sequence model of the next product, fitted on the training part, as voices.

Settings, epochs and whether the history is masked come from validation; no weight and no count sees a test
target.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import scipy.sparse as sparse

from ..baselines import recent_popularity
from ..data import Log
from ..train import is_sparse
from . import linear, neighbours
from .fit import Trained, train
from .questions import Questions, Sequences, drawn, ndcg_at_10, repeats_share
from .transformer import Shape
from .voices import (
    Voice,
    counted_voice,
    judge_voice,
    linear_voice,
    net_voice,
    popular_voice,
    popularity_share,
    shares,
    sparse_voice,
    trained_voice,
)

MOST_TUNING = 5_000  # questions that settings of counting models are chosen on
MOST_STOPPING = 10_000  # questions that epochs are chosen on
RECENT_DAYS = (1, 7, 30)
FEWEST_REPEATS = 0.01  # share of targets that stand in the history: fewer make it no model of its own

POPULAR, OWN, PLAIN_KNN = "popularity", "own history", "item-kNN"
KNN, CHAIN, SHOPPERS = "sequential item-kNN", "follows the last product", "shopper-kNN"
EASE, LINEAR = "linear item model (EASE)", "sequential linear item model"
BEHAVIOUR = "behaviour model"  # heard where it is asked for (evaluation/behaviour.py)
PLAIN_NET, POOLED_NET = "SASRec", "SASRec with pooled history"
# Epochs and shapes; each stops earlier when validation says so.
NETS = {PLAIN_NET: (Shape(), 10), POOLED_NET: (Shape(pools=2, dropout=0.5), 12)}
# Weights of the log-blend that draws up the candidates, and where the search for better ones begins.
PRIOR = {
    BEHAVIOUR: 0.22,
    PLAIN_NET: 0.22,
    POOLED_NET: 0.22,
    KNN: 0.36,
    LINEAR: 0.2,
    OWN: 1.0,
    "recent": 0.1,
}


class Steps(Protocol):
    """Steps of a long run that are kept (throughline.evaluation.stages)."""

    def keep(self, name: str, make: Callable[[], Any]) -> Any: ...

    def path(self, name: str) -> Path: ...


def recent_name(days: int) -> str:
    return f"popularity of the last {days} days" if days > 1 else "popularity of the last day"


def knn_voice(
    training: Sequences,
    questions: Questions,
    setting: neighbours.ItemKnn,
    popular: np.ndarray,
    weight: sparse.csr_matrix | None = None,
) -> Voice:
    weight = neighbours.weights(training, setting) if weight is None else weight
    return sparse_voice(neighbours.votes(questions, setting.query_decay, setting.last), weight, popular)


def own_voice(questions: Questions, popular: np.ndarray) -> Voice:
    vote = neighbours.votes(questions, 1.0) + 0.01 * questions.seen
    return lambda start, stop: shares(vote[start:stop].toarray(), popular)


def choose_mask(training: Sequences, validation: Questions, seed: int) -> bool:
    """Masking the history is right where nobody comes back: tried with the two simplest models."""
    questions, popular = drawn(validation, MOST_TUNING, seed), popularity_share(training)
    tried = [own_voice(questions, popular), knn_voice(training, questions, neighbours.ItemKnn(), popular)]
    best = {
        way: max(ndcg_at_10(judge_voice(one, questions, way), questions) for one in tried)
        for way in (True, False)
    }
    return best[True] >= best[False]


def tune_knn(
    training: Sequences, questions: Questions, masked: bool, popular: np.ndarray
) -> tuple[neighbours.ItemKnn, float]:
    kept: dict[tuple, sparse.csr_matrix] = {}  # weights hang on three fields alone

    def judge(setting: neighbours.ItemKnn) -> float:
        key = (setting.decay, setting.backward, setting.target_exponent)
        if key not in kept:
            kept.clear()
            kept[key] = neighbours.weights(training, setting)
        voice = knn_voice(training, questions, setting, popular, kept[key])
        return ndcg_at_10(judge_voice(voice, questions, masked), questions)

    return neighbours.tune(judge)


def for_nets(training: Sequences) -> Sequences:
    """As the networks learn from them. What was looked at is no answer, so in a dense log it is left out of
    what a target is told from. In a sparse one without repeats, telling it from an answer keeps a network
    from learning histories by heart: there nothing is left out (docs/tried/served-model.md)."""
    products = int((training.popularity() > 0).sum())
    sparse = is_sparse(len(training.item), products, training.repeats())
    return replace(training, looked_at=None) if sparse else training


class Models:
    """Fitted; the networks have answered both the validation and the test questions."""

    def __init__(
        self,
        log: Log,
        training: Sequences,
        validation: Questions,
        test: Questions,
        masked: bool,
        seed: int,
        steps: Steps,
        by_time: bool,
    ):
        self.log, self.training, self.masked, self.by_time = log, training, masked, by_time
        self.popular = popularity_share(training)
        few = drawn(validation, MOST_TUNING, seed)
        self.setting, _ = steps.keep(
            "settings of sequential item-kNN", lambda: tune_knn(training, few, masked, self.popular)
        )
        self.knn = neighbours.weights(training, self.setting)
        self.plain = neighbours.weights(training, neighbours.PLAIN)
        self.chain = neighbours.weights(training, neighbours.ItemKnn(backward=0.0, query_decay=0.0, last=1.0))
        stopping = drawn(validation, MOST_STOPPING, seed)
        unknown, taught = training.popularity() == 0, for_nets(training)

        def judge(states: np.ndarray, vectors: np.ndarray) -> float:
            ranks = judge_voice(net_voice(states, vectors, unknown), stopping, masked)
            return ndcg_at_10(ranks, stopping)

        def fit(name: str) -> Trained:
            shape, epochs = NETS[name]
            checkpoint = steps.path(f"epochs of {name}")
            return train(taught, shape, epochs, stopping, validation, test, judge, seed, checkpoint, name)

        self.nets = {name: steps.keep(name, lambda name=name: fit(name)) for name in NETS}
        self.used = linear.taking_part(training)
        self.ease = linear.ease(training, self.used)
        self.sequential = linear.sequential(training, self.used)
        self.repeats = repeats_share(validation) > FEWEST_REPEATS

    def voices(self, questions: Questions, rows: slice) -> dict[str, Voice]:
        """`rows`: where these questions stand among validation and test, one after the other."""
        popular = self.popular
        found = {POPULAR: popular_voice(popular)}
        if self.by_time:
            for days in RECENT_DAYS:
                found[recent_name(days)] = self.recent(questions, days)
        if self.repeats:
            found[OWN] = own_voice(questions, popular)
        found[PLAIN_KNN] = knn_voice(self.training, questions, neighbours.PLAIN, popular, self.plain)
        last = neighbours.votes(questions, 0.0, most=1)
        found[CHAIN] = sparse_voice(last, self.chain, popular)
        found[KNN] = knn_voice(self.training, questions, self.setting, popular, self.knn)
        found[SHOPPERS] = counted_voice(neighbours.shopper_knn(self.training, questions), popular)
        found[EASE] = linear_voice(neighbours.votes(questions, 0.7), self.used, self.ease, popular)
        found[LINEAR] = linear_voice(neighbours.votes(questions, 1.0), self.used, self.sequential, popular)
        for name, trained in self.nets.items():
            found[name] = trained_voice(trained, rows, self.training)
        return found

    def recent(self, questions: Questions, days: int) -> Voice:
        scorer = recent_popularity(self.log, days)
        return lambda start, stop: shares(scorer(questions.cases, np.arange(start, stop)), self.popular)

    def prior(self, names: list[str]) -> dict[str, float]:
        weights = {name: PRIOR[name] for name in names if name in PRIOR}
        for days in RECENT_DAYS:
            if recent_name(days) in names:
                weights[recent_name(days)] = PRIOR["recent"]
        if self.masked:
            weights.pop(OWN, None)
        return weights

    def words(self, name: str) -> str:
        """What was chosen for it on validation."""
        if name == KNN:
            return self.setting.words()
        if name in self.nets:
            shape = NETS[name][0]
            return (
                f"d {shape.dimension}, dropout {shape.dropout:g}, epoch {self.nets[name].best_epoch} "
                f"of {len(self.nets[name].curve)}"
            )
        return ""

    def refit_ranks(self, validation: Questions, test: Questions) -> np.ndarray:
        """(P,) ranks of sequential item-kNN that also counts the validation products: what a later fit would
        add."""
        shopper = np.concatenate([self.training.shopper, validation.shopper])
        item = np.concatenate([self.training.item, validation.target])
        order = np.argsort(shopper, kind="stable")
        counts = np.bincount(shopper, minlength=len(self.training.offsets) - 1)
        whole = Sequences(item[order], np.concatenate([[0], np.cumsum(counts)]), self.training.items)
        voice = knn_voice(whole, test, self.setting, popularity_share(whole))
        return judge_voice(voice, test, self.masked)
