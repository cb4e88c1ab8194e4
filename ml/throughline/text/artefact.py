"""The static encoder as one file, read by Python here and by app/features/text-encoder.ts.

Little-endian, every part on a multiple of four bytes but the last:

    "TLTE"  version u32  pieces V u32  dimension D u32
    log_probabilities float32 (V,)    scales float32 (V,)    levels int8 (V, D)
    pieces, UTF-8, joined by "\n"

The vector of piece t is scales[t] · levels[t]; its length carries the weight that the piece has in a sum.
"""

import struct
from dataclasses import dataclass

import numpy as np

MAGIC = b"TLTE"
VERSION = 1
HEAD = "<4sIII"


@dataclass(frozen=True)
class StaticEncoder:
    pieces: list[str]  # V, "▁" before those that begin a word
    log_probabilities: np.ndarray  # (V,) float32
    scales: np.ndarray  # (V,) float32
    levels: np.ndarray  # (V, D) int8

    @property
    def dimension(self) -> int:
        return self.levels.shape[1]

    @property
    def table(self) -> np.ndarray:
        """(V, D) float32"""
        return self.levels.astype(np.float32) * self.scales[:, None]


def quantised(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(V, D) -> scales (V,), levels (V, D) int8 within ±127, the largest of each row at ±127."""
    scales = (np.abs(table).max(1) / 127).astype(np.float32)
    divisors = np.where(scales > 0, scales, 1)
    return scales, np.rint(table / divisors[:, None]).clip(-127, 127).astype(np.int8)


def packed(encoder: StaticEncoder) -> bytes:
    count, dimension = encoder.levels.shape
    if dimension % 4:
        raise ValueError(f"expected a dimension that four divides, got {dimension}")
    return b"".join(
        [
            struct.pack(HEAD, MAGIC, VERSION, count, dimension),
            encoder.log_probabilities.astype("<f4").tobytes(),
            encoder.scales.astype("<f4").tobytes(),
            encoder.levels.tobytes(),
            "\n".join(encoder.pieces).encode(),
        ]
    )


def unpacked(data: bytes) -> StaticEncoder:
    head = struct.calcsize(HEAD)
    if len(data) < head:
        raise ValueError(f"expected a text encoder of at least {head} bytes, got {len(data)}")
    magic, version, count, dimension = struct.unpack_from(HEAD, data)
    if magic != MAGIC or version != VERSION:
        raise ValueError(f"expected {MAGIC!r} version {VERSION}, got {magic!r} version {version}")
    at = head
    parts = []
    for kind, length in (("<f4", count), ("<f4", count), ("i1", count * dimension)):
        parts.append(np.frombuffer(data, kind, length, at))
        at += parts[-1].nbytes
    pieces = data[at:].decode().split("\n")
    if len(pieces) != count:
        raise ValueError(f"expected {count} pieces in the text encoder, got {len(pieces)}")
    return StaticEncoder(pieces, parts[0], parts[1], parts[2].reshape(count, dimension))
