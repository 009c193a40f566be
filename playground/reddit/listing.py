"""Reddit's listings: newest first, 100 a page, 1,000 in all, walked with ``before`` and ``after``."""

from collections.abc import Iterable, Sequence

from playground.reddit.things import Data, Thing

CAP = 1000
PAGE = 100
DEFAULT_PAGE = 25


def newest(things: Iterable[Thing], kind: str, subreddits: set[str]) -> list[Thing]:
    """Give what a listing can reach: the newest 1,000 that were not removed."""
    shown = [
        thing
        for thing in things
        if thing.kind == kind and not thing.removed and thing.data["subreddit"].lower() in subreddits
    ]
    return sorted(shown, key=lambda thing: (thing.created, thing.number), reverse=True)[:CAP]


def page_size(asked: str | None) -> int:
    """Give how many items a page holds: 25 unless asked, 100 at most."""
    return min(max(int(asked), 1), PAGE) if asked and asked.isdigit() else DEFAULT_PAGE


def cut(shown: Sequence[Thing], *, before: str | None, after: str | None, limit: int) -> tuple[list[Thing], str | None]:
    """Give a page and the ``after`` of the next one.

    ``before`` gives the *nearest* newer items, not the newest; an anchor that is unknown, removed or past the cap
    gives an empty page in both directions. Measured on recorded replies.
    """
    anchor = before or after
    if anchor is None:
        return _page(shown, 0, limit)
    place = next((index for index, thing in enumerate(shown) if thing.fullname == anchor), None)
    if place is None:
        return [], None
    if before:
        return list(shown[max(0, place - limit) : place]), None
    return _page(shown, place + 1, limit)


def _page(shown: Sequence[Thing], start: int, limit: int) -> tuple[list[Thing], str | None]:
    page = list(shown[start : start + limit])
    more = start + limit < len(shown)
    return page, page[-1].fullname if more else None


def wire(page: Sequence[Thing], after: str | None, *, raw: bool) -> Data:
    """Give a page as Reddit sends it."""
    return {
        "kind": "Listing",
        "data": {
            "after": after,
            "dist": len(page),
            "modhash": "",
            "geo_filter": "",
            "children": [thing.wire(raw=raw) for thing in page],
            "before": None,
        },
    }
