"""Mean cross-entropy over the whole catalogue without a tensor of positions × products.

Positions go through in chunks; each chunk's gradient is computed in the forward pass, so nothing is kept but
the two gradients. Products of matrices are in bfloat16 where the processor has it (twice as fast there), sums
in float32.
"""

import math

import torch
from torch import Tensor

CHUNK = 512  # positions: the chunk's logits stay in the cache's reach for catalogues of 10,000 products
HALF = torch.bfloat16 if torch.cpu._is_avx512_bf16_supported() else torch.float32


class FullSoftmax(torch.autograd.Function):
    @staticmethod
    def forward(ctx, states: Tensor, items: Tensor, target: Tensor) -> Tensor:
        """states (P, D), items (K, D), target (P,) of 0 .. K - 1 → mean loss ()."""
        positions = len(states)
        items_half, states_half = items.detach().to(HALF), states.detach().to(HALF)
        states_gradient = torch.empty_like(states)
        items_gradient = torch.zeros_like(items)
        total = 0.0
        for start in range(0, positions, CHUNK):
            chunk = states_half[start : start + CHUNK]
            own = target[start : start + CHUNK, None]
            logits = (chunk @ items_half.T).float()  # (C, K)
            top = logits.amax(1, keepdim=True)
            total -= float(logits.gather(1, own).sum())
            sums = logits.sub_(top).exp_().sum(1, keepdim=True)
            total += float((sums.log() + top).sum())
            logits.div_(sums * positions)  # now the gradient of the mean loss, but for the target
            logits.scatter_add_(1, own, torch.full_like(sums, -1 / positions))
            half = logits.to(HALF)
            states_gradient[start : start + CHUNK] = half @ items_half
            items_gradient += half.T @ chunk
        ctx.save_for_backward(states_gradient, items_gradient)
        return torch.tensor(total / positions)

    @staticmethod
    def backward(ctx, gradient: Tensor):
        states_gradient, items_gradient = ctx.saved_tensors
        return states_gradient * gradient, items_gradient * gradient, None


def sampled_softmax(states: Tensor, items: Tensor, target: Tensor, negatives: int) -> Tensor:
    """The same against uniform negatives shared by the batch, each standing for K / negatives products."""
    drawn = torch.randint(len(items), (negatives,))
    own = (states * items[target]).sum(1, keepdim=True)
    others = states @ items[drawn].T + math.log(len(items) / negatives)
    others = others.masked_fill(drawn[None, :] == target[:, None], -1e9)
    return torch.nn.functional.cross_entropy(
        torch.cat([own, others], 1), torch.zeros(len(own), dtype=torch.long)
    )
