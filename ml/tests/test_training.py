import json
from dataclasses import replace

import numpy as np
import onnxruntime
import pytest
import torch

from throughline import train as train_module
from throughline.baselines import item_knn, popularity, popularity_counts
from throughline.batches import Batches
from throughline.data import cases_between, current_items, split_by_time
from throughline.evaluate import evaluate
from throughline.export import export, sha256
from throughline.graphs import operators
from throughline.metrics.cases import case_metrics
from throughline.metrics.ranking import means
from throughline.model import HEADS, Config
from throughline.predict import all_vectors, head_outputs, model_scorer
from throughline.ranks import ALONE
from throughline.settings import Settings
from throughline.shops import known_items, make_shop
from throughline.steps import StepLoss, steps_of
from throughline.train import config_for, share_of_repeats, start_model, train

QUICK = Settings(seed=3, epochs=4, patience=4, batch=16)


def small(log, split):
    return Config(
        items=int(known_items(log, split.validation_ms).max()), dimension=16, blocks=1, token_dimension=16
    )


@pytest.fixture(scope="module")
def trained(chains, contract, tmp_path_factory):
    torch.set_num_threads(1)
    split = split_by_time(chains)
    path = tmp_path_factory.mktemp("run") / "checkpoint.pt"
    model, ids, history = train(chains, split, contract, QUICK, path, small(chains, split))
    return model, ids, history, split


def test_the_model_learns_chains_that_popularity_cannot(chains, contract, trained):
    model, ids, _, split = trained
    cases = cases_between(chains, current_items(chains), split.test_ms, split.end_ms, 1000, 1)
    ours = means(case_metrics(model_scorer(model, chains, ids, contract), cases, masked=True))
    popular = means(case_metrics(popularity(chains, split.validation_ms), cases, masked=True))
    assert ours["NDCG@10"] > popular["NDCG@10"] + 0.2


def test_the_neighbour_baseline_finds_the_next_link_of_a_chain(chains):
    split = split_by_time(chains)
    cases = cases_between(chains, current_items(chains), split.test_ms, split.end_ms, 1000, 1)
    knn = means(case_metrics(item_knn(chains, split.validation_ms, 0.5, 1.5), cases, masked=True))
    assert knn["R@5"] > 0.7


def test_a_run_killed_amid_an_epoch_ends_in_the_same_weights(
    chains, contract, trained, tmp_path, monkeypatch
):
    expected, _, _, split = trained
    path = tmp_path / "checkpoint.pt"
    whole = Batches.epoch

    def killed(self, number):
        for count, batch in enumerate(whole(self, number)):
            if number == 2 and count == 3:
                raise KeyboardInterrupt
            yield batch

    monkeypatch.setattr(Batches, "epoch", killed)
    with pytest.raises(KeyboardInterrupt):
        train(chains, split, contract, QUICK, path, small(chains, split))
    monkeypatch.setattr(Batches, "epoch", whole)
    model, _, history = train(chains, split, contract, QUICK, path, small(chains, split))
    assert [one["epoch"] for one in history] == list(range(QUICK.epochs + 1))
    for name, weight in expected.state_dict().items():
        assert torch.equal(weight, model.state_dict()[name]), name


def test_short_histories_count_for_no_more_than_their_events(chains, contract):
    split = split_by_time(chains)
    batches = list(Batches(chains, split, contract, QUICK).epoch(0))
    assert np.mean([batch.weight for batch in batches]) == pytest.approx(1)
    per_event = [batch.weight / batch.learned.sum() for batch in batches]
    assert min(per_event) == pytest.approx(max(per_event))


def test_no_target_of_training_lies_after_the_split(chains, contract):
    split = split_by_time(chains)
    batches = Batches(chains, split, contract, QUICK)
    order = np.arange(len(chains.item))
    for start in range(0, len(batches.windows.end), 16):
        chosen = np.arange(start, min(start + 16, len(batches.windows.end)))
        end = batches.windows.end[chosen]
        index = end[:, None] - 1  # the last place of each window: what follows it is nearest to the split
        target = batches.targets(index, index, chains.shopper[end - 1], order, np.random.default_rng(1))
        assert (chains.at_ms[target[target >= 0]] < split.validation_ms).all()


