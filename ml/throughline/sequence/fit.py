"""Training of a sequence network: every position predicts the next product; stopped by validation.

AdamW (.9, .98) without decay, peak 2e-3. Each epoch draws from its own seed and is written down whole, so a
run that was killed goes on and ends in the same weights.
"""

import math
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from ..softmax import next_item_loss
from .questions import HISTORY, Questions, Sequences
from .transformer import SequenceNet, Shape, learning_rate, started

PEAK = 2e-3
PATIENCE = 3  # epochs without a better validation
LEAST_STEPS = 600  # a small log gets more and smaller batches: it must reach the same number of steps


@dataclass
class Trained:
    states: np.ndarray  # (Q validation + Q test, D) float32, times the item vectors = logits
    vectors: np.ndarray  # (N + 1, D)
    curve: list[dict]  # an epoch each: epoch, loss, validation
    best_epoch: int


@dataclass
class Windows:
    """Inputs are item[end - length : end], targets one further; the last `fresh` are learned from."""

    end: np.ndarray
    length: np.ndarray
    fresh: np.ndarray

    def __len__(self) -> int:
        return len(self.end)


def windows_of(training: Sequences) -> Windows:
    """Long sequences overlap by half: each element is a target once, with half a window before it."""
    parts = []
    for start, stop in zip(training.offsets[:-1], training.offsets[1:], strict=True):
        done, last = start, stop - 1  # inputs start .. last - 1
        while done < last:
            end = min(last, done + (HISTORY if done == start else HISTORY // 2))
            parts.append((end, min(HISTORY, end - start), end - done))
            done = end
    table = np.array(parts, np.int64).reshape(-1, 3)
    return Windows(table[:, 0], table[:, 1], table[:, 2])


def batches(windows: Windows, size: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Batches of like length."""
    order, found = rng.permutation(len(windows)), []
    for start in range(0, len(order), size * 16):
        chunk = order[start : start + size * 16]
        chunk = chunk[np.argsort(windows.length[chunk], kind="stable")]
        found += [chunk[k : k + size] for k in range(0, len(chunk), size)]
    return [found[k] for k in rng.permutation(len(found))]


def cut(training: Sequences, windows: Windows, chosen: np.ndarray) -> tuple[torch.Tensor, ...]:
    """Inputs, targets and what was looked at, (B, T) each, 0 = none."""
    end, length, fresh = windows.end[chosen], windows.length[chosen], windows.fresh[chosen]
    index = end[:, None] - length.max() + np.arange(length.max())[None, :]
    history = np.where(index >= (end - length)[:, None], training.item[np.maximum(index, 0)], 0)
    target = np.where(index >= (end - fresh)[:, None], training.item[index + 1], 0)
    looked_at = np.zeros_like(target)
    if training.looked_at is not None:
        looked_at = training.looked_at[np.maximum(index, 0)]
    return torch.from_numpy(history), torch.from_numpy(target), torch.from_numpy(looked_at)


def states_of(net: SequenceNet, history: np.ndarray) -> np.ndarray:
    """(Q, D), the state after each history."""
    net.eval()
    length = (history > 0).sum(1)
    order = np.argsort(length, kind="stable")
    states = np.zeros((len(history), net.shape.dimension), np.float32)
    with torch.no_grad():
        for start in range(0, len(order), 512):
            batch = order[start : start + 512]
            inputs = history[batch][:, -max(1, int(length[batch].max())) :]
            states[batch] = net(torch.from_numpy(inputs))[:, -1].numpy()
    return states


def save(path: Path, state: dict) -> None:
    temporary = path.with_suffix(".new")
    torch.save(state, temporary)
    os.replace(temporary, path)


def train(
    training: Sequences,
    shape: Shape,
    epochs: int,
    stopping: Questions,
    validation: Questions,
    test: Questions,
    judge,
    seed: int,
    checkpoint: Path,
    name: str,
) -> Trained:
    """`judge(states, vectors)`: the figure of the `stopping` questions to raise, of their states (Q, D)."""
    windows = windows_of(training)
    size = int(np.clip(len(windows) // 64, 16, 256))
    per_epoch = math.ceil(len(windows) / size)
    epochs = int(np.clip(math.ceil(LEAST_STEPS / max(1, per_epoch)), epochs, 3 * epochs))
    net = started(training, shape, seed)
    known = np.flatnonzero(training.popularity())
    place = torch.full((training.items + 1,), -1)
    place[known] = torch.arange(len(known))
    candidates = torch.from_numpy(known)
    optimiser = torch.optim.AdamW(net.parameters(), lr=PEAK, betas=(0.9, 0.98), weight_decay=0.0)
    curve: list[dict] = []
    best = {"epoch": 0, "value": -1.0, "weights": net.state_dict()}
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        net.load_state_dict(state["net"])
        optimiser.load_state_dict(state["optimiser"])
        curve, best = state["curve"], state["best"]
    for epoch in range(len(curve) + 1, epochs + 1):
        if epoch - best["epoch"] > PATIENCE + 1:
            break
        torch.manual_seed(seed * 100_003 + epoch)
        net.train()
        losses = []
        parts = batches(windows, size, np.random.default_rng([seed, epoch]))
        for number, chosen in enumerate(
            tqdm(parts, desc=f"{name} {epoch}/{epochs}", leave=False, mininterval=5)
        ):
            for group in optimiser.param_groups:
                group["lr"] = learning_rate((epoch - 1) * per_epoch + number, epochs * per_epoch, PEAK)
            history, target, looked_at = cut(training, windows, chosen)
            asked = target > 0
            states, vectors = net(history)[asked], net.vectors()[candidates]
            loss = next_item_loss(states, vectors, place[target[asked]], place[looked_at[asked]])
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            losses.append(float(loss.detach()))
        with torch.no_grad():
            value = judge(states_of(net, stopping.history), net.vectors().numpy())
        curve.append({"epoch": epoch, "loss": float(np.mean(losses)) if losses else 0.0, "validation": value})
        tqdm.write(
            f"{name} {epoch}/{epochs}  loss {curve[-1]['loss']:.3f}  validation {value:.4f}", file=sys.stderr
        )
        if value > best["value"]:
            weights = {key: one.clone() for key, one in net.state_dict().items()}
            best = {"epoch": epoch, "value": value, "weights": weights}
        save(
            checkpoint,
            {"net": net.state_dict(), "optimiser": optimiser.state_dict(), "curve": curve, "best": best},
        )
    net.load_state_dict(best["weights"])
    with torch.no_grad():
        states = states_of(net, np.concatenate([validation.history, test.history]))
        return Trained(states, net.vectors().numpy().copy(), curve, best["epoch"])
