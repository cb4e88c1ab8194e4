"""Training: windows of event tokens, full softmax over the products, early stopping on validation.

AdamW (.9, .98) without decay, 5 % warm-up, cosine to 2 %. After each epoch the whole state is written (to a
new file, then renamed), and each epoch draws from its own seed: killed and started again, a run ends in the
same weights.
"""

import hashlib
import math
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from tqdm import tqdm

from .baselines import Scorer, popularity_counts
from .contract import Contract
from .cooccurrence import cooccurrence_vectors
from .data import (
    PLACE_COLUMNS,
    Cases,
    Log,
    Split,
    cases_between,
    current_items,
    next_turns,
    right_aligned,
    shuffled_groups,
    take,
    training_windows,
)
from .head_losses import answers_before, head_losses, start_tables
from .metrics import case_metrics, means
from .model import BehaviourModel, Config, head_sizes

FULL_SOFTMAX_MOST = 20_000  # products; above, uniform negatives with the correction for sampling
NEGATIVES = 2_048
VALIDATION_CASES = 3_000


@dataclass
class Settings:
    seed: int = 1
    epochs: int = 16
    patience: int = 4
    batch: int = 64  # windows
    learning_rate: float = 2e-3
    behaviour_weight: float = 0.1
    behaviour_told: float = (
        0.5  # of the places, how many are told the type of the event that turns to the next item
    )
    basket_share: float = 0.5  # of the events inside a group, how many learn the rest of the group


def config_for(log: Log, items: int) -> Config:
    """d 64 for a small shop, 128 from a million events or 5,000 products on."""
    large = len(log.item) >= 1_000_000 or items >= 5_000
    return Config(items=items, dimension=128 if large else 64)


def known_items(log: Log, before_ms: float) -> np.ndarray:
    """(N + 1,) a product's place in the model's own list, from 1 on; 0 = no event before the split."""
    seen = np.bincount(log.item[log.at_ms < before_ms], minlength=log.items + 1) > 0
    seen[0] = False
    return np.where(seen, np.cumsum(seen), 0).astype(np.int32)


def start_model(log: Log, split: Split, contract: Contract, settings: Settings, config: Config):
    torch.manual_seed(settings.seed)
    model = BehaviourModel(config, contract)
    ids = known_items(log, split.validation_ms)
    vectors = cooccurrence_vectors(log, split.validation_ms, config.dimension - 1, settings.seed)
    counts = torch.from_numpy(popularity_counts(log, split.validation_ms)).float() + 1
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


@dataclass
class Batch:
    """(B, W) each."""

    columns: dict[str, np.ndarray]
    item: np.ndarray  # the product turned to next, 0 = none to learn
    behaviour: np.ndarray  # type of the event that turns to it, 0 = none to learn
    current: np.ndarray  # the product looked at, 0 = none
    index: np.ndarray  # event, -1 = padding
    learned: np.ndarray  # bool: what followed this event is learned from this window
    weight: float  # the events learned, beside those of a mean batch


class Batches:
    """Cuts a training batch out of the log."""

    def __init__(self, log: Log, split: Split, contract: Contract, settings: Settings):
        self.log, self.split, self.contract, self.settings = log, split, contract, settings
        self.current = current_items(log)
        self.following, self.first = next_turns(log, self.current)
        self.windows = training_windows(log, split.validation_ms, contract.history_length)

    def epoch(self, number: int):
        """Yields batches of windows of like length, in an order that the seed and the epoch fix."""
        rng = np.random.default_rng([self.settings.seed, number])
        order = shuffled_groups(self.log, rng)
        shuffled = rng.permutation(len(self.windows.end))
        size = self.settings.batch
        for start in range(0, len(shuffled), size * 16):
            chunk = shuffled[start : start + size * 16]
            chunk = chunk[np.argsort(self.windows.length[chunk], kind="stable")]
            parts = [chunk[k : k + size] for k in range(0, len(chunk), size)]
            for part in rng.permutation(len(parts)):
                yield self.cut(parts[part], order, rng)

    def count(self) -> int:
        full, rest = divmod(len(self.windows.end), self.settings.batch * 16)
        return full * 16 + math.ceil(rest / self.settings.batch)

    def cut(self, chosen: np.ndarray, order: np.ndarray, rng: np.random.Generator):
        log, windows = self.log, self.windows
        end, length, fresh = windows.end[chosen], windows.length[chosen], windows.fresh[chosen]
        width = min(self.contract.history_length, int(length.max()) + 1)
        index = right_aligned(end, length, width)  # (B, W)
        event = take(order, index, -1)
        columns = {
            name: take(values, index if name in PLACE_COLUMNS else event)
            for name, values in log.columns.items()
        }
        target = self.targets(index, event, log.shopper[end - 1], order, rng)
        learned = index >= (end - fresh)[:, None]
        opening = (index < 0) & np.roll(index == log.offsets[log.shopper[end - 1]][:, None], -1, axis=1)
        opening[:, -1] = False
        item = np.where((learned | opening) & (target >= 0), take(log.item, target), 0)
        return Batch(
            columns=columns,
            item=item,
            behaviour=np.where(item > 0, take(log.columns["event_type"], target), 0),
            current=take(self.current, index),
            index=index,
            learned=learned,
            weight=float(fresh.sum() * self.count() / windows.fresh.sum()),
        )

    def targets(self, index, event, shopper, order, rng):
        """(B, W) index of the event whose product is to be predicted, -1 = none."""
        log = self.log
        target = take(self.following, index, -1)
        before_first = (index < 0) & (np.roll(index, -1, axis=1) >= 0)
        before_first[:, -1] = False
        target = np.where(before_first, self.first[shopper][:, None], target)
        # One member of the target's group, at random.
        span = np.maximum(take(log.group_end, target) - target, 1)
        drawn = target + (rng.random(target.shape) * span).astype(np.int64)
        usable = take(log.turn, drawn).astype(bool) & (take(log.item, drawn) != take(self.current, index))
        target = np.where((target >= 0) & usable, drawn, target)
        # Inside a basket, at times: the next of its own lines.
        following = np.minimum(index + 1, len(order) - 1)
        mate = order[following]
        inside = (index >= 0) & (take(log.group_end, index) == log.group_end[following]) & log.turn[mate]
        inside &= log.item[mate] != take(log.item, event)
        inside &= rng.random(target.shape) < self.settings.basket_share
        target = np.where(inside & (following != index), mate, target)
        in_time = take(log.at_ms, target, 0) < self.split.validation_ms
        return np.where((target >= 0) & in_time, target, -1)


