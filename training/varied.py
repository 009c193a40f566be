"""A post as somebody else might have typed it: what the label does not hang on is changed at random."""

import re
from random import Random

from matcher.wording import plain

_HANDLE = "@user"
_NAMED_EMOJI = re.compile(r":[a-z ]+:")
_MARKS = re.compile(r"[.,;!]")
_SENTENCE = re.compile(r"(?<=[.!?]) ")
_LEFT_AS_IT_IS = 0.2
_NEW_HANDLE, _NO_HANDLE = 0.15, 0.15
_NO_EMOJI, _NO_MARKS = 0.2, 0.2
_HASTY, _SLIP = 0.3, 0.06
_CUT = 0.1


def varied(text: str, rng: Random) -> str:
    """Return ``text`` as the encoder reads it, often with another handle, no marks, slips of the finger, or cut."""
    said = plain(text)
    if rng.random() < _LEFT_AS_IT_IS:
        return said
    changed = _cut(_hasty(_bare(_handles(said, rng), rng), rng), rng)
    return changed if changed.strip() else said


def _handles(text: str, rng: Random) -> str:
    if rng.random() < _NO_HANDLE:
        return text.replace(_HANDLE, "").strip()
    if _HANDLE not in text and rng.random() < _NEW_HANDLE:
        return f"{_HANDLE} {text}" if rng.random() < 0.6 else f"{text} {_HANDLE}"
    return text


def _bare(text: str, rng: Random) -> str:
    if rng.random() < _NO_EMOJI:
        text = _NAMED_EMOJI.sub("", text)
    return _MARKS.sub("", text) if rng.random() < _NO_MARKS else text


def _hasty(text: str, rng: Random) -> str:
    if rng.random() >= _HASTY:
        return text
    return " ".join(_slip(word, rng) if rng.random() < _SLIP else word for word in text.split(" "))


def _slip(word: str, rng: Random) -> str:
    """Leave out, swap or double one letter inside ``word``."""
    if len(word) < 4:
        return word
    at, how = rng.randrange(1, len(word) - 1), rng.random()
    if how < 0.35:
        return word[:at] + word[at + 1 :]
    if how < 0.7:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return word[:at] + word[at] + word[at:]


def _cut(text: str, rng: Random) -> str:
    """Leave out the first or the last of several sentences."""
    if rng.random() >= _CUT:
        return text
    parts = _SENTENCE.split(text)
    if len(parts) < 3:
        return text
    return " ".join(parts[1:] if rng.random() < 0.5 else parts[:-1])
