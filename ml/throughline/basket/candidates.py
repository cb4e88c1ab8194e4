"""Candidates for each shopper: the own history and the best of each simple model, all scores as columns."""

from dataclasses import dataclass

import numpy as np

from .base_scores import BaseModel, base_models
from .log import BasketLog, Questions
from .pair_history import item_columns, pair_history, shopper_columns
from .past import Past, past_of, popularity

OWN = 150  # candidates from the own history
EACH = 40  # from each other model
LISTED = 20  # as far as any metric looks
CHUNK_CELLS = 12_000_000  # shoppers × products held at a time for each model


@dataclass
class Candidates:
    """P pairs of shopper and product, grouped by question. C questions."""

    names: list[str]  # F columns
    columns: np.ndarray  # (P, F) float32, NaN = does not apply
    case: np.ndarray  # (P,) which question
    item: np.ndarray  # (P,)
    label: np.ndarray  # (P,) bool: is bought
    bought_before: np.ndarray  # (P,) bool
    targets: list[np.ndarray]  # C
    new_targets: list[np.ndarray]  # C, those not bought before; may be empty
    shopper: np.ndarray  # (C,)
    tops: dict[str, np.ndarray]  # simple model -> (C, 20) products, best first, −1 = none
    new_tops: dict[str, np.ndarray]  # the same among products not bought before

    @property
    def cases(self) -> int:
        return len(self.targets)


def best(scores: np.ndarray, most: int) -> np.ndarray:
    """(C, most) columns of the largest entries, best first; −1 where there are fewer that are above −inf."""
    most = min(most, scores.shape[1])
    near = np.argpartition(-scores, most - 1, axis=1)[:, :most]
    value = np.take_along_axis(scores, near, 1)
    order = np.lexsort((near, -value), axis=1)
    top = np.take_along_axis(near, order, 1)
    top[~np.isfinite(np.take_along_axis(scores, top, 1))] = -1
    return top


def within_case(values: np.ndarray, case: np.ndarray) -> np.ndarray:
    """(P,) place of each value among its question's candidates, 0 = largest; equal values share the middle
    of their places."""
    order = np.lexsort((-values, case))
    sorted_case, sorted_value = case[order], values[order]
    starts = np.searchsorted(sorted_case, sorted_case)
    new = np.ones(len(order), bool)
    new[1:] = (sorted_case[1:] != sorted_case[:-1]) | (sorted_value[1:] != sorted_value[:-1])
    run = np.cumsum(new) - 1
    first = np.flatnonzero(new)
    length = np.diff(np.append(first, len(order)))
    place = first[run] + (length[run] - 1) / 2 - starts
    out = np.empty(len(order))
    out[order] = place
    return out


def candidates_of(log: BasketLog, asked: Questions) -> Candidates:
    past = past_of(log, asked.span.as_of_ms)
    models = base_models(past)
    chunk = max(8, min(512, CHUNK_CELLS // (log.items + 1)))
    parts = [
        chunk_candidates(past, models, asked.shopper[start : start + chunk], start)
        for start in range(0, len(asked.shopper), chunk)
    ]
    case = np.concatenate([one["case"] for one in parts])
    item = np.concatenate([one["item"] for one in parts])
    scores = {name: np.concatenate([one["scores"][name] for one in parts]) for name in models}
    width = log.items + 1
    wanted = np.concatenate([number * width + one for number, one in enumerate(asked.targets)])
    shopper = asked.shopper[case]
    owned = np.unique(past.shopper[past.bought] * width + past.item[past.bought])
    columns = columns_of(past, scores, case, shopper, item)
    return Candidates(
        names=list(columns),
        columns=np.stack([one.astype(np.float32) for one in columns.values()], 1),
        case=case,
        item=item,
        label=np.isin(case * width + item, wanted),
        bought_before=np.isin(shopper * width + item, owned),
        targets=asked.targets,
        new_targets=not_in(owned, asked, width),
        shopper=asked.shopper,
        tops={n: np.concatenate([one["tops"][n] for one in parts]) for n in parts[0]["tops"]},
        new_tops={n: np.concatenate([one["new_tops"][n] for one in parts]) for n in parts[0]["new_tops"]},
    )


def not_in(owned: np.ndarray, asked: Questions, width: int) -> list[np.ndarray]:
    size = [len(one) for one in asked.targets]
    wanted, ends = np.concatenate(asked.targets), np.cumsum(size)[:-1]
    new = ~np.isin(np.repeat(asked.shopper, size) * width + wanted, owned)
    return [one[kept] for one, kept in zip(np.split(wanted, ends), np.split(new, ends), strict=True)]


def chunk_candidates(past: Past, models: dict[str, BaseModel], shoppers: np.ndarray, offset: int) -> dict:
    """Pairs, scores and best lists of some shoppers."""
    width = past.log.items + 1
    fill = past.keep("fill", lambda: tie_breaker(past))
    unseen = past.keep("unseen", lambda: np.flatnonzero(np.bincount(past.item, minlength=width) == 0))
    owned = past.keep("owned", lambda: past.matrix(np.ones(len(past.item)), past.bought))[shoppers].nonzero()
    union = np.zeros((len(shoppers), width), bool)
    scores, tops, new_tops = {}, {}, {}
    for name, model in models.items():
        scores[name] = score = model(past, shoppers).astype(np.float32)
        ranked = score / max(float(np.abs(score).max()), 1e-9) + fill
        ranked[:, unseen] = -np.inf
        top = best(ranked, OWN if name.startswith("own") else EACH)
        ranked[owned] = -np.inf
        fresh = best(ranked, LISTED)
        for found in (top, fresh):
            row = np.repeat(np.arange(len(found)), found.shape[1])
            union[row[found.ravel() >= 0], found[found >= 0]] = True
        tops[name], new_tops[name] = listed(top), listed(fresh)
    row, item = np.nonzero(union)
    return {
        "case": row + offset,
        "item": item,
        "scores": {name: score[row, item] for name, score in scores.items()},
        "tops": tops,
        "new_tops": new_tops,
    }


def tie_breaker(past: Past) -> np.ndarray:
    """Ties of a simple model go to what is popular; far below any score."""
    fill = popularity(past, 30.0) + 0.01 * popularity(past, np.inf, None)
    return (fill / (fill.max() + 1.0) * 1e-5).astype(np.float32)


def listed(top: np.ndarray) -> np.ndarray:
    """(C, LISTED), −1 at the end of a short list."""
    out = np.full((len(top), LISTED), -1)
    out[:, : min(LISTED, top.shape[1])] = top[:, :LISTED]
    return out


def columns_of(
    past: Past, scores: dict[str, np.ndarray], case: np.ndarray, shopper: np.ndarray, item: np.ndarray
) -> dict[str, np.ndarray]:
    columns: dict[str, np.ndarray] = {}
    for name, value in scores.items():
        columns[f"score: {name}"] = value
        columns[f"place: {name}"] = np.log1p(within_case(value, case))
    columns |= pair_history(past, shopper, item)
    columns["place: last"] = np.log1p(within_case(-np.nan_to_num(columns["any: last"], nan=1e6), case))
    columns |= {name: value[item] for name, value in item_columns(past).items()}
    columns |= {name: value[shopper] for name, value in shopper_columns(past).items()}
    return columns
