"""Customers at cuts, as app/features/customer-rows.server.ts writes them: features, outcome and the cut's
role.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

ROLES = ("train", "validation", "test")  # places in app/features/customer-cuts.ts
ABOUT = (
    "row",
    "cut",
    "role",
    "question_days",
    "orders_next",
    "as_of_ms",
    "horizon_days",
    "spend_next_cents",
)
# What BG/NBD, Pareto/NBD, Gamma-Gamma and the plain baselines are computed from.
NEEDED = (
    "frequency",
    "recency_days",
    "age_days",
    "silence_days",
    "days_since_last_event",
    "valued_repeats",
    "mean_repeat_cents",
    "valued_purchases",
    "mean_valued_cents",
    "total_cents",
    "first_cents",
    "units_first",
)


@dataclass(frozen=True)
class Customers:
    """C customers at one or more cuts. Days of 24 hours, money in cents."""

    row: np.ndarray  # (C,) the shopper's number
    cut: np.ndarray  # (C,)
    role: np.ndarray  # (C,) place in ROLES
    as_of_ms: np.ndarray  # (C,)
    horizon_days: np.ndarray  # (C,) from the cut to the end of the outcome
    orders_next: np.ndarray  # (C,) purchases in it
    spend_next_cents: np.ndarray  # (C,)
    features: np.ndarray  # (C, F) float64
    names: tuple[str, ...]  # (F,)

    def __len__(self) -> int:
        return len(self.row)

    def __getitem__(self, name: str) -> np.ndarray:
        """(C,) one feature."""
        return self.features[:, self.names.index(name)]

    def columns(self, names: tuple[str, ...]) -> np.ndarray:
        """(C, len(names))"""
        return np.column_stack([self[name] for name in names])

    def where(self, mask: np.ndarray) -> "Customers":
        return Customers(
            **{
                name: getattr(self, name)[mask]
                for name in self.__dataclass_fields__
                if name not in ("features", "names")
            },
            features=self.features[mask],
            names=self.names,
        )

    def of(self, *roles: str) -> "Customers":
        return self.where(np.isin(self.role, [ROLES.index(role) for role in roles]))


def load_customers(folder: Path) -> dict[int, Customers]:
    """Of customers.arrow: question (days, 0 = until the log ends) -> its customers at all of its cuts.

    Raises ValueError where columns are missing.
    """
    table = pa.ipc.open_file(pa.memory_map(str(folder / "customers.arrow"))).read_all()
    missing = [name for name in (*ABOUT, *NEEDED) if name not in table.column_names]
    if missing:
        raise ValueError(f"customers.arrow: expected the columns {missing}, got {table.column_names}")
    names = tuple(name for name in table.column_names if name not in ABOUT)
    about = {name: table[name].to_numpy() for name in ABOUT}
    features = np.empty((table.num_rows, len(names)))
    for place, name in enumerate(names):
        features[:, place] = table[name].to_numpy()
    customers = Customers(
        **{name: about[name] for name in ABOUT if name not in ("question_days", "spend_next_cents")},
        spend_next_cents=about["spend_next_cents"],
        features=features,
        names=names,
    )
    return {
        int(question): customers.where(about["question_days"] == question)
        for question in np.unique(about["question_days"])
    }
