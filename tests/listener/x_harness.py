"""A clock that passes only when told to, and an ear at an X source, for the tests of X."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import SecretStr

from listener.post import Alive, Event, Gap, Post, Unreadable
from listener.source import SourceError
from listener.sources.x import XConfig, XSource
from listener.sources.x_rules import XQuery, queries
from playground.x import LoopbackX

BEARER = "a-bearer-token-nobody-may-see"
START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
ACME = queries(["acme"])


class FakeClock:
    """Time that passes by sleeping alone; sleeping takes no time."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        self._now = START
        self._held: float | None = None
        self._let_go = asyncio.Event()
        self.reached_hold = asyncio.Event()

    def now(self) -> datetime:
        return self._now

    def pass_by(self, span: timedelta) -> None:
        self._now += span

    async def sleep(self, seconds: float) -> None:
        if seconds == self._held:
            self.reached_hold.set()
            await self._let_go.wait()
        if seconds:
            self.slept.append(seconds)
            self._now += timedelta(seconds=seconds)
        await asyncio.sleep(0)

    def hold(self, seconds: float) -> None:
        """Let whoever sleeps exactly so long wait for ``let_go``."""
        self._held = seconds
        self._let_go.clear()
        self.reached_hold.clear()

    def let_go(self) -> None:
        self._let_go.set()


def loopback(clock: FakeClock, **options: Any) -> LoopbackX:
    """A loopback X on the fake clock, patient with connects because its own limits count real time."""
    options.setdefault("limits", {"GET /2/tweets/search/stream": 100_000, "GET /2/tweets/search/recent": 100_000})
    return LoopbackX(bearer=BEARER, clock=clock.now, **options)


def source(x: LoopbackX, clock: FakeClock, wanted: Sequence[XQuery] = ACME, **settings: Any) -> XSource:
    """An X source of the loopback."""
    settings.setdefault("bearer_token", SecretStr(BEARER))
    config = XConfig.model_validate({"kind": "x", "base_url": x.base_url, **settings})
    return XSource("brand", config, wanted, clock=clock)


class Ear:
    """All that a source gave so far."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.error: SourceError | None = None
        self.ended = asyncio.Event()
        self._changed = asyncio.Condition()

    async def hear(self, listening: XSource, cursor: str | None) -> None:
        try:
            async with aclosing(listening.listen(cursor)) as events:  # type: ignore[type-var]  # it is a generator
                async for event in events:
                    self.events.append(event)
                    await self._tell()
        except SourceError as error:
            self.error = error
        finally:
            self.ended.set()

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def until(self, holds: Callable[["Ear"], bool]) -> None:
        """Wait until something holds true of what was heard."""
        async with asyncio.timeout(10), self._changed:
            await self._changed.wait_for(lambda: holds(self))

    async def posts_heard(self, n: int) -> list[Post]:
        await self.until(lambda ear: len(ear.posts) >= n)
        return self.posts

    @property
    def posts(self) -> list[Post]:
        return [event for event in self.events if isinstance(event, Post)]

    @property
    def ids(self) -> list[str]:
        return [post.native_id for post in self.posts]

    @property
    def gaps(self) -> list[Gap]:
        return [event for event in self.events if isinstance(event, Gap)]

    @property
    def unreadable(self) -> list[Unreadable]:
        return [event for event in self.events if isinstance(event, Unreadable)]

    @property
    def cursor(self) -> str | None:
        """What a caller would have stored by now."""
        return cursor_after(self.events)

    def settled(self) -> bool:
        """Whether the last pass of a recovery is over: it tells the cursor with a sign of life."""
        return any(isinstance(event, Alive) and event.cursor for event in self.events[1:])


def cursor_after(events: Sequence[Event]) -> str | None:
    """The last cursor of some events."""
    return next((event.cursor for event in reversed(events) if event.cursor), None)


@asynccontextmanager
async def hearing(listening: XSource, cursor: str | None = None) -> AsyncIterator[Ear]:
    """Listen while the block runs, then stop by one cancellation."""
    ear = Ear()
    task = asyncio.create_task(ear.hear(listening, cursor))
    try:
        async with asyncio.timeout(30):
            yield ear
    finally:
        task.cancel()
        done, _ = await asyncio.wait({task}, timeout=5)
        assert done, "one cancellation has to stop a source"
        if not task.cancelled():
            task.result()
        await listening.close()
