"""--target next-event: which product next? Every baseline and sequence model, for both splits.

The whole catalogue is ranked. leave-one-out: one question a shopper; time: one before each group of turns of
the test part. What may be no answer: the product looked at; the whole history only if that is no worse
on validation, then for all rows alike, and the figures the other way stand below as reference rows.
All settings, epochs, blend weights and the stacked model come from validation; no weight and no count sees a
test target. With leave-one-out the validation product stands in the test history but was never trained on.
"""

import json

import numpy as np

from ..baselines import recent_popularity
from ..contract import Contract
from ..data import load_log
from ..metrics.bootstrap import DRAWS, interval, mean_samples, paired_difference
from ..metrics.ranking import TargetRanks, coverage, means, ndcg, novelty, ranking_metrics
from ..sequence import linear, neighbours
from ..sequence.fit import train
from ..sequence.questions import Questions, Sequences, by_time, leave_one_out
from ..sequence.stack import answer, candidate_ranks, fit_ensemble
from ..sequence.transformer import Shape
from ..sequence.voices import (
    CANDIDATES,
    TOP,
    Table,
    Voice,
    counted_voice,
    judge_voice,
    linear_voice,
    listen,
    net_voice,
    popular_voice,
    popularity_share,
    shares,
    sparse_voice,
    trained_voice,
)
from .options import NotEnoughDataError, Options
from .result import Picture, Result, Row
from .stages import Stages

LEAST_QUESTIONS = 50
MOST_QUESTIONS = (10_000, 30_000)  # of the time split's validation and test, drawn at random
MOST_TUNING = 5_000  # questions that settings of counting models are chosen on
MOST_STOPPING = 10_000  # questions that epochs are chosen on
RECENT_DAYS = (1, 7, 30)

POPULAR, OWN, PLAIN_KNN = "popularity", "own history", "item-kNN"
KNN, CHAIN, SHOPPERS = "sequential item-kNN", "follows the last product", "shopper-kNN"
EASE, LINEAR = "linear item model (EASE)", "sequential linear item model"
PLAIN_NET, POOLED_NET = "SASRec", "SASRec with pooled history"
BLEND_TWO, BLEND, STACKED = "blend: item-kNN + SASRec", "blend of all", "stacked blend of all"
# Epochs and shapes; each stops earlier when validation says so.
NETS = {PLAIN_NET: (Shape(), 10), POOLED_NET: (Shape(pools=2, dropout=0.5), 12)}
# Weights of the log-blend that draws up the candidates, and where the search for better ones begins.
PRIOR = {PLAIN_NET: 0.22, POOLED_NET: 0.22, KNN: 0.36, LINEAR: 0.2, OWN: 1.0, "recent": 0.1}


def recent_name(days: int) -> str:
    return f"popularity of the last {days} days" if days > 1 else "popularity of the last day"


def target_ranks(ranks: np.ndarray, questions: Questions) -> TargetRanks:
    """`ranks` (P,) of the questions' targets, 0 = first."""
    return TargetRanks(ranks, questions.target_of, questions.sizes)


def ndcg_at_10(ranks: np.ndarray, questions: Questions) -> float:
    return float(ndcg(target_ranks(ranks, questions), 10).mean())


def spread(top: np.ndarray, training: Sequences) -> dict[str, float]:
    return {"coverage": coverage(top, training.items), "novelty": novelty(top, training.popularity())}


def sample(questions: Questions, most: int, seed: int) -> np.ndarray:
    if len(questions) <= most:
        return np.arange(len(questions))
    return np.sort(np.random.default_rng(seed).choice(len(questions), most, replace=False))


def knn_voice(training: Sequences, questions: Questions, setting, popular, weight=None) -> Voice:
    weight = neighbours.weights(training, setting) if weight is None else weight
    return sparse_voice(neighbours.votes(questions, setting.query_decay, setting.last), weight, popular)


def own_voice(questions: Questions, popular: np.ndarray) -> Voice:
    vote = neighbours.votes(questions, 1.0) + 0.01 * questions.seen
    return lambda start, stop: shares(vote[start:stop].toarray(), popular)


def repeats_share(questions: Questions) -> float:
    """Of targets that already stand in the history."""
    if not len(questions.target):
        return 0.0
    return float(np.mean(np.asarray(questions.seen[questions.target_of, questions.target]).ravel() > 0))


def choose_mask(training: Sequences, questions: Questions, popular: np.ndarray) -> bool:
    """Masking the history is right where nobody comes back: tried with the two simplest models."""
    tried = [own_voice(questions, popular), knn_voice(training, questions, neighbours.ItemKnn(), popular)]
    best = {
        way: max(ndcg_at_10(judge_voice(one, questions, way), questions) for one in tried)
        for way in (True, False)
    }
    return best[True] >= best[False]


