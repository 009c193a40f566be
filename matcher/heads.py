"""The linear heads of the complaint model: weights on the tuned vector and on n-grams, and how both are mixed."""

import json
import zlib
from pathlib import Path
from typing import Self
from zipfile import BadZipFile

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


class Again(msgspec.Struct, frozen=True):
    """How the log odds of a complaint at the first reading and at the second become one."""

    first: float
    second: float
    bias: float


class Card(msgspec.Struct, frozen=True):
    """What ``complaint.json`` says beside the weights: the outputs in their order, the mixes and the threshold.

    A post whose log odds of being a complaint are nearer to even than ``doubt`` is read again; ``again`` says by
    language what that counts, and ``*`` stands for the languages that it does not name.
    """

    version: str
    outputs: tuple[str, ...]
    mixes: dict[str, Mix]
    threshold: float
    languages: tuple[str, ...]
    doubt: float = 0.0
    again: dict[str, Again] = {}


class GramLogits(msgspec.Struct, frozen=True):
    """What one post's n-grams add up to: ``sums`` per output and language, ``shares`` of each in a complaint."""

    sums: Numbers
    shares: Numbers


class Heads:
    """Every output of the model on one post. Rows of the weights follow ``Card.outputs``."""

    def __init__(
        self, card: Card, encoder: Numbers, ngrams: NDArray[np.float16], bias: Numbers, second: Numbers
    ) -> None:
        """Take weights on vectors [outputs, 384], on n-grams [buckets, outputs + languages], and biases [.., 2].

        ``second`` are the weights of a complaint on the larger network's vectors, and behind them their bias [769].
        """
        self.card = card
        self._encoder = encoder
        self._ngrams = ngrams
        self._bias = bias
        self._second = second

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read ``complaint.npz`` and ``complaint.json``."""
        try:
            card = msgspec.json.decode((folder / "complaint.json").read_bytes(), type=Card)
            with np.load(folder / "complaint.npz", allow_pickle=False) as stored:
                buckets = _dense(stored["rows"], stored["values"], int(stored["buckets"]))
                return cls(card, stored["encoder"], buckets, stored["bias"], stored["second"])
        except (OSError, EOFError, KeyError, ValueError, msgspec.DecodeError, BadZipFile, zlib.error) as error:
            raise HeadsMissingError(
                f"the complaint heads in {folder} cannot be read ({error}): run `make model`, or install again"
            ) from error

    def read(self, grams: Features) -> GramLogits:
        """Sum the n-grams' weights once, for all outputs and languages."""
        weights = self._ngrams[grams.index].astype(np.float32)
        sums = np.asarray(grams.value @ weights + self._bias[:, 1], np.float32)
        place = self.card.outputs.index("complaint")
        return GramLogits(sums, np.asarray(grams.value * weights[:, place], np.float32))

    def languages(self, grams: GramLogits) -> Numbers:
        """Return the probability of each language of the card, by n-grams alone."""
        logits = grams.sums[len(self.card.outputs) :]
        odds = np.exp(logits - logits.max())
        return np.asarray(odds / odds.sum(), np.float32)

    def logits(self, vector: Numbers, grams: GramLogits, lang: str) -> dict[str, float]:
        """Return each output's mixed log odds (for ``severity``: the plain value)."""
        by_vector = (self._encoder @ vector + self._bias[: len(self.card.outputs), 0]).tolist()
        by_grams = grams.sums.tolist()
        mixed = {}
        for place, name in enumerate(self.card.outputs):
            mix = self._mix(name, lang)
            mixed[name] = mix.encoder * by_vector[place] + mix.ngrams * by_grams[place] + mix.bias
        return mixed

    def doubts(self, odds: float, lang: str) -> bool:
        """Say whether a post of these log odds is to be read again."""
        return abs(odds) < self.card.doubt and lang in self.card.languages and self._again(lang) is not None

    def again(self, odds: float, vector: Numbers, lang: str) -> float:
        """Return the log odds of a complaint after the second reading, which found ``vector``."""
        mix = self._again(lang)
        if mix is None:
            return odds
        return mix.first * odds + mix.second * float(self._second[:-1] @ vector + self._second[-1]) + mix.bias

    def _again(self, lang: str) -> Again | None:
        return self.card.again.get(lang) or self.card.again.get("*")

    def shares(self, grams: GramLogits, lang: str) -> Numbers:
        """Return what each n-gram added to the log odds of a complaint."""
        return np.asarray(grams.shares * self._mix("complaint", lang).ngrams, np.float32)

    def _mix(self, name: str, lang: str) -> Mix:
        return self.card.mixes.get(f"{name}.{lang}") or self.card.mixes[f"{name}.*"]


def save(
    folder: Path, card: Card, encoder: Numbers, ngrams: NDArray[np.float16], bias: Numbers, second: Numbers
) -> None:
    """Write what ``Heads.load`` reads; only buckets with a weight are stored."""
    rows = np.flatnonzero(np.any(ngrams != 0, axis=1)).astype(np.int32)
    np.savez_compressed(
        folder / "complaint.npz",
        rows=rows,
        values=ngrams[rows],
        buckets=np.int64(len(ngrams)),
        encoder=encoder.astype(np.float32),
        bias=bias.astype(np.float32),
        second=second.astype(np.float32),
    )
    text = json.dumps(msgspec.to_builtins(card), indent=2)
    (folder / "complaint.json").write_text(text + "\n", "utf-8")


def _dense(rows: NDArray[np.int32], values: NDArray[np.float16], buckets: int) -> NDArray[np.float16]:
    dense = np.zeros((buckets, values.shape[1]), np.float16)
    dense[rows] = values
    return dense
