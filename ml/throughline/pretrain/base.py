"""The base model: made from several shops, kept in a file, and taken on by a shop of its own.

What it knows holds in any shop: how texts and prices place a product, how a history is read, how far to lean
on popularity. A shop takes it on by giving it a table of ids that holds nothing learned: each product's log
popularity in the last number, the rest zero. So one and the same graph serves the base model, the adapted one
and a model trained from nothing.
"""

from pathlib import Path

import numpy as np
import torch

from ..contract import Contract
from ..cooccurrence import cooccurrence_vectors
from ..data import Log
from ..head_losses import start_tables
from ..item_tower import whitening_of
from ..learn import save
from ..model import BehaviourModel, Config, head_sizes
from ..predict import all_vectors
from ..shops import Shop, known_items, log_popularity

POOLS = 4  # looks back over the history, the last of orders
START_TRUST = 1.5  # of log popularity, against cosines × scale
ORDERS_APART = 12.0  # logit of the look back of orders, against those of the others, 0
STEEPEST = 1.5  # of the looks back that are not of orders: distance^-1.5, …, even


class WrongBaseError(Exception):
    """Says what was expected, what came and what to do: the user reads it."""


def new_base(config: Config, shops: list[Shop], contract: Contract, seed: int) -> BehaviourModel:
    """Untrained; each head starts as the mean of the shops' tables of what followed which type of event."""
    torch.manual_seed(seed)
    model = BehaviourModel(config, contract)
    types, sizes = contract.vocabularies["event_type"], head_sizes(contract)
    tables = [start_tables(shop.log, shop.answers, types, sizes) for shop in shops]
    with torch.no_grad():
        for name in tables[0]:
            start = np.mean([table[name] for table in tables], 0)
            model.encoder.heads[name].after.weight.copy_(torch.from_numpy(start))
    ask_by_history(model, contract)
    place_by_text(model)
    return model


def ask_by_history(model: BehaviourModel, contract: Contract) -> None:
    """A base model asks for what lies near the history's products, and for nothing else: a direction of its
    own would be a taste for certain goods, learned in one shop and wrong in the next. It starts from what
    needs no learning: near in text, looks back over the history from steep to even, and popularity. The last
    look back, even, is of orders: after one it counts all but alone, after anything else not at all, since
    the lines of an order do not follow each other and what is bought months apart is bought again. Which
    goods go with those of an order differs from shop to shop, so this look back learns nothing here. A shop
    that takes the base model on learns its own taste, and all the rest."""
    encoder = model.encoder
    pools, orders = len(encoder.pool_distance), contract.type_codes["purchase"]
    if pools < 2:
        raise ValueError(f"Expected two looks back or more, one of them for orders, got {pools}.")
    with torch.no_grad():
        for own in (encoder.direction.weight, encoder.direction.bias, encoder.behaviour_direction.weight):
            own.zero_()
            own.requires_grad_(False)
        encoder.trust.bias.fill_(START_TRUST)
        slope = torch.cat([torch.linspace(STEEPEST, 0.0, pools - 1), torch.zeros(1)])[:, None]
        encoder.pool_distance.copy_(-slope * torch.arange(1, encoder.reach + 1).float().log())
        encoder.pool_share.weight[:, -1] = -ORDERS_APART
        encoder.pool_share.weight[orders, -1] = ORDERS_APART
    for parameter in (encoder.pool_mix, encoder.pool_distance, encoder.pool_type):
        parameter.register_hook(without_last)


def without_last(gradient: torch.Tensor) -> torch.Tensor:
    """The gradient of all looks back but that of orders, which is a part of the same tensor."""
    gradient = gradient.clone()
    gradient[-1] = 0
    return gradient


def place_by_text(model: BehaviourModel) -> None:
    """A base model places products by their text vectors alone and learns nothing of where they lie: that
    would be the taste of the shops that it sees. A shop that takes it on begins there."""
    with torch.no_grad():
        model.tower.tokens.weight.zero_()
    model.tower.requires_grad_(False)


def write_base(path: Path, model: BehaviourModel, contract: Contract, about: dict) -> None:
    """`about`: what it was made from and how it validated, for the card."""
    state = {"config": model.config.as_dict(), "weights": model.state_dict()}
    save(path, {**state, "contract": contract.hash, "about": about})


def read_base(path: Path, contract: Contract) -> tuple[BehaviourModel, dict]:
    if not path.exists():
        raise WrongBaseError(f"Expected a base model, found no file at {path}. Make one: npm run base-model.")
    state = torch.load(path, weights_only=True)
    if not isinstance(state, dict) or "contract" not in state:
        raise WrongBaseError(f"{path} is no base model. Make one: npm run base-model.")
    if state["contract"] != contract.hash:
        raise WrongBaseError(
            f"{path} was made for inputs of contract {state['contract'][:12]}…, this program computes those "
            f"of {contract.hash[:12]}…. Make it again: npm run base-model."
        )
    model = BehaviourModel(Config(**state["config"]), contract)
    model.load_state_dict(state["weights"])
    return model.eval(), state["about"]


def take_on(
    base: BehaviourModel, log: Log, before_ms: float, contract: Contract, *, seed: int, co_occurrence: bool
) -> tuple[BehaviourModel, np.ndarray]:
    """The base model with ids for the log's products, (N + 1,) their places. As it is, it answers as the base
    model does. `co_occurrence`: ids start from what follows what before the moment, turned by the rotation
    that brings it nearest to where the text places the products (Schönemann, 1966): for training on."""
    ids = known_items(log, before_ms)
    known = np.flatnonzero(ids)
    config = Config(**{**base.config.as_dict(), "items": len(known)})
    torch.manual_seed(seed)
    model = BehaviourModel(config, contract)
    weights = {name: one for name, one in base.state_dict().items() if name != "tower.ids.weight"}
    model.load_state_dict(weights, strict=False)
    model.tower.whitening = whitening_of(log)
    table = torch.zeros(len(known) + 1, config.dimension)
    rows = torch.from_numpy(known)
    table[1:, -1] = log_popularity(log, before_ms)[rows]
    if co_occurrence and len(known):
        vectors = cooccurrence_vectors(log, before_ms, config.dimension - 1, seed)[rows]
        table[1:, :-1] = turned_to(vectors, text_directions(model, log)[rows])
    with torch.no_grad():
        model.tower.ids.weight.copy_(table)
    return model.eval(), ids


def text_directions(model: BehaviourModel, log: Log) -> torch.Tensor:
    """(N + 1, D - 1) unit vectors of the products as the model's shop has them when they are new."""
    with torch.no_grad():
        return all_vectors(model, log, np.zeros(log.items + 1, np.int32))[:, :-1]


def turned_to(vectors: torch.Tensor, goal: torch.Tensor) -> torch.Tensor:
    """(K, d), (K, d): the rotation of `vectors` with the least squared distance to `goal`."""
    u, _, vt = torch.linalg.svd(vectors.T @ goal)
    return vectors @ (u @ vt)
