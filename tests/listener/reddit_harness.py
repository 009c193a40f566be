"""A Reddit source of the loopback, waits that take no time, and an ear, for the tests of Reddit."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr

from listener.post import Alive, Event, Post
from listener.sources.reddit import RedditConfig, RedditSource
from playground.reddit import LoopbackReddit

# asyncprawcore 4 signs its token request in a way against which aiohttp warns since 3.14
OLD_AUTH = [
    pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:The 'auth' parameter is deprecated:DeprecationWarning"),
]

NOW = 1_790_000_000
Make = Callable[..., RedditSource]


class Naps:
    """Sleeps a moment instead, and remembers how long it was asked to."""

    def __init__(self) -> None:
        self.asked: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.asked.append(seconds)
        await asyncio.sleep(0.002)

    @property
    def waits(self) -> list[float]:
        """The waits after failures: all but the polling interval."""
        return [seconds for seconds in self.asked if seconds != 10]


def config(reddit: LoopbackReddit, **changes: Any) -> RedditConfig:
    settings = {
        "kind": "reddit",
        "client_id": SecretStr(reddit.client_id),
        "client_secret": SecretStr(reddit.client_secret),
        "user_agent": "linux:backchannel-tests:0.1",
        "subreddits": ("acme", "help"),
        "base_url": reddit.base_url,
        "oauth_url": reddit.base_url,
    }
    return RedditConfig.model_validate(settings | changes)


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(NOW + seconds, UTC)


async def hear(
    source: RedditSource, cursor: str | None, until: Callable[[list[Event]], bool], within: float = 30
) -> list[Event]:
    """Listen until the events heard satisfy the condition; TimeoutError after ``within`` seconds."""
    heard: list[Event] = []
    async with asyncio.timeout(within), aclosing(source.listen(cursor)) as events:  # type: ignore[type-var]
        async for event in events:
            heard.append(event)
            if until(heard):
                return heard
    raise AssertionError("a source never ends")


async def poll(source: RedditSource, cursor: str | None, within: float = 30) -> list[Event]:
    """Listen until the first quiet poll, and give all events."""
    return await hear(source, cursor, lambda heard: isinstance(heard[-1], Alive), within)


async def start(source: RedditSource) -> str:
    """Start without a cursor, and give the cursor that starting set."""
    cursor = (await poll(source, None))[-1].cursor
    assert cursor is not None
    return cursor


def ids(events: list[Event]) -> list[str]:
    return [event.native_id for event in events if isinstance(event, Post)]


def many(reddit: LoopbackReddit, count: int, first: float = 1) -> list[str]:
    """Publish comments, three a second."""
    return [reddit.comment(text=f"comment {n}", at=NOW + first + n // 3) for n in range(count)]


def comments(events: list[Event]) -> list[Post]:
    return [event for event in events if isinstance(event, Post) and event.native_id.startswith("t1_")]
