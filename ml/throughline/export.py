"""Writes the artifact: three graphs (graphs.py), the product list, golden vectors, manifest and card."""

import hashlib
import json
import platform
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import scipy
import torch

from .contract import Contract
from .customers import card_lines
from .data import Log, Split
from .graphs import GRAPHS, operators, score, write_graphs
from .head_card import head_card_lines
from .metrics.ranking import NAMES
from .model import HEADS, BehaviourModel


def served_heads(report: dict) -> list[str]:
    return [name for name in HEADS if report["heads"][name]["served"]]


def golden(model: BehaviourModel, contract: Contract, heads: list[str], cases: dict) -> dict:
    """`cases`: products and histories with the inputs that app/features made of them. Beside these, what
    PyTorch makes of the inputs, so that both halves of the way can be checked."""
    items, histories = cases["items"], cases["histories"]
    tower = {
        "item_tokens": torch.tensor([one["inputs"]["tokens"] for one in items], dtype=torch.int32),
        "item_text": torch.tensor([one["inputs"]["text"] for one in items], dtype=torch.float32),
        "item_price": torch.tensor([one["inputs"]["price"] for one in items], dtype=torch.int32),
        "item_id": torch.tensor([min(one["id"], model.config.items) for one in items], dtype=torch.int32),
    }
    if model.config.image_dimension:
        tower["item_image"] = made_up_pictures(len(items), model.config.image_dimension)
    columns = {
        name: torch.tensor([one["inputs"][name] for one in histories], dtype=torch.int32)
        for name in contract.columns
    }
    with torch.no_grad():
        vectors = model.item_vectors(*tower.values())
        outputs = model.encoder(vectors, columns, last_only=True).last()
        shopper = outputs.shopper_vector
        eligible = torch.ones(len(histories), len(vectors), dtype=torch.uint8)
        eligible[:, 0] = 0
        eligible[:, 2] = 0  # some out, as a filter leaves them
        boost = torch.zeros(len(histories), len(vectors))
        boost[::2, 1::2] = 0.75  # some histories and products
        k = min(4, len(vectors) - 2)
        scores, top = score(shopper, vectors, boost, eligible, k)
    return {
        "contract_hash": contract.hash,
        "tolerance": {"absolute": 1e-5, "relative": 1e-4},
        "items": {
            "sources": [one["item"] for one in items],
            "inputs": {name: one.tolist() for name, one in tower.items()},
            "item_vectors": vectors[1:].tolist(),
        },
        "histories": histories,
        "outputs": {name: getattr(outputs, name).tolist() for name in ("shopper_vector", *heads)},
        "scorer": {
            "boost": boost.tolist(),
            "eligible": eligible.tolist(),
            "k": k,
            "top_scores": scores.tolist(),
            "top_items": top.tolist(),
        },
    }


def made_up_pictures(count: int, dimension: int) -> torch.Tensor:
    """(count, dimension), the last without one: app/features makes no pictures' vectors."""
    pictures = torch.randn(count, dimension, generator=torch.Generator().manual_seed(1))
    pictures[-1] = 0
    return pictures


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n")


def export(
    model: BehaviourModel,
    log: Log,
    ids: np.ndarray,
    split: Split,
    contract: Contract,
    report: dict,
    history: list[dict],
    seed: int,
    folder: Path,
    golden_cases: dict,
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    model.eval()
    heads = served_heads(report)
    write_graphs(model, contract, heads, folder)
    # Position + 1 in this list is the product's id input; one without an event before the split is not in it.
    write_json(folder / "items.json", [log.item_names[row - 1] for row in np.flatnonzero(ids)])
    write_json(folder / "golden.json", golden(model, contract, heads, golden_cases))
    manifest = {
        "format": 1,
        "contract_hash": contract.hash,
        "precision": "fp32",
        "dimension": model.config.dimension,
        "image_dimension": model.config.image_dimension,
        "heads": heads,
        "blend": report["blend"],
        "config": model.config.as_dict(),
        "seed": seed,
        "training": {
            "from": iso(float(log.at_ms.min())),
            "to": iso(split.validation_ms),
            "events": int((log.at_ms < split.validation_ms).sum()),
            "shoppers": len(np.unique(log.shopper[log.at_ms < split.validation_ms])),
            "items": int(ids.max()),
        },
        "trained": {
            "to_ms": split.validation_ms,
            "epochs": history[-1]["epoch"],
            "best_epoch": int(np.argmax([one["NDCG@10"] for one in history])),
        },
        "data": {"shoppers": len(log.offsets) - 1, "events": len(log.item), "items": log.items},
        "metrics": side_by_side(report),
        "evaluation": report,
        "operators": operators(folder),
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__.split("+")[0],
            "numpy": np.__version__,
            "scipy": scipy.__version__,
            "onnx": onnx.__version__,
            "onnxruntime": onnxruntime.__version__,
        },
    }
    (folder / "card.md").write_text(card(manifest))
    names = [f"{name}.onnx" for name in GRAPHS] + ["items.json", "golden.json", "card.md"]
    manifest["sha256"] = {name: sha256(folder / name) for name in names}
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")


