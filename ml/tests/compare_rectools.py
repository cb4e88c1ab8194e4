"""SASRec as `npm run evaluate` trains it beside SASRec of rectools: speed and accuracy, epoch about.

    python -m venv V; V/bin/pip install torch==2.13.0 "rectools[torch]==0.19.0" "pyarrow<22"
    OMP_NUM_THREADS=1 PYTHONPATH=ml V/bin/python ml/tests/compare_rectools.py --rows DIR [--epochs 10]

DIR holds the rows that `npm run evaluate -- … --target next-event --split leave-one-out` keeps of a log.
Both learn from the same sequences (all but the last two products of a shopper): one block, two heads, d 128,
50 products of history, full softmax, batches of 256 sequences, one thread, ids alone. Start, dropout and
learning rate are each one's own. They take turns: an epoch of ours, an epoch of theirs. A training row is a
target, that is a product learned from what came before it. Both rank the whole catalogue without the history.
Below 16,384 sequences ours takes smaller batches, and the comparison is not like with like.
"""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from pytorch_lightning import Callback, Trainer, seed_everything
from rectools import Columns
from rectools.dataset import Dataset
from rectools.models import SASRecModel
from rectools.models.nn.item_net import IdEmbeddingsItemNet

from throughline.contract import Contract
from throughline.data import load_log
from throughline.metrics.ranking import ranking_metrics
from throughline.sequence.fit import train, windows_of
from throughline.sequence.questions import HISTORY, leave_one_out
from throughline.sequence.transformer import Shape
from throughline.sequence.voices import judge_voice, net_voice

CUT = 10
theirs_seconds: list[tuple[float, float]] = []  # of each epoch: wall clock, processor


def now() -> np.ndarray:
    return np.array([time.perf_counter(), time.process_time()])


class Clock(Callback):
    def on_train_epoch_start(self, trainer, module) -> None:
        self.start = now()

    def on_train_epoch_end(self, trainer, module) -> None:
        theirs_seconds.append(tuple(now() - self.start))


def trainer() -> Trainer:
    quiet = {"enable_progress_bar": False, "enable_model_summary": False, "enable_checkpointing": False}
    return Trainer(max_epochs=1, accelerator="cpu", devices=1, logger=False, callbacks=[Clock()], **quiet)


def interactions(shopper: np.ndarray, item: np.ndarray) -> Dataset:
    """In the order given."""
    at = pd.Timestamp("2000-01-01") + pd.to_timedelta(np.arange(len(item)), unit="s")
    table = {Columns.User: shopper, Columns.Item: item, Columns.Weight: 1.0, Columns.Datetime: at}
    return Dataset.construct(pd.DataFrame(table))


def ranks_of(model: SASRecModel, dataset: Dataset, questions) -> np.ndarray:
    """(Q,) place of each target in their list, CUT = not in it."""
    found = model.recommend(questions.shopper, dataset, k=CUT, filter_viewed=True)
    asked = pd.DataFrame({Columns.User: questions.shopper, Columns.Item: questions.target})
    place = asked.merge(found, how="left", on=[Columns.User, Columns.Item])[Columns.Rank]
    return place.fillna(CUT + 1).to_numpy(int) - 1


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    seed_everything(arguments.seed)
    training, validation, test = leave_one_out(load_log(arguments.rows, Contract.load()))
    shape = Shape()
    learned = interactions(training.shopper, training.item)
    model = SASRecModel(
        n_blocks=1,
        n_heads=shape.heads,
        n_factors=shape.dimension,
        session_max_len=HISTORY,
        loss="softmax",
        batch_size=256,
        item_net_block_types=(IdEmbeddingsItemNet,),
        get_trainer_func=trainer,
    )
    ours_seconds: list[tuple[float, float]] = []
    begun = now()

    def take_turns(states, vectors) -> float:
        nonlocal begun
        ours_seconds.append(tuple(now() - begun))
        model.fit_partial(learned, min_epochs=1, max_epochs=1)
        print(f"epoch {len(ours_seconds)}  ours {ours_seconds[-1]}  theirs {theirs_seconds[-1]}", flush=True)
        begun = now()
        return float(len(ours_seconds))  # the last epoch is kept, as theirs is

    few = validation.part(np.arange(min(100, len(validation))))
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder) / "state.pt"
        name = "ours, epoch"
        ours = train(
            training, shape, arguments.epochs, few, validation, test, take_turns, arguments.seed, state, name
        )
    lengths = np.diff(training.offsets)
    rows = {
        "ours": int(windows_of(training).fresh.sum()),
        "rectools": int(np.clip(lengths - 1, 0, HISTORY).sum()),
    }
    wall, processor = (
        {"ours": np.median(ours_seconds, 0)[k], "rectools": np.median(theirs_seconds, 0)[k]} for k in (0, 1)
    )
    for name in rows:
        print(
            f"{name}: {rows[name]} training rows an epoch; medians of the epochs: "
            f"{rows[name] / processor[name]:.0f} rows a second of processor time, "
            f"{rows[name] / wall[name]:.0f} of wall clock"
        )
    unknown = training.popularity() == 0
    since_training = interactions(
        np.concatenate([training.shopper, validation.shopper]),
        np.concatenate([training.item, validation.target]),
    )
    parts = {"validation": (validation, slice(0, len(validation)), learned)}
    parts["test"] = (test, slice(len(validation), len(validation) + len(test)), since_training)
    for part, (questions, states, dataset) in parts.items():
        voice = net_voice(ours.states[states], ours.vectors, unknown)
        by = {"ours": judge_voice(voice, questions, True), "rectools": ranks_of(model, dataset, questions)}
        for name, ranks in by.items():
            values = {metric: one.mean() for metric, one in ranking_metrics(questions.ranked(ranks)).items()}
            print(f"{part}, {name}: R@10 {values['R@10']:.4f}  NDCG@10 {values['NDCG@10']:.4f}")


if __name__ == "__main__":
    main()
