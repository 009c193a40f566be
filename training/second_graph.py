"""The larger network as an int8 graph: what of it stays in float, and weights that pack small."""

import tempfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

from matcher.second_reader import GRAPH, PACKED, WEIGHTS
from training.graph import save_apart

STEPS = 6.0
"""Steps of a weight to one standard deviation of its column: 4.6 bits a weight when packed."""
LOUD = 8
"""Channels of a feed-forward layer that are left in float: a few reach 50 times the usual value, and one scale for all
would leave the others a step or two (Dettmers et al. 2022, arXiv 2208.07339)."""
_MOST = 127

Floats = NDArray[np.float64]


class SecondGraph:
    """A graph on its way to int8: ``model`` is full precision until ``quantised`` is asked."""

    def __init__(self, model: onnx.ModelProto, wide: int) -> None:
        """Take a fused graph whose feed-forward layers have ``wide`` channels."""
        self.model = model
        self._wide = wide

    def feed_forward(self) -> list[onnx.NodeProto]:
        """Return the second product of each feed-forward layer."""
        weights = self._weights()
        return [
            node
            for node in self.model.graph.node
            if node.op_type == "MatMul" and node.input[1] in weights and weights[node.input[1]].dims[0] == self._wide
        ]

    def peaks(self, ids: Sequence[Sequence[int]]) -> Floats:
        """Return how high each channel of each feed-forward layer reaches on some texts, shape [layers, wide]."""
        probe, asked = onnx.ModelProto(), [node.input[0] for node in self.feed_forward()]
        probe.CopyFrom(self.model)
        probe.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in asked)
        with tempfile.TemporaryDirectory() as folder:
            onnx.save(probe, f"{folder}/probe.onnx")
            session: Any = onnxruntime.InferenceSession(f"{folder}/probe.onnx", providers=["CPUExecutionProvider"])
        found = np.zeros((len(asked), self._wide))
        for text in ids:
            tokens = np.array([text], np.int64)
            reached = session.run(asked, {"input_ids": tokens, "attention_mask": np.ones_like(tokens)})
            found = np.maximum(found, [np.abs(layer[0]).max(axis=0) for layer in reached])
        return found

    def leave_loud(self, peaks: Floats) -> list[str]:
        """Take the loudest channels out of each feed-forward layer and add what they say in float; names the nodes."""
        nodes = self.feed_forward()
        return [
            name
            for layer, node in enumerate(nodes)
            for name in self._left(node, np.sort(np.argsort(-peaks[layer], kind="stable")[:LOUD]))
        ]

    def _left(self, node: onnx.NodeProto, loud: NDArray[np.int64]) -> Iterator[str]:
        weights = numpy_helper.to_array(self._weights()[node.input[1]])
        quiet = np.ones(len(weights), np.float32)
        quiet[loud] = 0
        own = f"{node.name}/loud"
        for name, value in (("quiet", quiet), ("places", loud), ("weights", weights[loud])):
            self.model.graph.initializer.append(numpy_helper.from_array(value, f"{own}/{name}"))
        channels, summed = node.input[0], node.output[0]
        node.input[0], node.output[0] = f"{own}/others", f"{own}/by_others"
        before = [helper.make_node("Mul", [channels, f"{own}/quiet"], [node.input[0]], f"{own}/Mul")]
        after = [
            helper.make_node("Gather", [channels, f"{own}/places"], [f"{own}/taken"], f"{own}/Gather", axis=2),
            helper.make_node("MatMul", [f"{own}/taken", f"{own}/weights"], [f"{own}/by_loud"], f"{own}/MatMul"),
            helper.make_node("Add", [node.output[0], f"{own}/by_loud"], [summed], f"{own}/Add"),
        ]
        self._put(node, before, after)
        yield from (f"{own}/Gather", f"{own}/MatMul")

    def _put(self, node: onnx.NodeProto, before: Sequence[onnx.NodeProto], after: Sequence[onnx.NodeProto]) -> None:
        nodes = self.model.graph.node
        place = next(place for place, one in enumerate(nodes) if one.name == node.name)
        for offset, one in enumerate(before):
            nodes.insert(place + offset, one)
        for offset, one in enumerate(after):
            nodes.insert(place + len(before) + 1 + offset, one)

    def quantised(self, in_float: Sequence[str], words: str) -> onnx.ModelProto:
        """Return the int8 graph; nodes ``in_float`` stay as they are, and ``words`` names the table of embeddings."""
        with tempfile.TemporaryDirectory() as folder:
            plain, target = f"{folder}/plain.onnx", f"{folder}/int8.onnx"
            onnx.save(self.model, plain)
            quantize_dynamic(
                plain,
                target,
                weight_type=QuantType.QInt8,
                per_channel=True,
                op_types_to_quantize=["MatMul"],
                nodes_to_exclude=list(in_float),
                extra_options={"DefaultTensorType": TensorProto.FLOAT},
            )
            model = onnx.load(target)
        full = self._weights()
        _coarsen(model, {name: numpy_helper.to_array(weights) for name, weights in full.items()})
        _by_rows(model, words, numpy_helper.to_array(full[words]))
        return model

    def _weights(self) -> dict[str, onnx.TensorProto]:
        return {weights.name: weights for weights in self.model.graph.initializer}