def to_tensors(columns: dict[str, np.ndarray]) -> dict[str, torch.Tensor]:
    return {name: torch.from_numpy(np.ascontiguousarray(one, np.int32)) for name, one in columns.items()}


def item_loss(shopper, vectors, target, current, rng_seed) -> torch.Tensor:
    """Cross-entropy of the next product among the known ones, without the one looked at: as it is served.
    shopper (P, D), vectors (K, D), target (P,) and current (P,) places among the K, current -1 = none."""
    known = len(vectors)
    if known <= FULL_SOFTMAX_MOST:
        logits = shopper @ vectors.T  # (P, K), the largest tensor of a step: changed in place
        looking = torch.nonzero(current >= 0).squeeze(1)
        logits[looking, current[looking]] = -1e9
        return F.cross_entropy(logits, target)
    generator = torch.Generator().manual_seed(rng_seed)
    drawn = torch.randint(known, (NEGATIVES,), generator=generator)
    own = (shopper * vectors[target]).sum(1, keepdim=True)  # (P, 1)
    # Each stands for known / NEGATIVES products: the correction for sampling.
    others = shopper @ vectors[drawn].T + math.log(known / NEGATIVES)  # (P, M)
    hit = (drawn[None, :] == target[:, None]) | (drawn[None, :] == current[:, None])
    others = others.masked_fill(hit, -1e9)
    return F.cross_entropy(torch.cat([own, others], 1), torch.zeros(len(own), dtype=torch.long))


def model_scorer(model: BehaviourModel, log: Log, ids: np.ndarray, contract: Contract) -> Scorer:
    """Scores by the served path: item vectors once, then the last place of each history."""
    model.eval()
    with torch.no_grad():
        vectors = all_vectors(model, log, ids)

    def scores(cases: Cases, batch: np.ndarray) -> np.ndarray:
        end = cases.end[batch]
        length = np.minimum(end - cases.start[batch], contract.history_length)
        index = right_aligned(end, length, contract.history_length)
        columns = {name: take(values, index) for name, values in log.columns.items()}
        with torch.no_grad():
            shopper = model.encoder(vectors, to_tensors(columns), last_only=True).shopper_vector
            return (shopper[:, 0] @ vectors.T).numpy()

    return scores


def all_vectors(model: BehaviourModel, log: Log, ids: np.ndarray) -> torch.Tensor:
    """(N + 1, D)"""
    return model.item_vectors(
        torch.from_numpy(log.item_tokens[1:]), torch.from_numpy(log.item_price[1:]), torch.from_numpy(ids[1:])
    )


def learning_rate_at(step: int, total: int, settings: Settings) -> float:
    warm = max(1, round(total * 0.05))
    if step < warm:
        return settings.learning_rate * (step + 1) / warm
    through = (step - warm) / max(1, total - warm)
    return settings.learning_rate * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * through)))


def save(path: Path, state: dict) -> None:
    """Whole or not at all: a kill while writing leaves the old file."""
    temporary = path.with_suffix(".new")
    torch.save(state, temporary)
    os.replace(temporary, path)


