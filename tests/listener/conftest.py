"""A loopback Reddit, and sources that listen to it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from listener.sources.reddit import RedditSource
from playground.reddit import LoopbackReddit
from tests.listener.reddit_harness import Make, Naps, at, config


@pytest.fixture
async def reddit() -> AsyncIterator[LoopbackReddit]:
    """A Reddit on a loopback port."""
    async with LoopbackReddit() as server:
        yield server


@pytest.fixture
def naps() -> Naps:
    """How a source sleeps."""
    return Naps()


@pytest.fixture
async def make(reddit: LoopbackReddit, naps: Naps) -> AsyncIterator[Make]:
    """What makes a source of the loopback."""
    made: list[RedditSource] = []

    def source(**changes: Any) -> RedditSource:
        made.append(RedditSource("forum", config(reddit, **changes), now=lambda: at(0), sleep=naps))
        return made[-1]

    yield source
    for each in made:
        await each.close()


@pytest.fixture
def source(make: Make) -> RedditSource:
    """A source of the loopback."""
    return make()
