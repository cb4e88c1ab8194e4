"""Training of one shop's model: where it starts from, and the loop of learn.py over that shop alone."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from .baselines import popularity_counts
from .contract import Contract
from .cooccurrence import cooccurrence_vectors
from .data import Cases, Log, Split
from .head_losses import answers_before, start_tables
from .item_tower import whitening_of
from .learn import learn
from .model import BehaviourModel, Config, head_sizes
from .ranks import ALONE, Ranks
from .settings import Settings
from .shops import known_items, make_shop

VALIDATION_CASES = 3_000
SPARSE_TURNS, SPARSE_REPEATS, SPARSE_EPOCHS = 30, 0.02, 10
SPARSE = {"blocks": 1, "dropout": 0.4, "pool_dropout": 0.5, "led_through": True, "weight_decay": 0.3}
# Telling an answer from the product looked at, too, keeps it from learning by heart, but takes many turns.
TURNS_FOR_CURRENT, BATCH_FOR_CURRENT = 50_000, 256


def is_sparse(turns: int, products: int, repeats: float) -> bool:
    """Few turns a product, and nobody comes back to one: soon learned by heart. `repeats`: of the turns, the
    share to a product that the shopper met before."""
    return turns < SPARSE_TURNS * products and repeats < SPARSE_REPEATS


def config_for(log: Log, before_ms: float, items: int, settings: Settings) -> Config:
    """d 64 for a small shop, 128 from a million events or 5,000 products on; for a sparse log without repeats
    one block, more dropout and, if there are turns enough, a loss with the product looked at in it."""
    large = len(log.item) >= 1_000_000 or items >= 5_000
    image_dimension = log.item_image.shape[1] if settings.pictures else 0
    config = Config(items=items, dimension=128 if large else 64, image_dimension=image_dimension)
    turns = int((log.turn & (log.at_ms < before_ms)).sum())
    if not is_sparse(turns, items, share_of_repeats(log, before_ms)):
        return config
    return replace(config, current_left_out=turns < TURNS_FOR_CURRENT, **SPARSE)


def share_of_repeats(log: Log, before_ms: float) -> float:
    """Of the turns before a moment that lead away from the product looked at, the share to a product that the
    shopper met before."""
    past = np.flatnonzero((log.item > 0) & (log.at_ms < before_ms))
    key = log.shopper[past].astype(np.int64) * (log.items + 1) + log.item[past]
    met = np.ones(len(past), bool)
    met[np.unique(key, return_index=True)[1]] = False
    away = np.ones(len(past), bool)
    away[1:] = key[1:] != key[:-1]
    turns = log.turn[past] & away
    return float(met[turns].mean()) if turns.any() else 1.0


def start_model(log: Log, split: Split, contract: Contract, settings: Settings, config: Config):
    torch.manual_seed(settings.seed)
    model = BehaviourModel(config, contract)
    ids = known_items(log, split.validation_ms)
    vectors = cooccurrence_vectors(log, split.validation_ms, config.dimension - 1, settings.seed)
    counts = torch.from_numpy(popularity_counts(log, split.validation_ms)).float() + 1
    model.tower.whitening = whitening_of(log)
    if config.image_dimension:
        model.tower.image_whitening.fit(log.item_image[1:])
    with torch.no_grad():
        known = torch.from_numpy(np.flatnonzero(ids))
        table = model.tower.ids.weight
        table[1:, :-1] = vectors[known] + 0.02 * torch.randn(len(known), config.dimension - 1)
        table[1:, -1] = (counts[known] / counts[known].mean()).log()
        table[0] = 0
        answers = answers_before(log, split.validation_ms, contract)
        tables = start_tables(log, answers, contract.vocabularies["event_type"], head_sizes(contract))
        for name, start in tables.items():
            model.encoder.heads[name].after.weight.copy_(torch.from_numpy(start))
    return model, ids


def train(
    log: Log,
    split: Split,
    contract: Contract,
    settings: Settings,
    checkpoint: Path,
    config: Config | None = None,
    ranks: Ranks = ALONE,
    validated_on: tuple[Log, Cases] | None = None,
) -> tuple[BehaviourModel, np.ndarray, list[dict]]:
    """Trains to the end, or on from the checkpoint. Returns the model with the weights that validated best,
    those it started with among them, the products' places in its list (N + 1,), and one record an epoch, from
    0. `validated_on`: questions of another log of the same products; unless given, of the split's."""
    items = int(known_items(log, split.validation_ms).max())
    config = config or config_for(log, split.validation_ms, items, settings)
    if config.led_through:  # it gains most where the rate has fallen: to the end, but sooner
        epochs = min(settings.epochs, SPARSE_EPOCHS)
        if epochs < settings.epochs and ranks.first:
            tqdm.write(f"a sparse log without repeats: {epochs} epochs, to the end", file=sys.stderr)
        settings = replace(settings, epochs=epochs, patience=epochs)
    if not config.current_left_out:
        settings = replace(settings, batch=BATCH_FOR_CURRENT)
    model, ids = start_model(log, split, contract, settings, config)
    shop = make_shop("shop", log, split, contract, settings, validation_cases=VALIDATION_CASES, ids=ids)
    settings = shop.batches.settings = settings.for_windows(len(shop.batches.windows.end))
    if validated_on is not None:
        shop = replace(shop, log=validated_on[0], cases=validated_on[1])
    model, history = learn(model, [shop], contract, settings, checkpoint, ranks=ranks)
    return model, ids, history
