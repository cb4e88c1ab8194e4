"""python -m throughline customers|train|evaluate|export|all --work DIR [--out DIR] [--seed N]

`--work` holds the rows that the program exported (sequences.arrow, purchases.arrow, items.arrow,
golden-cases.json) and keeps the checkpoint, the trained weights, customers.json and report.json. `customers`
fits who buys again and for how much; the others make the behaviour model. Under torchrun `train` and `all`
train in all of its processes. The last line printed is the report as JSON.
"""

import argparse
import json
import os
import sys
import threading
import warnings
from pathlib import Path

import torch

from .calibrate import calibrate
from .contract import Contract
from .customers import customers_report
from .data import load_log, split_by_time
from .evaluate import evaluate
from .export import export
from .learn import save
from .model import BehaviourModel, Config
from .pretrain.adapt import adapt
from .pretrain.base import WrongBaseError, read_base
from .ranks import join_ranks, leave_ranks
from .settings import Settings
from .shops import make_shop
from .train import VALIDATION_CASES, train

FEWEST_EVENTS = 500


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="throughline", description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=["customers", "train", "evaluate", "export", "all"])
    parser.add_argument("--work", type=Path, required=True, help="folder with the training rows")
    parser.add_argument("--out", type=Path, help="folder for the artifact (export, all)")
    parser.add_argument("--base", type=Path, help="a base model to start from (train, all)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=Settings.epochs)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument(
        "--without-pictures", action="store_true", help="as if the rows had no pictures (train, all)"
    )
    parser.add_argument("--end-with-input", action="store_true", help="end when standard input closes")
    return parser.parse_args()


def end_with_input() -> None:
    """The command that started us was killed: two trainings must not write one checkpoint."""
    # Not sys.stdin: its lock, held by this thread, would abort the interpreter's own end.
    while os.read(0, 4096):
        pass
    os._exit(1)


def main() -> int:
    arguments = parse()
    if arguments.end_with_input:
        threading.Thread(target=end_with_input, daemon=True).start()
    torch.set_num_threads(arguments.threads)
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    warnings.filterwarnings("ignore", category=torch.jit.TracerWarning)
    contract = Contract.load()
    customers_file = arguments.work / "customers.json"
    if arguments.command == "customers":
        customers_file.write_text(json.dumps(customers_report(arguments.work, contract, arguments.seed)))
        print(customers_file.read_text())
        return 0
    log = load_log(arguments.work, contract)
    turns = int(log.turn.sum())
    if turns < FEWEST_EVENTS:
        print(
            f"Expected at least {FEWEST_EVENTS} events that turn to a product, got {turns}. "
            "Import more history, then train again.",
            file=sys.stderr,
        )
        return 3
    split = split_by_time(log)
    settings = Settings(seed=arguments.seed, epochs=arguments.epochs, pictures=not arguments.without_pictures)
    trained = arguments.work / "trained.pt"
    report_file = arguments.work / "report.json"
    every = arguments.command == "all"
    if every or arguments.command == "train":
        try:
            base = read_base(arguments.base, contract)[0] if arguments.base else None
        except WrongBaseError as error:
            print(error, file=sys.stderr)
            return 2
        checkpoint = arguments.work / "checkpoint.pt"
        ranks = join_ranks()
        if base is None:
            model, ids, history = train(log, split, contract, settings, checkpoint, ranks=ranks)
        else:
            shop = make_shop("shop", log, split, contract, settings, validation_cases=VALIDATION_CASES)
            settings = shop.batches.settings = settings.for_windows(len(shop.batches.windows.end))
            model, ids, history, _ = adapt(base, shop, contract, settings, checkpoint, ranks=ranks)
        leave_ranks(ranks)
        if not ranks.first:
            return 0
        calibrate(model, log, ids, split, contract, settings.seed)
        state = {"config": model.config.as_dict(), "weights": model.state_dict(), "history": history}
        save(trained, state | {"ids": torch.from_numpy(ids)})
    state = torch.load(trained, weights_only=True)
    model = BehaviourModel(Config(**state["config"]), contract)
    model.load_state_dict(state["weights"])
    model.eval()
    ids = state["ids"].numpy()
    if every or arguments.command == "evaluate":
        report = evaluate(model, log, ids, split, contract, settings.seed)
        if customers_file.exists():
            report["customers"] = json.loads(customers_file.read_text())
        report_file.write_text(json.dumps(report))
    if every or arguments.command == "export":
        if arguments.out is None:
            print("Expected --out DIR for the artifact.", file=sys.stderr)
            return 2
        cases = json.loads((arguments.work / "golden-cases.json").read_text())
        report = json.loads(report_file.read_text())
        export(
            model, log, ids, split, contract, report, state["history"], settings.seed, arguments.out, cases
        )
    if report_file.exists():
        print(report_file.read_text())
    return 0


if __name__ == "__main__":
    sys.exit(main())
