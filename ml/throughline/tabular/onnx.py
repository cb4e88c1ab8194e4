"""A fitted member, or their blend, as one ONNX graph: encoded columns (N, F) float32 -> prediction (N, 1).

Trees are TreeEnsembleRegressor (ai.onnx.ml 3), all else plain operators. A graph knows float32 only: x ≤ t
with t in float64 is, for an x of float32, x ≤ the largest float32 that is not above t, so every row takes the
branch it took when the tree was fitted. A blank (NaN) goes where the tree sends blanks.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from .blend import MOST_SURE, Blend
from .encode import Encoding
from .members import Boosted, Constant, Forest, Linear, Member, SingleColumn
from .pairs import LARGEST, PairedBoosted, Pairs

OPSET = 17
TREE_OPSET = 3
IR_VERSION = 8
AGREEMENT = 1e-5


@dataclass
class TreeNodes:
    """Trees in one list, as TreeEnsembleRegressor takes them."""

    tree: list[np.ndarray] = field(default_factory=list)
    node: list[np.ndarray] = field(default_factory=list)
    feature: list[np.ndarray] = field(default_factory=list)
    threshold: list[np.ndarray] = field(default_factory=list)
    left: list[np.ndarray] = field(default_factory=list)
    right: list[np.ndarray] = field(default_factory=list)
    is_leaf: list[np.ndarray] = field(default_factory=list)
    blank_left: list[np.ndarray] = field(default_factory=list)
    value: list[np.ndarray] = field(default_factory=list)

    def add(self, feature, threshold, left, right, is_leaf, blank_left, value) -> None:
        nodes = len(feature)
        self.tree.append(np.full(nodes, len(self.tree)))
        self.node.append(np.arange(nodes))
        self.feature.append(np.where(is_leaf, 0, feature))
        self.threshold.append(np.where(is_leaf, 0.0, threshold))
        self.left.append(np.where(is_leaf, 0, left))
        self.right.append(np.where(is_leaf, 0, right))
        self.is_leaf.append(is_leaf)
        self.blank_left.append(np.where(is_leaf, 0, blank_left))
        self.value.append(np.where(is_leaf, value, 0.0))


def not_above(threshold: np.ndarray) -> np.ndarray:
    """The largest float32 ≤ each float64."""
    near = threshold.astype(np.float32)
    return np.where(near > threshold, np.nextafter(near, np.float32(-np.inf)), near).astype(np.float32)


def _forest_nodes(forest: Forest) -> TreeNodes:
    nodes = TreeNodes()
    trees = forest.estimator.estimators_
    is_binary = hasattr(forest.estimator, "predict_proba")
    for one in trees:
        tree = one.tree_
        value = tree.value[:, 0, :]
        share = value[:, 1] / value.sum(1) if is_binary else value[:, 0]
        leaf = tree.children_left < 0
        nodes.add(
            forest.columns[np.where(leaf, 0, tree.feature)],
            tree.threshold,
            tree.children_left,
            tree.children_right,
            leaf,
            tree.missing_go_to_left,
            share / len(trees),
        )
    return nodes


def _boosted_nodes(boosted: Boosted) -> tuple[TreeNodes, float]:
    """Nodes, and the margin before the first tree."""
    nodes = TreeNodes()
    copies = len(boosted.estimators)
    for estimator in boosted.estimators:
        for (tree,) in estimator._predictors:
            rows = tree.nodes
            leaf = rows["is_leaf"].astype(bool)
            nodes.add(
                boosted.columns[np.where(leaf, 0, rows["feature_idx"])],
                rows["num_threshold"],
                rows["left"],
                rows["right"],
                leaf,
                rows["missing_go_to_left"],
                rows["value"] / copies,
            )
    base = np.mean([float(np.ravel(one._baseline_prediction)[0]) for one in boosted.estimators])
    return nodes, float(base)


class _Graph:
    """Nodes and constants in the making. Every method gives the name of what it made."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, values: np.ndarray, kind: type = np.float32) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(values, kind), name))
        return name

    def op(self, operator: str, *inputs: str, **attributes) -> str:
        name = f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], **attributes))
        return name

    def trees(self, source: str, nodes: TreeNodes, base: float) -> str:
        joined = {name: np.concatenate(each) for name, each in vars(nodes).items()}
        leaf = joined["is_leaf"]
        name = f"n{len(self.nodes)}"
        self.nodes.append(
            helper.make_node(
                "TreeEnsembleRegressor",
                [source],
                [name],
                domain="ai.onnx.ml",
                n_targets=1,
                aggregate_function="SUM",
                post_transform="NONE",
                base_values=[base],
                nodes_treeids=joined["tree"].tolist(),
                nodes_nodeids=joined["node"].tolist(),
                nodes_featureids=joined["feature"].tolist(),
                nodes_values=not_above(joined["threshold"]).tolist(),
                nodes_truenodeids=joined["left"].tolist(),
                nodes_falsenodeids=joined["right"].tolist(),
                nodes_modes=["LEAF" if one else "BRANCH_LEQ" for one in leaf],
                nodes_missing_value_tracks_true=joined["blank_left"].astype(int).tolist(),
                target_treeids=joined["tree"][leaf].tolist(),
                target_nodeids=joined["node"][leaf].tolist(),
                target_ids=[0] * int(leaf.sum()),
                target_weights=joined["value"][leaf].astype(np.float32).tolist(),
            )
        )
        return name

    def columns(self, source: str, columns: np.ndarray) -> str:
        return self.op("Gather", source, self.constant(columns, np.int64), axis=1)

    def pairs(self, pairs: Pairs) -> str:
        """The columns with ratios and products (N, F + 2P), as Pairs.beside makes them."""
        over, under = self.columns("columns", pairs.over), self.columns("columns", pairs.under)
        made = self.op("Concat", self.op("Div", over, under), self.op("Mul", over, under), axis=1)
        is_finite = self.op("LessOrEqual", self.op("Abs", made), self.constant(LARGEST))
        blanked = self.op("Where", is_finite, made, self.constant(np.nan))
        return self.op("Concat", "columns", blanked, axis=1)

    def linear(self, model: Linear) -> str:
        """Margin (N, 1)."""
        seen = self.columns("columns", model.columns)
        known = self.op("Equal", seen, seen)  # NaN equals nothing
        filled = self.op("Where", known, seen, self.constant(model.fill))
        parts = [filled]
        if len(model.logs):
            some = self.columns(filled, model.logs)
            grown = self.op("Add", self.op("Abs", some), self.constant(1.0))
            parts.append(self.op("Mul", self.op("Sign", some), self.op("Log", grown)))
        if len(model.blanks):
            blank = self.op("Cast", self.op("Not", known), to=TensorProto.FLOAT)
            parts.append(self.columns(blank, model.blanks))
        if len(model.codes):
            same = self.op("Equal", self.columns(seen, model.codes), self.constant(model.code_values))
            parts.append(self.op("Cast", same, to=TensorProto.FLOAT))
        joined = self.op("Concat", *parts, axis=1) if len(parts) > 1 else filled
        # Standardised first: folded into the weights, large means would cancel in float32.
        centred = self.op("Sub", joined, self.constant(model.mean))
        scaled = self.op("Div", centred, self.constant(model.scale))
        margin = self.op("MatMul", scaled, self.constant(model.weight[:, None]))
        return self.op("Add", margin, self.constant(model.bias))

    def member(self, member: Member, as_margin: bool) -> str:
        """(N, 1): a probability or quantity, or the clipped log odds that a blend adds up."""
        if isinstance(member, Forest):
            p = self.trees("columns", _forest_nodes(member), 0.0)
            return self.margin(p) if as_margin else p
        source = "columns"
        if isinstance(member, PairedBoosted):
            source, member = self.pairs(member.pairs), member.boosted
        if isinstance(member, Boosted):
            margin = self.trees(source, *_boosted_nodes(member))
        elif isinstance(member, Linear):
            margin = self.linear(member)
        else:
            raise ValueError(
                f"expected a forest, boosted trees or a linear model, got {type(member).__name__}"
            )
        if not member.is_binary:
            return margin
        if not as_margin:
            return self.op("Sigmoid", margin)
        most = float(np.log((1 - MOST_SURE) / MOST_SURE))
        return self.op("Clip", margin, self.constant(-most), self.constant(most))

    def margin(self, p: str) -> str:
        sure = self.op("Clip", p, self.constant(MOST_SURE), self.constant(1 - MOST_SURE))
        return self.op("Log", self.op("Div", sure, self.op("Sub", self.constant(1.0), sure)))

    def blend(self, blend: Blend) -> str:
        weights = blend.weights
        total = self.constant(weights.bias)
        for weight, member in zip(weights.weight, blend.members.values(), strict=True):
            if weight == 0:
                continue
            told = self.member(member, as_margin=weights.is_binary)
            total = self.op("Add", total, self.op("Mul", told, self.constant(weight)))
        if not weights.is_binary:
            return total
        p = self.op("Sigmoid", total)
        if blend.curve is None:
            return p
        # Straight lines between knots: the first value, plus each slope times the way gone on it.
        x, y = blend.curve.x, blend.curve.y
        gone = self.op("Max", self.op("Sub", p, self.constant(x[:-1])), self.constant(0.0))
        gone = self.op("Min", gone, self.constant(np.diff(x)))
        slopes = (np.diff(y) / np.diff(x))[:, None]
        return self.op("Add", self.op("MatMul", gone, self.constant(slopes)), self.constant(y[0]))


