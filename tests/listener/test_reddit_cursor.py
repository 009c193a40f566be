"""From any cursor on, the Reddit source gives what is new, once, in order; what it cannot give it tells as a gap."""

import asyncio
from contextlib import aclosing
from datetime import timedelta

import pytest

from listener.post import Alive, Event, Gap, Post
from listener.source import SourceError
from listener.sources.reddit import RedditSource
from playground.reddit import LoopbackReddit
from tests.listener.reddit_harness import OLD_AUTH, Make, Naps, at, hear, ids, many, poll, start

pytestmark = OLD_AUTH


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
