"""Every message owed arrives, once, in order, at a pace the receiver bears; and what is pointless does not go."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from ledger import outbox
from ledger.database import Database
from notifier import delivery
from notifier.backoff import LONGEST, SETTLE, pause
from notifier.clock import tick
from notifier.delivery import LEASE, Delivery
from notifier.transport import TransportError
from tests.notifier.desk import MINUTE, NOON, RECEIVERS, Desk, TurnedClock, a_case, config
from tests.notifier.fake_transport import Died, FakeTransport

SECOND = timedelta(seconds=1)


class Post:
    """The delivery of one desk, with a fake receiver behind each name."""

    def __init__(self, desk: Desk, worker: str = "w1", fakes: dict[str, FakeTransport] | None = None) -> None:
        self.desk = desk
        self.clock = TurnedClock()
        self.fakes = fakes or {name: FakeTransport() for name in desk.config.receivers}
        self.results: list[tuple[str, str]] = []
        self.heard = asyncio.Event()
        self.delivery = Delivery(
            desk.db, self.fakes, desk.config, self.clock,
            worker=worker, on_result=self._hear, uniform=lambda low, high: high,
        )  # fmt: skip

    def _hear(self, receiver: str, result: str) -> None:
        self.results.append((receiver, result))
        self.heard.set()

    @property
    def team(self) -> FakeTransport:
        """The e-mail team's receiver."""
        return self.fakes["email-team"]

    async def drain(self, for_seconds: float = 0.0, step: float = 1.0) -> None:
        """Deliver until nothing is due, then on while time passes."""
        end = self.clock.now() + timedelta(seconds=for_seconds)
        while True:
            while await self.delivery.drain_once():
                pass
            if self.clock.now() >= end:
                return
            self.clock.turn(seconds=step)

    async def rows(self, alert_id: str) -> dict[tuple[str, str], str]:
        """Give the state of an alert's messages by step key and receiver."""
        return {(row.step_key, row.receiver): row.state for row in await self.desk.owed(alert_id)}


@pytest.fixture
def post(desk: Desk) -> Post:
    """Deliveries of the usual desk."""
    return Post(desk)


SLACK = {"kind": "slack", "channel": "C0123ABCD", "bot_token": {"env": "BACKCHANNEL_TEST_TOKEN"}}


def on_slack(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> Any:
    """Give a configuration whose e-mail team reads Slack."""
    monkeypatch.setenv("BACKCHANNEL_TEST_TOKEN", "xoxb-invented")
    return config(receivers={**RECEIVERS, "email-team": SLACK}, **changes)


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


async def test_the_fallback_hears_within_five_minutes_what_a_receiver_does_not_take(post: Post) -> None:
    """P6: every alert that waits for too long is told to somebody else, once, with initials; tried before or not."""
    ids = [await post.desk.complaint(case=a_case(f"LK-{n}")) for n in range(5)]
    post.team.go_down()
    await post.drain(3 * 60)
    assert not post.fakes["admin"].arrived
    await post.drain(2 * 60)
    admin = post.fakes["admin"]
    assert sorted(owed.card.alert_id for owed in admin.arrived) == sorted(ids)
    assert all(
        owed.card.headline.startswith("Not delivered to email-team: Answer M. H. by e-mail") for owed in admin.arrived
    )
    await post.drain(10 * 60, step=10)
    assert len(admin.arrived) == 5


async def test_what_is_refused_for_good_goes_to_the_fallback_at_once(post: Post) -> None:
    """It stays in the ledger as dead, to be seen and replayed, and is counted."""
    alert_id = await post.desk.complaint()
    post.team.fail(permanent=True)
    await post.drain()
    assert await post.rows(alert_id) == {("raise", "email-team"): "dead", ("raise", "admin"): "sent"}
    assert ("email-team", "dead") in post.results
    await tick(post.desk.db, post.desk.dispatcher, post.clock.turn_to(NOON + 30 * MINUTE))
    await post.drain()
    assert post.team.steps(alert_id) == ["remind"]
    assert post.team.arrived[0].kind == "new"


async def test_a_receiver_that_was_removed_from_the_configuration_is_dead(post: Post) -> None:
    """Its messages go to the fallback instead of waiting for ever."""
    alert_id = await post.desk.complaint()
    del post.fakes["email-team"]
    await Post(post.desk, fakes=post.fakes).drain()
    assert await post.rows(alert_id) == {("raise", "email-team"): "dead", ("raise", "admin"): "sent"}


async def test_a_message_that_breaks_its_transport_is_given_up_after_three_tries(post: Post) -> None:
    """P8: poison is set aside; the messages behind it arrive."""

    class Breaking(FakeTransport):
        async def send(self, owed: Any) -> Any:
            if owed.card.case.case_id == "LK-1":
                self.calls += 1
                raise UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed")
            return await super().send(owed)

    post.fakes["email-team"] = breaking = Breaking()
    poison = await post.desk.complaint()
    fine = await post.desk.complaint(case=a_case("LK-9"))
    await Post(post.desk, fakes=post.fakes).drain(300, step=5)
    assert breaking.calls == 4
    assert (await post.rows(poison))[("raise", "email-team")] == "dead"
    assert breaking.steps(fine) == ["raise"]


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


async def test_a_dead_message_can_be_replayed(post: Post) -> None:
    """After the cause is mended it goes as it was."""
    alert_id = await post.desk.complaint()
    post.team.fail(permanent=True)
    await post.drain()
    row = (await post.desk.owed(alert_id))[0]
    async with post.desk.db.write("replay") as conn:
        assert await outbox.revive(conn, row.id, post.clock.now())
    await post.drain(5)
    assert post.team.steps(alert_id) == ["raise"]


def test_a_pause_honours_what_the_receiver_asks_and_grows_otherwise() -> None:
    """Full jitter lies between nothing and a doubling bound; a doubtful message settles first."""
    assert pause(TransportError("x", retry_after=120), 9, lambda low, high: high) == 120
    assert [pause(TransportError("x"), n, lambda low, high: high) for n in (1, 2, 3, 9)] == [4, 8, 16, LONGEST]
    assert pause(TransportError("x"), 1, lambda low, high: low) == 0.1
    assert pause(TransportError("x", unsure=True), 1, lambda low, high: low) == SETTLE
