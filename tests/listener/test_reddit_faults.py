"""The Reddit source, with the genuine asyncpraw, against a loopback Reddit that refuses, drops, hangs and limits."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from listener.source import SourceError
from listener.sources.reddit import RedditSource
from playground.reddit import LoopbackReddit
from tests.listener.reddit_harness import OLD_AUTH, Make, Naps, config, ids, poll, start

pytestmark = OLD_AUTH

DROPS = 2  # aiohttp itself asks once more where a GET was cut off


@pytest.fixture
async def make(reddit: LoopbackReddit, naps: Naps) -> AsyncIterator[Make]:
    """What makes a source of one subreddit that goes by the true time, as the answers' dates do."""
    made: list[RedditSource] = []

    def source(**changes: Any) -> RedditSource:
        made.append(RedditSource("forum", config(reddit, **({"subreddits": ("acme",)} | changes)), sleep=naps))
        return made[-1]

    yield source
    for each in made:
        await each.close()


async def failure(source: RedditSource) -> SourceError:
    with pytest.raises(SourceError) as failed:
        await poll(source, None)
    return failed.value


async def test_a_429_waits_as_long_as_it_says(reddit: LoopbackReddit, source: RedditSource, naps: Naps) -> None:
    cursor = await start(source)
    new = reddit.comment(text="after the limit")
    reddit.refuse(429, headers={"Retry-After": "77"})
    assert ids(await poll(source, cursor)) == [new]
    assert naps.waits == [77.0]


async def test_a_429_may_name_a_date(reddit: LoopbackReddit, source: RedditSource, naps: Naps) -> None:
    cursor = await start(source)
    new = reddit.comment(text="after the limit")
    until = datetime.now(UTC) + timedelta(seconds=100)
    reddit.refuse(429, headers={"Retry-After": format_datetime(until, usegmt=True)})
    assert ids(await poll(source, cursor)) == [new]
    assert 60 < naps.waits[0] <= 100


async def test_a_429_that_names_nonsense_waits_a_little(
    reddit: LoopbackReddit, source: RedditSource, naps: Naps
) -> None:
    cursor = await start(source)
    reddit.refuse(429, headers={"Retry-After": "soon"})
    await poll(source, cursor)
    assert 1 <= naps.waits[0] <= 1.25


async def test_a_spent_rate_limit_is_waited_out_even_past_the_request_timeout(
    reddit: LoopbackReddit, make: Make, naps: Naps
) -> None:
    source = make(request_timeout=timedelta(milliseconds=500))
    cursor = await start(source)
    reddit.rate_limit(remaining=0, reset=1)
    await poll(source, cursor)
    comments, new = [asked for asked in reddit.log.requests if asked.place in ("comments", "new")][-2:]
    assert new.at - comments.at >= 0.95
    assert naps.waits == []


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(lambda reddit: reddit.drop(times=2 * DROPS), id="disconnects"),
        pytest.param(lambda reddit: reddit.drop(times=2, token=True), id="disconnects-from-token"),
        pytest.param(lambda reddit: reddit.refuse(200, times=2, body="<html>busy</html>"), id="html-instead-of-json"),
        pytest.param(lambda reddit: reddit.refuse(200, times=2, body="{torn"), id="torn-json"),
        pytest.param(lambda reddit: reddit.refuse(200, times=2, body=""), id="empty"),
        pytest.param(lambda reddit: reddit.refuse(200, times=2, body='{"kind": "more"}'), id="no-listing"),
        pytest.param(lambda reddit: reddit.refuse(200, times=2, body="[1, 2]"), id="a-list"),
        pytest.param(lambda reddit: reddit.refuse(418, times=2), id="unknown-status"),
        pytest.param(lambda reddit: reddit.refuse(503, times=2, token=True), id="no-token-now"),
    ],
)
async def test_what_passes_is_tried_again_and_nothing_is_lost(
    reddit: LoopbackReddit, source: RedditSource, naps: Naps, trouble: Callable[[LoopbackReddit], None]
) -> None:
    cursor = await start(source)
    await source.close()
    new = reddit.comment(text="said meanwhile")
    trouble(reddit)
    assert ids(await poll(source, cursor)) == [new]
    assert len(naps.waits) == 2
    assert 1 <= naps.waits[0] < naps.waits[1] <= 2.5


async def test_a_503_is_tried_again_where_asyncpraw_gives_up(
    reddit: LoopbackReddit, source: RedditSource, naps: Naps
) -> None:
    cursor = await start(source)
    new = reddit.comment(text="said meanwhile")
    reddit.refuse(503, times=3, body="<html>overloaded</html>")
    assert ids(await poll(source, cursor)) == [new]
    assert len(naps.waits) == 1


