"""python -m throughline.pretrain base|trial|scaling

  base     --log DIR [DIR …] --out FILE     a base model from several logs' rows; --held-out DIR [DIR …]: logs
                                            that nothing is learned from choose how much of it is kept
  trial    --base FILE --log DIR            what it is worth to a log that it never saw, as it is and adapted
  scaling  --log DIR [DIR …]                points over sizes and amounts of data

Each DIR holds the rows that the program wrote (sequences.arrow, items.arrow). --work keeps what a killed run
goes on from; --json FILE takes the figures. Under torchrun, `base` trains in all of its processes.
"""

import argparse
import json
import sys
import threading
import warnings
from pathlib import Path

import torch

from ..__main__ import FEWEST_EVENTS, end_with_input
from ..contract import Contract
from ..data import Log, Split, load_log, split_by_time
from ..evaluation.options import NotEnoughDataError
from ..evaluation.stages import Stages
from ..learn import learn
from ..model import Config
from ..ranks import join_ranks, leave_ranks
from ..settings import Settings
from ..shops import Shop, make_shop
from .base import POOLS, WrongBaseError, new_base, read_base, write_base
from .held_out import keep_share
from .scaling import scaling
from .trial import trial

VALIDATION_CASES = 600
LARGE_EVENTS = 1_000_000


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="throughline.pretrain", description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=["base", "trial", "scaling"])
    parser.add_argument("--log", type=Path, nargs="+", required=True, help="folders with rows")
    parser.add_argument("--held-out", type=Path, nargs="+", default=[], help="folders with rows (base)")
    parser.add_argument("--work", type=Path, required=True, help="folder for what is kept")
    parser.add_argument("--base", type=Path, help="a base model (trial)")
    parser.add_argument("--out", type=Path, help="file for the base model (base)")
    parser.add_argument("--json", type=Path, help="file for the figures")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--mix", type=int, default=2, help="logs in a step")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--end-with-input", action="store_true", help="end when standard input closes")
    return parser.parse_args()


def read_logs(folders: list[Path], contract: Contract) -> dict[str, tuple[Log, Split]]:
    """Those with enough events; says which were left out."""
    logs = {}
    for folder in folders:
        log = load_log(folder, contract)
        turns = int(log.turn.sum())
        if turns < FEWEST_EVENTS:
            wanted = f"expected at least {FEWEST_EVENTS} events that turn to a product, got {turns}"
            print(f"{folder.name} is left out: {wanted}.", file=sys.stderr)
            continue
        logs[folder.name] = (log, split_by_time(log))
    if not logs:
        raise NotEnoughDataError("No log has enough events to learn from. Give larger ones.")
    return logs


def base_config(logs: dict[str, tuple[Log, Split]]) -> Config:
    """d 128: less would blur the 96 numbers of a text. Two blocks from a million events on."""
    large = sum(len(log.item) for log, _ in logs.values()) >= LARGE_EVENTS
    return Config(items=0, dimension=128, blocks=2 if large else 1, pools=POOLS)


def make_base(arguments: argparse.Namespace, contract: Contract, settings: Settings) -> dict:
    logs = read_logs(arguments.log, contract)

    def shops_of(logs: dict[str, tuple[Log, Split]]) -> list[Shop]:
        return [
            make_shop(name, log, split, contract, settings, validation_cases=VALIDATION_CASES)
            for name, (log, split) in logs.items()
        ]

    shops = shops_of(logs)
    ranks = join_ranks()
    model = new_base(base_config(logs), shops, contract, settings.seed)
    start = {name: one.clone() for name, one in model.state_dict().items()}
    checkpoint = arguments.work / "base-state.pt"
    model, history = learn(
        model, shops, contract, settings, checkpoint, mix=arguments.mix, ranks=ranks, name="pretraining epoch"
    )
    leave_ranks(ranks)
    about = {
        "logs": len(shops),
        "events": sum(len(shop.log.item) for shop in shops),
        "products": sum(shop.log.items for shop in shops),
        "seed": settings.seed,
        "history": history,
    }
    if ranks.first:
        held_out = shops_of(read_logs(arguments.held_out, contract)) if arguments.held_out else []
        about["kept"] = keep_share(model, start, held_out, contract)
        print(f"share kept of what was learned: {about['kept'][0]['share']:.1f}", file=sys.stderr)
        write_base(arguments.out, model, contract, about)
    return about


def main() -> int:
    arguments = parse()
    if arguments.end_with_input:
        threading.Thread(target=end_with_input, daemon=True).start()
    torch.set_num_threads(arguments.threads)
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    contract = Contract.load()
    # A start this good is first lost and then won back, so pretraining goes on to its last epoch.
    patience = Settings.patience if arguments.command == "trial" else arguments.epochs
    settings = Settings(seed=arguments.seed, epochs=arguments.epochs, patience=patience)
    arguments.work.mkdir(parents=True, exist_ok=True)
    needed = {"base": "out", "trial": "base"}.get(arguments.command)
    if needed and getattr(arguments, needed) is None:
        print(f"Expected --{needed} FILE.", file=sys.stderr)
        return 2
    try:
        match arguments.command:
            case "base":
                figures = make_base(arguments, contract, settings)
            case "trial":
                base, _ = read_base(arguments.base, contract)
                [(log, split), *_] = read_logs(arguments.log[:1], contract).values()
                about = (
                    arguments.log[0].resolve(),
                    len(log.item),
                    split,
                    settings,
                    arguments.base.read_bytes(),
                )
                stages = Stages(arguments.work / "kept", about)
                figures = trial(base, log, split, contract, settings, stages)
            case "scaling":
                logs = read_logs(arguments.log, contract)
                about = ([(name, len(log.item)) for name, (log, _) in logs.items()], settings)
                stages = Stages(arguments.work / "kept", about)
                figures = scaling(logs, contract, settings, stages, mix=arguments.mix)
    except NotEnoughDataError as error:
        print(error, file=sys.stderr)
        return 3
    except WrongBaseError as error:
        print(error, file=sys.stderr)
        return 2
    if arguments.json:
        arguments.json.write_text(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
