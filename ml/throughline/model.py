"""The behaviour model: an item tower, a causal transformer over events, and two heads.

    item vector   v_i = [ unit(text_i + id_i), bias_i ]                                        (D)
    shopper       s   = [ scale · unit(W h + Σ_k P_k Σ_t a_kt u_t), beta(h) ]                  (D)
    next item     softmax over s · v_i          next stage   softmax over W' h + c_type        (6)

h is the last state of a pre-norm transformer (SASRec, arXiv 1808.09781, with relative instead of absolute
positions, so a history reads the same wherever it starts). The sums over the history's item vectors u_t, with
weights a_kt that fall with distance and depend on the event's type, give the network item-to-item
co-occurrence from the first step on: the item vectors start from its singular vectors. Cosine logits and the
full softmax follow "Turning Dross Into Gold Loss" (arXiv 2309.07602) and the project's own measurements.
bias_i starts from the logarithm of popularity; beta(h) lets a shopper with little history lean on it.
The id vector is dropped at random in training, so text and price alone also place a product (cold start).

Limits: the vector has D numbers, so among thousands of products it cannot hold every pair that a neighbour
table can; the history is cut to L events.
"""

from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .contract import Contract


@dataclass
class Config:
    items: int  # products with an id vector
    dimension: int = 64  # D
    blocks: int = 2
    heads: int = 2
    pools: int = 2
    token_dimension: int = 64
    dropout: float = 0.2
    id_dropout: float = 0.3
    scale: float = 14.0  # 1 / .07

    def as_dict(self) -> dict:
        return asdict(self)


class ItemTower(nn.Module):
    def __init__(self, config: Config, contract: Contract):
        super().__init__()
        width = config.token_dimension
        self.tokens = nn.Embedding(contract.token_vocabulary, width)
        self.price = nn.Embedding(contract.price_vocabulary, width)
        self.norm = nn.LayerNorm(width)
        self.inner = nn.Linear(width, config.dimension)
        self.outer = nn.Linear(config.dimension, config.dimension)
        self.ids = nn.Embedding(config.items + 1, config.dimension)
        for table in (self.tokens, self.price, self.ids):
            nn.init.normal_(table.weight, std=0.02)
        nn.init.normal_(self.outer.weight, std=0.02)
        nn.init.zeros_(self.outer.bias)

    def forward(self, item_tokens: Tensor, item_price: Tensor, item_id: Tensor) -> Tensor:
        """(N, T), (N,), (N,) int32 -> (N, D)"""
        known = (item_tokens > 0).to(torch.float32).unsqueeze(-1)  # (N, T, 1)
        words = (self.tokens(item_tokens) * known).sum(1) / known.sum(1).clamp(min=1)  # (N, E)
        text = self.outer(F.gelu(self.inner(self.norm(words + self.price(item_price)))))  # (N, D)
        whole = text + self.ids(item_id) * (item_id > 0).to(torch.float32).unsqueeze(-1)
        direction = whole[:, :-1]  # (N, D - 1)
        direction = direction / (direction.pow(2).sum(1, keepdim=True) + 1e-12).sqrt()
        return torch.cat([direction, whole[:, -1:]], 1)


