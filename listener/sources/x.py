"""Listens to X: filtered stream by tweepy, missed posts by recent search."""

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from datetime import timedelta
from typing import Annotated, Literal

import aiohttp
from pydantic import Field

from ledger.section import Duration, Secret, Section
from listener.post import Event, Post, Removal, Unreadable
from listener.source import SourceError
from listener.sources.x_api import XApi
from listener.sources.x_listening import Access, Listening
from listener.sources.x_pace import Clock, Pace, SystemClock
from listener.sources.x_recovery import Settings
from listener.sources.x_refusal import refuse
from listener.sources.x_rules import XQuery, check

_ANSWER_S = 30.0
_CONNECT_S = 10.0
_IDS = 100


class XRecovery(Section):
    """How posts that the stream missed are searched for."""

    overlap: Annotated[
        Duration, Field(description="How far behind the last post each search starts: posts arrive out of order")
    ] = timedelta(minutes=2)
    again_after: Annotated[
        Duration, Field(description="When to search a second time: X's search lags 30 seconds behind")
    ] = timedelta(seconds=60)
    max_posts: Annotated[
        int, Field(ge=100, description="Posts to read back per search at most, since X charges each")
    ] = 5_000


class XConfig(Section):
    """One X source: ``sources.<name>`` in ``config.yaml`` with ``kind: x``."""

    kind: Literal["x"]
    bearer_token: Annotated[Secret, Field(description="The app's bearer token from X's developer console")]
    base_url: Annotated[str, Field(pattern=r"^https?://[^/\s]+/?$")] = "https://api.x.com"
    linking: Annotated[
        Literal["off", "review", "auto"],
        Field(description="Whether posts may be linked to cases; X's policy wants a person to look, or consent"),
    ] = "review"
    stall_after: Annotated[Duration, Field(description="Silence after which to reconnect; X speaks every 20s")] = (
        timedelta(seconds=21)
    )
    backfill: Annotated[Duration, Field(description="How far to look back on the very first start")] = timedelta(0)
    reposts: Annotated[bool, Field(description="Stream reposts too: they raise the reach of what they repeat")] = True
    take_over: Annotated[
        bool, Field(description="End the app's other stream connections when X says there are too many")
    ] = False
    recheck_every: Annotated[
        Duration, Field(description="How often to look whether posts that alerts show were deleted; X charges it")
    ] = timedelta(hours=12)
    recovery: XRecovery = XRecovery()


class XSource:
    """One X app's filtered stream. The cursor is the id of a post before which nothing is missing.

    ``queries`` are all rules that this product keeps at X. Raises ValueError where X would refuse one for its length.
    """

    platform = "x"

    def __init__(self, name: str, config: XConfig, queries: Sequence[XQuery], *, clock: Clock | None = None) -> None:
        check(queries)
        self._name = name
        self._config = config
        self._queries = tuple(queries)
        self._clock = clock or SystemClock()
        self._pace = Pace()
        self._running: set[Listening] = set()

    @property
    def name(self) -> str:
        """The name it has in the configuration."""
        return self._name

    async def listen(self, cursor: str | None) -> AsyncIterator[Event]:
        """Give what was posted since the cursor, then what is posted now. Without a cursor it begins now.

        Raises SourceError, permanent where X refuses the token, the app or a rule.
        """
        if not self._queries:
            raise SourceError(f"no rule looks for anything on {self._name}: name terms under rules", permanent=True)
        async with self._session() as session:
            listening = self._listening(self._api(session), cursor)
            self._running.add(listening)
            try:
                async with aclosing(listening.events()) as events:
                    async for event in events:
                        yield event
            finally:
                self._running.discard(listening)
                await listening.stop()

    async def recheck(self, ids: Sequence[str]) -> list[Post | Removal | Unreadable]:
        """How posts are now, and which are gone: X wants stored posts changed or deleted when its own are."""
        found: list[Post | Removal | Unreadable] = []
        async with self._session() as session:
            api = self._api(session)
            for start in range(0, len(ids), _IDS):
                page = await api.lookup(ids[start : start + _IDS])
                found += [*page.events, *page.removals]
        return found

    async def close(self) -> None:
        """Stop what is running."""
        for listening in tuple(self._running):
            await listening.stop()

    def _session(self) -> aiohttp.ClientSession:
        timeout = aiohttp.ClientTimeout(total=_ANSWER_S, sock_connect=_CONNECT_S)
        return aiohttp.ClientSession(timeout=timeout, raise_for_status=refuse)

    def _api(self, session: aiohttp.ClientSession) -> XApi:
        return XApi(session, self._config.base_url, self._config.bearer_token.get_secret_value(), self._clock)

    def _listening(self, api: XApi, cursor: str | None) -> Listening:
        config = self._config
        access = Access(
            base_url=config.base_url,
            bearer=config.bearer_token,
            stall_after=config.stall_after.total_seconds(),
            take_over=config.take_over,
        )
        recovery = Settings(config.recovery.overlap, config.recovery.again_after, config.recovery.max_posts)
        return Listening(
            access,
            api,
            self._queries,
            self._pace,
            self._clock,
            cursor=cursor,
            backfill=config.backfill,
            recovery=recovery,
        )
