"""What a base model is worth to a log that it never saw: as it is, and trained on with a share of it.

All are judged on the same questions of the test part of the time split. The base model and the baselines read
the log's history before the cut, as any shop has one when it installs; the base model's weights never saw it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import get_args

import numpy as np

from ..baselines import Scorer, item_knn, own_history, popularity, recent_popularity
from ..contract import Contract
from ..data import Cases, Log, Split, cases_between
from ..evaluation.stages import Stages
from ..learn import learn, shop_scorer
from ..metrics.bootstrap import paired_difference
from ..metrics.cases import case_metrics
from ..metrics.ranking import means
from ..model import BehaviourModel, Config
from ..settings import Settings
from ..shops import Shop, make_shop, share_of_shoppers
from ..train import start_model
from .adapt import adapt
from .text_similarity import Reading, text_similarity

SHARES = (0.01, 0.1, 1.0)
TEST_CASES = 3_000
VALIDATION_CASES = 600
SMALLEST_BATCH = 8  # the rate is chosen with it
RATES = (2e-3, 5e-4)  # of learning; chosen on validation, for both models alike


@dataclass
class Judged:
    """Metric name -> (C,) on the test questions, and in words what was chosen on validation."""

    values: dict[str, np.ndarray]
    setting: str = ""


def baselines(log: Log, split: Split) -> dict[str, list[tuple[str, Callable[[], Scorer]]]]:
    cut = split.validation_ms
    return {
        "popularity": [("all time", lambda: popularity(log, cut))],
        "recent popularity": [
            (f"{days} days", lambda days=days: recent_popularity(log, days)) for days in (7, 28)
        ],
        "text similarity": [
            (f"{reading}, decay {decay}", partial(text_similarity, log, reading, decay))
            for reading in get_args(Reading)
            for decay in (0.0, 0.5, 1.0, 2.0)
        ],
        "own history": [
            (f"decay {decay}", lambda decay=decay: own_history(log, cut, decay)) for decay in (0.5, 1.0)
        ],
        "item-kNN": [
            (f"decay {decay}", lambda decay=decay: item_knn(log, cut, 0.1, decay)) for decay in (1.0, 2.0)
        ],
    }


def judged_baselines(shop: Shop, test: Cases) -> dict[str, Judged]:
    found = {}
    for name, options in baselines(shop.log, shop.split).items():
        values = [
            means(case_metrics(make(), shop.cases, masked=True))["NDCG@10"] if len(options) > 1 else 0.0
            for _, make in options
        ]
        setting, make = options[int(np.argmax(values))]
        found[name] = Judged(case_metrics(make(), test, masked=True), setting)
    return found


def trial(
    base: BehaviourModel,
    log: Log,
    split: Split,
    contract: Contract,
    settings: Settings,
    stages: Stages,
    shares: tuple[float, ...] = SHARES,
) -> dict:
    """Rows (name, setting, metrics), paired differences in NDCG@10 with 95 % intervals, and the curve of the
    share of shoppers learned from."""
    whole = make_shop("log", log, split, contract, settings, validation_cases=VALIDATION_CASES)
    test = cases_between(log, whole.batches.current, split.test_ms, split.end_ms, TEST_CASES, settings.seed)

    judged = stages.keep("baselines", lambda: judged_baselines(whole, test))
    judged["base model, as it is"] = stages.keep(
        "zero-shot", lambda: Judged(case_metrics(shop_scorer(base, whole, contract), test, masked=True))
    )
    for share in shares:
        part = log if share >= 1 else share_of_shoppers(log, share, settings.seed)
        for name, start in {"from scratch": None, "adapted": base}.items():
            label = f"{name}, {share:.0%} of shoppers"
            judged[label] = stages.keep(
                label,
                lambda part=part, start=start, label=label: trained_on(
                    start, base.config, part, whole, test, contract, settings, stages.path(f"{label} state")
                ),
            )
    return report(judged, test, settings.seed, shares)


def trained_on(
    base: BehaviourModel | None,
    config: Config,
    part: Log,
    whole: Shop,
    test: Cases,
    contract: Contract,
    settings: Settings,
    checkpoint,
) -> Judged:
    """Trains with ids on a part of the log, from the base model or from nothing; judged on the whole."""
    split = whole.split
    shop = make_shop("part", part, split, contract, settings, validation_cases=VALIDATION_CASES)
    fitted = settings.for_windows(len(shop.batches.windows.end), SMALLEST_BATCH)
    shop.batches.settings = fitted
    none = whole.popularity * 0
    best: dict = {"validation": -1.0}
    for rate in RATES:
        at_rate = replace(fitted, learning_rate=rate)
        state, name = checkpoint.with_suffix(f".{rate}"), f"rate {rate}, epoch"
        if base is None:
            known = Config(**{**config.as_dict(), "items": len(shop.candidates)})
            model, ids = start_model(part, split, contract, fitted, known)
            own = replace(shop, ids=ids, popularity=none)
            model, history = learn(model, [own], contract, at_rate, state, name=name)
            found = max(history, key=lambda one: one["NDCG@10"])
            words = f"best after epoch {found['epoch']} of {len(history) - 1}"
        else:
            model, ids, _, found = adapt(base, shop, contract, at_rate, state, name=name)
            words = f"share {found['share']:.1f} kept of what was learned"
        if found["NDCG@10"] > best["validation"]:
            setting = f"rate {rate}, {words}"
            best = {"validation": found["NDCG@10"], "model": model, "ids": ids, "setting": setting}
    scorer = shop_scorer(best["model"], replace(whole, ids=best["ids"], popularity=none), contract)
    return Judged(case_metrics(scorer, test, masked=True), best["setting"])


def report(judged: dict[str, Judged], test: Cases, seed: int, shares: tuple[float, ...]) -> dict:
    def difference(of: str, over: str) -> dict:
        a, b = judged[of].values["NDCG@10"], judged[over].values["NDCG@10"]
        gain, low, high = paired_difference(a, b, test.shopper, seed)
        return {"of": of, "over": over, "metric": "NDCG@10", "gain": gain, "low": low, "high": high}

    zero = "base model, as it is"
    pairs = [(zero, name) for name in ("popularity", "recent popularity", "text similarity")]
    labels = [f"{share:.0%} of shoppers" for share in shares]
    pairs += [(f"adapted, {label}", f"from scratch, {label}") for label in labels]
    rows = [
        {"model": name, "setting": one.setting, "metrics": means(one.values)} for name, one in judged.items()
    ]
    value = {row["model"]: row["metrics"]["NDCG@10"] for row in rows}

    def line(name: str) -> dict:
        points = [[100 * share, value[f"{name}, {share:.0%} of shoppers"]] for share in shares]
        return {"name": name, "points": points}

    flat = [
        {"name": name, "points": [[100 * share, value[name]] for share in shares]}
        for name in (zero, "text similarity", "popularity")
    ]
    return {
        "cases": {"test": len(test.end), "shoppers": len(np.unique(test.shopper))},
        "rows": rows,
        "differences": [difference(of, over) for of, over in pairs],
        "pictures": [
            {
                "kind": "scaling",
                "title": "A base model that never saw the log, trained on with a share of it",
                "x": "shoppers learned from, %",
                "y": "NDCG@10 on the test part",
                "series": [line("from scratch"), line("adapted"), *flat],
                "note": "Same size, same training, same questions.",
            }
        ],
    }