def code_hash() -> str:
    """Of the files that shape the weights."""
    here = Path(__file__).parent
    files = [here / f"{name}.py" for name in ("cooccurrence", "data", "head_losses", "model", "train")]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def train(
    log: Log,
    split: Split,
    contract: Contract,
    settings: Settings,
    checkpoint: Path,
    config: Config | None = None,
    start: tuple[BehaviourModel, np.ndarray] | None = None,
):
    """Trains to the end, or on from the checkpoint. Returns the model with the weights that validated best,
    the products' places in its list (N + 1,), and one record an epoch."""
    items = int(known_items(log, split.validation_ms).max())
    model, ids = start or start_model(log, split, contract, settings, config or config_for(log, items))
    config = model.config
    batches = Batches(log, split, contract, settings)
    answers = answers_before(log, split.validation_ms, contract)
    optimiser = torch.optim.AdamW(
        model.parameters(), lr=settings.learning_rate, betas=(0.9, 0.98), weight_decay=0.0
    )
    cases = cases_between(
        log, batches.current, split.validation_ms, split.test_ms, VALIDATION_CASES, settings.seed
    )
    history: list[dict] = []
    best = {"epoch": -1, "value": -1.0, "weights": model.state_dict()}
    # A run goes on only where everything that shapes it is the same.
    begun = float(sum(one.double().abs().sum() for one in model.state_dict().values()))
    identity = repr((settings, config, contract.hash, split, len(log.item), log.items, begun, code_hash()))
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        if state["identity"] == identity:
            model.load_state_dict(state["model"])
            optimiser.load_state_dict(state["optimiser"])
            history, best = state["history"], state["best"]
            tqdm.write(f"going on after epoch {len(history)} of {settings.epochs}", file=sys.stderr)
    total = batches.count() * settings.epochs
    candidates = torch.from_numpy(np.flatnonzero(ids))
    place = torch.from_numpy(ids).long() - 1  # (N + 1,) of a product among the candidates, -1 = not known
    for epoch in range(len(history), settings.epochs):
        if epoch - best["epoch"] > settings.patience and history:
            break
        torch.manual_seed(settings.seed * 100_003 + epoch)
        model.train()
        sums = np.zeros(2)
        step = epoch * batches.count()
        bar = tqdm(
            batches.epoch(epoch),
            total=batches.count(),
            desc=f"epoch {epoch + 1}/{settings.epochs}",
            mininterval=0.2 if sys.stderr.isatty() else 10,
            leave=False,
        )
        for batch in bar:
            for group in optimiser.param_groups:
                group["lr"] = learning_rate_at(step, total, settings)
            chosen = torch.from_numpy(batch.item > 0)
            if not chosen.any():
                continue
            dropped = torch.rand(log.items) < config.id_dropout
            vectors = model.item_vectors(
                torch.from_numpy(log.item_tokens[1:]),
                torch.from_numpy(log.item_price[1:]),
                torch.from_numpy(ids[1:]).masked_fill(dropped, 0),
            )
            behaviour = torch.from_numpy(batch.behaviour).long()
            told = behaviour.masked_fill(torch.rand(behaviour.shape) >= settings.behaviour_told, 0)
            outputs = model.encoder(vectors, to_tensors(batch.columns), last_only=False, behaviour=told)
            loss_item = item_loss(
                outputs.shopper_vector[chosen],
                vectors[candidates],
                place[torch.from_numpy(batch.item).long()[chosen]],
                place[torch.from_numpy(batch.current).long()[chosen]],
                step,
            )
            loss_behaviour = F.cross_entropy(outputs.behaviour_logits[chosen], behaviour[chosen])
            loss = loss_item + settings.behaviour_weight * loss_behaviour
            loss = loss + head_losses(outputs, answers, batch.index, batch.learned)
            # Batches are of windows of like length: a mean over each would let short histories, whose visits
            # end sooner, count for more than they are.
            loss = loss * batch.weight
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            step += 1
            sums += float(loss_item.detach()), 1
            bar.set_postfix(loss=f"{sums[0] / sums[1]:.3f}", refresh=False)
        found = means(case_metrics(model_scorer(model, log, ids, contract), cases, masked=True))
        history.append({"epoch": epoch + 1, "loss": float(sums[0] / max(1, sums[1])), **found})
        tqdm.write(
            f"epoch {epoch + 1:>2}/{settings.epochs}  loss {history[-1]['loss']:.4f}  "
            f"validation R@10 {found['R@10']:.4f}  NDCG@10 {found['NDCG@10']:.4f}",
            file=sys.stderr,
        )
        if found["NDCG@10"] > best["value"]:
            weights = {name: one.clone() for name, one in model.state_dict().items()}
            best = {"epoch": epoch, "value": found["NDCG@10"], "weights": weights}
        save(
            checkpoint,
            {
                "identity": identity,
                "model": model.state_dict(),
                "optimiser": optimiser.state_dict(),
                "history": history,
                "best": best,
            },
        )
    model.load_state_dict(best["weights"])
    model.eval()
    return model, ids, history