def test_baselines_see_nothing_after_the_split(chains):
    split = split_by_time(chains)
    counts = popularity_counts(chains, split.validation_ms)
    assert counts.sum() == (chains.turn & (chains.at_ms < split.validation_ms)).sum()


def test_pictures_that_the_rows_have_are_trained_with_unless_switched_off(
    chains, contract, trained, golden_cases, tmp_path
):
    pictures = np.random.default_rng(6).normal(size=(chains.items + 1, 5)).astype(np.float32)
    pictures[0] = pictures[3] = 0
    log = replace(chains, item_image=pictures)
    split = split_by_time(log)
    short = replace(QUICK, epochs=1)
    settings = {seen: replace(short, pictures=seen) for seen in (True, False)}
    sizes = {
        seen: config_for(log, split.validation_ms, 30, one).image_dimension for seen, one in settings.items()
    }
    assert sizes == {True: 5, False: 0}
    config = replace(small(log, split), image_dimension=5)
    model, ids, history = train(log, split, contract, short, tmp_path / "checkpoint.pt", config)
    untrained, _ = start_model(log, split, contract, short, config)
    before, after = (one.tower.image_straight.weight for one in (untrained, model))
    assert not torch.equal(before, after)

    report = evaluate(model, log, ids, split, contract, seed=1)
    export(model, log, ids, split, contract, report, history, 1, tmp_path, golden_cases)
    assert json.loads((tmp_path / "manifest.json").read_text())["image_dimension"] == 5
    inputs = json.loads((tmp_path / "golden.json").read_text())["items"]["inputs"]
    assert np.shape(inputs["item_image"]) == (6, 5)
    assert "does not serve this model" in (tmp_path / "card.md").read_text().replace("\n", " ")


def test_the_exported_graphs_give_what_the_model_gives(chains, contract, trained, golden_cases, tmp_path):
    model, ids, history, split = trained
    report = evaluate(model, chains, ids, split, contract, seed=1)
    for name in HEADS:
        report["heads"][name]["served"] = name != "step_gap_logits"
    export(model, chains, ids, split, contract, report, history, 1, tmp_path, golden_cases)
    assert not {"If", "Loop", "Scan"} & set(operators(tmp_path))

    encoder = onnxruntime.InferenceSession(tmp_path / "encoder.onnx")
    scorer = onnxruntime.InferenceSession(tmp_path / "scorer.onnx")
    cases = cases_between(chains, current_items(chains), split.test_ms, split.end_ms, 40, 1)
    rows = np.arange(len(cases.end))
    expected = model_scorer(model, chains, ids, contract)(cases, rows)
    with torch.no_grad():
        vectors = all_vectors(model, chains, ids).numpy()
    length = contract.history_length
    feeds = {}
    for name in contract.columns:
        column = np.zeros((len(rows), length), np.int32)
        for row, (start, end) in enumerate(zip(cases.start, cases.end, strict=True)):
            seen = chains.columns[name][max(start, end - length) : end]
            column[row, length - len(seen) :] = seen
        feeds[name] = column
    shopper = encoder.run(["shopper_vector"], {"item_vectors": vectors, **feeds})[0]
    np.testing.assert_allclose(shopper @ vectors.T, expected, rtol=1e-4, atol=1e-4)

    served = [name for name in HEADS if name != "step_gap_logits"]
    assert [one.name for one in encoder.get_outputs()] == ["shopper_vector", *served]
    heads = head_outputs(model, chains, ids, contract, cases.end - 1)
    for name, came in zip(served, encoder.run(served, {"item_vectors": vectors, **feeds}), strict=True):
        np.testing.assert_allclose(came, heads[name], rtol=1e-4, atol=1e-4)

    eligible = np.ones((len(rows), len(vectors)), np.uint8)
    eligible[:, 0] = 0
    eligible[:, 4:] = 0
    k = np.array([3], np.int64)
    boost = np.zeros(eligible.shape, np.float32)
    boost[0, 3] = boost[0, 5] = 1_000  # row 5 is not eligible
    _, top = scorer.run(
        None,
        {"shopper_vector": shopper, "item_vectors": vectors, "boost": boost, "eligible": eligible, "k": k},
    )
    assert sorted(top[0]) == [1, 2, 3]
    assert top[0][0] == 3
    assert sha256(tmp_path / "encoder.onnx") in (tmp_path / "manifest.json").read_text()


