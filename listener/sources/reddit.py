"""Reddit: new comments and submissions of some subreddits, by asking again and again."""

import asyncio
import hashlib
import random
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

import msgspec
import structlog

from listener.post import Alive, Event, Gap, Removal, Unreadable
from listener.source import SourceError
from listener.sources.reddit_client import Page, RedditClient, RedditClients
from listener.sources.reddit_config import RedditConfig
from listener.sources.reddit_cursor import LISTINGS, Cursor, Listing, Mark, decode, mark_at
from listener.sources.reddit_payload import to_post
from listener.sources.reddit_poller import Item, Reading, items_of, read_back
from listener.sources.reddit_threads import parents_of

__all__ = ["RedditConfig", "RedditSource"]

_TRIES = 6
_FIRST_WAIT = 1.0
_LONGEST_WAIT = 60.0
_REMEMBERED = 1000

_Result = TypeVar("_Result")

log = structlog.get_logger(__name__)


def _utc_now() -> datetime:
    return datetime.now(UTC)


class RedditSource:
    """Listens to the comments and submissions of the configured subreddits.

    Edits are not streamed by Reddit; ``removed`` tells which of our mentions must go. Sources with the same
    credential must be given the same ``clients``, since Reddit counts requests by credential.
    """

    platform = "reddit"

    def __init__(
        self,
        name: str,
        config: RedditConfig,
        *,
        clients: RedditClients | None = None,
        now: Callable[[], datetime] = _utc_now,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.name = name
        self.config = config
        self._clients = clients or RedditClients()
        self._client: RedditClient | None = None
        self._now = now
        self._sleep = sleep
        self._overlap = int(config.overlap.total_seconds())
        self._reported: OrderedDict[str, None] = OrderedDict()

    async def listen(self, cursor: str | None) -> AsyncIterator[Event]:
        """Give comments and submissions since the cursor, oldest first, one round of events a poll.

        Without a cursor it starts at the newest item, or ``backfill`` ago. Raises SourceError once six tries in a row
        have failed, or at once where trying again is useless.
        """
        at = self._decoded(cursor)
        while True:
            if at is None:
                at = await self._patiently(self._start)
                yield Alive(at.encode())
            readings = await self._patiently(partial(self._read, at))
            parents = await self._parents(readings)
            quiet = True
            for event, moved in self._events(at, readings, parents):
                quiet, at = False, moved
                yield event
            if quiet:
                yield Alive(at.encode())
            await self._sleep(self.config.poll_every.total_seconds())

    async def removed(self, native_ids: Sequence[str]) -> list[str]:
        """Give those of our native ids that Reddit no longer shows: deleted, removed, or of a deleted account.

        Asks for 100 at a time; raises SourceError.
        """
        return await self._lent().gone(native_ids) if native_ids else []

    async def recheck(self, ids: Sequence[str]) -> list[Removal]:
        """Give a removal for each of our posts that Reddit no longer shows; raises SourceError."""
        return [Removal(native_id) for native_id in await self.removed(ids)]

    async def close(self) -> None:
        """Give the client back; safe to call twice."""
        if self._client is not None:
            self._client = None
            await self._clients.give_back(self.config)

    def _lent(self) -> RedditClient:
        if self._client is None:
            self._client = self._clients.lend(self.config)
        return self._client

    def _decoded(self, cursor: str | None) -> Cursor | None:
        try:
            return decode(cursor) if cursor is not None else None
        except ValueError as error:
            step = f"delete the cursor of {self.name} to start from now"
            raise SourceError(f"source {self.name}: {error}: {step}", permanent=True) from error

    async def _start(self) -> Cursor:
        if self.config.backfill is not None:
            since = mark_at((self._now() - self.config.backfill).timestamp())
            return Cursor(dict.fromkeys(LISTINGS, since))
        return Cursor({listing: await self._newest(listing) for listing in LISTINGS})

    async def _newest(self, listing: Listing) -> Mark:
        """Give the mark of one who has read all that is listed now; Reddit's clock counts, not ours."""
        page = await self._fetch(listing, None)
        dated = [(item.fullname, item.created) for item in items_of(page) if item.fullname and item.created]
        if not dated:
            return mark_at(self._now().timestamp() - self._overlap)
        newest = int(max(created for _, created in dated))
        below = int(min(created for _, created in dated)) + 1 if page.after else 0  # older ones are on pages not read
        mark = Mark(newest, max(newest - self._overlap, min(below, newest)))
        for fullname, created in dated:
            mark = mark if mark.knows(fullname, created) else mark.after(fullname, created, self._overlap)
        return mark

    async def _read(self, at: Cursor) -> dict[Listing, Reading]:
        return {listing: await read_back(partial(self._fetch, listing), at.marks[listing]) for listing in LISTINGS}

    async def _fetch(self, listing: Listing, after: str | None) -> Page:
        return await self._lent().page(f"r/{self.config.joined}/{listing}/", after)

    async def _parents(self, readings: Mapping[Listing, Reading]) -> dict[str, str]:
        """Give the texts that short comments answer. Without them the title of the thread has to do: no post waits."""
        found = parents_of(item.child for reading in readings.values() for item in reading.items)
        known = {fullname: text for fullname, text in found.items() if text is not None}
        lacking = [fullname for fullname in found if fullname not in known]
        try:
            return known | (await self._lent().texts(lacking) if lacking else {})
        except SourceError as error:
            log.warning("source.parents_unread", source=self.name, reason=str(error), comments=len(lacking))
            return known

    async def _patiently(self, attempt: Callable[[], Awaitable[_Result]]) -> _Result:
        """Try until it works, waiting longer each time; a failure that is permanent, or the sixth, is raised."""
        tries = 0
        while True:
            tries += 1
            try:
                return await attempt()
            except SourceError as error:
                wait = max(_backoff(tries), error.retry_after or 0.0)
                if error.permanent or tries == _TRIES:
                    raise self._named(error, wait) from error
                log.warning("source.retry", source=self.name, reason=str(error), tries=tries, wait=round(wait, 1))
                await self._sleep(wait)

    def _named(self, error: SourceError, wait: float) -> SourceError:
        retry_after = None if error.permanent else wait
        return SourceError(f"source {self.name}: {error}", permanent=error.permanent, retry_after=retry_after)

    def _events(
        self, at: Cursor, readings: Mapping[Listing, Reading], parents: Mapping[str, str]
    ) -> Iterator[tuple[Event, Cursor]]:
        """Give each event with the cursor that holds once it is kept; a gap comes first and moves nothing."""
        for listing, reading in readings.items():
            if reading.gap_until is not None:
                yield self._gap(at, listing, reading.gap_until), at
        found = [(listing, item) for listing, reading in readings.items() for item in reading.items]
        for listing, item in sorted(found, key=lambda pair: pair[1].created or 0.0):
            if item.fullname is None or item.created is None:
                if self._first_time(item.child):
                    yield _unreadable(item, "a listed item without a name or a time", at), at
                continue
            at = at.after(listing, item.fullname, item.created, self._overlap)
            if (event := self._event(item, at, parents)) is not None:
                yield event, at

    def _event(self, item: Item, at: Cursor, parents: Mapping[str, str]) -> Event | None:
        try:
            post = to_post(item.child, self.config.base_url, parents)
        except msgspec.ValidationError as error:
            return _unreadable(item, str(error), at)
        return None if post is None else msgspec.structs.replace(post, cursor=at.encode())

    def _gap(self, at: Cursor, listing: Listing, until: float) -> Gap:
        reason = f"Reddit lists at most 1,000 items, and r/{self.config.joined}/{listing} had more since the last poll"
        return Gap(reason, at.marks[listing].time, datetime.fromtimestamp(until, UTC), at.encode())

    def _first_time(self, child: object) -> bool:
        """Say whether this nameless item is new to us: without an id, no cursor can remember it."""
        digest = hashlib.sha256(msgspec.json.encode(child)).hexdigest()
        known = digest in self._reported
        self._reported[digest] = None
        if len(self._reported) > _REMEMBERED:
            self._reported.popitem(last=False)
        return not known


def _unreadable(item: Item, reason: str, at: Cursor) -> Unreadable:
    return Unreadable(reason, msgspec.json.encode(item.child), item.fullname, at.encode())


def _backoff(tries: int) -> float:
    """Give 1, 2, 4, ... seconds, 60 at most, and up to a quarter more so that many do not return at once."""
    return min(_FIRST_WAIT * 2.0 ** (tries - 1), _LONGEST_WAIT) * random.uniform(1.0, 1.25)
