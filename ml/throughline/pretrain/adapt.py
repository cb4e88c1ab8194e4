"""Training on from a base model.

A start this good is first lost and then won back, so it is trained to the last epoch; of the weights on the
way from the start to the trained ones (WiSE-FT, arXiv 2109.01903) those that validate best are kept, and only
where they are surely ahead of the start. A small shop has few questions to choose by: the best of several
shares would be luck, and what it learned is mostly of the few shoppers that it knows.
"""

import copy
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ..contract import Contract
from ..learn import learn, shop_scorer
from ..metrics.bootstrap import paired_difference
from ..metrics.cases import case_metrics
from ..model import BehaviourModel
from ..ranks import ALONE, Ranks
from ..settings import Settings
from ..shops import Shop
from .base import take_on
from .held_out import keep_share

FEWEST_SHOPPERS = 30  # drawn again, fewer give an interval that is too narrow


def adapt(
    base: BehaviourModel,
    shop: Shop,
    contract: Contract,
    settings: Settings,
    checkpoint: Path,
    *,
    ranks: Ranks = ALONE,
    name: str = "epoch",
) -> tuple[BehaviourModel, np.ndarray, list[dict], dict]:
    """`shop`: without ids. Returns the model, the products' places in its list (N + 1,), one record an epoch,
    from 0, and that of the share kept of what was learned: its metrics on the validation part."""
    before_ms = shop.split.validation_ms
    model, ids = take_on(base, shop.log, before_ms, contract, seed=settings.seed, co_occurrence=True)
    start = {key: one.clone() for key, one in model.state_dict().items()}
    own = replace(shop, ids=ids, popularity=torch.zeros(shop.log.items))
    to_the_end = replace(settings, patience=settings.epochs)
    model, history = learn(
        model, [own], contract, to_the_end, checkpoint, ranks=ranks, name=name, keep_best=False
    )
    if not ranks.first:
        return model, ids, history, {}
    kept = keep_what_helps(model, start, own, contract, settings.seed)
    print(f"share kept of what was learned: {kept['share']:.1f}", file=sys.stderr)
    return model, ids, history, kept


def keep_what_helps(
    model: BehaviourModel, start: dict[str, Tensor], shop: Shop, contract: Contract, seed: int
) -> dict:
    """Gives the model the weights between `start` and its own with the best NDCG@10 on the validation part,
    if its gain over the start is surely above 0 there (95 % interval, shoppers drawn again); else the
    start's. Returns the share and its metrics."""
    tried = keep_share(model, start, [shop], contract)
    if surely_ahead(model, start, shop, contract, seed):
        return tried[0]
    model.load_state_dict(start)
    return next(one for one in tried if one["share"] == 0)


def surely_ahead(
    model: BehaviourModel, start: dict[str, Tensor], shop: Shop, contract: Contract, seed: int
) -> bool:
    shopper = shop.cases.shopper
    if len(np.unique(shopper)) < FEWEST_SHOPPERS:
        return False
    first = copy.deepcopy(model)
    first.load_state_dict(start)
    ours, theirs = (
        case_metrics(shop_scorer(one, shop, contract), shop.cases, masked=True)["NDCG@10"]
        for one in (model, first)
    )
    return paired_difference(ours, theirs, shopper, seed)[1] > 0
