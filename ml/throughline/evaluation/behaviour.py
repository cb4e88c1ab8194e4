"""The behaviour model as a voice of --target next-event: trained as `npm run train` does, on the events that
the other models are trained on, with its neighbours' weight chosen as a shop's is.

leave-one-out: it learns from what lies before each shopper's last two elements, in the order of the log even
where times are equal, as the others do; and of that the next product alone: what the other heads are taught
would tell of the events held out.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch

from ..baselines import Scorer
from ..blend import blended, choose_weight, most_weighing, neighbour_weights, sequences_before
from ..contract import Contract
from ..data import Log, Split, make_log
from ..metrics.ranking import ndcg
from ..model import BehaviourModel, Config
from ..predict import model_scorer
from ..sequence.models import BEHAVIOUR
from ..sequence.questions import Questions, drawn
from ..sequence.voices import Voice, judge_voice
from ..settings import Settings
from ..train import VALIDATION_CASES, train
from .next_event_questions import Asked
from .options import Options
from .stages import Stages

SERVED = "behaviour model, as served"
# Without being asked for it is heard where it takes minutes.
MOST_PRODUCTS, MOST_EVENTS = 5_000, 400_000


def heard_unasked(log: Log) -> bool:
    return log.items <= MOST_PRODUCTS and len(log.item) <= MOST_EVENTS


def before_what_is_asked(asked: Asked) -> Log:
    """The log without each shopper's last two elements, its events a millisecond apart or more, without the
    heads' labels."""
    log, first = asked.log, np.full(len(asked.log.offsets) - 1, len(asked.log.item))
    first[asked.validation.cases.shopper] = asked.validation.cases.end
    kept = np.arange(len(log.item)) < first[log.shopper]
    lengths = np.bincount(log.shopper[kept], minlength=len(first))
    return make_log(
        {name: values[kept] for name, values in log.columns.items()},
        (log.at_ms + np.arange(len(log.item)) - log.offsets[log.shopper])[kept],
        log.turn[kept],
        np.full(int(kept.sum()), -1),
        np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        log.item_names,
        log.item_tokens[1:],
        log.item_text[1:],
        log.item_price[1:],
        image=log.item_image[1:],
    )


@dataclass
class Learned:
    config: dict
    weights: dict[str, torch.Tensor]
    ids: np.ndarray  # (N + 1,)
    curve: list[dict]


class Served:
    """Fitted: the model, and with which weight the neighbours are added to it."""

    def __init__(self, asked: Asked, masked: bool, options: Options, contract: Contract, stages: Stages):
        self.log, self.contract = asked.log, contract
        if asked.cuts is None:
            past = before_what_is_asked(asked)
            whole = float(past.at_ms.max()) + 1
            split = Split(whole, whole, whole)
        else:
            past, split = asked.log, asked.cuts
        few = drawn(asked.validation, VALIDATION_CASES, options.seed)

        def learn() -> Learned:
            model, ids, curve = train(
                past,
                split,
                contract,
                Settings(seed=options.seed),
                stages.path("epochs of the behaviour model"),
                validated_on=(asked.log, few.cases),
            )
            return Learned(model.config.as_dict(), model.state_dict(), ids, curve)

        learned = stages.keep(BEHAVIOUR, learn)
        model = BehaviourModel(Config(**learned.config), contract)
        model.load_state_dict(learned.weights)
        self.config, self.curve = model.config, learned.curve
        self.alone = model_scorer(model, asked.log, learned.ids, contract)
        self.neighbours = neighbour_weights(
            sequences_before(past, split.validation_ms, contract), asked.log.items
        )
        questions = drawn(asked.validation, most_weighing(asked.log.items), options.seed)

        def judge(scorer: Scorer) -> np.ndarray:
            ranks = judge_voice(voice_of(scorer, questions), questions, masked)
            return ndcg(questions.ranked(ranks), 10)

        self.weight = stages.keep(
            "weight of the neighbours",
            lambda: choose_weight(
                self.alone, self.neighbours, asked.log, questions.cases, contract, options.seed, judge
            ),
        )

    def voices(self, questions: Questions) -> dict[str, Voice]:
        alone = voice_of(self.alone, questions)

        @lru_cache(maxsize=1)
        def last(start: int, stop: int) -> np.ndarray:
            return alone(start, stop)

        def with_neighbours(start: int, stop: int) -> np.ndarray:
            added = blended(
                lambda cases, batch: last(start, stop),
                self.neighbours,
                self.weight,
                self.log,
                self.contract,
            )
            return added(questions.cases, np.arange(start, stop)).astype(np.float32)

        return {BEHAVIOUR: lambda start, stop: last(start, stop).copy(), SERVED: with_neighbours}

    def words(self, name: str) -> str:
        """What was chosen for it."""
        best = max(self.curve, key=lambda one: one["NDCG@10"])
        found = (
            f"d {self.config.dimension}, {self.config.blocks} block{'s' if self.config.blocks > 1 else ''}, "
            f"epoch {best['epoch']} of {len(self.curve) - 1}"
        )
        return f"{found}, weight of the neighbours {self.weight:g}" if name == SERVED else found


def voice_of(scorer: Scorer, questions: Questions) -> Voice:
    """log p of all products but the one looked at, which the model never learns to tell from an answer."""

    def scores(start: int, stop: int) -> np.ndarray:
        said = torch.from_numpy(scorer(questions.cases, np.arange(start, stop)).astype(np.float32))
        said[:, 0] = said[torch.arange(stop - start), questions.cases.current[start:stop]] = -1e9
        return torch.log_softmax(said, 1).numpy()

    return scores
