"""The item tower: what places a product, from its words, its text vector, its price, its id and, where the
rows have one, its picture.

    words_i   mean of the hashed words' vectors + price's                                             (E)
    text_i    given_i · S · white(t_i), t_i the product's text vector, S linear and orthogonal at first
    image_i   the same of the picture's vector, by a map of its own; none in a model without pictures
    v_i       [ unit((outer(gelu(inner(norm(words_i)))) + text_i + image_i + id_i)[: D - 1]), bias_i ]  (D)

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

SHRINKAGE_PRODUCTS = 100  # so many vectors are trusted by half, the rest is even variance


class Whitening(nn.Module):
    """ZCA of a shop's texts or pictures: they get the mean 0 and, but for the shrinkage, even variance in all
    directions, and keep their mean length. Mean and matrix are constants of the graph. Unfitted, it changes
    nothing."""

    def __init__(self, dimension: int):
        super().__init__()
        self.register_buffer("mean", torch.zeros(dimension))
        self.register_buffer("matrix", torch.eye(dimension))

    def fit(self, rows: np.ndarray) -> "Whitening":
        """(N, t), rows of zeros = not given. Unchanged where rows do not differ."""
        given = rows[np.abs(rows).sum(1) > 0].astype(np.float64)
        if len(given) == 0:
            return self
        mean = given.mean(0)
        covariance = (given - mean).T @ (given - mean) / len(given)
        even = np.trace(covariance) / len(mean)
        if even < 1e-9:
            return self
        share = SHRINKAGE_PRODUCTS / (SHRINKAGE_PRODUCTS + len(given))
        values, vectors = np.linalg.eigh((1 - share) * covariance + share * even * np.eye(len(mean)))
        matrix = vectors / np.sqrt(values) @ vectors.T
        length = np.linalg.norm(given, axis=1).mean() / np.linalg.norm((given - mean) @ matrix, axis=1).mean()
        self.mean.copy_(torch.from_numpy(mean))
        self.matrix.copy_(torch.from_numpy(matrix * length))
        return self

    def forward(self, rows: Tensor) -> Tensor:
        """(N, t) -> (N, t); a row of zeros stays one"""
        given = (rows.abs().sum(1, keepdim=True) > 0).to(torch.float32)  # (N, 1)
        return (rows - self.mean) @ self.matrix * given


def whitening_of(log: Log) -> Whitening:
    """By the log's whole catalogue: texts say nothing of what shoppers did."""
    return Whitening(log.item_text.shape[1]).fit(log.item_text[1:])


class ItemTower(nn.Module):
    def __init__(
        self, items: int, dimension: int, token_dimension: int, image_dimension: int, contract: Contract
    ):
        """`image_dimension`: numbers in a picture's vector, 0 = it reads no pictures."""
        super().__init__()
        # Row 0, no word, stays zero: sums over a product's words need no mask.
        self.tokens = nn.Embedding(contract.token_vocabulary, token_dimension, padding_idx=0)
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
        with torch.no_grad():
            self.tokens.weight[0] = 0
        nn.init.normal_(self.outer.weight, std=0.001)
        nn.init.orthogonal_(self.straight.weight)
        self.image_dimension = image_dimension
        if image_dimension:
            self.image_whitening = Whitening(image_dimension)
            self.image_straight = nn.Linear(image_dimension, dimension - 1, bias=False)
            nn.init.orthogonal_(self.image_straight.weight)

    def forward(
        self,
        item_tokens: Tensor,
        item_text: Tensor,
        item_price: Tensor,
        item_id: Tensor,
        item_image: Tensor | None = None,
        whitening: Whitening | None = None,
    ) -> Tensor:
        """(N, T) int32, (N, t) float32, (N,), (N,) int32, (N, k) float32 -> (N, D). `item_image`: read where
        the model has pictures. `whitening`: of the texts of another shop than the model's own."""
        known = (item_tokens > 0).to(torch.float32).sum(1, keepdim=True)  # (N, 1)
        words = self.tokens(item_tokens).sum(1) / known.clamp(min=1)  # (N, E)
        placed = self.outer(F.gelu(self.inner(self.norm(words + self.price(item_price)))))  # (N, D)
        whole = placed + self.ids(item_id) * (item_id > 0).to(torch.float32).unsqueeze(-1)
        direction = whole[:, :-1] + self.straight((whitening or self.whitening)(item_text))  # (N, D - 1)
        if self.image_dimension:
            direction = direction + self.image_straight(self.image_whitening(item_image))
        direction = direction / (direction.pow(2).sum(1, keepdim=True) + 1e-12).sqrt()
        return torch.cat([direction, whole[:, -1:]], 1)
