"""The linear heads of the complaint model: weights on the encoder's layers and on n-grams, and how both are mixed."""

import json
from pathlib import Path
from typing import Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from matcher.ngrams import Features

Numbers = NDArray[np.float32]

LANGUAGES = ("en", "de", "fr", "es", "pt", "it", "nl")
OTHER_LANGUAGE = "other"


class HeadsMissingError(RuntimeError):
    """The trained heads are not where they should be, or were trained for another program."""


class Mix(msgspec.Struct, frozen=True):
    """How the two parts' log odds become one: ``encoder`` and ``ngrams`` are their shares, ``bias`` is added."""

    encoder: float
    ngrams: float
    bias: float


class Card(msgspec.Struct, frozen=True):
    """What ``complaint.json`` says beside the weights: the outputs in their order, the mixes and the threshold."""

    version: str
    outputs: tuple[str, ...]
    mixes: dict[str, Mix]
    threshold: float
    languages: tuple[str, ...]


class Heads:
    """Every output of the model on one post. Rows of the weights follow ``Card.outputs``."""

    def __init__(self, card: Card, encoder: Numbers, ngrams: NDArray[np.float16], bias: Numbers) -> None:
        """Take weights on vectors [outputs, 1152], on n-grams [buckets, outputs + languages], and biases [.., 2]."""
        self.card = card
        self._encoder = encoder
        self._ngrams = ngrams
        self._bias = bias

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read ``complaint.npz`` and ``complaint.json``."""
        try:
            card = msgspec.json.decode((folder / "complaint.json").read_bytes(), type=Card)
            with np.load(folder / "complaint.npz", allow_pickle=False) as stored:
                buckets = _dense(stored["rows"], stored["values"], int(stored["buckets"]))
                return cls(card, stored["encoder"], buckets, stored["bias"])
        except (OSError, KeyError, msgspec.DecodeError) as error:
            raise HeadsMissingError(
                f"the complaint heads in {folder} cannot be read ({error}): run `make model`, or install again"
            ) from error

    def languages(self, grams: Features) -> Numbers:
        """Return the probability of each language of the card, by n-grams alone."""
        first = len(self.card.outputs)
        logits = grams.value @ self._ngrams[grams.index, first:].astype(np.float32) + self._bias[first:, 1]
        odds = np.exp(logits - logits.max())
        return np.asarray(odds / odds.sum(), np.float32)

    def logits(self, vector: Numbers, grams: Features, lang: str) -> dict[str, float]:
        """Return each output's mixed log odds (for ``severity``: the plain value)."""
        count = len(self.card.outputs)
        by_vector = self._encoder @ vector + self._bias[:count, 0]
        by_grams = grams.value @ self._ngrams[grams.index, :count].astype(np.float32) + self._bias[:count, 1]
        mixed = {}
        for place, name in enumerate(self.card.outputs):
            mix = self.card.mixes.get(f"{name}.{lang}") or self.card.mixes[f"{name}.*"]
            mixed[name] = float(mix.encoder * by_vector[place] + mix.ngrams * by_grams[place] + mix.bias)
        return mixed

    def shares(self, grams: Features, lang: str) -> Numbers:
        """Return what each n-gram added to the log odds of a complaint."""
        place = self.card.outputs.index("complaint")
        mix = self.card.mixes.get(f"complaint.{lang}") or self.card.mixes["complaint.*"]
        weights = self._ngrams[grams.index, place].astype(np.float32)
        return np.asarray(grams.value * weights * mix.ngrams, np.float32)


def save(folder: Path, card: Card, encoder: Numbers, ngrams: NDArray[np.float16], bias: Numbers) -> None:
    """Write what ``Heads.load`` reads; only buckets with a weight are stored."""
    rows = np.flatnonzero(np.any(ngrams != 0, axis=1)).astype(np.int32)
    np.savez_compressed(
        folder / "complaint.npz",
        rows=rows,
        values=ngrams[rows],
        buckets=np.int64(len(ngrams)),
        encoder=encoder.astype(np.float32),
        bias=bias.astype(np.float32),
    )
    text = json.dumps(msgspec.to_builtins(card), indent=2)
    (folder / "complaint.json").write_text(text + "\n", "utf-8")


def _dense(rows: NDArray[np.int32], values: NDArray[np.float16], buckets: int) -> NDArray[np.float16]:
    dense = np.zeros((buckets, values.shape[1]), np.float16)
    dense[rows] = values
    return dense
