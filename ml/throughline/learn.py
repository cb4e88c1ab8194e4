"""The training loop, over one or several shops, in one or several processes.

AdamW (.9, .98), 5 % warm-up, cosine to 2 %. After each epoch the whole state is written (to a
new file, then renamed), and each epoch draws from its own seed: killed and started again, a run ends in the
same weights.
"""

import hashlib
import math
import os
import sys
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from .baselines import Scorer
from .contract import Contract
from .metrics.cases import case_metrics
from .metrics.ranking import means as metric_means
from .model import BehaviourModel
from .predict import history_scorer
from .ranks import ALONE, Ranks, seed_of_process
from .settings import Settings
from .shops import Shop
from .steps import StepLoss, loss_shares, steps_an_epoch, steps_of

# Files that shape the weights: a checkpoint that others made is not gone on from.
SHAPING = (
    "batches",
    "cooccurrence",
    "data",
    "head_losses",
    "item_tower",
    "learn",
    "model",
    "settings",
    "shops",
    "softmax",
    "steps",
    "train",
)


def code_hash() -> str:
    here = Path(__file__).parent
    return hashlib.sha256(b"".join((here / f"{name}.py").read_bytes() for name in SHAPING)).hexdigest()


def save(path: Path, state: dict) -> None:
    """Whole or not at all: a kill while writing leaves the old file."""
    temporary = path.with_suffix(".new")
    torch.save(state, temporary)
    os.replace(temporary, path)


def learning_rate_at(step: int, total: int, settings: Settings) -> float:
    warm = max(1, round(total * 0.05))
    if step < warm:
        return settings.learning_rate * (step + 1) / warm
    through = (step - warm) / max(1, total - warm)
    return settings.learning_rate * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * through)))


def shop_scorer(model: BehaviourModel, shop: Shop, contract: Contract) -> Scorer:
    with torch.no_grad():
        vectors = shop.vectors(model)
    return history_scorer(model, vectors, shop.log, contract)


def validate(model: BehaviourModel, shops: list[Shop], contract: Contract) -> dict:
    """Metric name -> mean over the shops' validation parts, and under "logs" the NDCG@10 of each."""
    found = {
        shop.name: metric_means(case_metrics(shop_scorer(model, shop, contract), shop.cases, masked=True))
        for shop in shops
        if len(shop.cases.end)
    }
    if not found:
        return {"R@10": 0.0, "NDCG@10": 0.0, "logs": {}}
    names = next(iter(found.values()))
    each = {name: one["NDCG@10"] for name, one in found.items()}
    return {name: float(np.mean([one[name] for one in found.values()])) for name in names} | {"logs": each}


def line_of(record: dict, name: str, epochs: int) -> str:
    loss = f"loss {record['loss']:.4f}" if "loss" in record else "as it starts"
    found = f"validation R@10 {record['R@10']:.4f}  NDCG@10 {record['NDCG@10']:.4f}"
    return f"{name} {record['epoch']:>2}/{epochs}  {loss}  {found}"


def learn(
    model: BehaviourModel,
    shops: list[Shop],
    contract: Contract,
    settings: Settings,
    checkpoint: Path,
    *,
    mix: int = 1,
    ranks: Ranks = ALONE,
    name: str = "epoch",
    keep_best: bool = True,
) -> tuple[BehaviourModel, list[dict]]:
    """Trains the model in place, to the end or on from the checkpoint. It comes back with the weights that
    validated best, those it came with among them, or with those of the last epoch; and one record an epoch,
    from 0."""
    trained = ranks.averaging(StepLoss(model, shops))
    optimiser = torch.optim.AdamW(
        model.parameters(),
        lr=settings.learning_rate,
        betas=(0.9, 0.98),
        weight_decay=model.config.weight_decay,
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
            if ranks.first:
                going_on = f"going on after {name} {len(history) - 1} of {settings.epochs}"
                tqdm.write(going_on, file=sys.stderr)
    each = steps_an_epoch(shops, mix)
    shares = loss_shares(settings)

    def after_epoch(record: dict) -> None:
        found = ranks.told(validate(model, shops, contract) if ranks.first else None)
        history.append({**record, **found})
        if ranks.first:
            tqdm.write(line_of(history[-1], name, settings.epochs), file=sys.stderr)
        if not best or found["NDCG@10"] > best["value"]:
            weights = {name: one.clone() for name, one in model.state_dict().items()}
            best.update(epoch=record["epoch"], value=found["NDCG@10"], weights=weights)
        if ranks.first:
            state = {"model": model.state_dict(), "optimiser": optimiser.state_dict()}
            save(checkpoint, {"identity": identity, **state, "history": history, "best": best})

    if not history:
        after_epoch({"epoch": 0})
    while len(history) <= settings.epochs and len(history) - 1 - best["epoch"] < settings.patience:
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
            # Batches are of windows of like length: a mean over each would let short histories, whose visits
            # end sooner, count for more than they are.
            loss = (means * shares).sum() * np.mean([part.weight for part in parts])
            optimiser.zero_grad(set_to_none=True)
            (loss * ranks.count).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            losses += torch.stack([means[0].detach(), torch.tensor(1.0)])
            if step % 10 == 0:
                bar.set_postfix(loss=f"{float(losses[0] / losses[1]):.3f}", refresh=False)
        after_epoch({"epoch": epoch, "loss": float(ranks.total(losses[:1])) / max(1, int(losses[1]))})
    if keep_best:
        model.load_state_dict(best["weights"])
    model.eval()
    return model, history
