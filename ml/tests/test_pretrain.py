import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import torch
from pretrain_logs import departments_log
from train_in_ranks import train_in_ranks

import throughline.pretrain.scaling as scaling_module
from throughline.baselines import popularity
from throughline.data import cases_between, split_by_time
from throughline.evaluation.stages import Stages
from throughline.learn import learn, shop_scorer, steps_of, validate
from throughline.metrics.cases import case_metrics
from throughline.metrics.ranking import means
from throughline.model import BehaviourModel, Config
from throughline.predict import model_scorer
from throughline.pretrain.adapt import adapt, keep_what_helps
from throughline.pretrain.base import WrongBaseError, new_base, read_base, take_on, write_base
from throughline.pretrain.held_out import keep_share
from throughline.pretrain.scaling import scaling
from throughline.pretrain.text_similarity import Reading, text_similarity
from throughline.pretrain.trial import trial
from throughline.ranks import Ranks
from throughline.settings import Settings
from throughline.shops import make_shop, share_of_shoppers

QUICK = Settings(seed=3, epochs=6, patience=6, batch=32, learning_rate=5e-3)
SMALL = Config(items=0, dimension=16, blocks=1, token_dimension=16)
IN_RANKS = Path(__file__).parent / "train_in_ranks.py"


def shop_of(contract, seed, settings=QUICK, **wanted):
    log = departments_log(contract, seed=seed, **wanted)
    return make_shop(f"shop {seed}", log, split_by_time(log), contract, settings, validation_cases=200)


def test_cases(shop):
    split = shop.split
    return cases_between(shop.log, shop.batches.current, split.test_ms, split.end_ms, 500, 1)


test_cases.__test__ = False


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


@pytest.fixture(scope="module")
def base(contract, tmp_path_factory):
    torch.set_num_threads(1)
    shops = [shop_of(contract, 1), shop_of(contract, 2)]
    model = new_base(SMALL, shops, contract, QUICK.seed)
    path = tmp_path_factory.mktemp("base") / "state.pt"
    model, history = learn(model, shops, contract, QUICK, path, mix=2)
    return model, history


@pytest.fixture(scope="module")
def unseen(contract):
    """A shop that no base model here learned from: other products, of other numbers in each department."""
    return shop_of(contract, 9, products=7)


def ndcg(scorer, shop):
    return means(case_metrics(scorer, test_cases(shop), masked=True))["NDCG@10"]


def test_a_base_model_answers_a_log_that_it_never_saw_better_than_popularity(base, unseen, contract):
    model, history = base
    ours = ndcg(shop_scorer(model, unseen, contract), unseen)
    assert ours > ndcg(popularity(unseen.log, unseen.split.validation_ms), unseen) + 0.15
    assert history[-1]["NDCG@10"] > history[0]["NDCG@10"]


def test_a_shop_that_takes_the_base_model_on_is_answered_as_by_the_base_model(base, unseen, contract):
    model, _ = base
    cut = unseen.split.validation_ms
    taken, ids = take_on(model, unseen.log, cut, contract, seed=1, co_occurrence=False)
    cases = test_cases(unseen)
    rows = np.arange(len(cases.end))
    expected = shop_scorer(model, unseen, contract)(cases, rows)
    given = model_scorer(taken, unseen.log, ids, contract)(cases, rows)
    np.testing.assert_allclose(given, expected, rtol=1e-4, atol=1e-4)


def test_a_base_model_reads_text_vectors_and_no_words(base, unseen):
    model, _ = base
    other = replace(unseen, log=replace(unseen.log, item_tokens=unseen.log.item_tokens[::-1].copy()))
    without = replace(unseen, log=replace(unseen.log, item_text=0 * unseen.log.item_text))
    with torch.no_grad():
        vectors = unseen.vectors(model)
        assert torch.equal(other.vectors(model), vectors)
        assert not torch.allclose(without.vectors(model), vectors, atol=0.1)


def test_after_an_order_a_base_model_reads_the_history_evenly(base, unseen, contract):
    """Were it read as views are, the last line of the last order would outweigh what was bought before."""
    model, _ = base
    items = torch.tensor([[1, 8, 15, 22]], dtype=torch.int32)  # of four departments
    with torch.no_grad():
        vectors = unseen.vectors(model)

    def near(kind):
        columns = {name: torch.ones_like(items) for name in contract.columns} | {"event_item": items}
        columns["event_type"] = torch.full_like(items, contract.type_codes[kind])
        with torch.no_grad():
            shopper = model.encoder(vectors, columns, last_only=True).shopper_vector[0, 0, :-1]
        return (vectors[items[0].long(), :-1] @ shopper).numpy()

    viewed, ordered = near("product_view"), near("purchase")
    assert viewed[-1] > viewed[0]
    assert np.ptp(ordered) < np.ptp(viewed) / 2
    even = vectors[items[0].long(), :-1].mean(0)
    expected = (vectors[items[0].long(), :-1] @ even).numpy()
    np.testing.assert_allclose(ordered / ordered.max(), expected / expected.max(), atol=1e-3)


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


