"""The genuine tweepy stream in our hands: each of its measured traps, and what X itself does to connections."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from listener.post import Alive
from listener.source import SourceError
from listener.sources.x_rules import XQuery, queries
from playground.x import CONNECTIONS, RECENT, RULES, STREAM, LoopbackX
from tests.listener.x_harness import ACME, BEARER, Ear, FakeClock, hearing, loopback, source

FIXTURES = Path(__file__).parents[1] / "playground" / "fixtures" / "x"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def x(clock: FakeClock) -> AsyncIterator[LoopbackX]:
    async with loopback(clock) as server:
        yield server


def one_post(ear: Ear) -> bool:
    return len(ear.posts) == 1


async def test_a_streamed_post_arrives_whole(x: LoopbackX, clock: FakeClock) -> None:
    async with hearing(source(x, clock)) as ear:
        await x.connected()
        asked = x.post("who is acme?", handle="acme_care", followers=9)
        answer = x.post(
            "Dear acme & co \u2028 my can was empty 😡",
            handle="wife",
            name="Mary Jones",
            bio="R&D",
            location="Leeds",
            followers=120,
            reply_to=asked,
            likes=3,
            reposts=2,
            replies=1,
        )
        _, post = await ear.posts_heard(2)
    assert post.native_id == answer
    assert post.text == "Dear acme & co \u2028 my can was empty 😡"
    assert (post.author.handle, post.author.name, post.author.bio) == ("wife", "Mary Jones", "R&D")
    assert (post.author.location, post.author.followers) == ("Leeds", 120)
    assert (post.reach.likes, post.reach.reposts, post.reach.replies) == (3, 2, 1)
    assert (post.reply_to, post.context) == (asked, "who is acme?")
    assert post.url == f"https://x.com/wife/status/{answer}"
    assert post.posted_at == clock.now()
    assert post.cursor == answer


async def test_a_long_post_is_read_to_its_end(x: LoopbackX, clock: FakeClock) -> None:
    async with hearing(source(x, clock)) as ear:
        await x.connected()
        x.post(handle="jo", note="a long story " * 40 + "about acme")
        (post,) = await ear.posts_heard(1)
    assert post.text.endswith("about acme")


async def test_an_edit_is_a_new_post_that_names_the_old(x: LoopbackX, clock: FakeClock) -> None:
    async with hearing(source(x, clock)) as ear:
        await x.connected()
        first = x.post("acme is bda", handle="jo")
        x.post("acme is bad", handle="jo", edit_of=first)
        posts = await ear.posts_heard(2)
    assert posts[1].edit_of == (first,)


async def test_a_repost_is_marked(x: LoopbackX, clock: FakeClock) -> None:
    async with hearing(source(x, clock)) as ear:
        await x.connected()
        first = x.post("acme is bad", handle="jo")
        x.post(handle="al", retweet_of=first)
        posts = await ear.posts_heard(2)
    assert posts[1].repost_of == first
    assert posts[1].context == "acme is bad"


async def test_the_new_spelling_is_read_in_the_stream(x: LoopbackX, clock: FakeClock) -> None:
    x.rename_fields()
    async with hearing(source(x, clock)) as ear:
        await x.connected()
        first = x.post("acme, is it?", handle="jo")
        x.post(handle="al", note="long " * 80 + "acme", edit_of=first, quote_of=first, reposts=7)
        posts = await ear.posts_heard(2)
    assert posts[1].text.endswith("acme")
    assert posts[1].edit_of == (first,)
    assert posts[1].context == "acme, is it?"
    assert posts[1].reach.reposts == 7


async def test_a_post_that_x_sends_twice_is_given_once(x: LoopbackX, clock: FakeClock) -> None:
    async with hearing(source(x, clock)) as ear:
        await x.connected()
        x.repeat(x.post("acme", handle="jo"))
        last = x.post("acme again", handle="jo")
        await ear.until(lambda ear: last in ear.ids)
    assert len(ear.ids) == 2


async def test_a_keep_alive_is_a_sign_of_life(clock: FakeClock) -> None:
    async with loopback(clock, keep_alive_s=0.01) as x, hearing(source(x, clock)) as ear:
        await ear.until(lambda ear: sum(isinstance(event, Alive) for event in ear.events) > 3)


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


async def test_closing_a_source_ends_its_listening(x: LoopbackX, clock: FakeClock) -> None:
    listening = source(x, clock)
    async with hearing(listening) as ear:
        await x.connected()
        await listening.close()
        await listening.close()
        await ear.ended.wait()
    assert ear.error is None


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


async def test_rules_that_vanished_at_x_are_added_again(x: LoopbackX, clock: FakeClock) -> None:
    async with hearing(source(x, clock)) as ear:
        await x.connected()
        x.rules.delete([rule["id"] for rule in x.rules.listed()["data"]])
        x.drop_stream()
        await x.connected(2)
        x.post("acme", handle="jo")
        await ear.until(one_post)


async def test_x_holds_our_rules_and_keeps_those_of_other_programs(x: LoopbackX, clock: FakeClock) -> None:
    x.rules.add([{"value": "cats", "tag": "pets"}, {"value": "old", "tag": "backchannel:any-1"}, {"value": "dogs"}])
    async with hearing(source(x, clock, queries(["acme", "zeta"]))):
        await x.connected()
    assert x.rules.values() == {"cats": "pets", "dogs": None, "acme OR zeta": "backchannel:any-1"}


async def test_a_rule_that_another_program_added_meanwhile_is_no_error(x: LoopbackX, clock: FakeClock) -> None:
    duplicate = {"value": "acme", "id": "1", "title": "DuplicateRule", "type": "t"}
    x.rules.add([{"value": "cats"}])
    listening = source(x, clock, [XQuery("a", "acme"), XQuery("b", "zeta")])
    x.refuse(200, path=RULES, body={"meta": {"result_count": 0}})
    x.refuse(201, path=RULES, body={"meta": {}, "errors": [duplicate]})
    async with hearing(listening):
        await x.connected()


async def test_a_rule_that_x_refuses_is_named_and_ends_the_source(x: LoopbackX, clock: FakeClock) -> None:
    bad = [XQuery("good", "acme"), XQuery("bad", "is:retweet")]
    async with hearing(source(x, clock, bad)) as ear:
        await ear.ended.wait()
    assert ear.error is not None
    assert ear.error.permanent
    assert "rule bad" in str(ear.error)


async def test_a_source_without_rules_says_so(x: LoopbackX, clock: FakeClock) -> None:
    async with hearing(source(x, clock, [])) as ear:
        await ear.ended.wait()
    assert ear.error is not None
    assert ear.error.permanent
    assert "rules" in str(ear.error)


async def test_no_log_holds_a_text_a_name_or_the_token(
    x: LoopbackX, clock: FakeClock, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    async with hearing(source(x, clock)) as ear:
        await x.connected()
        x.post("acme ruined my wedding", handle="secretive_jo", name="Jo Secretive")
        x.send_raw(b'{"ruined": "wedding"}\r\n')
        await ear.until(one_post)
        x.drop_stream()
        await ear.until(Ear.settled)
    logged = caplog.text + "".join(capsys.readouterr())
    assert "x.stream_opened" in logged
    for secret in ("wedding", "ecretive", BEARER):
        assert secret not in logged


async def test_the_recorded_stream_plays_into_its_posts_and_one_unreadable_line(x: LoopbackX, clock: FakeClock) -> None:
    async with hearing(source(x, clock)) as ear:
        await x.connected()
        assert x.play(FIXTURES / "stream.jsonl") == 5
        await ear.until(lambda ear: bool(ear.unreadable))
    assert ear.ids == ["1377650090978992134", "1377650093109743620", "1377650277642338305", "1377650387579248643"]
    assert len(ear.unreadable) == 1


async def test_a_post_is_checked_again_and_a_deleted_one_is_told(x: LoopbackX, clock: FakeClock) -> None:
    kept, gone = x.post("acme", handle="jo"), x.post("acme!", handle="jo")
    x.delete(gone)
    found = await source(x, clock, ACME).recheck([kept, gone])
    assert [type(one).__name__ for one in found] == ["Post", "Removal"]
    assert [one.native_id for one in found] == [kept, gone]


async def test_a_host_that_is_not_there_is_worth_another_try(x: LoopbackX, clock: FakeClock) -> None:
    async with hearing(source(x, clock, base_url="http://127.0.0.1:9")) as ear:
        await ear.ended.wait()
    assert isinstance(ear.error, SourceError)
    assert not ear.error.permanent
    assert "base_url" in str(ear.error)
