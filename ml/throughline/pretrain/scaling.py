"""How the base model grows: validation loss and NDCG@10 over sizes and amounts of data, as points.

Each point is a model of its own, trained on the same share of every log's shoppers and judged on the
validation parts of the whole logs. Killed and started again, finished points are kept.
"""

from dataclasses import replace

from ..contract import Contract
from ..data import Log, Split
from ..evaluation.stages import Stages
from ..learn import learn, validate
from ..model import Config
from ..settings import Settings
from ..shops import make_shop, share_of_shoppers
from .base import POOLS, new_base
from .trial import SMALLEST_BATCH

SIZES = (16, 32, 64, 128)  # numbers in an item vector
SHARES = (0.12, 0.25, 0.5, 1.0)
VALIDATION_CASES = 400


def config_of(size: int) -> Config:
    return Config(items=0, dimension=size, blocks=1 if size < 128 else 2, token_dimension=size, pools=POOLS)


def scaling(
    logs: dict[str, tuple[Log, Split]],
    contract: Contract,
    settings: Settings,
    stages: Stages,
    sizes: tuple[int, ...] = SIZES,
    shares: tuple[float, ...] = SHARES,
    mix: int = 2,
) -> dict:
    """Picture "scaling": one line a size, x = events learned from, y = mean NDCG@10 of the logs."""
    whole = [
        make_shop(name, log, split, contract, settings, validation_cases=VALIDATION_CASES)
        for name, (log, split) in logs.items()
    ]

    def point(size: int, share: float) -> dict:
        shops = []
        for shop in whole:
            part = shop.log if share >= 1 else share_of_shoppers(shop.log, share, settings.seed)
            made = make_shop(
                shop.name, part, shop.split, contract, settings, validation_cases=VALIDATION_CASES
            )
            made.batches.settings = settings.for_windows(len(made.batches.windows.end), SMALLEST_BATCH)
            shops.append(made)
        model = new_base(config_of(size), shops, contract, settings.seed)
        label = f"d {size}, {share:.0%}"
        fitted = replace(settings, batch=shops[0].batches.settings.batch)
        model, history = learn(
            model, shops, contract, fitted, stages.path(f"{label} state"), mix=mix, name=label
        )
        return {
            "size": size,
            "share": share,
            "events": sum(int((shop.log.at_ms < shop.split.validation_ms).sum()) for shop in shops),
            "weights": sum(one.numel() for one in model.parameters()),
            "epochs": len(history) - 1,
            **validate(model, whole, contract),
        }

    points = []
    for share in shares:
        for size in sizes:
            name = f"scaling: d {size}, {share:.0%}"
            points.append(stages.keep(name, lambda size=size, share=share: point(size, share)))
    series = [
        {
            "name": f"d {size}",
            "points": [[one["events"], one["NDCG@10"]] for one in points if one["size"] == size],
        }
        for size in sizes
    ]
    return {
        "points": points,
        "pictures": [
            {
                "kind": "scaling",
                "title": "The base model over sizes and amounts of data",
                "x": "events learned from",
                "y": "NDCG@10 on the validation parts",
                "series": series,
                "note": "No ids; one seed a point; d = numbers in an item vector.",
            }
        ],
    }
