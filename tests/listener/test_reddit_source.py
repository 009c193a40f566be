"""The Reddit source, with the genuine asyncpraw, against the loopback Reddit: what arrives, once, in order."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from listener.post import Alive, Event, Gap, Post, Unreadable
from listener.source import SourceError
from listener.sources.reddit import RedditConfig, RedditSource
from listener.sources.reddit_client import RedditClient, RedditClients
from playground.reddit import LoopbackReddit

# asyncprawcore 4 signs its token request in a way against which aiohttp warns since 3.14
pytestmark = [
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


@pytest.fixture
async def reddit() -> AsyncIterator[LoopbackReddit]:
    async with LoopbackReddit() as server:
        yield server


@pytest.fixture
def naps() -> Naps:
    return Naps()


@pytest.fixture
async def make(reddit: LoopbackReddit, naps: Naps) -> AsyncIterator[Make]:
    made: list[RedditSource] = []

    def source(**changes: Any) -> RedditSource:
        made.append(RedditSource("forum", config(reddit, **changes), now=lambda: at(0), sleep=naps))
        return made[-1]

    yield source
    for each in made:
        await each.close()


@pytest.fixture
def source(make: Make) -> RedditSource:
    return make()


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


async def hear(source: RedditSource, cursor: str | None, until: Callable[[list[Event]], bool]) -> list[Event]:
    """Listen until the events heard satisfy the condition."""
    heard: list[Event] = []
    async with asyncio.timeout(30), aclosing(source.listen(cursor)) as events:  # type: ignore[type-var]
        async for event in events:
            heard.append(event)
            if until(heard):
                return heard
    raise AssertionError("a source never ends")


async def poll(source: RedditSource, cursor: str | None) -> list[Event]:
    """Listen until the first quiet poll, and give all events."""
    return await hear(source, cursor, lambda heard: isinstance(heard[-1], Alive))


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


async def test_a_short_comment_comes_with_the_comment_that_it_answers(
    reddit: LoopbackReddit, source: RedditSource
) -> None:
    """Whether that was heard just now or long ago; a longer one needs no more than the title of its thread."""
    old, other = [reddit.comment(text=text, at=at(-900)) for text in ("My Acme order never came", "Nice weather")]
    cursor = await start(source)
    asked = reddit.log.count("info")
    fresh = reddit.comment(text="Three weeks now, Acme", at=at(5), link_title="Acme?", parent=old)
    reddit.comment(text="same here, acme", at=at(6), parent=old)
    reddit.comment(text="acme: any update?", at=at(7), parent=fresh)
    reddit.comment(text="acme " * 40, at=at(8), link_title="Acme?", parent=other)
    reddit.comment(text="acme, yes", at=at(9), link_title="Acme?")
    posts = comments(await poll(source, cursor))
    assert [post.context for post in posts] == [
        "My Acme order never came",
        "My Acme order never came",
        "Three weeks now, Acme",
        "Acme?",
        "Acme?",
    ]
    assert reddit.log.count("info") == asked + 1


async def test_a_deleted_parent_leaves_the_title_of_the_thread(reddit: LoopbackReddit, source: RedditSource) -> None:
    """What its author took back is not kept as the context of another's comment."""
    old = reddit.comment(text="My Acme order never came", at=at(-900))
    cursor = await start(source)
    reddit.delete(old)
    reddit.comment(text="same here, acme", at=at(5), link_title="Acme?", parent=old)
    [post] = comments(await poll(source, cursor))
    assert post.context == "Acme?"


class WithoutParents(RedditClients):
    """Lends a client to which Reddit shows listings only."""

    def lend(self, config: RedditConfig) -> RedditClient:
        client = super().lend(config)
        client.texts = self._refuse  # type: ignore[method-assign]
        return client

    async def _refuse(self, fullnames: object) -> dict[str, str]:
        raise SourceError("api/info: Reddit answered HTTP 503")


async def test_where_parents_cannot_be_read_the_comments_come_all_the_same(reddit: LoopbackReddit, naps: Naps) -> None:
    """No post waits for what it answers."""
    source = RedditSource("forum", config(reddit), clients=WithoutParents(), now=lambda: at(0), sleep=naps)
    old = reddit.comment(text="My Acme order never came", at=at(-900))
    cursor = await start(source)
    reddit.comment(text="same here, acme", at=at(5), link_title="Acme?", parent=old)
    [post] = comments(await poll(source, cursor))
    await source.close()
    assert (post.context, naps.waits) == ("Acme?", [])