def test_popularity_is_an_input_and_no_weight(base, unseen, contract):
    model, _ = base
    with torch.no_grad():
        before = unseen.vectors(model)
        favourite = torch.zeros_like(unseen.popularity)
        favourite[3] = 2.0
        changed = unseen.popularity
        unseen.popularity = changed + favourite
        after = unseen.vectors(model)
        unseen.popularity = changed
    difference = (after - before).abs()
    assert difference[4, -1] == pytest.approx(2.0, abs=1e-5)
    assert difference.sum() == pytest.approx(2.0, abs=1e-4)


def test_a_pretraining_killed_amid_an_epoch_ends_in_the_same_weights(contract, tmp_path, monkeypatch):
    shops = [shop_of(contract, 1, shoppers=60), shop_of(contract, 2, shoppers=60)]
    settings = Settings(seed=3, epochs=3, batch=16)

    def run(path):
        torch.set_num_threads(1)
        model = new_base(SMALL, shops, contract, 3)
        return learn(model, shops, contract, settings, path, mix=2)[0].state_dict()

    expected = run(tmp_path / "whole.pt")

    def killed(shops, mix, settings, epoch, *rest):
        for count, parts in enumerate(steps_of(shops, mix, settings, epoch, *rest)):
            if epoch == 2 and count == 1:
                raise KeyboardInterrupt
            yield parts

    with monkeypatch.context() as patched:
        patched.setattr("throughline.learn.steps_of", killed)
        with pytest.raises(KeyboardInterrupt):
            run(tmp_path / "killed.pt")
    for name, weight in run(tmp_path / "killed.pt").items():
        assert torch.equal(weight, expected[name]), name


def made_by_two(folder):
    folder.mkdir()
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    paths = f"{IN_RANKS.parent}{os.pathsep}{IN_RANKS.parent.parent}"
    subprocess.run(
        [sys.executable, *launcher, str(IN_RANKS), str(folder)],
        check=True,
        capture_output=True,
        timeout=1_800,  # against processes that wait for each other for ever; seconds are the rule
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": paths},
    )
    return torch.load(folder / "made.pt", weights_only=True)


def test_two_processes_give_the_weights_of_one(tmp_path):
    (tmp_path / "one").mkdir()
    train_in_ranks(tmp_path / "one")
    by_one = torch.load(tmp_path / "one" / "made.pt", weights_only=True)
    by_two = made_by_two(tmp_path / "two")
    for kind in ("base", "own"):
        one, two = by_one[kind], by_two[kind]
        for epoch_of_one, epoch_of_two in zip(one["history"][1:], two["history"][1:], strict=True):
            assert epoch_of_two["loss"] == pytest.approx(epoch_of_one["loss"], rel=1e-3)
            assert epoch_of_two["NDCG@10"] == pytest.approx(epoch_of_one["NDCG@10"], abs=0.01)
        for name, weight in one["weights"].items():
            torch.testing.assert_close(two["weights"][name], weight, rtol=1e-3, atol=1e-3, msg=name)


def test_shares_of_a_batch_are_the_batch():
    rows = np.arange(33)
    shares = [Ranks(rank, 4).share(rows) for rank in range(4)]
    assert sorted(np.concatenate(shares)) == list(rows)


def test_a_smaller_share_of_shoppers_lies_within_a_larger_one(unseen):
    fewer, more = (share_of_shoppers(unseen.log, share, 5) for share in (0.1, 0.4))
    assert len(fewer.offsets) - 1 == 15
    assert len(more.offsets) - 1 == 60

    def histories(log):
        return {
            log.at_ms[start:end].tobytes() for start, end in zip(log.offsets, log.offsets[1:], strict=False)
        }

    assert histories(fewer) < histories(more) < histories(unseen.log)


@pytest.mark.parametrize("reading", get_args(Reading))
def test_text_similarity_ranks_the_own_department_first(unseen, reading):
    cases = test_cases(unseen)
    scores = text_similarity(unseen.log, reading, 1.0)(cases, np.arange(len(cases.end)))
    best = scores[:, 1:].argsort(1)[:, -7:]  # as many as a department has
    last = unseen.log.item[cases.end - 1] - 1
    assert (best // 7 == last[:, None] // 7).all()


def test_a_base_model_of_other_inputs_is_refused(base, contract, tmp_path):
    model, _ = base
    path = tmp_path / "base.pt"
    write_base(path, model, contract, {"logs": 2})
    read, about = read_base(path, contract)
    assert about == {"logs": 2}
    for name, weight in model.state_dict().items():
        assert torch.equal(weight, read.state_dict()[name]), name
    state = torch.load(path, weights_only=True)
    torch.save({**state, "contract": "0" * 64}, path)
    with pytest.raises(WrongBaseError, match="npm run pretrain"):
        read_base(path, contract)
    with pytest.raises(WrongBaseError, match="found no file"):
        read_base(tmp_path / "none.pt", contract)


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
