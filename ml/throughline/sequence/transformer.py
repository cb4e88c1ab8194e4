"""SASRec (arXiv 1808.09781) with cosine logits, started from co-occurrence; and the same with pooled history.

    s = unit(h)                                             plain
    s = unit(unit(h) + Σ_k P_k Σ_t (1 + distance_t)^-a_k unit(e_t))   pooled
    next product: softmax over s · unit(e_i) / .07, full (arXiv 2309.07602)

h is the last state of one causal pre-norm block over the history's item vectors e_t. The pooled sums hand the
network what item-to-item neighbours say, each pool with a decay of its own; they learn faster and overfit
more, hence the higher dropout. The two err differently: together they are worth more than two seeds of one.
Start of the vectors: log1p(C_ij ΣC / (r_i r_j)) of co-occurrence (gap^-.75, both ways), rank D, U√S at root
mean square .05.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .neighbours import cooccurrence
from .questions import HISTORY, Sequences


@dataclass(frozen=True)
class Shape:
    pools: int = 0
    dropout: float = 0.3
    dimension: int = 128  # D
    heads: int = 2
    temperature: float = 0.07


class Block(nn.Module):
    def __init__(self, shape: Shape):
        super().__init__()
        width = shape.dimension
        self.heads, self.dropout = shape.heads, shape.dropout
        self.attention_norm, self.inner_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.mix, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.inner, self.outer = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.drop = nn.Dropout(shape.dropout)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        batch, length, width = x.shape
        mixed = self.mix(self.attention_norm(x)).view(batch, length, 3, self.heads, width // self.heads)
        query, key, value = mixed.permute(2, 0, 3, 1, 4)  # (B, H, T, D / H) each
        dropped = self.dropout if self.training else 0.0
        read = F.scaled_dot_product_attention(query, key, value, attn_mask=mask, dropout_p=dropped)
        x = x + self.drop(self.out(read.transpose(1, 2).reshape(batch, length, width)))
        return x + self.drop(self.outer(self.drop(F.gelu(self.inner(self.inner_norm(x))))))


class SequenceNet(nn.Module):
    def __init__(self, items: int, shape: Shape):
        super().__init__()
        self.shape = shape
        width = shape.dimension
        self.item = nn.Embedding(items + 1, width)
        self.place = nn.Embedding(HISTORY, width)
        self.block, self.norm = Block(shape), nn.LayerNorm(width)
        self.drop = nn.Dropout(shape.dropout)
        nn.init.normal_(self.place.weight, std=0.02)
        self.decay = nn.Parameter(torch.tensor([0.3, 1.0, 2.0, 0.0][: shape.pools]))
        self.pool = nn.ModuleList([nn.Linear(width, width, bias=False) for _ in range(shape.pools)])
        for pool in self.pool:
            nn.init.eye_(pool.weight)
            pool.weight.data *= 0.3

    def forward(self, history: Tensor) -> Tensor:
        """history (B, T), right-aligned, 0 = padding → states (B, T, D), to be multiplied with `vectors`."""
        length = history.shape[1]
        embedded = self.item(history)
        x = self.drop(embedded * self.shape.dimension**0.5 + self.place.weight[HISTORY - length :])
        causal = torch.ones(length, length, dtype=torch.bool).tril()
        # Padding sees itself, so that no row of the softmax is empty.
        open_to = causal & (history > 0)[:, None, None, :] | torch.eye(length, dtype=torch.bool)
        x = self.norm(self.block(x, torch.zeros(open_to.shape).masked_fill_(~open_to, -1e9)))
        x = F.normalize(x, dim=-1)
        if self.shape.pools:
            steps = torch.arange(length)
            distance = (steps[:, None] - steps[None, :]).clamp(min=0).float()
            present = (history > 0).unsqueeze(-1).float()
            unit = F.normalize(embedded, dim=-1) * present
            for decay, pool in zip(self.decay, self.pool, strict=True):
                share = torch.exp(-F.softplus(decay) * torch.log1p(distance)) * causal  # (T, T)
                x = x + pool(self.drop(share @ unit))
            x = F.normalize(x, dim=-1)
        return x / self.shape.temperature

    def vectors(self) -> Tensor:
        """(N + 1, D)"""
        return F.normalize(self.item.weight, dim=-1)


def started(training: Sequences, shape: Shape, seed: int) -> SequenceNet:
    torch.manual_seed(seed)
    net = SequenceNet(training.items, shape)
    counts = cooccurrence(training, 0.75, 1.0).tocoo()
    vectors = torch.zeros(training.items + 1, shape.dimension)
    if counts.nnz:
        row = np.bincount(counts.row, counts.data, minlength=training.items + 1)
        value = np.log1p(counts.data * (counts.data.sum() / (row[counts.row] * row[counts.col])))
        place = torch.from_numpy(np.stack([counts.row, counts.col]).astype(np.int64))
        matrix = torch.sparse_coo_tensor(
            place, torch.from_numpy(value).float(), counts.shape, check_invariants=False
        ).coalesce()
        rank = min(shape.dimension, training.items)
        u, s, _ = torch.svd_lowrank(matrix, q=min(rank + 16, training.items + 1), niter=4)
        vectors[:, :rank] = (u * s.sqrt())[:, :rank]
        size = vectors[torch.from_numpy(row > 0)].square().mean().sqrt().clamp(min=1e-9)
        vectors *= 0.05 / size
    with torch.no_grad():
        net.item.weight.copy_(vectors + 0.02 * torch.randn(vectors.shape))
        net.item.weight[torch.from_numpy(training.popularity() == 0)] = 0  # never trained on
    return net


def learning_rate(step: int, total: int, peak: float) -> float:
    """5 % warm-up, then a cosine down to 2 %."""
    warm = max(1, round(total * 0.05))
    if step < warm:
        return peak * (step + 1) / warm
    through = (step - warm) / max(1, total - warm)
    return peak * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * through)))