class Block(nn.Module):
    def __init__(self, config: Config, length: int):
        super().__init__()
        d = config.dimension
        self.heads = config.heads
        self.before_attention = nn.LayerNorm(d)
        self.query = nn.Linear(d, d)
        self.key_value = nn.Linear(d, 2 * d)
        self.merge = nn.Linear(d, d)
        self.distance = nn.Parameter(torch.zeros(config.heads, length))  # bias by how many events back
        self.before_inner = nn.LayerNorm(d)
        self.inner = nn.Linear(d, 4 * d)
        self.outer = nn.Linear(4 * d, d)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: Tensor, seen: Tensor, back: Tensor) -> Tensor:
        """x (B, L, d); seen (B, Q, L) bool: what each query may read; back (Q, L): events back, >= 0.
        Q = L, or 1 for the last place alone. Returns (B, Q, d)."""
        batch = x.shape[0]
        length, d, places = int(x.shape[1]), int(x.shape[2]), int(back.shape[0])
        normed = self.before_attention(x)
        q = self.query(normed[:, length - places :])  # (B, Q, d)
        k, v = self.key_value(normed).split(d, -1)
        q = q.view(batch, places, self.heads, -1).transpose(1, 2)  # (B, H, Q, d/H)
        k = k.view(batch, length, self.heads, -1).transpose(1, 2)
        v = v.view(batch, length, self.heads, -1).transpose(1, 2)
        weight = q @ k.transpose(2, 3) * (d // self.heads) ** -0.5  # (B, H, Q, L)
        weight = weight + self.distance[:, back]
        weight = weight.masked_fill(~seen.unsqueeze(1), -1e9).softmax(-1)
        read = (self.dropout(weight) @ v).transpose(1, 2).reshape(batch, places, d)
        x = x[:, length - places :] + self.dropout(self.merge(read))
        return x + self.dropout(self.outer(F.gelu(self.inner(self.before_inner(x)))))


class Encoder(nn.Module):
    def __init__(self, config: Config, contract: Contract):
        super().__init__()
        d = config.dimension
        length = contract.history_length
        self.columns = contract.columns
        self.item = nn.Linear(d - 1, d)
        self.tables = nn.ModuleDict(
            {name: nn.Embedding(size, d) for name, size in contract.vocabularies.items()}
        )
        for table in self.tables.values():
            nn.init.normal_(table.weight, std=0.1)
        self.blocks = nn.ModuleList(Block(config, length) for _ in range(config.blocks))
        self.norm = nn.LayerNorm(d)
        self.direction = nn.Linear(d, d - 1)
        nn.init.normal_(self.direction.weight, std=0.01)
        self.trust = nn.Linear(d, 1)  # of popularity
        nn.init.zeros_(self.trust.weight)
        nn.init.constant_(self.trust.bias, 0.5)
        self.stage = nn.Linear(d, len(contract.stages))
        nn.init.normal_(self.stage.weight, std=0.01)
        nn.init.zeros_(self.stage.bias)
        # What followed the last event's type, learned from on: the head starts as the transition table.
        self.stage_after = nn.Embedding(contract.vocabularies["event_type"], len(contract.stages))
        self.log_scale = nn.Parameter(torch.tensor(config.scale).log())
        self.pool_type = nn.Parameter(torch.zeros(config.pools, contract.vocabularies["event_type"]))
        slope = torch.linspace(1.5, 0.3, config.pools)[:, None]  # neighbours' decay, and a slow one
        self.pool_distance = nn.Parameter(-slope * torch.arange(1, length + 1).float().log())
        self.pool_mix = nn.Parameter(torch.eye(d - 1).repeat(config.pools, 1, 1) / config.pools)
        self.dropout = nn.Dropout(config.dropout)
        self.reach, self.width = length, d

    def forward(
        self, item_vectors: Tensor, columns: dict[str, Tensor], last_only: bool
    ) -> tuple[Tensor, Tensor]:
        """item_vectors (R, D), row 0 zeros; columns (B, L) int32 -> shopper vectors (B, Q, D), stage logits
        (B, Q, 6); Q = L, or 1 with last_only."""
        item, kind = columns["event_item"], columns["event_type"]
        batch, length = item.shape[0], int(item.shape[1])
        vectors = item_vectors.index_select(0, item.reshape(-1)).view(batch, length, self.width)[:, :, :-1]
        x = self.item(vectors * self.width**0.5)  # (B, L, d)
        for name, table in self.tables.items():
            x = x + table(columns[name])
        x = self.dropout(x)
        place = torch.arange(length, device=item.device)
        back = place[:, None] - place[None, :]  # (L, L)
        causal = back >= 0
        # Padding is read by itself alone, so that its row of the softmax is defined.
        seen = (causal & (kind > 0).unsqueeze(1)) | (back == 0)  # (B, L, L)
        back = back.clamp(0, self.reach - 1)
        for number, block in enumerate(self.blocks):
            if last_only and number == len(self.blocks) - 1:
                x = block(x, seen[:, -1:], back[-1:])
            else:
                x = block(x, seen, back)
        if last_only and len(self.blocks) == 0:
            x = x[:, -1:]
        h = self.norm(x)  # (B, Q, d)
        with_item = causal & (item > 0).unsqueeze(1)
        if last_only:
            with_item, back = with_item[:, -1:], back[-1:]
        direction = self.direction(h)  # (B, Q, D - 1)
        for pool in range(self.pool_mix.shape[0]):
            weight = self.pool_type[pool][kind].unsqueeze(1) + self.pool_distance[pool][back]  # (B, Q, L)
            weight = weight.clamp(-20, 20).exp() * with_item.to(torch.float32)
            weight = weight / (weight.sum(-1, keepdim=True) + 1e-9)
            direction = direction + (weight @ vectors) @ self.pool_mix[pool]
        direction = direction / (direction.pow(2).sum(-1, keepdim=True) + 1e-12).sqrt()
        scale = self.log_scale.clamp(max=4.0).exp()
        shopper = torch.cat([direction * scale, F.softplus(self.trust(h))], -1)
        last = kind[:, -1:] if last_only else kind
        return shopper, self.stage(h) + self.stage_after(last)


class BehaviourModel(nn.Module):
    def __init__(self, config: Config, contract: Contract):
        super().__init__()
        self.config = config
        self.tower = ItemTower(config, contract)
        self.encoder = Encoder(config, contract)

    def item_vectors(self, tokens: Tensor, price: Tensor, ids: Tensor) -> Tensor:
        """(N, T), (N,), (N,) -> (N + 1, D) with row 0 = no product"""
        vectors = self.tower(tokens, price, ids)
        return torch.cat([torch.zeros(1, vectors.shape[1]), vectors])
