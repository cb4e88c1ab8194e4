import numpy as np
import onnxruntime
import pytest
import torch
from conftest import unit_rows
from hypothesis import given, settings
from hypothesis import strategies as st

from throughline.contract import Contract
from throughline.graphs import write_graphs
from throughline.item_tower import Whitening
from throughline.model import BehaviourModel, Config

CONTRACT = Contract.load()
WIDTH = CONTRACT.text_dimension


def alike_texts(products: int, seed: int) -> np.ndarray:
    """(N, t) unit vectors that have most of their length in common, as texts of one shop."""
    rng = np.random.default_rng(seed)
    spread = rng.exponential(size=WIDTH) * rng.normal(size=(products, WIDTH))
    return unit_rows(2 * rng.normal(size=WIDTH) + 0.5 * spread).astype(np.float32)


def white(text: np.ndarray) -> np.ndarray:
    return Whitening(WIDTH).fit(text)(torch.from_numpy(text)).numpy()


def tower_of(text: np.ndarray):
    torch.manual_seed(2)
    model = BehaviourModel(Config(items=5, dimension=16, blocks=1), CONTRACT).eval()
    model.tower.whitening.fit(text)
    return model


def inputs_of(text: np.ndarray, ids: list[int]) -> dict[str, torch.Tensor]:
    tokens = torch.arange(len(text) * CONTRACT.tokens_per_item, dtype=torch.int32).reshape(len(text), -1) % 90
    return {
        "item_tokens": tokens,
        "item_text": torch.from_numpy(text),
        "item_price": torch.ones(len(text), dtype=torch.int32),
        "item_id": torch.tensor(ids, dtype=torch.int32),
    }


def test_whitened_texts_have_mean_zero_and_keep_their_mean_length():
    text = alike_texts(400, seed=1)
    came = white(text)
    np.testing.assert_allclose(came.mean(0), 0, atol=1e-4)
    assert np.linalg.norm(came, axis=1).mean() == pytest.approx(1, abs=1e-4)


def test_the_more_texts_there_are_the_more_even_is_their_variance():
    def unevenness(products: int) -> float:
        values = np.linalg.eigvalsh(np.cov(white(alike_texts(products, seed=3)).T))
        return values[-1] / values[-WIDTH // 2]

    few, many = unevenness(150), unevenness(20_000)
    assert many < 1.1 < few


def test_a_product_without_text_changes_no_other_and_stays_without():
    text = alike_texts(60, seed=4)
    gaps = np.concatenate([text, np.zeros((40, WIDTH), np.float32)])
    came = white(gaps)
    np.testing.assert_allclose(came[:60], white(text), atol=1e-5)
    assert not came[60:].any()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 3), st.integers(0, 3))
def test_few_or_equal_texts_give_finite_numbers(given, without):
    text = np.concatenate([np.ones((given, WIDTH)), np.zeros((without, WIDTH))]).astype(np.float32)
    assert np.isfinite(white(text)).all()


def test_an_untrained_tower_places_products_by_their_text():
    text = alike_texts(40, seed=5)
    inputs = inputs_of(text, [0] * 40)
    with torch.no_grad():
        direction = tower_of(text).tower(*inputs.values())[:, :-1]
        placed = (direction @ direction.T).numpy()
    told = unit_rows(white(text))
    apart = ~np.eye(40, dtype=bool)
    assert np.corrcoef(placed[apart], (told @ told.T)[apart])[0, 1] > 0.3


def test_another_shops_whitening_takes_the_place_of_the_models_own():
    text, other = alike_texts(40, seed=6), alike_texts(40, seed=7)
    model, inputs = tower_of(text), inputs_of(other, [0] * 40)
    with torch.no_grad():
        given = model.tower(*inputs.values(), whitening=Whitening(WIDTH).fit(other))
        expected = tower_of(other).tower(*inputs.values())
        unlike = model.tower(*inputs.values())
    torch.testing.assert_close(given, expected)
    assert not torch.allclose(given, unlike, atol=1e-2)


def check_graph(model, inputs, folder):
    """The exported tower takes these inputs, by these names, and places products as the model does."""
    write_graphs(model, CONTRACT, [], folder)
    graph = onnxruntime.InferenceSession(folder / "item_tower.onnx")
    assert [one.name for one in graph.get_inputs()] == list(inputs)
    came = graph.run(None, {name: one.numpy() for name, one in inputs.items()})[0]
    with torch.no_grad():
        expected = model.tower(*inputs.values()).numpy()
    np.testing.assert_allclose(came, expected, rtol=1e-4, atol=1e-5)


def test_the_graph_whitens_as_the_tower_does(tmp_path):
    text = alike_texts(5, seed=8)
    text[2] = 0
    model = tower_of(alike_texts(300, seed=9))
    inputs = inputs_of(text, [1, 2, 3, 0, 5])
    check_graph(model, inputs, tmp_path)


def tower_with_pictures(image: np.ndarray):
    torch.manual_seed(2)
    config = Config(items=5, dimension=16, blocks=1, image_dimension=image.shape[1])
    model = BehaviourModel(config, CONTRACT).eval()
    model.tower.image_whitening.fit(image)
    return model


def test_products_of_one_text_are_told_apart_by_their_pictures_and_by_nothing_without():
    image = np.random.default_rng(10).normal(size=(6, 8)).astype(np.float32)
    image[4:] = 0
    inputs = inputs_of(np.repeat(alike_texts(1, seed=11), 6, 0), [0] * 6)
    inputs["item_tokens"] = inputs["item_tokens"][:1].repeat(6, 1)
    model = tower_with_pictures(image)
    with torch.no_grad():
        placed = model.tower(*inputs.values(), torch.from_numpy(image))
        model.tower.image_straight.weight.zero_()
        alike = model.tower(*inputs.values(), torch.from_numpy(image))
    torch.testing.assert_close(placed[4:], alike[4:])
    apart = torch.pdist(placed[:4])
    assert apart.min() > 0.1
    assert torch.pdist(alike).max() < 1e-5


def test_the_graph_of_a_model_with_pictures_reads_them(tmp_path):
    image = np.random.default_rng(12).normal(size=(5, 8)).astype(np.float32)
    inputs = inputs_of(alike_texts(5, seed=13), [1, 2, 3, 0, 5]) | {"item_image": torch.from_numpy(image)}
    model = tower_with_pictures(image)
    check_graph(model, inputs, tmp_path)