def test_a_sparse_log_without_repeats_gets_a_model_that_learns_less_by_heart(
    chains, contract, tmp_path, monkeypatch
):
    split = split_by_time(chains)
    items = int(known_items(chains, split.validation_ms).max())
    dense = config_for(chains, split.validation_ms, items, QUICK)
    assert (dense.blocks, dense.weight_decay) == (2, 0)
    # The same turns, each to a product of its own.
    alone = np.arange(1, len(chains.item) + 1, dtype=np.int32)
    sparse = replace(
        chains,
        columns={**chains.columns, "event_item": np.where(chains.item > 0, alone, 0)},
        item_names=[str(number) for number in alone],
        item_tokens=np.zeros((len(alone) + 1, contract.tokens_per_item), np.int32),
        item_text=np.zeros((len(alone) + 1, contract.text_dimension), np.float32),
        item_price=np.zeros(len(alone) + 1, np.int32),
        item_image=np.zeros((len(alone) + 1, 0), np.float32),
    )
    assert share_of_repeats(sparse, split.validation_ms) == 0
    assert share_of_repeats(chains, split.validation_ms) > 0.02
    config = config_for(sparse, split.validation_ms, len(alone), QUICK)
    assert (config.blocks, config.pool_dropout, config.weight_decay) == (1, 0.5, 0.3)
    assert dense.current_left_out and config.current_left_out
    monkeypatch.setattr(train_module, "TURNS_FOR_CURRENT", 100)
    assert config_for(chains, split.validation_ms, items, QUICK).current_left_out
    assert not config_for(sparse, split.validation_ms, len(alone), QUICK).current_left_out
    few = replace(QUICK, epochs=11, patience=1, batch=64)
    _, _, history = train(sparse, split, contract, few, tmp_path / "checkpoint.pt")
    assert len(history) == 1 + 10  # to the end, however little it gains


def test_share_of_repeats_by_hand(chains):
    """1 2 1 of one shopper, 3 3 of another: a repeat among four turns away from the product looked at."""
    log = replace(
        chains,
        columns={"event_item": np.array([1, 2, 1, 3, 3], np.int32)},
        at_ms=np.arange(5.0),
        turn=np.ones(5, bool),
        shopper=np.array([0, 0, 0, 1, 1]),
    )
    assert share_of_repeats(log, 5) == 0.25
    assert share_of_repeats(log, 2) == 0
    assert share_of_repeats(log, 0) == 1


def test_small_logs_have_smaller_batches():
    settings = Settings(batch=64)
    assert [settings.for_windows(windows).batch for windows in (1_600, 749, 3)] == [64, 29, 16]
    assert Settings(batch=12).for_windows(3).batch == 12
    assert settings.for_windows(3, smallest=8).batch == 8


def test_ids_of_products_without_words_are_never_dropped(chains, contract):
    split = split_by_time(chains)
    wordless = chains.item_tokens.copy(), chains.item_text.copy()
    for one in wordless:
        one[1:6] = 0
    log = replace(chains, item_tokens=wordless[0], item_text=wordless[1])
    ids = known_items(log, split.validation_ms)
    shop = make_shop("shop", log, split, contract, QUICK, validation_cases=10, ids=ids)
    parts = [part for step in steps_of([shop], 1, QUICK, 1, 0.9, ALONE) for part in step]
    dropped = np.stack([part.unknown.numpy() for part in parts])
    assert not dropped[:, :5].any()
    assert dropped[:, 5:].mean() > 0.7


def test_a_sparse_logs_loss_tells_a_target_from_the_product_looked_at_too(chains, contract):
    """The same weights: one more product to be told from, so a larger loss."""
    split = split_by_time(chains)
    left_out = small(chains, split)
    kept = replace(left_out, current_left_out=False)
    losses = {}
    for config in (left_out, kept):
        model, ids = start_model(chains, split, contract, QUICK, config)
        shop = make_shop("shop", chains, split, contract, QUICK, validation_cases=10, ids=ids)
        parts = next(steps_of([shop], 1, QUICK, 1, 0, ALONE))
        assert any((part.current > 0).any() for part in parts)
        with torch.no_grad():
            losses[config.current_left_out] = float(StepLoss(model.eval(), [shop])(parts, 1)[0])
    assert losses[False] > losses[True]
