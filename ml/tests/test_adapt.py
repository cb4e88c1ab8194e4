"""How much of what was learned a base model, and a shop that takes one on, keep; how both are judged."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from pretrain_logs import QUICK, SMALL, shop_of

import throughline.pretrain.scaling as scaling_module
from throughline.data import cases_between
from throughline.evaluation.stages import Stages
from throughline.learn import validate
from throughline.model import BehaviourModel
from throughline.pretrain.adapt import adapt, keep_what_helps
from throughline.pretrain.base import new_base, take_on
from throughline.pretrain.held_out import keep_share
from throughline.pretrain.scaling import scaling
from throughline.pretrain.trial import trial
from throughline.settings import Settings


def cases_of(shop, shoppers):
    """All questions of so many shoppers."""
    cases = cases_between(shop.log, shop.batches.current, -np.inf, np.inf, 10_000, 1)
    chosen = np.flatnonzero(np.isin(cases.shopper, np.unique(cases.shopper)[:shoppers]))
    return type(cases)(
        **{
            name: values[chosen] if isinstance(values, np.ndarray) else [values[at] for at in chosen]
            for name, values in vars(cases).items()
        }
    )


def test_held_out_logs_choose_how_much_of_what_was_learned_is_kept(contract):
    shop = shop_of(contract, 4)
    good = new_base(SMALL, [shop], contract, 3).state_dict()
    model = new_base(SMALL, [shop], contract, 3)
    with torch.no_grad():
        model.encoder.pool_mix.neg_()  # as if the log learned from had taught the opposite
    harmful = {name: one.clone() for name, one in model.state_dict().items()}
    tried = keep_share(model, good, [shop], contract)
    assert tried[0]["share"] < 0.5
    assert [one["NDCG@10"] for one in tried] == sorted((one["NDCG@10"] for one in tried), reverse=True)
    model.load_state_dict(harmful)
    assert keep_share(model, good, [], contract) == [{"share": 0.5}]
    for name, weight in model.state_dict().items():
        torch.testing.assert_close(weight, (good[name] + harmful[name]) / 2, msg=name)


@pytest.mark.parametrize("harms", [True, False])
def test_training_on_goes_to_the_last_epoch_and_keeps_no_harm(base, unseen, contract, tmp_path, harms):
    own_base = BehaviourModel(base[0].config, contract).eval()
    own_base.load_state_dict(base[0].state_dict())
    if not harms:  # there is something to learn
        with torch.no_grad():
            own_base.encoder.pool_mix.neg_()
    before_ms = unseen.split.validation_ms
    start, ids = take_on(own_base, unseen.log, before_ms, contract, seed=3, co_occurrence=True)
    settings = replace(QUICK, epochs=3, patience=1, learning_rate=3.0 if harms else 5e-3)
    shop = replace(unseen, cases=cases_of(unseen, 150))
    model, places, history, kept = adapt(own_base, shop, contract, settings, tmp_path / "state.pt")
    assert [one["epoch"] for one in history] == [0, 1, 2, 3]
    assert (places == ids).all()
    assert (kept["share"] == 0) == harms
    weights = model.state_dict()
    assert all(torch.equal(weights[name], one) for name, one in start.state_dict().items()) == harms
    own = replace(shop, ids=ids, popularity=shop.popularity * 0)
    assert validate(model, [own], contract)["NDCG@10"] == pytest.approx(kept["NDCG@10"])


@pytest.mark.parametrize("shoppers", [20, 100])
def test_of_few_shoppers_questions_nothing_learned_is_kept(base, unseen, contract, shoppers):
    model, ids = take_on(
        base[0], unseen.log, unseen.split.validation_ms, contract, seed=1, co_occurrence=True
    )
    own = replace(unseen, ids=ids, popularity=unseen.popularity * 0, cases=cases_of(unseen, shoppers))
    start_that_harms = {name: one.clone() for name, one in model.state_dict().items()}
    start_that_harms["encoder.pool_mix"].neg_()
    assert (keep_what_helps(model, start_that_harms, own, contract, 1)["share"] > 0) == (shoppers == 100)


def test_a_trial_puts_base_model_baselines_and_the_curve_side_by_side(base, unseen, contract, tmp_path):
    model, _ = base
    settings = Settings(seed=3, epochs=1, batch=32)
    figures = trial(
        model, unseen.log, unseen.split, contract, settings, Stages(tmp_path, "trial"), shares=(0.1, 1.0)
    )
    value = {row["model"]: row["metrics"]["NDCG@10"] for row in figures["rows"]}
    assert value["base model, as it is"] > value["popularity"]
    lines = {line["name"]: line["points"] for line in figures["pictures"][0]["series"]}
    assert [share for share, _ in lines["adapted"]] == [10.0, 100.0]
    assert lines["adapted"][1][1] == value["adapted, 100% of shoppers"]
    assert {"of": "adapted, 10% of shoppers", "over": "from scratch, 10% of shoppers"}.items() <= figures[
        "differences"
    ][-2].items()


def test_scaling_gives_a_point_for_each_size_and_share_and_keeps_them(
    unseen, contract, tmp_path, monkeypatch
):
    settings = Settings(seed=3, epochs=1, batch=32)

    def run():
        logs = {"a": (unseen.log, unseen.split)}
        stages = Stages(tmp_path, "scaling")
        return scaling(logs, contract, settings, stages, sizes=(8, 16), shares=(0.2, 1.0), mix=1)

    figures = run()
    assert [(one["size"], one["share"]) for one in figures["points"]] == [
        (8, 0.2),
        (16, 0.2),
        (8, 1.0),
        (16, 1.0),
    ]
    events = [one["events"] for one in figures["points"]]
    assert events[0] < events[2]
    monkeypatch.setattr(scaling_module, "learn", None)  # a second run trains nothing
    assert run() == figures