def tune_knn(training: Sequences, questions: Questions, masked: bool, popular: np.ndarray):
    kept: dict[tuple, object] = {}  # the weights depend on three fields; the history's votes on the others

    def judge(setting) -> float:
        key = (setting.decay, setting.backward, setting.target_exponent)
        if key not in kept:
            kept.clear()
            kept[key] = neighbours.weights(training, setting)
        voice = knn_voice(training, questions, setting, popular, kept[key])
        return ndcg_at_10(judge_voice(voice, questions, masked), questions)

    return neighbours.tune(judge)


class Models:
    """Everything fitted on the training part; gives its voices for any questions."""

    def __init__(self, options, stages, log, training, validation, test, masked):
        self.log, self.training, self.masked = log, training, masked
        self.popular = popularity_share(training)
        few = validation.part(sample(validation, MOST_TUNING, options.seed))
        self.setting, _ = stages.keep(
            "settings of sequential item-kNN", lambda: tune_knn(training, few, masked, self.popular)
        )
        self.knn = neighbours.weights(training, self.setting)
        self.plain = neighbours.weights(training, neighbours.PLAIN)
        self.chain_setting = neighbours.ItemKnn(backward=0.0, query_decay=0.0, last=1.0)
        self.chain = neighbours.weights(training, self.chain_setting)
        self.nets = {}
        stopping = validation.part(sample(validation, MOST_STOPPING, options.seed))
        unknown = training.popularity() == 0
        for name, (shape, epochs) in NETS.items():

            def judge(states, vectors):
                return ndcg_at_10(
                    judge_voice(net_voice(states, vectors, unknown), stopping, masked), stopping
                )

            def fit(name=name, shape=shape, epochs=epochs, judge=judge):
                checkpoint = stages.path(f"epochs of {name}")
                return train(
                    training, shape, epochs, stopping, validation, test, judge, options.seed, checkpoint, name
                )

            self.nets[name] = stages.keep(name, fit)
        self.used = linear.taking_part(training)
        self.ease = linear.ease(training, self.used)
        self.sequential = linear.sequential(training, self.used)
        self.repeats = repeats_share(validation) > 0.01
        self.count = len(validation)

    def voices(self, questions: Questions, rows: slice) -> dict[str, Voice]:
        """`rows`: where these questions stand among validation and test, one after the other."""
        popular = self.popular
        found = {POPULAR: popular_voice(popular)}
        if questions.cases is not None:
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
        if name == KNN:
            return self.setting.words()
        if name in self.nets:
            shape = NETS[name][0]
            return (
                f"d {shape.dimension}, dropout {shape.dropout:g}, epoch {self.nets[name].best_epoch} "
                f"of {len(self.nets[name].curve)}"
            )
        return ""


def read(options: Options, contract: Contract):
    log = load_log(options.work, contract)
    if options.split == "leave-one-out":
        found = leave_one_out(log)
        told = "the last product of each shopper is the test target, the one before it the validation target"
    else:
        cuts = json.loads((options.work / "evaluation.json").read_text())
        found = by_time(
            log, cuts["validation_ms"], cuts["test_ms"], cuts["end_ms"], MOST_QUESTIONS, options.seed
        )
        told = "questions before each later turn; training, validation and test by time"
    training, validation, test = found
    for name, questions in (("validation", validation), ("test", test)):
        if len(questions) < LEAST_QUESTIONS:
            raise NotEnoughDataError(
                f"Expected at least {LEAST_QUESTIONS} {name} questions, found {len(questions)}. "
                "leave-one-out needs shoppers with three different products in a row; the time split needs "
                "turns in the last parts of the log. Give a longer log, or move --cut."
            )
    if len(np.unique(training.item)) < 2 or len(training.item) < LEAST_QUESTIONS:
        raise NotEnoughDataError(
            f"Expected at least {LEAST_QUESTIONS} turns to two or more products to train on, found "
            f"{len(training.item)}. Give a longer log, or move --cut."
        )
    return log, training, validation, test, told


class Rows:
    """Collects rows with their figures a question."""

    def __init__(self, validation: Questions, test: Questions, seed: int):
        self.validation, self.test = validation, test
        self.seed = seed
        self.rows: list[Row] = []
        self.values: dict[str, dict[str, np.ndarray]] = {}

    def add(self, model, validation_ranks, test_ranks, setting="", detail=None, reference=False) -> None:
        values = ranking_metrics(target_ranks(test_ranks, self.test))
        columns = np.stack(list(values.values()), 1)
        samples = mean_samples(columns, self.test.shopper, self.seed, DRAWS)
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


def top_of(scores: np.ndarray, table: Table) -> np.ndarray:
    best = np.argsort(-scores, axis=1)[:, :TOP]
    return np.take_along_axis(table.candidates, best, 1)


