"""The item tower: what places a product, from its words, its text vector, its price and its id.

    words_i   mean of the hashed words' vectors + price's                                             (E)
    text_i    given_i · S · white(t_i), t_i the product's text vector, S linear and orthogonal at first
    v_i       [ unit((outer(gelu(inner(norm(words_i)))) + text_i + id_i)[: D - 1]), bias_i ]          (D)

The text vector (ml/text-encoder) says what words mean in any shop; the hashed words say which of them count
in this one, so the tower reads both. All texts of a shop resemble each other, so a text is first whitened by
its shop's catalogue, as in UniSRec (arXiv 2206.05941): else what they have in common outweighs what tells
products apart. `outer` starts near zero: an untrained tower places products by their text.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .contract import Contract
from .data import Log

SHRINKAGE_PRODUCTS = 100  # so many texts are trusted by half, the rest is even variance


class Whitening(nn.Module):
    """ZCA of a shop's texts: they get the mean 0 and, but for the shrinkage, even variance in all directions,
    and keep their mean length. Mean and matrix are constants of the graph. Unfitted, it changes nothing."""

    def __init__(self, dimension: int):
        super().__init__()
        self.register_buffer("mean", torch.zeros(dimension))
        self.register_buffer("matrix", torch.eye(dimension))

    def fit(self, item_text: np.ndarray) -> "Whitening":
        """item_text (N, t), rows of zeros = no text. Unchanged where texts do not differ."""
        text = item_text[np.abs(item_text).sum(1) > 0].astype(np.float64)
        if len(text) == 0:
            return self
        mean = text.mean(0)
        covariance = (text - mean).T @ (text - mean) / len(text)
        even = np.trace(covariance) / len(mean)
        if even < 1e-9:
            return self
        share = SHRINKAGE_PRODUCTS / (SHRINKAGE_PRODUCTS + len(text))
        values, vectors = np.linalg.eigh((1 - share) * covariance + share * even * np.eye(len(mean)))
        matrix = vectors / np.sqrt(values) @ vectors.T
        length = np.linalg.norm(text, axis=1).mean() / np.linalg.norm((text - mean) @ matrix, axis=1).mean()
        self.mean.copy_(torch.from_numpy(mean))
        self.matrix.copy_(torch.from_numpy(matrix * length))
        return self

    def forward(self, item_text: Tensor) -> Tensor:
        """(N, t) -> (N, t); no text stays no text"""
        given = (item_text.abs().sum(1, keepdim=True) > 0).to(torch.float32)  # (N, 1)
        return (item_text - self.mean) @ self.matrix * given


def whitening_of(log: Log) -> Whitening:
    """By the log's whole catalogue: texts say nothing of what shoppers did."""
    return Whitening(log.item_text.shape[1]).fit(log.item_text[1:])


class ItemTower(nn.Module):
    def __init__(self, items: int, dimension: int, token_dimension: int, contract: Contract):
        super().__init__()
        self.tokens = nn.Embedding(contract.token_vocabulary, token_dimension)
        self.price = nn.Embedding(contract.price_vocabulary, token_dimension)
        self.norm = nn.LayerNorm(token_dimension)
        self.inner = nn.Linear(token_dimension, dimension)
        # No bias: what all products have in common changes no ranking.
        self.outer = nn.Linear(dimension, dimension, bias=False)
        self.whitening = Whitening(contract.text_dimension)
        self.straight = nn.Linear(contract.text_dimension, dimension - 1, bias=False)
        self.ids = nn.Embedding(items + 1, dimension)
        for table in (self.tokens, self.price, self.ids):
            nn.init.normal_(table.weight, std=0.02)
        nn.init.normal_(self.outer.weight, std=0.001)
        nn.init.orthogonal_(self.straight.weight)

    def forward(
        self,
        item_tokens: Tensor,
        item_text: Tensor,
        item_price: Tensor,
        item_id: Tensor,
        whitening: Whitening | None = None,
    ) -> Tensor:
        """(N, T) int32, (N, t) float32, (N,), (N,) int32 -> (N, D). `whitening`: of another shop than the
        model's own."""
        known = (item_tokens > 0).to(torch.float32).unsqueeze(-1)  # (N, T, 1)
        words = (self.tokens(item_tokens) * known).sum(1) / known.sum(1).clamp(min=1)  # (N, E)
        placed = self.outer(F.gelu(self.inner(self.norm(words + self.price(item_price)))))  # (N, D)
        whole = placed + self.ids(item_id) * (item_id > 0).to(torch.float32).unsqueeze(-1)
        direction = whole[:, :-1] + self.straight((whitening or self.whitening)(item_text))  # (N, D - 1)
        direction = direction / (direction.pow(2).sum(1, keepdim=True) + 1e-12).sqrt()
        return torch.cat([direction, whole[:, -1:]], 1)
