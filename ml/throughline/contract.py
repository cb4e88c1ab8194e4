"""The contract with app/features: names, sizes and order of every model input. Generated; never edited."""

import json
from dataclasses import dataclass
from pathlib import Path

CONTRACT_FILE = Path(__file__).parent.parent / "contract.json"


@dataclass(frozen=True)
class Contract:
    hash: str
    history_length: int  # L
    tokens_per_item: int  # T
    token_vocabulary: int
    text_dimension: int  # t
    price_vocabulary: int
    columns: tuple[str, ...]  # of the history, in order
    vocabularies: dict[str, int]  # of every column but event_item
    stages: tuple[str, ...]  # classes of the next-stage head
    type_codes: dict[str, int]  # event type -> its number in event_type
    session_gap_ms: float
    step_gap_bounds_ms: tuple[float, ...]  # classes of the head that tells when the next step comes
    return_bounds_days: tuple[float, ...]  # spans of the head that tells when the shopper comes back
    spend_days: int  # the spend head is of so many days
    purchase_columns: tuple[str, ...]  # of purchases.arrow, after row, cut and as_of_ms
    outcome_days: int  # who buys again within so many days
    lifecycles: tuple[str, ...]

    @staticmethod
    def load(path: Path = CONTRACT_FILE) -> "Contract":
        raw = json.loads(path.read_text())
        items = {one["name"]: one for one in raw["item_inputs"]}
        return Contract(
            hash=raw["hash"],
            history_length=raw["history_length"],
            tokens_per_item=raw["tokens_per_item"],
            token_vocabulary=items["item_tokens"]["vocabulary"],
            text_dimension=items["item_text"]["shape"][1],
            price_vocabulary=items["item_price"]["vocabulary"],
            columns=tuple(one["name"] for one in raw["history_inputs"]),
            vocabularies={
                one["name"]: one["vocabulary"]
                for one in raw["history_inputs"]
                if one["vocabulary"] is not None
            },
            stages=tuple(raw["next_stage_classes"]),
            type_codes=raw["type_codes"],
            session_gap_ms=raw["session_gap_ms"],
            step_gap_bounds_ms=tuple(raw["step_gap_bounds_ms"]),
            return_bounds_days=tuple(raw["return_bounds_days"]),
            spend_days=raw["spend_days"],
            purchase_columns=tuple(raw["purchases"]["columns"]),
            outcome_days=raw["purchases"]["outcome_days"],
            lifecycles=tuple(raw["purchases"]["lifecycles"]),
        )
