"""Why a post counts as a complaint, in one line: what about, how surely, and the words that decided."""

from collections.abc import Mapping
from typing import Any

import msgspec

from notifier.sureness import percent
from notifier.transports.plain import one_line, shorten

_BUILTIN = "builtin"
_UPHELD = "taken for one all the same"  # in the reason of a verdict that an unresolved case overruled
_WORDS_SHOWN = 5
_WORD_LIMIT = 30
_ABOUT = {
    "no_reply": "that nobody replied",
    "delivery": "about a delivery",
    "defect": "about a faulty product or service",
    "billing": "about billing or a refund",
    "outage": "about an outage or fault online",
    "staff": "about how staff behaved",
    "access": "about access to an account or a place",
    "safety": "about safety or health",
}
_BY_CONFIGURATION = (
    "The model does not know this post's language: it counts as a complaint because the configuration says so"
)
_UNKNOWN_BUT_FITS = (
    "The model does not know this post's language: it was taken for a complaint because it seemed to fit "
    "an unresolved case"
)
_DOUBTFUL_BUT_FITS = (
    "By itself it does not read as a complaint ({share}): it was taken for one because it seemed to fit "
    "an unresolved case"
)


class _Word(msgspec.Struct, frozen=True):
    text: str
    weight: float


class _Verdict(msgspec.Struct, frozen=True):
    """What is read of a verdict kept with its mention; one written by another version may lack the rest."""

    kind: str
    probability: float
    words: tuple[_Word, ...] = ()
    cannot_tell: bool = False
    model: str = _BUILTIN
    reason: str = ""


def complaint_line(assessment: Mapping[str, Any] | None) -> str:
    """Return why a post counts as a complaint, without a full stop; an empty text where no verdict was kept.

    The words are the poster's own. Another model than the built-in one does not tell which words decided.
    """
    verdict = _verdict(assessment)
    if verdict is None:
        return ""
    overruled = _UPHELD in verdict.reason
    if verdict.cannot_tell:
        return _UNKNOWN_BUT_FITS if overruled else _BY_CONFIGURATION
    share = percent(verdict.probability)
    if overruled:
        return _DOUBTFUL_BUT_FITS.format(share=share)
    what = f"a complaint {_ABOUT.get(verdict.kind, '')}".strip()
    return f"Reads as {what} ({share}){_decided(verdict)}"


def cannot_tell(assessment: Mapping[str, Any] | None) -> bool:
    """Return whether the post's language is one that the model does not know."""
    verdict = _verdict(assessment)
    return verdict is not None and verdict.cannot_tell


def _decided(verdict: _Verdict) -> str:
    if verdict.model != _BUILTIN:
        return ""
    found = [shorten(one_line(word.text), _WORD_LIMIT) for word in verdict.words if word.weight > 0]
    named = ", ".join(f"“{word}”" for word in found[:_WORDS_SHOWN] if word)
    return f"; what decided: {named}" if named else ""


def _verdict(assessment: Mapping[str, Any] | None) -> _Verdict | None:
    try:
        return msgspec.convert((assessment or {}).get("verdict"), _Verdict | None)
    except msgspec.ValidationError:
        return None
