"""A step of training: windows of one or several shops, and the sums of their losses.

Each shop's windows are scored against its own products, without the one looked at, as it is served; in a
sparse log with it: having to tell it from an answer keeps a model from learning histories by heart.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .batches import to_tensors
from .head_losses import WEIGHTS, head_labels, head_sums
from .model import BehaviourModel
from .ranks import Ranks
from .settings import Settings
from .shops import Shop
from .softmax import next_item_loss

# Of each sum in a step's loss.
NAMES = ("item", "behaviour", *WEIGHTS)


@dataclass
class Part:
    """A process's share of a batch of one shop within a step."""

    shop: int
    columns: dict[str, Tensor]  # name -> (B, W)
    item: Tensor  # (B, W) product to be predicted, 0 = none
    behaviour: Tensor  # (B, W) type of the event that turns to it, 0 = none
    told: Tensor  # (B, W) the same where the model is told it
    current: Tensor  # (B, W) product looked at, which is no answer
    labels: dict[str, tuple[Tensor, Tensor]]  # of the other heads
    unknown: Tensor  # (N,) bool: products taken as new in this step
    weight: float  # the events that the whole batch learns from, beside those of a mean batch

    def counts(self) -> list[int]:
        """How many targets each sum of NAMES is over."""
        items = int((self.item > 0).sum())
        return [items, items, *(len(self.labels[name][1]) for name in NAMES[2:])]


class StepLoss(nn.Module):
    """Summed losses of a step's parts."""

    def __init__(self, model: BehaviourModel, shops: list[Shop]):
        super().__init__()
        self.model, self.shops = model, shops

    def forward(self, parts: list[Part], step: int) -> Tensor:
        """-> (len(NAMES),) nats"""
        sums = dict.fromkeys(NAMES, torch.zeros(()))
        for part in parts:
            shop = self.shops[part.shop]
            vectors = shop.vectors(self.model, part.unknown)
            outputs = self.model.encoder(vectors, part.columns, last_only=False, behaviour=part.told)
            chosen = part.item > 0
            # Also where nothing is to be learned: every process takes part in each step.
            sums["item"] = sums["item"] + 0 * outputs.shopper_vector.sum()
            if chosen.any():
                left_out = self.model.config.current_left_out
                loss = next_item_loss(
                    outputs.shopper_vector[chosen],
                    vectors[shop.candidates],
                    shop.place[part.item[chosen]],
                    shop.place[part.current[chosen]] if left_out else None,
                    torch.Generator().manual_seed(step),
                )
                sums["item"] = sums["item"] + loss * chosen.sum()
            sums["behaviour"] = sums["behaviour"] + F.cross_entropy(
                outputs.behaviour_logits[chosen], part.behaviour[chosen], reduction="sum"
            )
            for name, loss in head_sums(outputs, part.labels):
                sums[name] = sums[name] + loss
        return torch.stack([sums[name] for name in NAMES])


def loss_shares(settings: Settings) -> Tensor:
    return torch.tensor([1.0, settings.behaviour_weight, *WEIGHTS.values()])


def steps_of(shops: list[Shop], mix: int, settings: Settings, epoch: int, id_dropout: float, ranks: Ranks):
    """Yields the parts of each step of an epoch: batches of up to `mix` shops, in an order by the seed."""
    rng = np.random.default_rng([settings.seed, epoch, 1])
    flows: list[Iterator] = [shop.batches.epoch(epoch) for shop in shops]
    order = rng.permutation(np.repeat(np.arange(len(shops)), [shop.batches.count() for shop in shops]))
    for start in range(0, len(order), mix):
        parts = []
        for number in order[start : start + mix]:
            shop, batch = shops[number], next(flows[number])
            told = np.where(rng.random(batch.item.shape) < settings.behaviour_told, batch.behaviour, 0)
            unknown = shop.told_apart & (rng.random(shop.log.items) < (id_dropout if shop.ids.any() else 0))
            rows = ranks.share(np.arange(len(batch.item)))
            parts.append(
                Part(
                    shop=int(number),
                    columns=to_tensors({name: values[rows] for name, values in batch.columns.items()}),
                    item=torch.from_numpy(batch.item[rows]).long(),
                    behaviour=torch.from_numpy(batch.behaviour[rows]).long(),
                    told=torch.from_numpy(told[rows]).long(),
                    current=torch.from_numpy(batch.current[rows]).long(),
                    labels=head_labels(shop.answers, batch.index[rows], batch.learned[rows]),
                    unknown=torch.from_numpy(unknown),
                    weight=batch.weight,
                )
            )
        yield parts


def steps_an_epoch(shops: list[Shop], mix: int) -> int:
    return -(-sum(shop.batches.count() for shop in shops) // mix)
