"""Pretrains on made-up shops and writes the weights: test_pretrain.py runs it, alone and under torchrun.

python pretrain_in_ranks.py FOLDER"""

import sys
from pathlib import Path

import torch
from pretrain_logs import departments_log

from throughline.contract import Contract
from throughline.data import split_by_time
from throughline.model import Config
from throughline.pretrain.base import new_base
from throughline.pretrain.learn import learn
from throughline.pretrain.ranks import join_ranks, leave_ranks
from throughline.pretrain.shops import make_shop
from throughline.train import Settings


def pretrain_in_ranks(folder: Path) -> None:
    torch.set_num_threads(1)
    contract = Contract.load()
    # 33 windows do not divide by two: the shares differ.
    settings = Settings(seed=4, epochs=2, batch=33)
    shops = []
    for seed in (1, 2):
        log = departments_log(contract, seed=seed)
        split = split_by_time(log)
        shops.append(make_shop(f"shop {seed}", log, split, contract, settings, validation_cases=100))
    # Each process draws dropout for itself: without, one and two differ by the order of additions alone.
    config = Config(items=0, dimension=16, blocks=1, token_dimension=16, dropout=0.0)
    model = new_base(config, shops, contract, settings.seed)
    ranks = join_ranks()
    model, history = learn(model, shops, contract, settings, folder / "checkpoint.pt", mix=2, ranks=ranks)
    if ranks.first:
        torch.save({"weights": model.state_dict(), "history": history}, folder / "made.pt")
    leave_ranks(ranks)


if __name__ == "__main__":
    pretrain_in_ranks(Path(sys.argv[1]))
