"""How far Reddit was read: a watermark for comments and one for submissions, with the ids seen near it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal

import msgspec

Listing = Literal["comments", "new"]
LISTINGS: tuple[Listing, ...] = ("comments", "new")
_REMEMBERED = 300


class Mark(msgspec.Struct, frozen=True):
    """What of one listing was read: all from before ``floor``, and the ids in ``seen``. Times are Unix seconds.

    ``created_utc`` has whole seconds and items reach a listing late and out of order, so the ids since the floor
    are kept with their ages (in seconds before ``newest``): nothing at the watermark is lost or given twice.
    """

    newest: int
    floor: int
    seen: Mapping[str, int] = {}

    def knows(self, fullname: str, created: float) -> bool:
        """Say whether an item was read before, or is too old to be news."""
        return created < self.floor or fullname in self.seen

    def after(self, fullname: str, created: float, overlap: int) -> "Mark":
        """Give the mark once this item was read; ``overlap`` is how many seconds behind it late items still count."""
        newest = max(self.newest, int(created))
        times = {ident: self.newest - age for ident, age in self.seen.items()} | {fullname: int(created)}
        floor = _raised(max(self.floor, newest - overlap), newest, times)
        return Mark(newest, floor, {ident: newest - time for ident, time in times.items() if time >= floor})

    @property
    def time(self) -> datetime:
        return datetime.fromtimestamp(self.newest, UTC)


def _raised(floor: int, newest: int, times: Mapping[str, int]) -> int:
    """Give a floor above which at most 300 ids lie, though never above the newest second itself."""
    above = sorted((time for time in times.values() if time >= floor), reverse=True)
    if len(above) <= _REMEMBERED:
        return floor
    return min(above[_REMEMBERED] + 1, newest)


def mark_at(seconds: float) -> Mark:
    """Give the mark of one who has read everything before this time and nothing since."""
    return Mark(int(seconds), int(seconds))


@dataclass(frozen=True)
class Cursor:
    """The marks of both listings, kept as one string."""

    marks: Mapping[Listing, Mark] = field(default_factory=dict)

    def after(self, listing: Listing, fullname: str, created: float, overlap: int) -> "Cursor":
        mark = self.marks[listing].after(fullname, created, overlap)
        return replace(self, marks={**self.marks, listing: mark})

    def encode(self) -> str:
        return msgspec.json.encode(self.marks).decode()


def decode(text: str) -> Cursor:
    """Read a stored cursor; raises ValueError where it is none of ours."""
    try:
        marks = msgspec.json.decode(text, type=dict[Listing, Mark])
    except msgspec.MsgspecError as error:
        raise ValueError(f"this is no cursor of a Reddit source: {error}") from error
    if set(marks) != set(LISTINGS):
        raise ValueError("this cursor lacks a mark for comments or for new submissions")
    return Cursor(marks)
