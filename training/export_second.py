"""Export the network of the second reading to the int8 graph that ships: ``python -m training.export_second``.

Needs what ``training.export_encoder`` needs and what ``training.second_reader`` wrote. The same inputs give the same
bytes. Source of the weights: sentence-transformers/all-mpnet-base-v2, Apache-2.0.
"""

import argparse
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnxruntime.transformers import optimizer
from onnxruntime.transformers.fusion_options import FusionOptions
from transformers import AutoModel, PreTrainedTokenizerFast

from matcher.encoder import MODEL_DIR
from matcher.second_reader import SecondReader
from training.export_encoder import REFERENCE_TEXTS, Pooled, compare, full_precision
from training.graph import INPUTS
from training.network import restore
from training.rows import labelled, read
from training.second_graph import SecondGraph, pack
from training.second_reader import SECOND
from training.teacher import begun, unpacked

EVERY = 80
HEADS, WIDTH, WIDE = 12, 768, 3072
WORDS = "bert.embeddings.word_embeddings.weight"
LEAST_COSINE = 0.93
_SHIFT = 4  # all-mpnet-base-v2 has MiniLM's word pieces behind four marks of its own
_OWN = {"[CLS]": 0, "[SEP]": 2}


def export(out: Path, folder: Path) -> None:
    """Write the graph to ``out``, and print how far it strays from full precision."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    tokenizer = PreTrainedTokenizerFast.from_pretrained(str(MODEL_DIR), local_files_only=True)
    model = Pooled(_bert(folder, tokenizer), unit=False)
    graph = SecondGraph(_fused(model, tokenizer), WIDE)
    some = [read(row) for row in labelled()[::EVERY]]
    peaks = graph.peaks(tokenizer(some, truncation=True, max_length=96)["input_ids"])
    int8 = graph.quantised(graph.leave_loud(peaks), WORDS)
    int8.doc_string = "all-mpnet-base-v2 tuned to complaints, dynamic int8; Apache-2.0, see NOTICE"
    pack(int8, out)
    _check(SecondReader(out).ready(), model, tokenizer)


def _bert(folder: Path, tokenizer: PreTrainedTokenizerFast) -> Any:
    """Load the network for an exporter that needs the plain form of attention, reading MiniLM's token ids."""
    with tempfile.TemporaryDirectory() as scratch:
        published = unpacked(Path(scratch))
        network = begun(published, labelled(), 0)
        restore(network, folder)
        bert: Any = AutoModel.from_pretrained(str(published), add_pooling_layer=False, attn_implementation="eager")
    bert.load_state_dict(network.bert.state_dict())
    table = bert.embeddings.word_embeddings
    table.weight = torch.nn.Parameter(table.weight.detach()[_places(tokenizer)])
    return bert


def _places(tokenizer: PreTrainedTokenizerFast) -> torch.Tensor:
    """Return where each of MiniLM's tokens stands in the larger network's table."""
    known = tokenizer.get_vocab()
    places = torch.arange(len(known)) + _SHIFT
    for mark, place in _OWN.items():
        places[known[mark]] = place
    return places


def _fused(model: Pooled, tokenizer: PreTrainedTokenizerFast) -> onnx.ModelProto:
    batch = tokenizer(list(REFERENCE_TEXTS[:2]), padding=True, return_tensors="pt")
    ragged = {name: {0: "batch", 1: "tokens"} for name in INPUTS} | {"vector": {0: "batch"}}
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracing exporter is deprecated, and quiet about what it drops
        torch.onnx.export(
            model, tuple(batch[name] for name in INPUTS), f"{folder}/plain.onnx", input_names=list(INPUTS),
            output_names=["vector"], dynamic_axes=ragged, opset_version=17, dynamo=False,
        )  # fmt: skip
        optimised = optimizer.optimize_model(
            f"{folder}/plain.onnx", "bert", num_heads=HEADS, hidden_size=WIDTH,
            optimization_options=FusionOptions("bert"), opt_level=0,
        )  # fmt: skip
        optimised.save_model_to_file(f"{folder}/fused.onnx")
        return onnx.load(f"{folder}/fused.onnx")


def _check(session: Any, model: Pooled, tokenizer: PreTrainedTokenizerFast) -> None:
    for text, full in zip(REFERENCE_TEXTS, full_precision(model, tokenizer), strict=True):
        batch = tokenizer([text], return_tensors="np")
        (vector,) = session.run(["vector"], {name: batch[name].astype(np.int64) for name in INPUTS})[0]
        compare(vector, full, LEAST_COSINE, text[:60])


def main() -> None:
    """Export into ``--out`` (default: the package's own model folder)."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--out", type=Path, default=MODEL_DIR)
    parser.add_argument("--second", type=Path, default=SECOND)
    given = parser.parse_args()
    export(given.out, given.second)


if __name__ == "__main__":
    main()
