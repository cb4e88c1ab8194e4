"""What was asked for."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

SPLITS = ("leave-one-out", "time", "random")  # random: a plain table, stratified by its label


class NotEnoughDataError(Exception):
    """Says what was expected, what came and what to do: the user reads it."""


@dataclass(frozen=True)
class Options:
    work: Path
    target: str
    split: str
    seed: int
    threads: int
    behaviour: bool = False  # next-event: what the app serves too, however long it takes

    def identity(self) -> str:
        """Of everything that shapes the result but the code and whether the app's model is heard as well: the
        others' steps are the same with it and without."""
        rows = hashlib.sha256()
        for file in sorted((*self.work.glob("*.arrow"), *self.work.glob("evaluation.json"))):
            rows.update(file.name.encode() + file.read_bytes())
        return f"{self.target} {self.split} {self.seed} {rows.hexdigest()}"
