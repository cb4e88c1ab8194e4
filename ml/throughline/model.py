"""The behaviour model: an item tower, a causal transformer over events, and a head a question.

    item vector   v_i = [ unit(words_i + text_i + image_i + id_i), bias_i ], by the item tower       (D)
    shopper       s   = [ scale · unit(W h + Σ_b q_b B_b + Σ_k P_k Σ_t a_kt u_t), beta(h) ]          (D)
    next item     softmax over s · v_i
    what follows  W_j g + c_type, g = gelu(W' h): next stage (6), next type (K), time to it (7), whether the
                  visit still buys (1), when the shopper comes back (7 hazards), spend (3)

h is the last state of a pre-norm transformer (SASRec, arXiv 1808.09781, with relative instead of absolute
positions, so a history reads the same wherever it starts). The sums over the history's item vectors u_t, with
weights a_kt that fall with distance and depend on the event's type, give the network item-to-item
co-occurrence from the first step on: the item vectors start from its singular vectors. Cosine logits and the
full softmax follow "Turning Dross Into Gold Loss" (arXiv 2309.07602) and the project's own measurements.
The next item is read off the behaviour that turns to it (MBGen, arXiv 2405.16871): q is how likely each type
of event is to be that behaviour, B_b what it adds to the direction; in training the behaviour is told at
times. Each head's c, by the type of the last event, starts as the table of what followed that type: a head
begins where its baseline ends. Returns are hazards of successive spans of days, so that a shopper whom the
log leaves early still teaches the spans that it covers. Spend is zero or log-normal (arXiv 1912.07753).
bias_i starts from the logarithm of popularity; beta(h) lets a shopper with little history lean on it. The id
vector is dropped at random in training, so text and price alone also place a product (cold start).

Limits: the vector has D numbers, so among thousands of products it cannot hold every pair that a neighbour
table can; the history is cut to L events.
"""

from dataclasses import asdict, dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .contract import Contract
from .item_tower import ItemTower, Whitening


@dataclass
class Config:
    items: int  # products with an id vector
    dimension: int = 64  # D
    blocks: int = 2
    heads: int = 2
    pools: int = 2
    token_dimension: int = 64
    dropout: float = 0.2
    id_dropout: float = 0.3  # of products that words tell apart too
    pool_dropout: float = 0.0  # of what a pool reads
    current_left_out: bool = True  # of the products that the next one is told from, the one looked at
    led_through: bool = False  # at the start the last product's vector goes through the blocks unchanged
    weight_decay: float = 0.0
    scale: float = 14.0  # 1 / .07
    image_dimension: int = 0  # numbers in the vector of a product's picture, 0 = it reads no pictures

    def as_dict(self) -> dict:
        return asdict(self)


SPEND_PARAMETERS = 3  # logit of any spend, mean and raw spread of the logarithm of its cents


class Outputs(NamedTuple):
    """What the encoder says after each place: (B, Q, ...). All but the first and the last are logits."""

    shopper_vector: Tensor  # D
    next_stage_logits: Tensor  # 6
    next_type_logits: Tensor  # K event types, 0 = the visit ends
    step_gap_logits: Tensor  # G, given that the visit goes on
    intent_logit: Tensor  # 1
    return_hazard_logits: Tensor  # R, of each span of days, given no return before it
    spend: Tensor  # 3: logit of any, mean and standard deviation of log cents
    behaviour_logits: Tensor  # K, the type of the event that turns to the next item; not served

    def last(self) -> "Outputs":
        return Outputs(*(one[:, -1] for one in self))


# The heads beside the next item, in the order of Outputs.
HEADS = (
    "next_stage_logits",
    "next_type_logits",
    "step_gap_logits",
    "intent_logit",
    "return_hazard_logits",
    "spend",
)


def head_sizes(contract: Contract) -> dict[str, int]:
    types = contract.vocabularies["event_type"]
    return {
        "next_stage_logits": len(contract.stages),
        "next_type_logits": types,
        "step_gap_logits": len(contract.step_gap_bounds_ms),
        "intent_logit": 1,
        "return_hazard_logits": len(contract.return_bounds_days),
        "spend": SPEND_PARAMETERS,
    }


