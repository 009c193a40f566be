"""A clue: what a text or a profile says that may tie it to a case, and where it says so."""

from typing import Literal

import msgspec

Field = Literal["text", "context", "name", "handle", "bio", "location"]


class Clue(msgspec.Struct, frozen=True):
    """One thing said. ``value`` is folded; the span holds for the field that it came from."""

    code: str
    value: str
    start: int
    end: int
    field: Field = "text"
