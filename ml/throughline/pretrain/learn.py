"""The training loop over one or several shops, in one or several processes.

A step takes windows of several shops; each is scored against its own products (full softmax within the shop,
sampled above FULL_SOFTMAX_MOST). After each epoch the state is written whole, and each epoch draws from its
own seed: killed and started again, a run ends in the same weights.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from ..baselines import Scorer
from ..contract import Contract
from ..data import Cases, right_aligned, take
from ..head_losses import WEIGHTS
from ..metrics import case_metrics
from ..metrics import means as metric_means
from ..model import BehaviourModel
from ..train import Settings, code_hash, item_loss, learning_rate_at, save, to_tensors
from .head_sums import NAMES, behaviour_sum, head_labels, head_sums
from .ranks import Ranks, seed_of_process
from .shops import Shop


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
                loss = item_loss(
                    outputs.shopper_vector[chosen],
                    vectors[shop.candidates],
                    shop.place[part.item[chosen]],
                    shop.place[part.current[chosen]],
                    step,
                )
                sums["item"] = sums["item"] + loss * chosen.sum()
            behaviour = behaviour_sum(outputs.behaviour_logits[chosen], part.behaviour[chosen])
            sums["behaviour"] = sums["behaviour"] + behaviour
            for name, loss in head_sums(outputs, part.labels):
                sums[name] = sums[name] + loss
        return torch.stack([sums[name] for name in NAMES])


def weights_of(settings: Settings) -> Tensor:
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
            unknown = rng.random(shop.log.items) < (id_dropout if shop.ids.any() else 0)
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


def shop_scorer(model: BehaviourModel, shop: Shop, contract: Contract) -> Scorer:
    """Scores of all the shop's products by the served path, the last place of each history."""
    model.eval()
    with torch.no_grad():
        vectors = shop.vectors(model)

    def scores(cases: Cases, batch: np.ndarray) -> np.ndarray:
        end = cases.end[batch]
        length = np.minimum(end - cases.start[batch], contract.history_length)
        index = right_aligned(end, length, contract.history_length)
        columns = {name: take(values, index) for name, values in shop.log.columns.items()}
        with torch.no_grad():
            shopper = model.encoder(vectors, to_tensors(columns), last_only=True).shopper_vector
            return (shopper[:, 0] @ vectors.T).numpy()

    return scores


def validate(model: BehaviourModel, shops: list[Shop], contract: Contract) -> dict[str, float]:
    """NDCG@10 on each shop's validation part, and their mean."""
    found = {}
    for shop in shops:
        if len(shop.cases.end):
            scorer = shop_scorer(model, shop, contract)
            found[shop.name] = metric_means(case_metrics(scorer, shop.cases, masked=True))["NDCG@10"]
    return {"NDCG@10": float(np.mean(list(found.values()))) if found else 0.0, **found}


def learn(
    model: BehaviourModel,
    shops: list[Shop],
    contract: Contract,
    settings: Settings,
    checkpoint: Path,
    *,
    mix: int = 1,
    ranks: Ranks = Ranks(),  # noqa: B008 - frozen
    name: str = "epoch",
) -> tuple[BehaviourModel, list[dict]]:
    """Trains the model in place, to the end or on from the checkpoint. It comes back with the weights that
    validated best, those it came with among them; and one record an epoch, from 0."""
    trained = ranks.averaging(StepLoss(model, shops))
    optimiser = torch.optim.AdamW(
        model.parameters(), lr=settings.learning_rate, betas=(0.9, 0.98), weight_decay=0.0
    )
    history: list[dict] = []
    best: dict = {}
    logs = [(shop.name, len(shop.log.item), shop.log.items, shop.split) for shop in shops]
    start = float(sum(one.double().abs().sum() for one in model.state_dict().values()))
    identity = repr((settings, model.config, contract.hash, logs, mix, start, code_hash()))
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        if state["identity"] == identity:
            model.load_state_dict(state["model"])
            optimiser.load_state_dict(state["optimiser"])
            history, best = state["history"], state["best"]
    each = steps_an_epoch(shops, mix)
    shares = weights_of(settings)

    def after_epoch(record: dict) -> None:
        found = ranks.told(validate(model, shops, contract) if ranks.first else None)
        history.append({**record, **found})
        if not best or found["NDCG@10"] > best["value"]:
            weights = {name: one.clone() for name, one in model.state_dict().items()}
            best.update(epoch=record["epoch"], value=found["NDCG@10"], weights=weights)
        if ranks.first:
            state = {"model": model.state_dict(), "optimiser": optimiser.state_dict()}
            save(checkpoint, {"identity": identity, **state, "history": history, "best": best})

    if not history:
        after_epoch({"epoch": 0})
    while len(history) <= settings.epochs and len(history) - 1 - best["epoch"] <= settings.patience:
        epoch = len(history)
        seed_of_process(settings.seed * 100_003 + epoch, ranks)
        model.train()
        steps = steps_of(shops, mix, settings, epoch, model.config.id_dropout, ranks)
        losses = torch.zeros(2)  # sum of this process's parts of the item loss, steps
        bar = tqdm(
            enumerate(steps, (epoch - 1) * each),
            total=each,
            desc=f"{name} {epoch}/{settings.epochs}",
            mininterval=0.2 if sys.stderr.isatty() else 10,
            leave=False,
            disable=not ranks.first,
        )
        for step, parts in bar:
            for group in optimiser.param_groups:
                group["lr"] = learning_rate_at(step, each * settings.epochs, settings)
            counts = torch.tensor([part.counts() for part in parts]).sum(0).float()
            means = trained(parts, step) / ranks.total(counts).clamp(min=1)
            loss = (means * shares).sum() * np.mean([part.weight for part in parts])
            optimiser.zero_grad(set_to_none=True)
            (loss * ranks.count).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            losses += torch.stack([means[0].detach(), torch.tensor(1.0)])
        after_epoch({"epoch": epoch, "loss": float(ranks.total(losses[:1])) / max(1, int(losses[1]))})
        if ranks.first:
            tqdm.write(
                f"{name} {epoch:>2}/{settings.epochs}  loss {history[-1]['loss']:.4f}  "
                f"validation NDCG@10 {history[-1]['NDCG@10']:.4f}",
                file=sys.stderr,
            )
    model.load_state_dict(best["weights"])
    model.eval()
    return model, history
