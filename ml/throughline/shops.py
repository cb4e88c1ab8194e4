"""One log as a model learns from it: its windows, its own item matrix, its own popularity.

A shop's own model has an id for each product. A base model knows no ids: a product is placed by text and
price. Its text is whitened by its own shop's catalogue. How popular it is among its shop's products is no
weight but an input, the logarithm of the turns to it before the split, recent ones counting for more. It
stands in the last number of the item vector, where the ids of a trained model keep theirs.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from .batches import Batches
from .contract import Contract
from .data import Cases, Log, Split, cases_between, make_log
from .head_losses import DAY_MS, Answers, answers_before
from .item_tower import Whitening, whitening_of
from .model import BehaviourModel
from .predict import all_vectors
from .settings import Settings

POPULARITY_HALF_LIFE_DAYS = 10  # 5 to 40 are all better than none, on browsing and on orders (docs/tried.md)


@dataclass
class Shop:
    name: str
    log: Log
    split: Split
    batches: Batches
    answers: Answers  # of the heads beside the next item, as far as known before the split
    cases: Cases  # validation
    ids: np.ndarray  # (N + 1,) place of each product in the model's own list; zeros: the model has none
    popularity: Tensor  # (N,) added to the last number of the item vectors; zeros where ids hold it
    whitening: Whitening  # of its catalogue
    told_apart: np.ndarray  # (N,) bool: by words too. Others are alike without an id, so it is never dropped
    candidates: Tensor  # (K,) rows of the products that a target is told from
    place: Tensor  # (N + 1,) of a product among the candidates, -1 = none

    def vectors(self, model: BehaviourModel, unknown: Tensor | None = None) -> Tensor:
        """(N + 1, D) item matrix. `unknown` (N,) bool: products taken as new, without id and popularity."""
        vectors = all_vectors(model, self.log, self.ids, unknown, self.whitening)
        popularity = self.popularity if unknown is None else self.popularity.masked_fill(unknown, 0)
        return torch.cat([vectors[:, :-1], vectors[:, -1:] + pad_first(popularity)[:, None]], 1)


def pad_first(values: Tensor) -> Tensor:
    return torch.cat([torch.zeros(1), values])


def log_popularity(log: Log, before_ms: float) -> Tensor:
    """(N + 1,) log of (turns + 1), each turn halved every ten days: 0 for a product that nobody turned to, as
    for one that is new."""
    past = log.turn & (log.at_ms < before_ms)
    halvings = (before_ms - log.at_ms[past]) / (POPULARITY_HALF_LIFE_DAYS * DAY_MS)
    turns = np.bincount(log.item[past], 0.5**halvings, minlength=log.items + 1)
    return torch.from_numpy(np.log1p(turns)).float()


def seen_products(log: Log, before_ms: float) -> np.ndarray:
    """Rows of the products with an event before a moment."""
    seen = np.bincount(log.item[log.at_ms < before_ms], minlength=log.items + 1) > 0
    seen[0] = False
    return np.flatnonzero(seen)


def known_items(log: Log, before_ms: float) -> np.ndarray:
    """(N + 1,) a product's place in the model's own list, from 1 on; 0 = no event before the split."""
    known = seen_products(log, before_ms)
    ids = np.zeros(log.items + 1, np.int32)
    ids[known] = np.arange(1, len(known) + 1)
    return ids


def make_shop(
    name: str,
    log: Log,
    split: Split,
    contract: Contract,
    settings: Settings,
    *,
    validation_cases: int,
    ids: np.ndarray | None = None,
) -> Shop:
    """`ids`: places in the model's own list of products; without, the shop's popularity is an input."""
    batches = Batches(log, split, contract, settings)
    cases = cases_between(
        log, batches.current, split.validation_ms, split.test_ms, validation_cases, settings.seed
    )
    candidates = seen_products(log, split.validation_ms)
    place = np.full(log.items + 1, -1, np.int64)
    place[candidates] = np.arange(len(candidates))
    popularity = log_popularity(log, split.validation_ms)[1:] if ids is None else torch.zeros(log.items)
    return Shop(
        name=name,
        log=log,
        split=split,
        batches=batches,
        answers=answers_before(log, split.validation_ms, contract),
        cases=cases,
        ids=np.zeros(log.items + 1, np.int32) if ids is None else ids,
        popularity=popularity,
        whitening=whitening_of(log),
        told_apart=log.item_text[1:].any(1) | log.item_tokens[1:].any(1),
        candidates=torch.from_numpy(candidates),
        place=torch.from_numpy(place),
    )


def share_of_shoppers(log: Log, share: float, seed: int) -> Log:
    """The log of a share of its shoppers, drawn so that a smaller share lies within a larger one."""
    shoppers = len(log.offsets) - 1
    order = np.random.default_rng(seed).permutation(shoppers)
    chosen = np.sort(order[: max(1, round(shoppers * share))])
    lengths = np.diff(log.offsets)[chosen]
    kept = np.isin(log.shopper, chosen)
    return make_log(
        columns={name: values[kept] for name, values in log.columns.items()},
        at_ms=log.at_ms[kept],
        turn=log.turn[kept],
        next_stage=log.next_stage[kept],
        offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        item_names=log.item_names,
        tokens=log.item_tokens[1:],
        text=log.item_text[1:],
        price=log.item_price[1:],
        image=log.item_image[1:],
        labels={name: values[kept] for name, values in log.labels.items()},
    )
