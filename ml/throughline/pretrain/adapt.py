"""Training on from a base model.

A start this good is first lost and then won back, so it is trained to the last epoch; of the weights on the
way from the start to the end those are kept that validate best (held_out.py), the start among them.
"""

import sys
from dataclasses import replace
from pathlib import Path

from ..contract import Contract
from ..learn import learn
from ..model import BehaviourModel
from ..ranks import ALONE, Ranks
from ..settings import Settings
from ..shops import Shop
from .held_out import keep_share


def adapt(
    model: BehaviourModel,
    shop: Shop,
    contract: Contract,
    settings: Settings,
    checkpoint: Path,
    *,
    ranks: Ranks = ALONE,
    name: str = "epoch",
) -> tuple[list[dict], dict]:
    """Trains a model that took the base model on, in place. Returns one record an epoch, from 0, and that of
    the share kept of what was learned: its metrics on the validation part."""
    start = {key: one.clone() for key, one in model.state_dict().items()}
    to_the_end = replace(settings, patience=settings.epochs)
    model, history = learn(
        model, [shop], contract, to_the_end, checkpoint, ranks=ranks, name=name, keep_best=False
    )
    if not ranks.first:
        return history, {}
    kept = keep_share(model, start, [shop], contract)[0]
    print(f"share kept of what was learned: {kept['share']:.1f}", file=sys.stderr)
    return history, kept
