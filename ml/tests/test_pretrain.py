import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import torch
from pretrain_logs import SMALL, asked_on_test, shop_of
from train_in_ranks import train_in_ranks

from throughline.baselines import popularity
from throughline.learn import learn, shop_scorer, steps_of
from throughline.metrics.cases import case_metrics
from throughline.metrics.ranking import means
from throughline.predict import model_scorer
from throughline.pretrain.base import WrongBaseError, new_base, read_base, take_on, write_base
from throughline.pretrain.text_similarity import Reading, text_similarity
from throughline.ranks import Ranks
from throughline.settings import Settings
from throughline.shops import share_of_shoppers

IN_RANKS = Path(__file__).parent / "train_in_ranks.py"


def ndcg(scorer, shop):
    return means(case_metrics(scorer, asked_on_test(shop), masked=True))["NDCG@10"]


def test_a_base_model_answers_a_log_that_it_never_saw_better_than_popularity(base, unseen, contract):
    model, history = base
    ours = ndcg(shop_scorer(model, unseen, contract), unseen)
    assert ours > ndcg(popularity(unseen.log, unseen.split.validation_ms), unseen) + 0.15
    assert history[-1]["NDCG@10"] > history[0]["NDCG@10"]


def test_a_shop_that_takes_the_base_model_on_is_answered_as_by_the_base_model(base, unseen, contract):
    model, _ = base
    cut = unseen.split.validation_ms
    taken, ids = take_on(model, unseen.log, cut, contract, seed=1, co_occurrence=False)
    cases = asked_on_test(unseen)
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
    run = subprocess.run(
        [sys.executable, *launcher, str(IN_RANKS), str(folder)],
        capture_output=True,
        text=True,
        timeout=1_800,  # against processes that wait for each other for ever; seconds are the rule
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": paths},
    )
    assert run.returncode == 0, run.stderr
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
    cases = asked_on_test(unseen)
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
    with pytest.raises(WrongBaseError, match="npm run base-model"):
        read_base(path, contract)
    with pytest.raises(WrongBaseError, match="found no file"):
        read_base(tmp_path / "none.pt", contract)