def to_graph(member: Member, features: int) -> onnx.ModelProto:
    """Raises ValueError for a model that has no graph: the baselines."""
    graph = _Graph()
    told = graph.blend(member) if isinstance(member, Blend) else graph.member(member, as_margin=False)
    graph.nodes.append(helper.make_node("Reshape", [told, graph.constant([-1, 1], np.int64)], ["prediction"]))
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "tabular",
            [helper.make_tensor_value_info("columns", TensorProto.FLOAT, ["N", features])],
            [helper.make_tensor_value_info("prediction", TensorProto.FLOAT, ["N", 1])],
            graph.constants,
        ),
        opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid("ai.onnx.ml", TREE_OPSET)],
        ir_version=IR_VERSION,
        producer_name="throughline",
    )
    onnx.checker.check_model(model)
    return model


def run_graph(model: bytes, x: np.ndarray) -> np.ndarray:
    """(N, F) float32 -> (N,)"""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return session.run(["prediction"], {"columns": x})[0][:, 0]


def write_model(member: Member, encoding: Encoding, x: np.ndarray, folder: Path) -> str:
    """tabular.onnx and encoding.json, checked on the rows `x`; says in a sentence whether they were written.

    They are not where graph and model differ by more than AGREEMENT (relative for a quantity above 1).
    """
    if isinstance(member, (Constant, SingleColumn)):
        return "The chosen model is a baseline: no graph is written."
    model = to_graph(member, len(encoding.features)).SerializeToString()
    told = member.predict(x)
    apart = float((np.abs(run_graph(model, x) - told) / np.maximum(1.0, np.abs(told))).max())
    if not apart <= AGREEMENT:
        return (
            f"No graph is written: expected it within {AGREEMENT} of the model, got {apart:.1e}. Columns of "
            "very large numbers lose their last digits in a graph: give them in a larger unit."
        )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tabular.onnx").write_bytes(model)
    (folder / "encoding.json").write_text(json.dumps(encoding.as_dict(), indent=1) + "\n")
    size = len(model) / 1e6
    return f"model/tabular.onnx: {size:.1f} MB, within {apart:.1e} of the model on the rows kept apart."
