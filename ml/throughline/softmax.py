"""The loss of the next product: mean cross-entropy over the catalogue, without positions × products held.

Positions go through in chunks; each chunk's gradient is computed in the forward pass, so nothing is kept but
the two gradients. From HALF_FROM products on, products of matrices are in bfloat16 where the processor has it
(twice as fast there), sums in float32. Above FULL_MOST products uniform negatives stand for the rest.
"""

import math

import torch
from torch import Tensor

FULL_MOST = 25_000  # products
NEGATIVES = 2_048
HALF_FROM = 4_000  # products; below, the other parts of a step take the time
CHUNK = 512  # positions: the chunk's logits stay in the cache's reach for catalogues of 10,000 products
HALF = torch.bfloat16 if torch.cpu._is_avx512_bf16_supported() else torch.float32


def next_item_loss(
    states: Tensor,
    items: Tensor,
    target: Tensor,
    left_out: Tensor | None = None,
    generator: torch.Generator | None = None,
) -> Tensor:
    """states (P, D), items (K, D), target (P,) of 0 .. K - 1, left_out (P,) a product that is no answer, -1 =
    none → mean loss (). `generator`: of the negatives, where they are drawn."""
    if left_out is None:
        left_out = torch.full_like(target, -1)
    if len(items) <= FULL_MOST:
        return FullSoftmax.apply(states, items, target, left_out)
    return sampled_softmax(states, items, target, left_out, NEGATIVES, generator)


class FullSoftmax(torch.autograd.Function):
    @staticmethod
    def forward(ctx, states: Tensor, items: Tensor, target: Tensor, left_out: Tensor) -> Tensor:
        positions = len(states)
        kind = HALF if len(items) >= HALF_FROM else torch.float32
        items_half, states_half = items.detach().to(kind), states.detach().to(kind)
        states_gradient = torch.empty_like(states)
        items_gradient = torch.zeros_like(items)
        total = 0.0
        for start in range(0, positions, CHUNK):
            chunk = states_half[start : start + CHUNK]
            own = target[start : start + CHUNK, None]
            out = left_out[start : start + CHUNK]
            rows = torch.nonzero(out >= 0).squeeze(1)
            logits = (chunk @ items_half.T).float()  # (C, K)
            logits[rows, out[rows]] = -torch.inf
            top = logits.amax(1, keepdim=True)
            total -= float(logits.gather(1, own).sum())
            sums = logits.sub_(top).exp_().sum(1, keepdim=True)
            total += float((sums.log() + top).sum())
            logits.div_(sums * positions)  # now the gradient of the mean loss, but for the target
            logits.scatter_add_(1, own, torch.full_like(sums, -1 / positions))
            half = logits.to(kind)
            states_gradient[start : start + CHUNK] = half @ items_half
            items_gradient += half.T @ chunk
        ctx.save_for_backward(states_gradient, items_gradient)
        return torch.tensor(total / positions)

    @staticmethod
    def backward(ctx, gradient: Tensor):
        states_gradient, items_gradient = ctx.saved_tensors
        return states_gradient * gradient, items_gradient * gradient, None, None


def sampled_softmax(
    states: Tensor,
    items: Tensor,
    target: Tensor,
    left_out: Tensor,
    negatives: int,
    generator: torch.Generator | None = None,
) -> Tensor:
    """The same against uniform negatives shared by the batch, each standing for K / negatives products."""
    drawn = torch.randint(len(items), (negatives,), generator=generator)
    own = (states * items[target]).sum(1, keepdim=True)
    others = states @ items[drawn].T + math.log(len(items) / negatives)
    hit = (drawn[None, :] == target[:, None]) | (drawn[None, :] == left_out[:, None])
    others = others.masked_fill(hit, -1e9)
    return torch.nn.functional.cross_entropy(
        torch.cat([own, others], 1), torch.zeros(len(own), dtype=torch.long)
    )