async def test_a_comment_becomes_a_post_with_its_thread_as_context(
    reddit: LoopbackReddit, source: RedditSource
) -> None:
    cursor = await start(source)
    name = reddit.comment(text="Empty can & no answer", author="ann", link_title="Acme beer?", at=at(5), score=7)
    [post] = [event for event in await poll(source, cursor) if isinstance(event, Post)]
    assert (post.native_id, post.text, post.author.handle) == (name, "Empty can & no answer", "ann")
    assert (post.context, post.posted_at) == ("Acme beer?", at(5))
    assert (post.reach.likes, post.reach.replies) == (7, 0)
    assert post.url is not None
    assert post.url.startswith(f"{reddit.base_url}/r/acme/comments/")
    assert post.reply_to is not None
    assert post.reply_to.startswith("t3_")


async def test_a_submission_becomes_a_post_of_title_and_text(reddit: LoopbackReddit, source: RedditSource) -> None:
    cursor = await start(source)
    reddit.submit(title="Empty can", text="In my multipack.", subreddit="help", at=at(5), score=3, replies=4)
    [post] = [event for event in await poll(source, cursor) if isinstance(event, Post)]
    assert (post.text, post.reach.likes, post.reach.replies) == ("Empty can\n\nIn my multipack.", 3, 4)


async def test_a_first_start_begins_now_and_says_where(reddit: LoopbackReddit, source: RedditSource) -> None:
    many(reddit, 5)
    first = await poll(source, None)
    assert [type(event) for event in first] == [Alive]
    new = reddit.comment(text="new", at=at(100))
    assert ids(await poll(source, first[-1].cursor)) == [new]


async def test_a_first_start_on_an_empty_subreddit_hears_what_comes(
    reddit: LoopbackReddit, source: RedditSource
) -> None:
    cursor = await start(source)
    new = reddit.comment(text="the very first", at=at(1))
    assert ids(await poll(source, cursor)) == [new]


async def test_a_first_start_with_backfill_reaches_back_so_far(reddit: LoopbackReddit, make: Make) -> None:
    reddit.comment(text="too old", at=at(-3700))
    inside = reddit.comment(text="within the hour", at=at(-3500))
    source = make(backfill=timedelta(hours=1))
    heard = await hear(source, None, lambda heard: len(heard) > 1 and isinstance(heard[-1], Alive))
    assert ids(heard) == [inside]


async def test_posts_of_both_listings_come_oldest_first(reddit: LoopbackReddit, source: RedditSource) -> None:
    cursor = await start(source)
    third = reddit.comment(text="third", at=at(30))
    first = reddit.comment(text="first", at=at(10))
    second = reddit.submit(title="second", at=at(20))
    assert ids(await poll(source, cursor)) == [first, second, third]


async def test_a_quiet_poll_asks_each_listing_once_and_says_alive(reddit: LoopbackReddit, source: RedditSource) -> None:
    many(reddit, 350)
    cursor = await start(source)
    before = reddit.log.count()
    assert [type(event) for event in await poll(source, cursor)] == [Alive]
    assert reddit.log.count() - before == 2


async def test_nothing_is_lost_in_an_outage_of_650_comments(reddit: LoopbackReddit, source: RedditSource) -> None:
    many(reddit, 30, first=-100)
    cursor = await start(source)
    missed = many(reddit, 650)
    assert ids(await poll(source, cursor)) == missed


async def test_nothing_is_lost_where_the_last_comment_read_was_deleted(
    reddit: LoopbackReddit, source: RedditSource
) -> None:
    last = many(reddit, 30, first=-100)[-1]
    cursor = await start(source)
    missed = many(reddit, 250)
    reddit.delete(last)
    assert ids(await poll(source, cursor)) == missed


async def test_an_outage_between_idle_polls_loses_nothing(
    reddit: LoopbackReddit, source: RedditSource, naps: Naps
) -> None:
    many(reddit, 30, first=-100)
    heard: list[Event] = []
    async with asyncio.timeout(30), aclosing(source.listen(None)) as events:  # type: ignore[type-var]
        async for event in events:
            heard.append(event)
            if len(heard) == 40:
                reddit.refuse(503, body="<html>busy</html>")
                reddit.drop(times=2)
                missed = many(reddit, 120)
            if len(ids(heard)) == 120:
                break
    assert ids(heard) == missed


