"""Two networks in one ONNX graph: both share the embeddings, and an input says which of them runs."""

from collections.abc import Callable, Mapping
from pathlib import Path

import onnx
from onnx import helper

INPUTS = ("input_ids", "attention_mask")
SWITCH = "tuned"
_SEAM = ("EmbedLayerNormalization_0_output", "EmbedLayerNormalization_0_dummy_mask_index")

Shape = list[int | str]
_SMALL = 4096  # bytes: less stays in the graph


def save_apart(model: onnx.ModelProto, target: Path, weights: str) -> None:
    """Write a graph to ``target`` and its weights to the file ``weights`` beside it.

    ONNX Runtime maps such a file; what stands in the graph it would hold twice while it reads, and some of it for good.
    """
    (target.parent / weights).unlink(missing_ok=True)  # the writer would append
    onnx.save_model(model, str(target), save_as_external_data=True, location=weights, size_threshold=_SMALL)
    (target.parent / weights).chmod(0o644)


def switched(base: onnx.ModelProto, tuned: onnx.ModelProto, outputs: Mapping[str, Shape]) -> onnx.ModelProto:
    """Return a graph that gives ``outputs`` of ``base``, or of ``tuned`` where the input ``tuned`` is true.

    The embeddings are taken from ``base``. Each network keeps its own nodes and weights, so that the vectors of
    ``base`` are the same to the last bit as without the other; what is not asked for costs nothing.
    """
    trunk, weights = _needed(base, _SEAM, ())
    switch = helper.make_node(
        "If",
        [SWITCH],
        list(outputs),
        name="which",
        then_branch=_branch(tuned, "tuned", outputs),
        else_branch=_branch(base, "base", outputs),
    )
    flag = helper.make_tensor_value_info(SWITCH, onnx.TensorProto.BOOL, [])
    graph = helper.make_graph([*trunk, switch], "encoder", [*base.graph.input, flag], _values(outputs), weights)
    return helper.make_model(graph, opset_imports=base.opset_import, ir_version=base.ir_version)


def _branch(model: onnx.ModelProto, name: str, outputs: Mapping[str, Shape]) -> onnx.GraphProto:
    """Cut what lies above the embeddings out of ``model``, with names of its own."""
    nodes, weights = _needed(model, tuple(outputs), _SEAM)
    outer = {*_SEAM, *INPUTS, ""}

    def own(value: str) -> str:
        return value if value in outer else f"{name}/{value}"

    return helper.make_graph(
        [_renamed(node, name, own) for node in nodes],
        name,
        [],
        _values({own(output): shape for output, shape in outputs.items()}),
        [_named(weight, own(weight.name)) for weight in weights],
    )


def _needed(
    model: onnx.ModelProto, wanted: tuple[str, ...], given: tuple[str, ...]
) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
    """Return the nodes and weights on which ``wanted`` rests, where ``given`` is there already."""
    makers = {output: place for place, node in enumerate(model.graph.node) for output in node.output}
    seen, places, open_ends = set(given), set(), list(wanted)
    while open_ends:
        value = open_ends.pop()
        if value in seen:
            continue
        seen.add(value)
        if value in makers:
            places.add(makers[value])
            open_ends += model.graph.node[makers[value]].input
    nodes = [model.graph.node[place] for place in sorted(places)]
    return nodes, [weight for weight in model.graph.initializer if weight.name in seen]


def _renamed(node: onnx.NodeProto, name: str, own: Callable[[str], str]) -> onnx.NodeProto:
    copy = onnx.NodeProto()
    copy.CopyFrom(node)
    copy.name = f"{name}/{node.name}" if node.name else ""
    copy.input[:] = [own(value) for value in node.input]
    copy.output[:] = [own(value) for value in node.output]
    return copy


def _named(weight: onnx.TensorProto, name: str) -> onnx.TensorProto:
    copy = onnx.TensorProto()
    copy.CopyFrom(weight)
    copy.name = name
    return copy


def _values(outputs: Mapping[str, Shape]) -> list[onnx.ValueInfoProto]:
    return [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape) for name, shape in outputs.items()]
