"""What a post of X looks like when it arrives, and how our rules at X are kept."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from listener.post import Alive
from listener.source import SourceError
from listener.sources.x_rules import XQuery, queries
from playground.x import RULES, LoopbackX
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


async def test_closing_a_source_ends_its_listening(x: LoopbackX, clock: FakeClock) -> None:
    listening = source(x, clock)
    async with hearing(listening) as ear:
        await x.connected()
        await listening.close()
        await listening.close()
        await ear.ended.wait()
    assert ear.error is None


async def test_a_host_that_is_not_there_is_worth_another_try(x: LoopbackX, clock: FakeClock) -> None:
    async with hearing(source(x, clock, base_url="http://127.0.0.1:9")) as ear:
        await ear.ended.wait()
    assert isinstance(ear.error, SourceError)
    assert not ear.error.permanent
    assert "base_url" in str(ear.error)


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
