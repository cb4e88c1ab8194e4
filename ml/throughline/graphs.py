"""The three graphs of the artifact, and what they may hold.

    item_tower.onnx  item_tokens (N, T) int32, item_text (N, t) float32, item_price (N,), item_id (N,) int32,
                     item_image (N, k) float32 in a model with pictures
                                                              -> item_vectors (N, D)
    encoder.onnx     item_vectors (R, D) with row 0 zeros, event_* (B, L) int32   -> shopper_vector (B, D),
                                                                                     heads (B, size)
    scorer.onnx      shopper_vector (B, D), item_vectors (R, D), boost (B, R), eligible (B, R) uint8,
                     k (1,) int64                             -> top_scores (B, k), top_items (B, k) int64

Heads are those of model.HEADS that beat their baselines, each (B, size), calibrated: next_stage_logits;
next_type_logits by type code, 0 = the visit ends; step_gap_logits; intent_logit; return_hazard_logits; spend
(logit of any, mean and deviation of log cents).
`boost` is what the neighbours add (blend). An item that is not eligible scores −1e9 and comes after every
other; row 0 must never be eligible.
"""

from pathlib import Path

import onnx
import torch
from torch import Tensor, nn

from .contract import Contract
from .model import BehaviourModel

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


def write_scorer(path: Path, dimension: int) -> None:
    """A few nodes written by hand: tracing would fix k or bring control flow in."""
    helper, kinds = onnx.helper, onnx.TensorProto
    graph = helper.make_graph(
        [
            helper.make_node("Transpose", ["item_vectors"], ["by_dimension"], perm=[1, 0]),
            helper.make_node("MatMul", ["shopper_vector", "by_dimension"], ["logits"]),
            helper.make_node("Add", ["logits", "boost"], ["scores"]),
            helper.make_node("Cast", ["eligible"], ["is_eligible"], to=kinds.BOOL),
            helper.make_node("Where", ["is_eligible", "scores", "not_eligible"], ["masked"]),
            helper.make_node("TopK", ["masked", "k"], ["top_scores", "top_items"], axis=1),
        ],
        "scorer",
        [
            helper.make_tensor_value_info("shopper_vector", kinds.FLOAT, ["B", dimension]),
            helper.make_tensor_value_info("item_vectors", kinds.FLOAT, ["R", dimension]),
            helper.make_tensor_value_info("boost", kinds.FLOAT, ["B", "R"]),
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


def score(
    shopper_vector: Tensor, item_vectors: Tensor, boost: Tensor, eligible: Tensor, k: int
) -> tuple[Tensor, Tensor]:
    """(B, D), (R, D), (B, R), (B, R) uint8 -> the k best scores and rows, each (B, k)"""
    scores = (shopper_vector @ item_vectors.T + boost).masked_fill(eligible == 0, NOT_ELIGIBLE)
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
        "item_text": torch.zeros(n, contract.text_dimension),
        "item_price": torch.zeros(n, dtype=torch.int32),
        "item_id": torch.zeros(n, dtype=torch.int32),
    }
    if model.config.image_dimension:
        item["item_image"] = torch.zeros(n, model.config.image_dimension)
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


def operators(folder: Path) -> list[str]:
    """Every operator that the graphs use: what a loader has to allow, and no more."""
    found = {node.op_type for name in GRAPHS for node in onnx.load(folder / f"{name}.onnx").graph.node}
    return sorted(found)