async def test_the_sixth_failure_in_a_row_is_raised_and_says_when_to_return(
    reddit: LoopbackReddit, source: RedditSource, naps: Naps
) -> None:
    reddit.drop(times=6 * DROPS)
    error = await failure(source)
    assert not error.permanent
    assert error.retry_after is not None
    assert error.retry_after > 30
    assert len(naps.waits) == 5
    await start(source)


async def test_an_expired_token_is_renewed_and_nothing_is_lost(reddit: LoopbackReddit, source: RedditSource) -> None:
    cursor = await start(source)
    new = reddit.comment(text="said meanwhile")
    reddit.expire_token()
    assert ids(await poll(source, cursor)) == [new]
    assert reddit.log.count("token") == 2


@pytest.mark.parametrize(
    ("trouble", "step"),
    [
        pytest.param(lambda reddit: reddit.refuse(401, token=True), "check client_id and client_secret", id="token"),
        pytest.param(
            lambda reddit: reddit.refuse(200, token=True, body='{"error": "unsupported_grant_type"}'),
            "check client_id and client_secret",
            id="grant",
        ),
        pytest.param(lambda reddit: reddit.refuse(403), "apply for API access", id="forbidden"),
        pytest.param(
            lambda reddit: reddit.refuse(403, headers={"WWW-Authenticate": 'Bearer realm="reddit"'}),
            "apply for API access",
            id="forbidden-with-an-unknown-challenge",
        ),
        pytest.param(lambda reddit: reddit.refuse(404), "check the spelling in subreddits", id="missing"),
        pytest.param(
            lambda reddit: reddit.refuse(302, headers={"Location": "/subreddits/search"}),
            "check the spelling in subreddits",
            id="redirected-to-search",
        ),
        pytest.param(lambda reddit: reddit.refuse(400), "check the names in subreddits", id="bad-request"),
        pytest.param(lambda reddit: reddit.refuse(451), "remove the subreddit", id="withheld"),
    ],
)
async def test_what_no_retry_can_mend_stops_the_source_at_once_and_names_the_next_step(
    reddit: LoopbackReddit, source: RedditSource, naps: Naps, trouble: Callable[[LoopbackReddit], None], step: str
) -> None:
    trouble(reddit)
    error = await failure(source)
    assert error.permanent
    assert step in str(error)
    assert str(error).startswith("source forum: ")
    assert naps.waits == []


async def test_a_401_without_a_challenge_is_still_refused_credentials(
    reddit: LoopbackReddit, source: RedditSource, naps: Naps
) -> None:
    """asyncprawcore stumbles over it with a KeyError that looks like a lost connection."""
    reddit.refuse(401, times=3)
    error = await failure(source)
    assert error.permanent
    assert "check client_id and client_secret" in str(error)
    assert naps.waits == []


async def test_a_hung_request_times_out_and_is_tried_again(reddit: LoopbackReddit, make: Make, naps: Naps) -> None:
    source = make(request_timeout=timedelta(milliseconds=200))
    cursor = await start(source)
    new = reddit.comment(text="said meanwhile")
    reddit.hang()
    assert ids(await poll(source, cursor, within=10)) == [new], "asyncprawcore alone would wait 16 s"
    assert len(naps.waits) == 1


async def test_a_hung_token_request_times_out_too(reddit: LoopbackReddit, make: Make, naps: Naps) -> None:
    source = make(request_timeout=timedelta(milliseconds=200))
    reddit.hang(token=True)
    await poll(source, None, within=10)
    assert len(naps.waits) == 1


async def test_a_cancel_stops_at_once_while_a_request_hangs(reddit: LoopbackReddit, source: RedditSource) -> None:
    reddit.hang()
    task = asyncio.ensure_future(poll(source, None))
    await reddit.log.seen(1, "comments")
    task.cancel()
    done, _ = await asyncio.wait({task}, timeout=5)
    assert done
    assert task.cancelled()


async def test_no_request_goes_anywhere_else(reddit: LoopbackReddit, source: RedditSource) -> None:
    """asyncpraw asks a package index for its newest version before the first request, unless told not to."""
    import asyncpraw

    await start(source)
    assert asyncpraw.Reddit.update_checked is False


async def test_removed_says_what_failed(reddit: LoopbackReddit, source: RedditSource) -> None:
    reddit.refuse(429, headers={"Retry-After": "5"})
    with pytest.raises(SourceError) as failed:
        await source.removed(["t1_abc"])
    assert failed.value.retry_after == 5.0
    assert not failed.value.permanent
