"""What was missed while the stream was down, found again by recent search."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

import msgspec
import structlog

from listener.post import Gap, Post, Unreadable
from listener.source import SourceError
from listener.sources.x_pace import Clock
from listener.sources.x_payload import Page, instant, snowflake
from listener.sources.x_rules import XQuery, searches

_REACH = timedelta(days=7) - timedelta(minutes=5)
"""How far back recent search goes, less a margin for the requests themselves."""
_ATTEMPTS = 4

log = structlog.get_logger(__name__)


class Settings(msgspec.Struct, frozen=True):
    """How recovery searches. ``again_after`` is due to search's index, which is 30 seconds late."""

    overlap: timedelta = timedelta(minutes=2)
    again_after: timedelta = timedelta(seconds=60)
    max_posts: int = 5_000


class Searching(Protocol):
    """Recent search."""

    async def search(self, query: str, *, since_id: int, next_token: str | None = None) -> Page:
        """One page, newest first."""
        ...


class Watermark:
    """How far the stream is read without a hole.

    While missed posts are still looked for, a live post does not move the cursor: a crash would lose the missed ones.
    """

    def __init__(self, cursor: str | None) -> None:
        self.cursor = cursor
        self._newest = int(cursor or 0)
        self._held: int | None = None
        self._generation = 0

    def hold(self) -> int:
        """Stop at the cursor until this generation, or a later one, is released."""
        self._generation += 1
        self._held = self._generation
        return self._generation

    def live(self, native_id: str) -> str | None:
        """The cursor to give with a streamed post; None while held."""
        self._newest = max(self._newest, int(native_id))
        return None if self._held is not None else self._move(self._newest)

    def recovered(self, native_id: str) -> str:
        """The cursor to give with a recovered post, all older ones being given already."""
        self._newest = max(self._newest, int(native_id))
        return self._move(int(native_id))

    def release(self, generation: int) -> str | None:
        """Let the cursor catch up with the newest post, unless a later connect holds it."""
        if self._held != generation:
            return self.cursor
        self._held = None
        return self._move(self._newest) if self._newest else self.cursor

    def _move(self, native_id: int) -> str:
        self.cursor = str(max(native_id, int(self.cursor or 0)))
        return self.cursor


class Recovered(msgspec.Struct, frozen=True):
    """What one pass found, oldest first. Only a ``complete`` one may move the cursor; the ``last`` one releases it."""

    events: list[Post | Unreadable]
    gaps: list[Gap]
    complete: bool
    last: bool
    generation: int


class _Found(msgspec.Struct):
    events: list[Post | Unreadable] = []
    capped: bool = False
    failed: str | None = None


class Recovery:
    """After each connect, searches for what is newer than the watermark: at once, and again a minute later."""

    def __init__(
        self,
        api: Searching,
        queries: Sequence[XQuery],
        watermark: Watermark,
        settings: Settings,
        clock: Clock,
        put: Callable[[Recovered], Awaitable[None]],
    ) -> None:
        self._api = api
        self._watermark = watermark
        self._settings = settings
        self._clock = clock
        self._put = put
        self._searches, self._unsearchable = _searches(queries)
        self._generation = 0
        self._connected = asyncio.Event()

    def begin(self, generation: int) -> None:
        """The stream is open again."""
        self._generation = generation
        self._connected.set()

    async def run(self) -> None:
        """Recover after each connect, for ever. A connect meanwhile starts over once the running pass is done."""
        while True:
            await self._connected.wait()
            self._connected.clear()
            generation = self._generation
            await self._put(await self._pass(generation, last=False))
            if await self._still_connected_after(self._settings.again_after.total_seconds()):
                await self._put(await self._pass(generation, last=True))

    async def _still_connected_after(self, seconds: float) -> bool:
        pause = asyncio.ensure_future(self._clock.sleep(seconds))
        connect = asyncio.ensure_future(self._connected.wait())
        try:
            await asyncio.wait({pause, connect}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            pause.cancel()
            connect.cancel()
        return not self._connected.is_set()

    async def _pass(self, generation: int, *, last: bool) -> Recovered:
        now = self._clock.now()
        reached = int(self._watermark.cursor or 0)
        since = reached - _ids(self._settings.overlap)
        oldest = snowflake(now - _REACH)
        found = [await self._search(query, max(since, oldest)) for query in self._searches]
        events = _in_order(found)
        gaps = self._gaps(found, reached, now, too_old=reached < oldest, last=last)
        complete = last or not any(one.failed for one in found)
        log.info("x.recovered", posts=len(events), gaps=[gap.reason for gap in gaps], complete=complete, last=last)
        return Recovered(events, gaps, complete, last, generation)

    def _gaps(self, found: Sequence[_Found], reached: int, now: datetime, *, too_old: bool, last: bool) -> list[Gap]:
        gaps = []
        if not last:
            if too_old:
                gaps.append(Gap("X's search goes back 7 days only", instant(reached), now - _REACH))
            gaps += [Gap(reason, instant(reached), now) for reason in self._unsearchable]
        for one in found:
            if one.capped:
                until = instant(min(int(event.native_id) for event in one.events if isinstance(event, Post)))
                text = f"more than max_posts ({self._settings.max_posts}) posts were missed: the newest are kept"
                gaps.append(Gap(text, instant(reached), until))
            elif one.failed and last:
                gaps.append(Gap(f"missed posts could not be searched for: {one.failed}", instant(reached), now))
        return gaps

    async def _search(self, query: str, since_id: int) -> _Found:
        found, token, attempt = _Found(), None, 0
        while True:
            try:
                page = await self._api.search(query, since_id=since_id, next_token=token)
            except SourceError as error:
                attempt += 1
                if error.permanent or attempt >= _ATTEMPTS:
                    found.failed = str(error)
                    return found
                await self._clock.sleep(error.retry_after or 5.0 * 2**attempt)
                continue
            found.events += page.events
            token = page.next_token
            if token is None:
                return found
            if len(found.events) >= self._settings.max_posts:
                found.capped = any(isinstance(event, Post) for event in found.events)
                return found


def _searches(queries: Sequence[XQuery]) -> tuple[list[str], list[str]]:
    found: list[str] = []
    unsearchable: list[str] = []
    for query in queries:
        try:
            found += searches(query)
        except ValueError as error:
            unsearchable.append(str(error))
    return found, unsearchable


def _in_order(found: Sequence[_Found]) -> list[Post | Unreadable]:
    """All posts once, oldest first, after what could not be read."""
    posts = {event.native_id: event for one in found for event in one.events if isinstance(event, Post)}
    unreadable: list[Post | Unreadable] = [
        event for one in found for event in one.events if isinstance(event, Unreadable)
    ]
    return [*unreadable, *sorted(posts.values(), key=lambda post: int(post.native_id))]


def _ids(span: timedelta) -> int:
    """How many ids X issues at most in this time: snowflake ids count milliseconds in their upper bits."""
    return int(span.total_seconds() * 1000) << 22
