"""The genuine tweepy stream in our hands: each of its measured traps, and what X itself does to connections."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import timedelta

import pytest
from pydantic import SecretStr

from listener.post import Alive
from playground.x import CONNECTIONS, RECENT, RULES, STREAM, LoopbackX
from tests.listener.x_harness import Ear, FakeClock, hearing, loopback, source


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def x(clock: FakeClock) -> AsyncIterator[LoopbackX]:
    async with loopback(clock) as server:
        yield server


def one_post(ear: Ear) -> bool:
    return len(ear.posts) == 1


async def test_trap_1_a_stream_that_is_closed_again_and_again_stays_within_x_s_connects(
    x: LoopbackX, clock: FakeClock
) -> None:
    times = []
    async with hearing(source(x, clock)):
        for n in range(1, 90):
            await x.connected(n)
            times.append(clock.now())
            x.drop_stream()
    for start in times:
        assert sum(start <= time < start + timedelta(minutes=15) for time in times) <= 50


async def test_trap_2_one_cancellation_stops_the_stream_and_closes_its_connection(
    x: LoopbackX, clock: FakeClock
) -> None:
    async with hearing(source(x, clock)) as ear:
        await x.connected()
    assert ear.ended.is_set()
    async with asyncio.timeout(5):
        await x.disconnected()
    assert x.open_streams == 0
    assert x.count(STREAM) == 1


async def test_trap_2_a_source_that_nobody_reads_from_is_stopped_too(x: LoopbackX, clock: FakeClock) -> None:
    listening = source(x, clock)
    async with asyncio.timeout(10):
        async with aclosing(listening.listen(None)) as events:  # type: ignore[type-var]  # it is a generator
            assert isinstance(await anext(events), Alive)
            for number in range(3_000):
                x.post(f"acme {number}", handle="jo")
            assert (await anext(events)).cursor
        await x.disconnected()


@pytest.mark.parametrize(
    "raw",
    [
        b"<html>no json</html>\r\n",
        b'{"data": {"id": "1", "te\r\n',
        b'{"data": {"id": "1"}}\r\n',
        b'{"data": {"id": 5, "text": "acme"}}\r\n',
        b"\xff\xfe\xfd\r\n",
    ],
)
async def test_trap_3_a_bad_line_is_counted_and_the_stream_goes_on(x: LoopbackX, clock: FakeClock, raw: bytes) -> None:
    async with hearing(source(x, clock)) as ear:
        await x.connected()
        x.send_raw(raw)
        x.post("acme", handle="jo")
        await ear.posts_heard(1)
    assert [one.raw for one in ear.unreadable] == [raw.strip()]
    assert x.count(STREAM) == 1


async def test_trap_3_a_rule_without_a_tag_does_not_end_the_stream(x: LoopbackX, clock: FakeClock) -> None:
    async with hearing(source(x, clock)) as ear:
        await x.connected()
        body = {"data": {"id": "1377650090978992134", "text": "acme"}, "matching_rules": [{"id": "7"}]}
        x.send_raw(json.dumps(body).encode() + b"\r\n")
        x.post("acme", handle="jo")
        await ear.posts_heard(2)
    assert x.count(STREAM) == 1


async def test_trap_3_a_line_cut_off_by_a_clean_close_is_counted_and_its_post_recovered(
    x: LoopbackX, clock: FakeClock
) -> None:
    async with hearing(source(x, clock)) as ear:
        await x.connected()
        cut = x.post("acme", handle="jo", streamed=False)
        x.truncate_line()
        await ear.until(one_post)
    assert ear.ids == [cut]
    assert len(ear.unreadable) == 1


async def test_trap_3_a_line_too_long_for_any_buffer_is_counted_and_the_stream_comes_back(
    x: LoopbackX, clock: FakeClock
) -> None:
    async with hearing(source(x, clock)) as ear:
        await x.connected()
        x.send_raw(b"x" * (5 * 1024 * 1024))
        await x.connected(2)
        x.post("acme", handle="jo")
        await ear.until(one_post)
    assert "bytes" in ear.unreadable[0].reason


async def test_trap_4_a_source_synchronises_its_rules_each_time_it_listens(x: LoopbackX, clock: FakeClock) -> None:
    listening = source(x, clock)
    async with hearing(listening):
        await x.connected()
    async with hearing(listening):
        await x.connected(2)
    assert len(x.asked(RULES)) == 2


@pytest.mark.parametrize("status", [401, 403])
async def test_trap_5_a_refused_token_ends_the_source_for_good(x: LoopbackX, clock: FakeClock, status: int) -> None:
    x.refuse(status, times=100, body={"title": "Refused", "detail": "no"})
    async with hearing(source(x, clock)) as ear:
        await ear.ended.wait()
    assert ear.error is not None
    assert ear.error.permanent
    assert x.count(STREAM) == 1


async def test_trap_5_a_wrong_token_is_told_before_any_stream(x: LoopbackX, clock: FakeClock) -> None:
    async with hearing(source(x, clock, bearer_token=SecretStr("wrong"))) as ear:
        await ear.ended.wait()
    assert ear.error is not None
    assert ear.error.permanent
    assert "bearer_token" in str(ear.error)


async def test_trap_5_an_unreachable_stream_is_tried_a_few_times_and_then_handed_over(
    x: LoopbackX, clock: FakeClock
) -> None:
    x.refuse(503, times=100)
    async with hearing(source(x, clock)) as ear:
        await ear.ended.wait()
    assert ear.error is not None
    assert not ear.error.permanent
    assert ear.error.retry_after
    assert x.count(STREAM) == 6


async def test_trap_6_a_rate_limit_is_waited_for_as_long_as_x_says(x: LoopbackX, clock: FakeClock) -> None:
    reset = int(clock.now().timestamp()) + 777
    x.refuse(429, headers={"x-rate-limit-reset": str(reset)}, body={"title": "Too Many Requests"})
    async with hearing(source(x, clock)):
        await x.connected()
    assert sum(clock.slept) == pytest.approx(778, abs=1)


async def test_trap_6_what_was_posted_during_a_rate_limit_is_recovered(x: LoopbackX, clock: FakeClock) -> None:
    async with hearing(source(x, clock)) as ear:
        await x.connected()
        x.refuse(429, times=2, body={"title": "Too Many Requests"})
        x.drop_stream()
        await x.disconnected()
        missed = x.post("acme", handle="jo")
        await ear.until(one_post)
    assert ear.ids == [missed]


async def test_too_many_connections_are_waited_for_until_x_frees_the_slot(x: LoopbackX, clock: FakeClock) -> None:
    x.too_many_connections(times=2)
    async with hearing(source(x, clock)):
        await x.connected()
    assert clock.slept[:2] == [60, 120]
    assert x.count(CONNECTIONS + "/all") == 0


async def test_the_other_connections_of_the_app_are_ended_where_the_configuration_says_so(
    x: LoopbackX, clock: FakeClock
) -> None:
    async with hearing(source(x, clock)):
        await x.connected()
        async with hearing(source(x, clock, take_over=True)):
            await x.requests(CONNECTIONS + "/all")
            await x.connected(2)


async def test_a_take_over_that_x_refuses_is_no_reason_to_stop(x: LoopbackX, clock: FakeClock) -> None:
    x.too_many_connections()
    x.refuse(403, path=CONNECTIONS + "/all", body={"title": "Forbidden"})
    async with hearing(source(x, clock, take_over=True)):
        await x.connected()


@pytest.mark.parametrize("issue", [None, "TooManyConnections"])
async def test_trap_7_a_connection_exception_in_the_stream_is_a_message_of_x_and_ends_the_connection(
    x: LoopbackX, clock: FakeClock, issue: str | None
) -> None:
    body = {"title": "ConnectionException", "detail": "This stream is over", "connection_issue": issue}
    async with hearing(source(x, clock)) as ear:
        await x.connected()
        x.send_raw(json.dumps(body).encode() + b"\r\n")
        await x.connected(2)
        x.post("acme", handle="jo")
        await ear.until(one_post)
    assert ear.unreadable == []
    assert (60 in clock.slept) == (issue is not None)


async def test_trap_7_an_operational_disconnect_is_followed_by_a_new_connection(x: LoopbackX, clock: FakeClock) -> None:
    async with hearing(source(x, clock)) as ear:
        await x.connected()
        x.disconnect_operationally()
        await x.connected(2)
        x.post("acme", handle="jo")
        await ear.until(one_post)
    assert ear.unreadable == []


async def test_trap_8_an_html_page_instead_of_rules_is_worth_another_try(x: LoopbackX, clock: FakeClock) -> None:
    x.refuse(503, path=RULES, body="<html>over capacity</html>")
    async with hearing(source(x, clock)) as ear:
        await ear.ended.wait()
    assert ear.error is not None
    assert not ear.error.permanent
    assert "503" in str(ear.error)


async def test_trap_8_an_html_page_instead_of_a_search_is_asked_again(x: LoopbackX, clock: FakeClock) -> None:
    missed = x.post("acme", handle="jo")
    x.refuse(503, path=RECENT, body="<html>over capacity</html>")
    x.refuse(200, path=RECENT, body="<html>a login page</html>")
    async with hearing(source(x, clock), str(int(missed) - 1)) as ear:
        await ear.until(one_post)
    assert ear.gaps == []


async def test_trap_9_a_limited_search_without_a_time_is_waited_for_a_minute_and_not_hammered(
    x: LoopbackX, clock: FakeClock
) -> None:
    missed = x.post("acme", handle="jo")
    x.refuse(429, times=2, path=RECENT, body={"title": "Too Many Requests"})
    async with hearing(source(x, clock), str(int(missed) - 1)) as ear:
        await ear.until(Ear.settled)
    assert clock.slept[:2] == [60, 60]
    assert x.count(RECENT) == 4
    assert ear.ids == [missed]


async def test_trap_9_a_limited_search_with_a_time_is_asked_again_then(x: LoopbackX, clock: FakeClock) -> None:
    missed = x.post("acme", handle="jo")
    reset = str(int(clock.now().timestamp()) + 400)
    x.refuse(429, path=RECENT, headers={"x-rate-limit-reset": reset}, body={"title": "Too Many Requests"})
    async with hearing(source(x, clock), str(int(missed) - 1)) as ear:
        await ear.until(one_post)
    assert clock.slept[0] == pytest.approx(401)


async def test_a_stream_that_is_silent_is_left_and_opened_again(x: LoopbackX, clock: FakeClock) -> None:
    async with hearing(source(x, clock, stall_after="0.05s")) as ear:
        await x.connected()
        x.stall()
        x.post("acme into the void", handle="jo")
        await x.connected(2)
        await ear.until(one_post)


async def test_a_stream_that_is_reset_is_opened_again(x: LoopbackX, clock: FakeClock) -> None:
    async with hearing(source(x, clock)) as ear:
        await x.connected()
        x.abort_stream()
        await x.connected(2)
        x.post("acme", handle="jo")
        await ear.until(one_post)
