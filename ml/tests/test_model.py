import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from throughline.contract import Contract
from throughline.model import BehaviourModel, Config

CONTRACT = Contract.load()
ROWS = 9


def small_model() -> tuple[BehaviourModel, torch.Tensor]:
    torch.manual_seed(7)
    model = BehaviourModel(Config(items=ROWS, dimension=16), CONTRACT).eval()
    # Away from the start, where some parts are still zero.
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    vectors = torch.cat([torch.zeros(1, 16), torch.randn(ROWS, 16)])
    return model, vectors


MODEL, VECTORS = small_model()


def history(seed: int, length: int, batch: int = 2) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    sizes = {"event_item": ROWS + 1, **CONTRACT.vocabularies}
    columns = {
        name: torch.randint(0, size, (batch, length), generator=generator, dtype=torch.int32)
        for name, size in sizes.items()
    }
    columns["event_type"].clamp_(min=1)
    return columns


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 12), st.data())
def test_later_events_never_change_earlier_outputs(seed, length, data):
    place = data.draw(st.integers(0, length - 2))
    first, second = history(seed, length), history(seed + 1, length)
    mixed = {
        name: torch.cat([first[name][:, : place + 1], second[name][:, place + 1 :]], 1) for name in first
    }
    with torch.no_grad():
        a = MODEL.encoder(VECTORS, first, last_only=False)
        b = MODEL.encoder(VECTORS, mixed, last_only=False)
    for one, other in zip(a, b, strict=True):
        torch.testing.assert_close(one[:, : place + 1], other[:, : place + 1], rtol=1e-4, atol=1e-5)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 12), st.integers(1, 20))
def test_padding_on_the_left_changes_nothing(seed, length, padding):
    columns = history(seed, length)
    padded = {
        name: torch.cat([torch.zeros(2, padding, dtype=torch.int32), one], 1) for name, one in columns.items()
    }
    with torch.no_grad():
        a = MODEL.encoder(VECTORS, columns, last_only=False)
        b = MODEL.encoder(VECTORS, padded, last_only=False)
    for one, other in zip(a, b, strict=True):
        torch.testing.assert_close(one, other[:, padding:], rtol=1e-4, atol=1e-5)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 12))
def test_the_served_path_gives_the_last_place_of_the_full_one(seed, length):
    columns = history(seed, length)
    with torch.no_grad():
        full = MODEL.encoder(VECTORS, columns, last_only=False)
        last = MODEL.encoder(VECTORS, columns, last_only=True)
    for one, other in zip(full, last, strict=True):
        torch.testing.assert_close(one[:, -1:], other, rtol=1e-4, atol=1e-5)


def test_a_shopper_without_events_gets_a_vector():
    empty = {name: torch.zeros_like(one) for name, one in history(1, CONTRACT.history_length).items()}
    with torch.no_grad():
        outputs = MODEL.encoder(VECTORS, empty, last_only=True)
    for one in outputs:
        assert torch.isfinite(one).all()


def test_being_told_the_behaviour_turns_the_shopper_and_nothing_else():
    columns = history(3, 6)
    told = torch.zeros(2, 6, dtype=torch.long)
    told[:, -1] = 8
    with torch.no_grad():
        plain = MODEL.encoder(VECTORS, columns, last_only=False)
        turned = MODEL.encoder(VECTORS, columns, last_only=False, behaviour=told)
    assert not torch.allclose(plain.shopper_vector[:, -1], turned.shopper_vector[:, -1], atol=1e-3)
    torch.testing.assert_close(plain.shopper_vector[:, :-1], turned.shopper_vector[:, :-1])
    for one, other in zip(plain[1:], turned[1:], strict=True):
        torch.testing.assert_close(one, other)


def test_spend_has_a_spread_above_zero():
    with torch.no_grad():
        assert (MODEL.encoder(VECTORS, history(5, 9), last_only=True).spend[..., 2] > 0).all()


@pytest.mark.parametrize("identity", [0, 3])
def test_an_item_vector_has_unit_direction_with_or_without_an_id(identity):
    tokens = torch.arange(1, CONTRACT.tokens_per_item + 1, dtype=torch.int32)[None]
    text = torch.ones(1, CONTRACT.text_dimension)
    with torch.no_grad():
        vector = MODEL.tower(tokens, text, torch.tensor([2]), torch.tensor([identity]))
    torch.testing.assert_close(vector[:, :-1].norm(dim=1), torch.ones(1), rtol=1e-4, atol=1e-4)
