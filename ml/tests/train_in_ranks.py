"""Pretrains on made-up shops, trains one shop's model, and writes the weights of both: test_pretrain.py runs
it, alone and under torchrun.

python train_in_ranks.py FOLDER"""

import sys
from dataclasses import replace
from pathlib import Path

import torch
from pretrain_logs import departments_log

from throughline.contract import Contract
from throughline.data import split_by_time
from throughline.learn import learn
from throughline.model import Config
from throughline.pretrain.base import new_base
from throughline.ranks import join_ranks, leave_ranks
from throughline.settings import Settings
from throughline.shops import known_items, make_shop
from throughline.train import train


def train_in_ranks(folder: Path) -> None:
    torch.set_num_threads(1)
    contract = Contract.load()
    # 33 windows do not divide by two: the shares differ.
    settings = Settings(seed=4, epochs=2, batch=33)
    shops = []
    for seed in (1, 2):
        log = departments_log(contract, seed=seed)
        # Of two types: were all of one, the gradient of what tells them apart would be rounding alone.
        log.columns["event_type"][::3] = contract.type_codes["cart_add"]
        split = split_by_time(log)
        shops.append(make_shop(f"shop {seed}", log, split, contract, settings, validation_cases=100))
    # Each process draws dropout for itself: without, one and two differ by the order of additions alone.
    config = Config(items=0, dimension=16, blocks=1, token_dimension=16, dropout=0.0)
    model = new_base(config, shops, contract, settings.seed)
    ranks = join_ranks()
    model, history = learn(model, shops, contract, settings, folder / "checkpoint.pt", mix=2, ranks=ranks)
    made = {"base": {"weights": model.state_dict(), "history": history}}
    log, split = shops[0].log, shops[0].split
    own = replace(config, items=int(known_items(log, split.validation_ms).max()))
    model, _, history = train(log, split, contract, settings, folder / "own.pt", own, ranks=ranks)
    made["own"] = {"weights": model.state_dict(), "history": history}
    if ranks.first:
        torch.save(made, folder / "made.pt")
    leave_ranks(ranks)


if __name__ == "__main__":
    train_in_ranks(Path(sys.argv[1]))