async def test_an_anchor_deleted_between_two_pages_loses_nothing(reddit: LoopbackReddit, source: RedditSource) -> None:
    many(reddit, 30, first=-100)
    cursor = await start(source)
    missed = many(reddit, 350)
    reddit.delete_next_anchor()
    heard = await poll(source, cursor)
    assert ids(heard) == missed
    assert not [event for event in heard if isinstance(event, Gap)]


async def test_more_than_a_thousand_missed_is_an_explicit_gap(reddit: LoopbackReddit, source: RedditSource) -> None:
    many(reddit, 30, first=-100)
    cursor = await start(source)
    missed = many(reddit, 1300)
    heard = await poll(source, cursor)
    gap = heard[0]
    assert isinstance(gap, Gap)
    assert ids(heard) == missed[300:]
    assert gap.since == at(-91)
    assert gap.until == at(101)
    assert gap.cursor == cursor


async def test_a_young_subreddit_that_ends_early_is_no_gap(reddit: LoopbackReddit, source: RedditSource) -> None:
    cursor = await start(source)
    missed = many(reddit, 120)
    heard = await poll(source, cursor)
    assert ids(heard) == missed
    assert not [event for event in heard if isinstance(event, Gap)]


async def test_items_of_the_same_second_are_neither_lost_nor_given_twice(
    reddit: LoopbackReddit, source: RedditSource
) -> None:
    cursor = await start(source)
    early = [reddit.comment(text=str(n), at=at(7)) for n in range(3)]
    heard = await poll(source, cursor)
    late = [reddit.comment(text=str(n), at=at(7)) for n in range(3)]
    assert ids(heard) == early
    assert ids(await poll(source, heard[-1].cursor)) == late


async def test_every_cursor_on_the_way_resumes_with_the_rest(reddit: LoopbackReddit, source: RedditSource) -> None:
    cursor = await start(source)
    many(reddit, 12)
    posts = [event for event in await poll(source, cursor) if isinstance(event, Post)]
    for read, post in enumerate(posts, 1):
        assert ids(await poll(source, post.cursor)) == ids(list(posts[read:]))


async def test_a_comment_that_appears_late_and_out_of_order_is_still_taken(
    reddit: LoopbackReddit, source: RedditSource
) -> None:
    cursor = await start(source)
    reddit.comment(text="in time", at=at(60))
    heard = await poll(source, cursor)
    late = reddit.comment(text="late", at=at(30))
    assert ids(await poll(source, heard[-1].cursor)) == [late]


async def test_an_old_submission_that_resurfaces_is_dropped_and_hides_nothing(
    reddit: LoopbackReddit, source: RedditSource
) -> None:
    old = reddit.submit(title="old", at=at(-90000))
    for n in range(20):
        reddit.submit(title=f"filler {n}", at=at(n - 50))
    cursor = await start(source)
    new = [reddit.submit(title=f"new {n}", at=at(10 + n)) for n in range(150)]
    reddit.resurface(old)
    assert ids(await poll(source, cursor)) == new


async def test_a_stale_page_gives_nothing_old_and_loses_nothing_new(
    reddit: LoopbackReddit, source: RedditSource
) -> None:
    many(reddit, 300, first=-3600)
    cursor = await start(source)
    new = many(reddit, 60)
    reddit.stale_page(back=160)
    quiet = await poll(source, cursor)
    assert ids(quiet) == []
    assert ids(await poll(source, quiet[-1].cursor)) == new


async def test_a_deleted_or_removed_item_is_no_post(reddit: LoopbackReddit, source: RedditSource) -> None:
    cursor = await start(source)
    names = [reddit.comment(text=str(n), at=at(n)) for n in range(1, 4)]
    reddit.corrupt(names[0], author="[deleted]", body="[deleted]")
    reddit.corrupt(names[1], body="[removed]")
    assert ids(await poll(source, cursor)) == names[2:]


async def test_an_item_that_cannot_be_read_is_set_aside_once_and_the_others_go_on(
    reddit: LoopbackReddit, source: RedditSource
) -> None:
    cursor = await start(source)
    bad, good, nameless = (reddit.comment(text=str(n), at=at(n)) for n in range(1, 4))
    reddit.corrupt(bad, body=None)
    reddit.corrupt(nameless, name=None)
    heard = await hear(source, cursor, lambda heard: len(heard) > 3)
    unreadable = [event.native_id for event in heard if isinstance(event, Unreadable)]
    assert sorted(unreadable, key=str) == sorted([bad, None], key=str)
    assert ids(heard) == [good]


