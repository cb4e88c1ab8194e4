"""How much of what was learned a base model keeps: its weights lie between its start and the trained ones.

The start asks by text and popularity alone and is right in any shop; what is learned is partly of the shops
learned from. On the straight way between both, other logs lose nothing at first while those learned from
gain most: WiSE-FT (arXiv 2109.01903). Logs that nothing was learned from choose the place; without any it is
the middle, that paper's own choice.
"""

import torch
from torch import Tensor

from ..contract import Contract
from ..learn import validate
from ..model import BehaviourModel
from ..shops import Shop

SHARES = tuple(tenth / 10 for tenth in range(11))
USUAL_SHARE = 0.5


def between(start: dict[str, Tensor], trained: dict[str, Tensor], share: float) -> dict[str, Tensor]:
    return {name: torch.lerp(start[name], one, share) for name, one in trained.items()}


def keep_share(
    model: BehaviourModel, start: dict[str, Tensor], held_out: list[Shop], contract: Contract
) -> list[dict]:
    """Gives the model the weights between `start` and its own that answer the validation parts of the held
    out logs best, by their mean NDCG@10. Returns one record a share tried, the one kept first."""
    trained = {name: one.clone() for name, one in model.state_dict().items()}
    tried = []
    for share in SHARES if held_out else ():
        model.load_state_dict(between(start, trained, share))
        tried.append({"share": share, **validate(model, held_out, contract)})
    tried.sort(key=lambda one: -one["NDCG@10"])
    kept = tried[0]["share"] if tried else USUAL_SHARE
    model.load_state_dict(between(start, trained, kept))
    return tried or [{"share": kept}]