def iso(at_ms: float) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def side_by_side(report: dict) -> list[dict]:
    """Metrics with the baselines beside them; the first is the one that decides."""
    rows = report["next_item"]
    return [
        {
            "name": name,
            "model": rows["model"][name],
            "baselines": {key: row[name] for key, row in rows.items() if key != "model"},
        }
        for name in sorted(NAMES, key=lambda name: name != "NDCG@10")
    ]


def picture_lines(image_dimension: int) -> list[str]:
    if not image_dimension:
        return []
    return [
        "",
        f"It reads a vector of {image_dimension} numbers for each picture. The program makes none, so it "
        "does not serve this model: it is for comparison.",
    ]


def history_lines(parts: dict[str, dict]) -> list[str]:
    words = {"new": "new to the shopper", "seen_before": "in the shopper's history"}
    heads = [f"{words[name]} ({one['questions']:,})" for name, one in parts.items()]
    lines = [
        "",
        "The same by whether a product turned to is new to the shopper, R@10 / NDCG@10 (questions):",
        "",
        "| | " + " | ".join(heads) + " |",
        "|---|" + "---|" * len(heads),
    ]
    for name in next(iter(parts.values()))["rows"]:
        rows = [one["rows"][name] for one in parts.values()]
        cells = [f"{row['R@10']:.4f} / {row['NDCG@10']:.4f}" for row in rows]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines


def card(manifest: dict) -> str:
    report = manifest["evaluation"]
    names = ["R@5", "R@10", "R@20", "NDCG@5", "NDCG@10", "NDCG@20", "MRR@20"]
    lines = [
        "# Behaviour model",
        "",
        "A causal transformer over a shopper's events: the next product, and what else follows.",
        f"Trained on {manifest['training']['events']:,} events of {manifest['training']['shoppers']:,} "
        f"shoppers; knows {manifest['training']['items']:,} products by id, any other by its text and price.",
        *picture_lines(manifest["image_dimension"]),
        "",
        "## Next product, on the last part of the log by time",
        "",
        f"{report['cases']['test']:,} questions of {report['cases']['test_shoppers']:,} shoppers; "
        "full ranking; the product looked at is left out, as it is when served.",
        "",
        "| | setting | " + " | ".join(names) + " |",
        "|---|---|" + "---|" * len(names),
    ]
    for name, row in report["next_item"].items():
        lines.append(
            f"| {name} | {row['setting']} | " + " | ".join(f"{row[key]:.4f}" for key in names) + " |"
        )
    lines += history_lines(report["next_item_by_history"])
    lines += ["", "Gain in NDCG@10 with its 95 % interval (paired, shoppers drawn again):", ""]
    for name, one in report["gain_in_ndcg_at_10"].items():
        note = "" if one["gates"] else " (for reference, does not gate)"
        lines.append(f"- over {name}: {one['gain']:+.4f} [{one['low']:+.4f}, {one['high']:+.4f}]{note}")
    lines += head_card_lines(report["heads"])
    if "customers" in report:
        lines += card_lines(report["customers"])
    lines += [
        "",
        "## Limits",
        "",
        "It ranks what shoppers turn to next, which is not what a recommendation causes: only an experiment "
        "shows that. It reads at most the last 50 events. Metrics come from one shop and one span of time.",
        "",
    ]
    return "\n".join(lines)
