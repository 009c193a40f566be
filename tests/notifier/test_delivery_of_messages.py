"""Every message owed arrives, once, whoever loses, dies or waits; and what is pointless does not go."""

import asyncio
from datetime import timedelta

import pytest

from ledger import outbox
from ledger.database import Database
from notifier.clock import tick
from notifier.delivery import LEASE
from tests.notifier.desk import MINUTE, NOON, Desk, a_case
from tests.notifier.fake_transport import Died, FakeTransport
from tests.notifier.post import Post

SECOND = timedelta(seconds=1)


async def test_a_message_is_sent_and_then_marked_as_sent(post: Post) -> None:
    """The reference under which it lies is kept, for edits to come."""
    alert_id = await post.desk.complaint()
    await post.drain()
    row = (await post.desk.owed(alert_id))[0]
    assert (row.state, row.remote_ref, row.attempts) == ("sent", {"ref": "0"}, 1)
    assert post.team.shown(alert_id) == ["Answer Mark Harlow by e-mail about case LK-1, not in public"]
    assert post.results == [("email-team", "sent")]


async def test_a_lost_reply_makes_no_second_message(post: Post) -> None:
    """Before the second attempt the transport is asked, and it says that the first has arrived."""
    alert_id = await post.desk.complaint()
    post.team.lose_reply()
    await post.drain(10)
    assert post.team.steps(alert_id) == ["raise"]
    assert post.team.asked == 1
    assert post.results == [("email-team", "postponed"), ("email-team", "found")]
    assert (await post.desk.owed(alert_id))[0].remote_ref == {"ref": "0"}


async def test_a_transport_that_cannot_tell_gets_the_message_again(post: Post) -> None:
    """Where nobody can say whether it arrived, a second copy is better than none."""
    post.fakes["email-team"] = FakeTransport(can_find=False)
    again = Post(post.desk, fakes=post.fakes)
    alert_id = await post.desk.complaint()
    again.team.lose_reply()
    await again.drain(10)
    assert again.team.steps(alert_id) == ["raise", "raise"]


async def test_nothing_is_sent_blindly_while_the_other_side_cannot_be_asked(post: Post) -> None:
    """A doubtful message waits until somebody can say whether it arrived."""
    alert_id = await post.desk.complaint()
    post.team.lose_reply()
    await post.drain()
    post.team.go_down()
    await post.drain(30)
    assert post.team.calls == 1
    post.team.come_back()
    await post.drain(120)
    assert post.team.steps(alert_id) == ["raise"]


async def test_a_crash_between_sending_and_the_ledger_loses_and_doubles_nothing(post: Post) -> None:
    """The process dies with the message sent and the row claimed: the next one asks after the lease, and pays."""
    alert_id = await post.desk.complaint()
    post.team.die(after_sending=True)
    with pytest.raises(Died):
        await post.drain()
    heir = Post(post.desk, "w2", post.fakes)
    await heir.drain(LEASE.total_seconds() - 5, step=5)
    assert (await post.desk.owed(alert_id))[0].state == "claimed"
    await heir.drain(10)
    assert (await post.desk.owed(alert_id))[0].state == "sent"
    assert post.team.steps(alert_id) == ["raise"]


async def test_a_worker_that_stood_still_and_comes_back_changes_nothing(post: Post) -> None:
    """P18: while it was stopped, another found that its message had arrived; its own word comes too late."""
    alert_id = await post.desk.complaint()
    post.team.freeze()
    stopped = asyncio.create_task(post.drain())
    async with asyncio.timeout(10):
        await post.team.entered.wait()
        heir = Post(post.desk, "w2", post.fakes)
        await heir.drain(LEASE.total_seconds() + 5, step=10)
        post.team.thaw()
        await stopped
    row = (await post.desk.owed(alert_id))[0]
    assert (row.state, row.worker, row.attempts) == ("sent", "w2", 2)
    assert post.team.steps(alert_id) == ["raise"]


async def test_an_edit_waits_for_its_message_and_only_the_newest_goes(post: Post) -> None:
    """What changed while the message could not go is said once, in its last form."""
    alert_id = await post.desk.complaint()
    post.team.go_down()
    await post.drain(1)
    for number in range(3):
        mention = await post.desk.post(NOON + number * SECOND)
        await post.desk.conclude(mention, "link", NOON, [("LK-1", 0.9)])
    await post.desk.click("take", alert_id, NOON + MINUTE)
    post.team.come_back()
    await post.drain(60)
    assert post.team.steps(alert_id) == ["raise"]
    assert [(owed.card.state, owed.card.folded, owed.anchor) for owed in post.team.edits] == [
        ("taken", 3, {"ref": "0"})
    ]


