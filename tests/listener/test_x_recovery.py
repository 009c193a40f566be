"""What the stream missed is found again, in order, and what cannot be found is told as a gap."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from listener.post import Event, Post
from listener.sources.x_payload import instant
from listener.sources.x_rules import XQuery, queries
from playground.x import RECENT, LoopbackX
from tests.listener.x_harness import Ear, FakeClock, cursor_after, hearing, loopback, source

AGAIN = 60.0


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def x(clock: FakeClock) -> AsyncIterator[LoopbackX]:
    async with loopback(clock) as server:
        yield server


def posted(x: LoopbackX, clock: FakeClock, n: int) -> list[str]:
    """Post so often, a second apart."""
    ids = []
    for number in range(n):
        clock.pass_by(timedelta(seconds=1))
        ids.append(x.post(f"acme number {number}", handle="jo"))
    return ids


def before(native_id: str) -> str:
    return str(int(native_id) - 1)


async def test_what_was_posted_while_the_stream_was_down_comes_once_and_oldest_first(
    x: LoopbackX, clock: FakeClock
) -> None:
    async with hearing(source(x, clock)) as ear:
        await x.connected()
        first = posted(x, clock, 3)
        await ear.posts_heard(3)
        x.drop_stream()
        await x.disconnected()
        missed = posted(x, clock, 250)
        await ear.until(lambda ear: len(ear.posts) >= 253 and ear.settled())
    assert ear.ids == first + missed
    assert ear.cursor == missed[-1]
    assert ear.gaps == []


async def test_a_restart_goes_on_after_the_cursor(x: LoopbackX, clock: FakeClock) -> None:
    async with hearing(source(x, clock)) as ear:
        await x.connected()
        posted(x, clock, 2)
        await ear.posts_heard(2)
    missed = posted(x, clock, 5)
    async with hearing(source(x, clock), ear.cursor) as later:
        await later.until(Ear.settled)
    assert later.ids[-5:] == missed


async def test_the_very_first_start_begins_now_and_searches_for_nothing(x: LoopbackX, clock: FakeClock) -> None:
    posted(x, clock, 2)
    async with hearing(source(x, clock)) as ear:
        await x.connected()
        new = posted(x, clock, 1)
        await ear.posts_heard(1)
    assert ear.ids == new
    assert x.count(RECENT) == 0
    assert ear.events[0].cursor


async def test_an_outage_right_after_the_very_first_start_is_recovered(x: LoopbackX, clock: FakeClock) -> None:
    async with hearing(source(x, clock)) as ear:
        await x.connected()
        x.drop_stream()
        await x.disconnected()
        missed = posted(x, clock, 2)
        await ear.posts_heard(2)
    assert ear.ids == missed


async def test_the_very_first_start_looks_back_as_far_as_configured(x: LoopbackX, clock: FakeClock) -> None:
    x.post("acme long ago", handle="jo")
    clock.pass_by(timedelta(hours=3))
    recent = posted(x, clock, 2)
    async with hearing(source(x, clock, backfill="1h")) as ear:
        await ear.until(Ear.settled)
    assert ear.ids == recent


async def test_a_live_post_does_not_move_the_cursor_past_what_is_still_to_be_recovered(
    x: LoopbackX, clock: FakeClock
) -> None:
    start = x.post("acme first", handle="jo")
    missed = posted(x, clock, 2)
    x.refuse(
        429, path=RECENT, headers={"x-rate-limit-reset": str(int(clock.now().timestamp()) + 299)}, body={"title": "t"}
    )
    clock.hold(300.0)
    async with hearing(source(x, clock), start) as ear:
        await x.connected()
        await clock.reached_hold.wait()
        live = x.post("acme live", handle="al")
        await ear.posts_heard(1)
        assert ear.ids == [live]
        assert ear.cursor is None
        clock.let_go()
        await ear.until(Ear.settled)
    assert set(ear.ids) == {start, *missed, live}
    assert ear.cursor == live


async def test_a_crash_after_any_event_loses_nothing(x: LoopbackX, clock: FakeClock) -> None:
    """Resuming from the cursor that was stored after any number of events gives all that was not kept by then."""
    x.lag_search(30)
    start = posted(x, clock, 1)[0]
    missed = posted(x, clock, 4)
    clock.hold(AGAIN)
    async with hearing(source(x, clock), start) as ear:
        await x.connected()
        live = [x.post("acme live", handle="al"), x.post("acme live too", handle="al")]
        await clock.reached_hold.wait()
        clock.let_go()
        await ear.until(Ear.settled)
    every = {start, *missed, *live}
    assert set(ear.ids) == every
    x.lag_search(0)
    for kept in range(len(ear.events) + 1):
        stored = cursor_after(ear.events[:kept]) or start
        assert _ids(ear.events[:kept]) | _newer(every, stored) == every


def _ids(events: list[Event]) -> set[str]:
    return {event.native_id for event in events if isinstance(event, Post)}


def _newer(ids: set[str], cursor: str) -> set[str]:
    """What a restart at this cursor finds without any overlap."""
    return {native_id for native_id in ids if int(native_id) >= int(cursor)}


async def test_a_second_search_finds_what_the_first_was_too_early_for(x: LoopbackX, clock: FakeClock) -> None:
    x.lag_search(30)
    start = posted(x, clock, 1)[0]
    clock.pass_by(timedelta(minutes=2))
    late = posted(x, clock, 1)[0]
    async with hearing(source(x, clock), start) as ear:
        await ear.until(Ear.settled)
    assert ear.ids == [start, late]
    assert AGAIN in clock.slept


async def test_each_search_starts_a_little_before_the_cursor(x: LoopbackX, clock: FakeClock) -> None:
    start = posted(x, clock, 1)[0]
    late = x.post("acme arrived late", handle="jo", at=instant(int(start)) - timedelta(seconds=90), streamed=False)
    async with hearing(source(x, clock), start) as ear:
        await ear.until(Ear.settled)
    assert late in ear.ids


async def test_a_connect_during_the_pause_starts_recovery_again_and_keeps_the_cursor_back(
    x: LoopbackX, clock: FakeClock
) -> None:
    start = posted(x, clock, 1)[0]
    clock.hold(AGAIN)
    async with hearing(source(x, clock), start) as ear:
        await clock.reached_hold.wait()
        x.drop_stream()
        await x.connected(2)
        await x.requests(RECENT, 2)
        live = x.post("acme live", handle="al")
        await ear.until(lambda ear: live in ear.ids)
        assert ear.cursor != live
        clock.let_go()
        await ear.until(lambda ear: ear.cursor == live)
    assert x.count(RECENT) == 3


async def test_an_outage_longer_than_search_reaches_back_is_a_gap(x: LoopbackX, clock: FakeClock) -> None:
    start = posted(x, clock, 1)[0]
    clock.pass_by(timedelta(days=9))
    found = posted(x, clock, 1)[0]
    async with hearing(source(x, clock), start) as ear:
        await ear.until(Ear.settled)
    (gap,) = ear.gaps
    assert gap.since == instant(int(start))
    assert gap.until is not None
    assert timedelta(days=6, hours=23) < clock.now() - gap.until < timedelta(days=7, minutes=5)
    assert "7 days" in gap.reason
    assert ear.ids == [found]
    assert isinstance(ear.events[1], type(gap))


async def test_more_missed_posts_than_wanted_are_a_gap_before_the_newest_of_them(
    x: LoopbackX, clock: FakeClock
) -> None:
    start = posted(x, clock, 1)[0]
    missed = posted(x, clock, 350)
    clock.pass_by(timedelta(seconds=1))
    async with hearing(source(x, clock, recovery={"max_posts": 200}), start) as ear:
        await ear.until(Ear.settled)
    (gap,) = ear.gaps
    assert ear.ids == missed[-200:]
    assert gap.since == instant(int(start))
    assert gap.until == instant(int(missed[-200]))
    assert "max_posts" in gap.reason


async def test_a_search_that_stays_refused_is_a_gap_and_the_stream_goes_on(x: LoopbackX, clock: FakeClock) -> None:
    start = posted(x, clock, 1)[0]
    x.refuse(403, path=RECENT, times=50, body={"title": "Forbidden", "detail": "not in your plan"})
    async with hearing(source(x, clock), start) as ear:
        await ear.until(Ear.settled)
        live = x.post("acme live", handle="al")
        await ear.until(lambda ear: live in ear.ids)
    (gap,) = ear.gaps
    assert "not in your plan" in gap.reason
    assert ear.cursor == live


async def test_a_search_that_fails_first_and_works_a_minute_later_leaves_no_gap(x: LoopbackX, clock: FakeClock) -> None:
    start = posted(x, clock, 1)[0]
    missed = posted(x, clock, 3)
    x.refuse(503, path=RECENT, times=4)
    async with hearing(source(x, clock), start) as ear:
        await ear.until(Ear.settled)
    assert ear.ids == [start, *missed]
    assert ear.gaps == []


async def test_posts_of_one_search_do_not_move_the_cursor_past_those_of_another_that_failed(
    x: LoopbackX, clock: FakeClock
) -> None:
    start = posted(x, clock, 1)[0]
    zeta = x.post("zeta", handle="jo")
    x.refuse(503, path=RECENT, times=4)
    clock.hold(AGAIN)
    async with hearing(source(x, clock, [XQuery("a", "acme"), XQuery("z", "zeta")]), before(start)) as ear:
        await clock.reached_hold.wait()
        await ear.posts_heard(1)
        assert ear.ids == [zeta]
        assert ear.cursor is None
        clock.let_go()
        await ear.until(Ear.settled)
    assert set(ear.ids) == {start, zeta}


async def test_several_rules_are_searched_and_their_posts_come_in_one_order(x: LoopbackX, clock: FakeClock) -> None:
    start = posted(x, clock, 1)[0]
    ids = [x.post(text, handle="jo") for text in ("zeta", "acme", "zeta and acme", "acme")]
    async with hearing(source(x, clock, [XQuery("a", "acme"), XQuery("z", "zeta")]), start) as ear:
        await ear.until(Ear.settled)
    assert ear.ids == [start, *ids]


async def test_a_rule_too_long_for_one_search_is_searched_in_several(x: LoopbackX, clock: FakeClock) -> None:
    terms = [f"word{number:03d}" for number in range(70)]
    start = x.post("word000", handle="jo")
    end = x.post("word069", handle="jo")
    packed = queries(terms)
    assert len(packed) == 1
    async with hearing(source(x, clock, packed), start) as ear:
        await ear.until(Ear.settled)
    assert ear.ids == [start, end]
    assert all(len(asked["query"]) <= 512 for asked in x.asked(RECENT))


async def test_a_rule_that_search_does_not_understand_is_a_gap(x: LoopbackX, clock: FakeClock) -> None:
    start = x.post("hello", handle="jo", bio="brewer")
    async with hearing(source(x, clock, [XQuery("brewers", "hello bio:brewer")]), start) as ear:
        await ear.until(Ear.settled)
    assert "bio:" in ear.gaps[0].reason


async def test_the_new_spelling_is_read_in_search(x: LoopbackX, clock: FakeClock) -> None:
    x.rename_fields()
    start = x.post("acme?", handle="jo")
    x.post(handle="al", note="long " * 80 + "acme", edit_of=start, quote_of=start, reposts=7)
    async with hearing(source(x, clock), start) as ear:
        await ear.until(Ear.settled)
    post = ear.posts[-1]
    assert post.text.endswith("acme")
    assert (post.edit_of, post.context, post.reach.reposts) == ((start,), "acme?", 7)


async def test_a_post_that_search_gives_unreadably_is_counted_and_the_others_come(
    x: LoopbackX, clock: FakeClock
) -> None:
    start = posted(x, clock, 1)[0]
    good = {"id": start, "text": "acme"}
    x.refuse(200, path=RECENT, body={"data": [{"id": 7, "text": "acme"}, good], "meta": {"result_count": 2}})
    async with hearing(source(x, clock), start) as ear:
        await ear.until(Ear.settled)
    assert ear.ids == [start]
    assert len(ear.unreadable) == 1
