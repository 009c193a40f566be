"""Reads one listing back to its watermark, page after page, and says where it could not."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec

from listener.sources.reddit_client import Page
from listener.sources.reddit_cursor import Mark
from listener.sources.reddit_payload import stamp

Fetch = Callable[[str | None], Awaitable[Page]]

_TAIL = 3
_MOST_PAGES = 15
_SUSPICIOUS_LENGTH = 500


class Item(msgspec.Struct, frozen=True):
    """One child of a listing with its id and its time in Unix seconds; both None where it has none."""

    child: Any
    fullname: str | None = None
    created: float | None = None


class Reading(msgspec.Struct, frozen=True):
    """What a listing holds beyond its mark, oldest first; ``gap_until`` is set where it ended too early."""

    items: list[Item]
    gap_until: float | None = None


def items_of(page: Page) -> list[Item]:
    """Give the page's items, those without an id or a time included."""
    return [_item(child) for child in page.children]


def _item(child: Any) -> Item:
    try:
        stamped = stamp(child)
    except msgspec.ValidationError:
        return Item(child)
    return Item(child, stamped.name, stamped.created_utc)


async def read_back(fetch: Fetch, mark: Mark) -> Reading:
    """Read from the newest item back to the mark: one request where little is new.

    No anchor is kept between polls, so a deleted one costs nothing. A page is read to its end, and paging stops only
    where its last items are all known: an old submission that resurfaces on top of newer ones hides none of them.
    """
    walk = _Walk(fetch, mark)
    await walk.run()
    fresh = sorted(walk.fresh.values(), key=lambda item: (item.created or 0.0, _order(item.fullname or "")))
    return Reading(walk.nameless + fresh, walk.gap_until)


class _Walk:
    """One pass through a listing."""

    def __init__(self, fetch: Fetch, mark: Mark) -> None:
        self._fetch = fetch
        self._mark = mark
        self._read = 0
        self._oldest: float | None = None
        self.fresh: dict[str, Item] = {}
        self.nameless: list[Item] = []
        self.gap_until: float | None = None

    async def run(self) -> None:
        page = await self._fetch(None)
        for _ in range(_MOST_PAGES):
            items = self._take(page)
            if self._meets(items) or page.after is None:
                return self._end(items, cut_off=False)
            page = await self._next(page.after, items)
            if not page.children:
                return self._end(items, cut_off=True)
        return self._end(items, cut_off=True)

    def _take(self, page: Page) -> list[Item]:
        items = items_of(page)
        self._read += len(items)
        for item in items:
            if item.fullname is None or item.created is None:
                self.nameless.append(item)
            elif not self._mark.knows(item.fullname, item.created):
                self.fresh[item.fullname] = item
        return items

    def _meets(self, items: Sequence[Item]) -> bool:
        tail = [item for item in items if item.fullname is not None][-_TAIL:]
        return bool(tail) and all(self._mark.knows(item.fullname or "", item.created or 0.0) for item in tail)

    async def _next(self, after: str, items: Sequence[Item]) -> Page:
        """Give the next page; where its anchor was deleted meanwhile, Reddit answers nothing: try its neighbours."""
        neighbours = [item.fullname for item in items if item.fullname not in (None, after)]
        page = Page([], None)
        for anchor in [after, *reversed(neighbours[-_TAIL:])]:
            page = await self._fetch(anchor)
            if page.children:
                return page
        return page

    def _end(self, items: Sequence[Item], *, cut_off: bool) -> None:
        """Note a gap where the listing ended short of the watermark; a short listing may end since it is all."""
        tail = [item.created for item in items if item.created is not None][-_TAIL:]
        short = bool(tail) and max(tail) > self._mark.newest
        if short and (cut_off or self._read >= _SUSPICIOUS_LENGTH):
            self.gap_until = min(tail)


def _order(fullname: str) -> int:
    try:
        return int(fullname.partition("_")[2], 36)
    except ValueError:
        return 0