class Head(nn.Module):
    """A linear answer, and what usually follows the last event's type. Calibrated on validation: a x + b."""

    def __init__(self, width: int, types: int, size: int):
        super().__init__()
        self.linear = nn.Linear(width, size)
        nn.init.normal_(self.linear.weight, std=0.01)
        nn.init.zeros_(self.linear.bias)
        self.after = nn.Embedding(types, size)
        nn.init.zeros_(self.after.weight)
        self.register_buffer("slope", torch.ones(1))
        self.register_buffer("shift", torch.zeros(size))

    def forward(self, x: Tensor, last: Tensor) -> Tensor:
        """x (B, Q, w), last (B, Q) types -> (B, Q, size)"""
        return (self.linear(x) + self.after(last)) * self.slope + self.shift


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
        size = d // self.heads  # not -1: a process may have no window of a step
        q = q.view(batch, places, self.heads, size).transpose(1, 2)  # (B, H, Q, d/H)
        k = k.view(batch, length, self.heads, size).transpose(1, 2)
        v = v.view(batch, length, self.heads, size).transpose(1, 2)
        weight = q @ k.transpose(2, 3) * size**-0.5  # (B, H, Q, L)
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
        types = contract.vocabularies["event_type"]
        self.outlook = nn.Linear(d, 2 * d)
        self.heads = nn.ModuleDict(
            {name: Head(2 * d, types, size) for name, size in head_sizes(contract).items()}
        )
        self.behaviour = Head(2 * d, types, types)
        self.behaviour_direction = nn.Embedding(types, d - 1)
        nn.init.zeros_(self.behaviour_direction.weight)
        if config.led_through:
            with torch.no_grad():
                self.item.weight.copy_(torch.eye(d)[:, :-1])
                self.direction.weight.copy_(torch.eye(d)[:-1] * d**-0.5)
                self.direction.bias.zero_()
        self.log_scale = nn.Parameter(torch.tensor(config.scale).log())
        self.pool_type = nn.Parameter(torch.zeros(config.pools, contract.vocabularies["event_type"]))
        slope = torch.linspace(1.5, 0.3, config.pools)[:, None]  # neighbours' decay, and a slow one
        self.pool_distance = nn.Parameter(-slope * torch.arange(1, length + 1).float().log())
        # How much each pool counts after an event of a type: after an order what is recent matters less.
        self.pool_share = nn.Embedding(types, config.pools)
        nn.init.zeros_(self.pool_share.weight)
        self.pool_mix = nn.Parameter(torch.eye(d - 1).repeat(config.pools, 1, 1) / config.pools)
        self.dropout, self.pool_dropout = nn.Dropout(config.dropout), nn.Dropout(config.pool_dropout)
        self.reach, self.width = length, d

    def forward(
        self,
        item_vectors: Tensor,
        columns: dict[str, Tensor],
        last_only: bool,
        behaviour: Tensor | None = None,
    ) -> Outputs:
        """item_vectors (R, D), row 0 zeros; columns (B, L) int32; behaviour (B, L): the type that turns to
        the next item where it is told, 0 where it is not. Q = L, or 1 with last_only."""
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
        last = kind[:, -1:] if last_only else kind
        g = F.gelu(self.outlook(h))  # (B, Q, 2 d)
        behaviour_logits = self.behaviour(g, last)  # (B, Q, K)
        q = behaviour_logits.softmax(-1)
        if behaviour is not None:
            told = (behaviour > 0).unsqueeze(-1)
            q = torch.where(told, F.one_hot(behaviour.long(), q.shape[-1]).to(q.dtype), q)
        direction = self.direction(h) + q @ self.behaviour_direction.weight  # (B, Q, D - 1)
        share = self.pool_share(last).softmax(-1) * self.pool_mix.shape[0]  # (B, Q, pools), mean 1
        for pool in range(self.pool_mix.shape[0]):
            weight = self.pool_type[pool][kind].unsqueeze(1) + self.pool_distance[pool][back]  # (B, Q, L)
            weight = weight.clamp(-20, 20).exp() * with_item.to(torch.float32)
            weight = weight / (weight.sum(-1, keepdim=True) + 1e-9)
            read = self.pool_dropout(weight @ vectors) @ self.pool_mix[pool]
            direction = direction + share[:, :, pool : pool + 1] * read
        direction = direction / (direction.pow(2).sum(-1, keepdim=True) + 1e-12).sqrt()
        scale = self.log_scale.clamp(max=4.0).exp()
        shopper = torch.cat([direction * scale, F.softplus(self.trust(h))], -1)
        answers = {name: head(g, last) for name, head in self.heads.items()}
        any_spend, mean, spread = answers["spend"].split(1, -1)
        answers["spend"] = torch.cat([any_spend, mean, F.softplus(spread) + 0.05], -1)
        return Outputs(shopper_vector=shopper, behaviour_logits=behaviour_logits, **answers)


class BehaviourModel(nn.Module):
    def __init__(self, config: Config, contract: Contract):
        super().__init__()
        self.config = config
        self.tower = ItemTower(
            config.items, config.dimension, config.token_dimension, config.image_dimension, contract
        )
        self.encoder = Encoder(config, contract)

    def item_vectors(
        self,
        tokens: Tensor,
        text: Tensor,
        price: Tensor,
        ids: Tensor,
        image: Tensor | None = None,
        whitening: Whitening | None = None,
    ) -> Tensor:
        """(N, T), (N, t), (N,), (N,), (N, k) -> (N + 1, D) with row 0 = no product. The last two as the tower
        takes them."""
        vectors = self.tower(tokens, text, price, ids, image, whitening)
        return torch.cat([torch.zeros(1, vectors.shape[1]), vectors])