def pack(model: onnx.ModelProto, folder: Path) -> None:
    """Write a graph and, packed, its weights.

    They are packed by Huffman's code alone: they have few values and no pattern, and it unpacks fast.
    """
    with tempfile.TemporaryDirectory() as scratch:
        save_apart(model, Path(scratch) / GRAPH, WEIGHTS)
        (folder / GRAPH).write_bytes((Path(scratch) / GRAPH).read_bytes())
        weights = (Path(scratch) / WEIGHTS).read_bytes()
    packer = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS, 9, zlib.Z_HUFFMAN_ONLY)
    packed = packer.compress(weights) + packer.flush()
    size = -(-len(packed) // len(PACKED))
    for number, file in enumerate(PACKED):
        (folder / file).write_bytes(packed[number * size : (number + 1) * size])


def _coarsen(model: onnx.ModelProto, full: dict[str, NDArray[np.float32]]) -> None:
    """Give every quantised matrix steps of ``STEPS`` to a column's standard deviation, wider where it needs more."""
    stored = {weights.name: weights for weights in model.graph.initializer}
    for name in [name for name in stored if name.endswith("_quantized")]:
        base = name.removesuffix("_quantized")
        values, scale = steps(full[base].astype(np.float64), axis=0)
        stored[name].CopyFrom(numpy_helper.from_array(values, name))
        stored[f"{base}_scale"].CopyFrom(numpy_helper.from_array(scale.ravel(), f"{base}_scale"))
        zero = np.zeros(scale.size, np.int8)
        stored[f"{base}_zero_point"].CopyFrom(numpy_helper.from_array(zero, f"{base}_zero_point"))


def steps(weights: Floats, axis: int) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return weights in whole steps, and the size of a step along ``axis``."""
    widest = np.abs(weights).max(axis=axis, keepdims=True) / _MOST
    scale = np.maximum(np.maximum(weights.std(axis=axis, keepdims=True) / STEPS, widest), 1e-9)
    return np.rint(weights / scale).astype(np.int8), scale.astype(np.float32)


def _by_rows(model: onnx.ModelProto, words: str, table: NDArray[np.float32]) -> None:
    """Keep the embeddings in int8, with a scale for each word."""
    graph = model.graph
    values, scale = steps(table.astype(np.float64), axis=1)
    kept = [weights for weights in graph.initializer if weights.name != words]
    del graph.initializer[:]
    graph.initializer.extend([*kept, numpy_helper.from_array(values, "words"), numpy_helper.from_array(scale, "sizes")])
    place, look_up = next((n, node) for n, node in enumerate(graph.node) if words in node.input)
    ids, vectors = look_up.input[1], look_up.output[0]
    graph.node.remove(look_up)
    for offset, node in enumerate(
        (
            helper.make_node("Gather", ["words", ids], ["words/steps"], "words/Gather", axis=0),
            helper.make_node("Cast", ["words/steps"], ["words/floats"], "words/Cast", to=TensorProto.FLOAT),
            helper.make_node("Gather", ["sizes", ids], ["words/sizes"], "sizes/Gather", axis=0),
            helper.make_node("Mul", ["words/floats", "words/sizes"], [vectors], "words/Mul"),
        )
    ):
        graph.node.insert(place + offset, node)
