"""Writes the artifact: three graphs, the product list, golden vectors, manifest and card.

    item_tower.onnx  item_tokens (N, T), item_price (N,), item_id (N,) int32      -> item_vectors (N, D)
    encoder.onnx     item_vectors (R, D) with row 0 zeros, event_* (B, L) int32   -> shopper_vector (B, D),
                                                                                     heads (B, size)
    scorer.onnx      shopper_vector (B, D), item_vectors (R, D), eligible (B, R) uint8, k (1,) int64
                                                              -> top_scores (B, k), top_items (B, k) int64

Heads are those of model.HEADS that beat their baselines, each (B, size), calibrated: next_stage_logits;
next_type_logits by type code, 0 = the visit ends; step_gap_logits; intent_logit; return_hazard_logits; spend
(logit of any, mean and deviation of log cents).
An item that is not eligible scores −1e9 and comes after every other; row 0 must never be
eligible.
"""

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
from torch import Tensor, nn

from .contract import Contract
from .customers import card_lines
from .data import Log, Split
from .head_card import head_card_lines
from .metrics import NAMES
from .model import HEADS, BehaviourModel

OPSET = 17
NOT_ELIGIBLE = -1e9
GRAPHS = ("item_tower", "encoder", "scorer")


class ServedEncoder(nn.Module):
    def __init__(self, model: BehaviourModel, columns: tuple[str, ...], heads: list[str]):
        super().__init__()
        self.encoder = model.encoder
        self.columns, self.outputs = columns, ["shopper_vector", *heads]

    def forward(self, item_vectors: Tensor, *history: Tensor) -> tuple[Tensor, ...]:
        columns = dict(zip(self.columns, history, strict=True))
        last = self.encoder(item_vectors, columns, last_only=True).last()
        return tuple(getattr(last, name) for name in self.outputs)


def served_heads(report: dict) -> list[str]:
    return [name for name in HEADS if report["heads"][name]["served"]]


def write_scorer(path: Path, dimension: int) -> None:
    """A few nodes written by hand: tracing would fix k or bring control flow in."""
    helper, kinds = onnx.helper, onnx.TensorProto
    graph = helper.make_graph(
        [
            helper.make_node("Transpose", ["item_vectors"], ["by_dimension"], perm=[1, 0]),
            helper.make_node("MatMul", ["shopper_vector", "by_dimension"], ["scores"]),
            helper.make_node("Cast", ["eligible"], ["is_eligible"], to=kinds.BOOL),
            helper.make_node("Where", ["is_eligible", "scores", "not_eligible"], ["masked"]),
            helper.make_node("TopK", ["masked", "k"], ["top_scores", "top_items"], axis=1),
        ],
        "scorer",
        [
            helper.make_tensor_value_info("shopper_vector", kinds.FLOAT, ["B", dimension]),
            helper.make_tensor_value_info("item_vectors", kinds.FLOAT, ["R", dimension]),
            helper.make_tensor_value_info("eligible", kinds.UINT8, ["B", "R"]),
            helper.make_tensor_value_info("k", kinds.INT64, [1]),
        ],
        [
            helper.make_tensor_value_info("top_scores", kinds.FLOAT, ["B", "K"]),
            helper.make_tensor_value_info("top_items", kinds.INT64, ["B", "K"]),
        ],
        [helper.make_tensor("not_eligible", kinds.FLOAT, [], [NOT_ELIGIBLE])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)


def score(shopper_vector: Tensor, item_vectors: Tensor, eligible: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """(B, D), (R, D), (B, R) uint8 -> the k best scores and rows, each (B, k)"""
    scores = (shopper_vector @ item_vectors.T).masked_fill(eligible == 0, NOT_ELIGIBLE)
    return torch.topk(scores, k, dim=1)


def write_graph(module: nn.Module, path: Path, inputs: dict, outputs: list[str], axes: dict) -> None:
    torch.onnx.export(
        module.eval(),
        tuple(inputs.values()),
        str(path),
        dynamo=False,
        opset_version=OPSET,
        input_names=list(inputs),
        output_names=outputs,
        dynamic_axes=axes,
    )
    graph = onnx.load(path)
    graph.doc_string = ""
    for node in graph.graph.node:
        node.doc_string = ""
    onnx.checker.check_model(graph, full_check=True)
    onnx.save(graph, path)


def write_graphs(model: BehaviourModel, contract: Contract, heads: list[str], folder: Path) -> None:
    n, rows, batch, d = 3, 4, 2, model.config.dimension
    length = contract.history_length
    item = {
        "item_tokens": torch.zeros(n, contract.tokens_per_item, dtype=torch.int32),
        "item_price": torch.zeros(n, dtype=torch.int32),
        "item_id": torch.zeros(n, dtype=torch.int32),
    }
    write_graph(
        model.tower,
        folder / "item_tower.onnx",
        item,
        ["item_vectors"],
        {name: {0: "N"} for name in (*item, "item_vectors")},
    )
    vectors = torch.zeros(rows, d)
    history = {name: torch.zeros(batch, length, dtype=torch.int32) for name in contract.columns}
    encoder = ServedEncoder(model, contract.columns, heads)
    write_graph(
        encoder,
        folder / "encoder.onnx",
        {"item_vectors": vectors, **history},
        encoder.outputs,
        {"item_vectors": {0: "R"}, **{name: {0: "B"} for name in (*history, *encoder.outputs)}},
    )
    write_scorer(folder / "scorer.onnx", d)


def golden(model: BehaviourModel, contract: Contract, heads: list[str], cases: dict) -> dict:
    """`cases`: products and histories with the inputs that app/features made of them. Beside these, what
    PyTorch makes of the inputs, so that both halves of the way can be checked."""
    items, histories = cases["items"], cases["histories"]
    tower = {
        "item_tokens": torch.tensor([one["inputs"]["tokens"] for one in items], dtype=torch.int32),
        "item_price": torch.tensor([one["inputs"]["price"] for one in items], dtype=torch.int32),
        "item_id": torch.tensor([min(one["id"], model.config.items) for one in items], dtype=torch.int32),
    }
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
        k = min(4, len(vectors) - 2)
        scores, top = score(shopper, vectors, eligible, k)
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
            "eligible": eligible.tolist(),
            "k": k,
            "top_scores": scores.tolist(),
            "top_items": top.tolist(),
        },
    }


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
        "heads": heads,
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


def operators(folder: Path) -> list[str]:
    """Every operator that the graphs use: what a loader has to allow, and no more."""
    found = {node.op_type for name in GRAPHS for node in onnx.load(folder / f"{name}.onnx").graph.node}
    return sorted(found)


def card(manifest: dict) -> str:
    report = manifest["evaluation"]
    names = ["R@5", "R@10", "R@20", "NDCG@5", "NDCG@10", "NDCG@20", "MRR@20"]
    lines = [
        "# Behaviour model",
        "",
        "A causal transformer over a shopper's events: the next product, and what else follows.",
        f"Trained on {manifest['training']['events']:,} events of {manifest['training']['shoppers']:,} "
        f"shoppers; knows {manifest['training']['items']:,} products by id, any other by its text and price.",
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
