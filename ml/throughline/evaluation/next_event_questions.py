"""What --target next-event asks: one question a shopper, or one before each group of later turns."""

import json
from dataclasses import dataclass

import numpy as np

from ..contract import Contract
from ..data import Log, Split, load_log
from ..sequence.questions import Questions, Sequences, by_time, leave_one_out
from .options import NotEnoughDataError, Options

LEAST_QUESTIONS = 50
MOST_QUESTIONS = (10_000, 30_000)  # of the time split's validation and test, drawn at random


@dataclass
class Asked:
    log: Log
    training: Sequences
    validation: Questions
    test: Questions
    split: str  # in words
    cuts: Split | None  # of the time split


def read(options: Options, contract: Contract) -> Asked:
    """Raises NotEnoughDataError where there are too few questions, or too little to train on."""
    log = load_log(options.work, contract)
    if options.split == "leave-one-out":
        parts, cuts = leave_one_out(log), None
        split = "the last product of each shopper is the test target, the one before it the validation target"
    else:
        told = json.loads((options.work / "evaluation.json").read_text())
        cuts = Split(told["validation_ms"], told["test_ms"], told["end_ms"])
        parts = by_time(log, cuts, MOST_QUESTIONS, options.seed)
        split = "questions before each later turn; training, validation and test by time"
    asked = Asked(log, *parts, split, cuts)
    check(asked)
    return asked


def check(asked: Asked) -> None:
    for name, questions in (("validation", asked.validation), ("test", asked.test)):
        if len(questions) < LEAST_QUESTIONS:
            raise NotEnoughDataError(
                f"Expected at least {LEAST_QUESTIONS} {name} questions, found {len(questions)}. "
                "leave-one-out needs shoppers with three different products in a row; the time split needs "
                "turns in the last parts of the log. Give a longer log, or move --cut."
            )
    turns = asked.training.item
    if len(np.unique(turns)) < 2 or len(turns) < LEAST_QUESTIONS:
        raise NotEnoughDataError(
            f"Expected at least {LEAST_QUESTIONS} turns to two or more products to train on, found "
            f"{len(turns)}. Give a longer log, or move --cut."
        )
