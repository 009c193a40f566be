"""From which probability a post is a complaint: as shipped, as configured, or as learnt from answers about a brand."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol

import msgspec

from matcher.assess import ComplaintJudge
from matcher.config import BUILTIN, ComplaintConfig
from matcher.encoder import MODEL_DIR
from matcher.verdict import Verdict

Origin = Literal["shipped", "config.yaml", "learnt"]
ONCE = ":once"
"""Marks the version of a model that read a doubtful post once."""


class Threshold(msgspec.Struct, frozen=True):
    """The probability ``value`` from which posts are complaints, and what it comes from.

    ``answers`` and ``since`` tell of a learnt one how many answers moved it, and when.
    """

    value: float
    origin: Origin
    answers: int = 0
    since: datetime | None = None

    def moved(self, brand: str) -> str:
        """Say who moved the threshold of a brand, and when; an empty text where nobody did."""
        if self.origin != "learnt" or self.since is None:
            return ""
        day = f"{self.since.day} {self.since:%b}"
        return f"the threshold of {brand} was moved to {self.value:.0%} by {self.answers} answers on {day}"


LearntThresholds = Mapping[str, Threshold]
"""By brand, what was learnt for the model in use."""


class Model(ComplaintJudge[Verdict], Protocol):
    """A complaint decision that knows the threshold which is shipped or configured for a brand."""

    def threshold(self, brand: str | None) -> float:
        """Return the probability from which a post about ``brand`` is a complaint."""
        ...


def given(config: ComplaintConfig, brand: str | None, shipped: float) -> Threshold:
    """Return the threshold of a brand before anything is learnt: its own, the general one, or the model's."""
    written = config.brands.get(brand or "") or config.threshold
    return Threshold(written, "config.yaml") if written else Threshold(shipped, "shipped")


def in_use(config: ComplaintConfig, brand: str, default: Threshold, learnt: LearntThresholds) -> Threshold:
    """Return the threshold that decides: what ``config.yaml`` says of this brand always wins over what was learnt.

    Only alerts are answered, so nothing is known of posts below the default: a learnt threshold counts above it only.
    """
    found = learnt.get(brand)
    if found is None or not config.learn or brand in config.brands or found.value <= default.value:
        return default
    return found


def fingerprint(config: ComplaintConfig, folder: Path = MODEL_DIR) -> str:
    """Name the model whose probabilities these are: what was learnt for one says nothing of another's."""
    if config.model != BUILTIN:
        meaning = "".join(f"\n{label}={config.labels[label]}" for label in sorted(config.labels))
        return f"custom:{_digest((config.model + meaning).encode())}"
    once = "" if config.second_reading else ONCE
    return f"{BUILTIN}:{_digest(b''.join(path.read_bytes() for path in sorted(folder.glob('complaint.*'))))}{once}"


class ByBrand:
    """Holds a model's verdicts against the threshold of each brand, and says where answers have moved it."""

    def __init__(self, model: Model, config: ComplaintConfig, version: str, learnt: LearntThresholds) -> None:
        """Take the thresholds learnt for the model whose ``fingerprint`` is ``version``."""
        self.version = version
        self.learnt = learnt
        self._model = model
        self._config = config

    def with_learnt(self, learnt: LearntThresholds) -> "ByBrand":
        """Give the same judge with other learnt thresholds."""
        return ByBrand(self._model, self._config, self.version, learnt)

    def judge(
        self,
        texts: Sequence[str],
        contexts: Sequence[str | None],
        langs: Sequence[str | None],
        brands: Sequence[str | None],
        *,
        hurried: bool = False,
    ) -> list[Verdict]:
        """Give one verdict per text, in their order. It works on the CPU: call it in a thread."""
        verdicts = self._model.judge(texts, contexts, langs, brands, hurried=hurried)
        return [self._held(verdict, brand or "") for verdict, brand in zip(verdicts, brands, strict=True)]

    def default(self, brand: str) -> float:
        """Return the threshold of a brand that is shipped or configured."""
        return self._model.threshold(brand)

    def moved(self, brands: Sequence[str]) -> list[str]:
        """Say of which of these brands answers have moved the threshold; one sentence each."""
        return [sentence for brand in brands if (sentence := self._threshold(brand).moved(brand))]

    def _threshold(self, brand: str) -> Threshold:
        default = given(self._config, brand, self._model.threshold(brand))
        return in_use(self._config, brand, default, self.learnt)

    def _held(self, verdict: Verdict, brand: str) -> Verdict:
        threshold = self._threshold(brand)
        version = f"{self.version}{ONCE}" if verdict.hurried else self.version
        stamped = msgspec.structs.replace(verdict, threshold=threshold.value, version=version)
        moved = threshold.moved(brand)
        if not moved or verdict.cannot_tell or not verdict.complaint:
            return stamped
        if verdict.probability >= threshold.value:
            reason = f"{verdict.reason} {moved[:1].upper()}{moved[1:]}.".strip()
            return msgspec.structs.replace(stamped, reason=reason, moved=moved)
        held = msgspec.structs.replace(stamped, complaint=False, moved=moved)
        return msgspec.structs.replace(held, reason=f"It reads somewhat like a complaint ({held.chance}), but {moved}.")


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:24]
