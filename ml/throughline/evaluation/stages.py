"""Kept steps of a long run: killed and started again with the same input, it goes on after the last one."""

import hashlib
import os
import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from tqdm import tqdm

T = TypeVar("T")


class Stages:
    """`identity`: everything that shapes the results (arguments, input). The package's code counts too."""

    def __init__(self, folder: Path, identity: object):
        self.folder = folder
        here = Path(__file__).parent.parent
        code = hashlib.sha256()
        for file in sorted(here.rglob("*.py")):
            code.update(file.read_bytes())
        self.identity = f"{identity!r} {code.hexdigest()}"
        folder.mkdir(parents=True, exist_ok=True)

    def path(self, name: str) -> Path:
        """Of a step's file, or of a checkpoint that a step keeps for itself."""
        key = hashlib.sha256(f"{self.identity} {name}".encode()).hexdigest()[:16]
        return self.folder / f"{key}.kept"

    def keep(self, name: str, make: Callable[[], T]) -> T:
        """What `make` gives: made now, or read back if an earlier run made it. `name`: which step it is."""
        path = self.path(name)
        if path.exists():
            tqdm.write(f"{name}: kept from an earlier run", file=sys.stderr)
            with path.open("rb") as file:
                return pickle.load(file)
        made: Any = make()
        temporary = path.with_suffix(".new")
        with temporary.open("wb") as file:
            pickle.dump(made, file, protocol=5)
        os.replace(temporary, path)
        return made