def evaluate(options: Options, contract: Contract, stages: Stages) -> Result:
    log, training, validation, test, told = read(options, contract)
    popular = popularity_share(training)
    few = validation.part(sample(validation, MOST_TUNING, options.seed))
    masked = stages.keep("masking the history", lambda: choose_mask(training, few, popular))
    models = Models(options, stages, log, training, validation, test, masked)
    first, second = slice(0, len(validation)), slice(len(validation), len(validation) + len(test))
    voices = models.voices(validation, first)
    names = list(voices)
    prior = models.prior(names)
    table = listen(voices, prior, validation, (masked,), "validation")[masked]
    tested = listen(models.voices(test, second), prior, test, (masked, not masked), "test")
    test_table, other_table = tested[masked], tested[not masked]

    rows = Rows(validation, test, options.seed)
    for name in names:
        detail = spread(test_table.top[name], training)
        rows.add(name, table.ranks[name], test_table.ranks[name], models.words(name), detail)
    baselines = [name for name in names if name not in NETS]
    other_way = {name: other_table.ranks[name] for name in (KNN, PLAIN_NET, POOLED_NET)}

    everything = list(range(len(names)))
    pair = [names.index(KNN), names.index(PLAIN_NET)]
    start = np.array([prior.get(name, 0.02) for name in names])
    ensembles = [(BLEND_TWO, None, pair), (BLEND, STACKED, everything)]
    for blend, stacked, members in ensembles:
        fitted, blended, deep = stages.keep(
            f"weights of {blend}",
            lambda members=members, stacked=stacked: fit_ensemble(
                table, validation, members, start[members], options.seed, stacked is not None
            ),
        )
        answers, others = answer(fitted, test_table, test), answer(fitted, other_table, test)
        weight = np.mean(fitted.weights, 0)
        words = ", ".join(
            f"{names[member]} {one:.2f}" for member, one in zip(members, weight, strict=True) if one >= 0.005
        )
        for name, seen, answered, otherwise in (
            (blend, blended, answers[0], others[0]),
            (stacked, deep, answers[1], others[1]),
        ):
            if name is None:
                continue
            rows.add(
                name,
                candidate_ranks(seen, table, validation),
                candidate_ranks(answered, test_table, test),
                words if name != stacked else "blend + 32 hidden units over scores, ranks and history length",
                spread(top_of(answered, test_table), training),
            )
            other_way[name] = candidate_ranks(otherwise, other_table, test)

    best = max(rows.rows, key=lambda row: row.validation)
    best.chosen = True
    baseline = max((row for row in rows.rows if row.model in baselines), key=lambda row: row.validation)
    rivals = [name for name in (baseline.model, PLAIN_NET, BLEND_TWO) if name != best.model]
    differences = [
        rows.difference(best.model, rival, metric)
        for rival in dict.fromkeys(rivals)
        for metric in ("NDCG@10", "R@10")
    ]
    way = "history not masked" if masked else "history masked"
    for name, ranks in other_way.items():
        rows.add(f"{name}, {way}", None, ranks, reference=True)
    if options.split == "leave-one-out":
        rows.add(f"{KNN}, refit with validation", None, refit(models, validation, test), reference=True)

    curves = [
        {"name": name, "points": [[one["epoch"], one["validation"]] for one in trained.curve]}
        for name, trained in models.nets.items()
    ]
    share = repeats_share(validation)
    return Result(
        options.target,
        options.split,
        options.seed,
        "NDCG@10",
        rows.rows,
        {
            "questions": len(test),
            "validation questions": len(validation),
            "shoppers": len(np.unique(test.shopper)),
            "products": training.items,
            "training turns": len(training.item),
            "split": told,
        },
        differences,
        [Picture("learning", "Validation by epoch", "epoch", "NDCG@10", curves)],
        [
            f"{share:.1%} of the validation targets already stand in the shopper's history; the history is "
            f"{'masked' if masked else 'not masked'}, as validation says.",
            "Intervals draw whole shoppers; blends and the stacked model are cross-fitted on validation: "
            "what each is worth there was fitted on other shoppers.",
            f"Blends and the stacked model order {CANDIDATES} candidates, drawn up by a fixed blend.",
        ],
    )


def refit(models: Models, validation: Questions, test: Questions) -> np.ndarray:
    """Ranks of sequential item-kNN that also counts the validation products: what a later fit would add."""
    shopper = np.concatenate([models.training.shopper, validation.shopper])
    item = np.concatenate([models.training.item, validation.target])
    order = np.argsort(shopper, kind="stable")
    counts = np.bincount(shopper, minlength=len(models.training.offsets) - 1)
    whole = Sequences(item[order], np.concatenate([[0], np.cumsum(counts)]), models.training.items)
    voice = knn_voice(whole, test, models.setting, popularity_share(whole))
    return judge_voice(voice, test, models.masked)