@pytest.mark.parametrize("action", ["take", "done", "not_a_complaint"])
async def test_a_reminder_that_was_overtaken_is_not_sent(post: Post, action: str) -> None:
    """P4: between the step and its sending somebody answered; the message is dropped."""
    alert_id = await post.desk.complaint()
    await post.drain()
    for minute in (30, 60):
        await tick(post.desk.db, post.desk.dispatcher, post.clock.turn_to(NOON + minute * MINUTE))
    await post.desk.click(action, alert_id, NOON + 60 * MINUTE)
    await post.drain(5)
    assert post.team.steps(alert_id) == ["raise"]
    assert not post.fakes["head"].arrived
    states = await post.rows(alert_id)
    assert states[("remind", "email-team")] == states[("escalate", "head")] == "dropped"


async def test_an_alert_that_ended_before_it_could_be_told_is_not_told(post: Post) -> None:
    """The case was resolved during an outage: nobody is disturbed about it afterwards."""
    post.team.go_down()
    alert_id = await post.desk.complaint()
    await post.drain(1)
    await post.desk.resolve(a_case(), NOON + MINUTE)
    post.team.come_back()
    await post.drain(60)
    assert not post.team.arrived
    assert set((await post.rows(alert_id)).values()) == {"dropped"}


async def test_a_doubtful_message_of_an_ended_alert_is_looked_for(post: Post) -> None:
    """It may have arrived; then its edit must follow, or it would ask for help for ever."""
    post.team.lose_reply()
    alert_id = await post.desk.complaint()
    await post.drain()
    await post.desk.resolve(a_case(), NOON + MINUTE)
    await post.drain(60)
    assert post.team.steps(alert_id) == ["raise"]
    assert [owed.card.state for owed in post.team.edits] == ["closed"]


async def test_delivery_wakes_for_a_debt_and_stops_when_told(post: Post) -> None:
    """A message goes as soon as it is owed; a graceful stop finishes what is being sent."""
    stop = asyncio.Event()
    running = asyncio.create_task(post.delivery.run(stop))
    alert_id = await post.desk.complaint()
    post.delivery.wake()
    async with asyncio.timeout(10):
        await post.team.entered.wait()
        stop.set()
        post.delivery.wake()
        await running
    assert (await post.desk.owed(alert_id))[0].state == "sent"


async def test_a_new_configuration_is_served_at_once_and_the_old_one_closed(post: Post) -> None:
    """Transports that are used no more are closed, those that stay are not."""
    old, kept = post.team, post.fakes["head"]
    fresh = {**post.fakes, "email-team": FakeTransport()}
    alert_id = await post.desk.complaint()
    await post.delivery.adopt(fresh, post.desk.config)
    assert (old.closed, kept.closed) == (True, False)
    await post.drain()
    assert fresh["email-team"].steps(alert_id) == ["raise"]
    await post.delivery.close()
    assert kept.closed


async def test_two_workers_send_each_message_once(database: Database) -> None:
    """Whoever claims a message sends it; on both stores."""
    desk = Desk(database)
    first = Post(desk)
    second = Post(desk, "w2", first.fakes)
    ids = [await desk.complaint(case=a_case(f"LK-{number}")) for number in range(10)]
    async with asyncio.timeout(60):
        await asyncio.gather(first.drain(), second.drain())
        await first.drain()
    assert sorted(owed.card.alert_id for owed in first.team.arrived) == sorted(ids)


async def test_a_claim_takes_no_more_than_it_asks_for(database: Database) -> None:
    """On PostgreSQL a careless query claims every row at once, and all but the first then wait for their lease."""
    desk = Desk(database)
    for number in range(4):
        await desk.complaint(case=a_case(f"LK-{number}"))
    async with database.write("test") as conn:
        claimed = await outbox.claim(conn, "w1", NOON, limit=1, lease=LEASE, receiver="email-team")
        assert len(claimed) == 1
        assert await outbox.receivers_due(conn, NOON) == ["email-team"]
