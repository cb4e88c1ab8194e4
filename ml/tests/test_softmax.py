import pytest
import torch
import torch.nn.functional as F

from throughline import softmax


def questions(positions: int, products: int, width: int):
    torch.manual_seed(0)
    target = torch.randint(products, (positions,))
    left_out = torch.where(torch.arange(positions) % 3 == 0, -1, (target + 1) % products)
    states, items = (torch.randn(count, width, requires_grad=True) for count in (positions, products))
    return states, items, target, left_out


def plain(states, items, target, left_out):
    logits = states @ items.T
    rows = torch.nonzero(left_out >= 0).squeeze(1)
    return F.cross_entropy(logits.index_put((rows, left_out[rows]), torch.tensor(-torch.inf)), target)


def compared(states, items, target, left_out):
    """Loss and gradients: of cross-entropy, and ours."""
    expected = plain(states, items, target, left_out)
    loss = softmax.next_item_loss(states, items, target, left_out)
    both = [(one.detach(), *torch.autograd.grad(one, (states, items))) for one in (expected, loss)]
    return zip(*both, strict=True)


def test_full_softmax_has_the_loss_and_the_gradients_of_cross_entropy(monkeypatch):
    monkeypatch.setattr(softmax, "CHUNK", 3)  # several chunks, the last not full
    for wanted, found in compared(*questions(7, 5, 4)):
        torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-6)


def test_a_large_catalogue_costs_no_more_than_half_precision_does():
    states, items, target, left_out = questions(40, softmax.HALF_FROM, 16)
    for wanted, found in compared(states, items, target, left_out):
        assert float((found - wanted).norm() / wanted.norm()) < 0.02


def test_nothing_left_out_is_the_whole_catalogue():
    states, items, target, _ = questions(7, 5, 4)
    expected = F.cross_entropy(states @ items.T, target)
    found = softmax.next_item_loss(states, items, target)
    torch.testing.assert_close(found.detach(), expected.detach(), rtol=1e-5, atol=0)


def test_sampled_softmax_estimates_the_full_one():
    states, items, target, left_out = questions(50, 400, 8)
    full = plain(states, items, target, left_out).detach()
    drawn = [softmax.sampled_softmax(states, items, target, left_out, 2_000) for _ in range(20)]
    assert float(torch.stack(drawn).mean().detach()) == pytest.approx(float(full), rel=0.03)


def test_negatives_come_from_the_generator(monkeypatch):
    monkeypatch.setattr(softmax, "FULL_MOST", 100)
    asked = questions(20, 400, 8)
    first, second, third = (
        float(softmax.next_item_loss(*asked, torch.Generator().manual_seed(seed))) for seed in (1, 1, 2)
    )
    assert first == second != third
