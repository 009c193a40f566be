"""Messages go at a pace that each receiver bears, and none of them slows another."""

import asyncio
from typing import Any

import pytest

from ledger.database import Database
from notifier import delivery
from notifier.backoff import LONGEST, SETTLE, pause
from notifier.transport import TransportError
from tests.notifier.desk import NOON, RECEIVERS, Desk, a_case, config
from tests.notifier.post import Post

SLACK = {"kind": "slack", "channel": "C0123ABCD", "bot_token": {"env": "BACKCHANNEL_TEST_TOKEN"}}


def on_slack(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> Any:
    """Give a configuration whose e-mail team reads Slack."""
    monkeypatch.setenv("BACKCHANNEL_TEST_TOKEN", "xoxb-invented")
    return config(receivers={**RECEIVERS, "email-team": SLACK}, **changes)


async def test_a_receiver_is_left_alone_as_long_as_it_asks(post: Post) -> None:
    """Retry-After holds for all its messages; the others go on."""
    await post.desk.complaint()
    other = await post.desk.complaint(case=a_case("LK-9"))
    lone = str(await post.desk.conclude(await post.desk.post(), "unlinked", NOON))
    post.team.rate_limit(30)
    await post.drain(29)
    assert post.team.calls == 1
    assert post.fakes["first"].steps(lone) == ["raise"]
    await post.drain(2)
    assert len(post.team.arrived) == 2
    assert post.team.steps(other) == ["raise"]


async def test_an_outage_is_probed_with_growing_pauses(post: Post) -> None:
    """Ten minutes of silence cost some twenty calls, not thousands; then everything arrives."""
    ids = [await post.desk.complaint(case=a_case(f"LK-{n}")) for n in range(20)]
    post.team.go_down()
    await post.drain(600)
    assert post.team.calls + post.team.asked < 20
    post.team.come_back()
    await post.drain(LONGEST + 5)
    assert sorted(owed.card.alert_id for owed in post.team.arrived) == sorted(ids)


async def test_a_receiver_that_hangs_holds_up_no_other(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """P16: each receiver has a lane of its own, and a call that takes too long is broken off and tried again."""
    monkeypatch.setattr(delivery, "CALL", 0.05)
    hanging = await post.desk.complaint()
    lone = str(await post.desk.conclude(await post.desk.post(), "unlinked", NOON))
    post.team.hang()
    running = asyncio.create_task(post.delivery.run())
    async with asyncio.timeout(10):
        while not {("first", "sent"), ("email-team", "postponed")} <= set(post.results):
            await post.heard.wait()
            post.heard.clear()
    running.cancel()
    await asyncio.wait({running})
    assert post.fakes["first"].steps(lone) == ["raise"]
    row = (await post.desk.owed(hanging))[0]
    assert (row.state, "no answer" in row.error) == ("owed", True)


async def test_a_slack_channel_gets_one_message_a_second(sqlite_db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """P7: the pace is kept for each receiver by itself."""
    post = Post(Desk(sqlite_db, on_slack(monkeypatch)))
    for number in range(5):
        await post.desk.complaint(case=a_case(f"LK-{number}"))
    for sent in range(1, 6):
        await post.drain()
        await post.drain()
        assert len(post.team.arrived) == sent
        post.clock.turn(seconds=0.9)
        await post.drain()
        assert len(post.team.arrived) == sent
        post.clock.turn(seconds=0.1)


async def test_a_burst_goes_below_one_message(sqlite_db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """P7: beyond so many a minute, further alerts stand in the thread of the last one, each with its own buttons."""
    post = Post(Desk(sqlite_db, on_slack(monkeypatch, group_beyond=3)))
    ids = [await post.desk.complaint(case=a_case(f"LK-{number}")) for number in range(8)]
    await post.drain(10)
    kinds = [(owed.kind, owed.anchor) for owed in post.team.arrived]
    assert kinds == [("new", None)] * 3 + [("thread", {"ref": "2"})] * 5
    await post.desk.click("take", ids[7], post.clock.now())
    await post.drain(10)
    assert post.team.edits[-1].anchor == {"ref": "7", "below": str((await post.desk.owed(ids[2]))[0].id)}
    post.clock.turn(minutes=2)
    later = await post.desk.complaint(case=a_case("LK-later"))
    await post.drain()
    assert [owed.kind for owed in post.team.arrived if owed.card.alert_id == later] == ["new"]


async def test_a_lost_reply_within_a_burst_is_looked_for_in_the_same_thread(
    sqlite_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a message belongs is decided once: a second attempt minutes later asks in the same place."""
    post = Post(Desk(sqlite_db, on_slack(monkeypatch, group_beyond=1)))
    await post.desk.complaint()
    await post.drain(2)
    second = await post.desk.complaint(case=a_case("LK-9"))
    post.team.lose_reply()
    await post.drain()
    post.clock.turn(minutes=3)
    await post.drain(5)
    assert [(owed.kind, owed.anchor) for owed in post.team.arrived] == [("new", None), ("thread", {"ref": "0"})]
    assert (await post.desk.owed(second))[0].state == "sent"


async def test_a_message_that_may_stand_by_itself_already_is_not_looked_for_elsewhere(
    sqlite_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A burst that begins between two attempts moves nothing that may have arrived."""
    post = Post(Desk(sqlite_db, on_slack(monkeypatch, group_beyond=1)))
    doubtful = await post.desk.complaint()
    other = await post.desk.complaint(case=a_case("LK-9"))
    post.team.lose_reply()
    await post.drain(20)
    assert post.team.steps(doubtful) == post.team.steps(other) == ["raise"]
    assert (await post.desk.owed(doubtful))[0].state == "sent"


def test_a_pause_honours_what_the_receiver_asks_and_grows_otherwise() -> None:
    """Full jitter lies between nothing and a doubling bound; a doubtful message settles first."""
    assert pause(TransportError("x", retry_after=120), 9, lambda low, high: high) == 120
    assert [pause(TransportError("x"), n, lambda low, high: high) for n in (1, 2, 3, 9)] == [4, 8, 16, LONGEST]
    assert pause(TransportError("x"), 1, lambda low, high: low) == 0.1
    assert pause(TransportError("x", unsure=True), 1, lambda low, high: low) == SETTLE