async def test_a_cursor_that_is_not_ours_stops_the_source_and_names_the_step(source: RedditSource) -> None:
    with pytest.raises(SourceError, match="delete the cursor of forum") as failed:
        await poll(source, "12345")
    assert failed.value.permanent


async def test_a_cursor_stays_small_however_busy_a_subreddit_is(reddit: LoopbackReddit, source: RedditSource) -> None:
    cursor = await start(source)
    names = [reddit.comment(text=str(n), at=at(n // 20)) for n in range(900)]
    heard = await poll(source, cursor)
    assert ids(heard) == names
    assert all(len(event.cursor or "") < 10_000 for event in heard)
    assert [type(event) for event in await poll(source, heard[-1].cursor)] == [Alive]


async def test_removed_names_the_deleted_the_removed_the_vanished_and_those_of_closed_accounts(
    reddit: LoopbackReddit, source: RedditSource
) -> None:
    names = many(reddit, 240) + [reddit.submit(title=f"s{n}", text="t") for n in range(10)]
    names += [reddit.comment(text="still there, but nobody's", author="ann", at=at(500))]
    gone = [names[3], names[110], names[230], names[-2], names[-1]]
    reddit.close_account("ann")
    reddit.delete(gone[0])
    reddit.remove(gone[1])
    reddit.vanish(gone[2])
    reddit.delete(gone[3])
    assert await source.removed(names) == gone
    assert reddit.log.count("info") == 3


async def test_removed_asks_nothing_for_nothing(reddit: LoopbackReddit, source: RedditSource) -> None:
    assert await source.removed([]) == []
    assert reddit.log.count() == 0


async def test_two_sources_with_one_credential_share_one_token_and_one_rate_limit(reddit: LoopbackReddit) -> None:
    clients = RedditClients()
    naps = Naps()
    one = RedditSource("one", config(reddit, subreddits=("acme",)), clients=clients, sleep=naps)
    two = RedditSource("two", config(reddit, subreddits=("help",)), clients=clients, sleep=naps)
    await start(one)
    await one.close()
    await one.close()
    await start(two)
    await two.close()
    assert reddit.log.count("token") == 2, "a client given back by all is closed"
    await start(one)
    await start(two)
    await one.close()
    await start(two)
    await two.close()
    assert reddit.log.count("token") == 3


async def test_settings_lying_around_change_nothing(reddit: LoopbackReddit, tmp_path: Path) -> None:
    """A praw.ini in the working directory and praw_* variables redirect neither hosts nor credentials."""
    (tmp_path / "praw.ini").write_text("[DEFAULT]\nusername=eve\npassword=x\nreddit_url=http://evil.example\n")
    script = """
import asyncio, sys, warnings
warnings.simplefilter("ignore")
from tests_config import make
async def main():
    source = make(sys.argv[1])
    async for event in source.listen(None):
        break
    await source.close()
asyncio.run(main())
"""
    (tmp_path / "tests_config.py").write_text(
        "from pydantic import SecretStr\n"
        "from listener.sources.reddit import RedditConfig, RedditSource\n"
        "def make(url):\n"
        "    return RedditSource('forum', RedditConfig(kind='reddit', client_id=SecretStr('loopback'),\n"
        "        client_secret=SecretStr('loopback-secret'), user_agent='linux:backchannel-tests:0.1',\n"
        "        subreddits=('acme',), base_url=url, oauth_url=url))\n"
    )
    environment = os.environ | {
        "praw_oauth_url": "http://127.0.0.1:9",
        "praw_site": "elsewhere",
        "praw_refresh_token": "stolen",
        "PYTHONPATH": f"{tmp_path}{os.pathsep}{Path.cwd()}",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, reddit.base_url, cwd=tmp_path, env=environment, stderr=subprocess.PIPE
    )
    _, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    assert reddit.log.count("new") >= 1
    assert {asked.query["grant_type"] for asked in reddit.log.requests if asked.place == "token"} == {
        "client_credentials"
    }


@pytest.mark.parametrize("name", ["all", "r/acme", "https://reddit.com/r/acme", "a b", ""])
async def test_a_subreddit_is_written_as_its_name_alone(reddit: LoopbackReddit, name: str) -> None:
    with pytest.raises(ValidationError, match="subreddit"):
        config(reddit, subreddits=(name,))


async def test_at_least_one_subreddit_is_needed_and_linking_is_off(reddit: LoopbackReddit) -> None:
    assert config(reddit).linking == "off"
    with pytest.raises(ValidationError):
        config(reddit, subreddits=())
