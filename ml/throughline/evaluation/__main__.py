"""python -m throughline.evaluation --work DIR --target T --split S [--seed N] [--threads N]

`--work` holds the rows that the program wrote from the log (app/features) or from a plain table. The result
goes into DIR/result.json; progress goes to standard error.
"""

import argparse
import sys
import threading
import warnings
from importlib import import_module
from pathlib import Path

import torch

from ..contract import Contract
from .options import SPLITS, NotEnoughDataError, Options
from .result import write_result
from .stages import Stages

# Each module has `evaluate(options, contract, stages) -> Result`. Imported when asked for: what one target
# needs must not slow or break another.
TARGETS = {
    "next-event": "throughline.evaluation.next_event",
    "next-basket": "throughline.evaluation.next_basket",
    "purchase": "throughline.evaluation.purchase",
    "return": "throughline.evaluation.customers",
    "spend": "throughline.evaluation.customers",
    "label": "throughline.evaluation.table",
}


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="throughline.evaluation", description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--target", choices=list(TARGETS), required=True)
    parser.add_argument("--split", choices=SPLITS, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument(
        "--behaviour-model", action="store_true", help="what is served, however long it takes"
    )
    parser.add_argument("--end-with-input", action="store_true", help="end when standard input closes")
    return parser.parse_args()


def main() -> int:
    from ..__main__ import end_with_input

    arguments = parse()
    if arguments.end_with_input:
        threading.Thread(target=end_with_input, daemon=True).start()
    torch.set_num_threads(arguments.threads)
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    options = Options(
        arguments.work,
        arguments.target,
        arguments.split,
        arguments.seed,
        arguments.threads,
        arguments.behaviour_model,
    )
    stages = Stages(arguments.work / "kept", options.identity())
    module = import_module(TARGETS[arguments.target])
    try:
        result = module.evaluate(options, Contract.load(), stages)
    except NotEnoughDataError as error:
        print(error, file=sys.stderr)
        return 3
    write_result(result, arguments.work / "result.json")
    return 0


if __name__ == "__main__":
    sys.exit(main())
