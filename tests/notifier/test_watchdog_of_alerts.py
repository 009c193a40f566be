"""Silence is noticed: what should have moved and did not is found, and nothing else is."""

from datetime import timedelta

from ledger import outbox, steps
from notifier.clock import tick
from notifier.delivery import Delivery
from notifier.watchdog import Limits, audit
from tests.notifier.desk import MINUTE, NOON, Desk, TurnedClock
from tests.notifier.fake_transport import FakeTransport


async def found(desk: Desk, minute: float, ticker_age: float = 1.0) -> list[tuple[str, str]]:
    """Give code and subject of what is found at a minute after noon."""
    async with desk.db.read() as conn:
        return [(each.code, each.subject) for each in await audit(conn, NOON + minute * MINUTE, ticker_age=ticker_age)]


async def deliver(desk: Desk, minute: float, team: FakeTransport | None = None) -> None:
    """Send what is owed at a minute after noon."""
    fakes = {name: FakeTransport() for name in desk.config.receivers} | ({"email-team": team} if team else {})
    delivery = Delivery(desk.db, fakes, desk.config, TurnedClock(NOON + minute * MINUTE), worker="w1")
    while await delivery.drain_once():
        pass


async def test_a_healthy_desk_has_no_findings(desk: Desk) -> None:
    """While steps and messages are done in time, nothing is found, through the whole life of an alert."""
    await desk.complaint()
    for minute in (0, 4, 30, 34, 60, 64, 600):
        await tick(desk.db, desk.dispatcher, NOON + minute * MINUTE)
        await deliver(desk, minute)
        assert await found(desk, minute) == []


async def test_an_overdue_step_of_an_open_alert_is_found(desk: Desk) -> None:
    """More than five minutes late, for an alert that nobody has taken."""
    alert_id = await desk.complaint()
    await deliver(desk, 0)
    assert await found(desk, 34.9) == []
    assert await found(desk, 35.1) == [("step_overdue", alert_id)]
    await desk.click("take", alert_id, NOON + 36 * MINUTE)
    await deliver(desk, 36)
    assert await found(desk, 90) == []


async def test_an_open_alert_that_nothing_will_move_is_found(desk: Desk) -> None:
    """Its steps were lost: it would wait in silence for ever."""
    alert_id = await desk.complaint()
    await deliver(desk, 0)
    async with desk.db.write("test") as conn:
        await steps.cancel(conn, alert_id, NOON)
    assert await found(desk, 6) == [("alert_stranded", alert_id)]


async def test_an_old_debt_and_a_dead_one_are_found(desk: Desk) -> None:
    """A message that nobody sends, and one that was given up, with the reason and the next step."""
    alert_id = await desk.complaint()
    row = (await desk.owed(alert_id))[0]
    assert await found(desk, 4.9) == []
    assert await found(desk, 5.1) == [("message_overdue", str(row.id))]
    team = FakeTransport()
    team.fail(permanent=True)
    await deliver(desk, 6, team)
    async with desk.db.read() as conn:
        findings = await audit(conn, NOON + 7 * MINUTE, ticker_age=0)
        assert len(await outbox.in_state(conn, "dead", 9)) == 1
    assert [(each.code, each.sentence) for each in findings] == [
        ("message_dead", "given up for email-team: refused: mend that, then replay it")
    ]


async def test_a_silent_ticker_is_found(desk: Desk) -> None:
    """A clock that does not tick does no step, however well the ledger looks."""
    assert await found(desk, 0, ticker_age=60) == []
    assert await found(desk, 0, ticker_age=61) == [("ticker_silent", "ticker")]


async def test_limits_can_be_tightened(desk: Desk) -> None:
    """An operator may want to know earlier."""
    await desk.complaint()
    tight = Limits(message_late=timedelta(seconds=10))
    async with desk.db.read() as conn:
        assert [each.code for each in await audit(conn, NOON + MINUTE, ticker_age=0, limits=tight)] == [
            "message_overdue"
        ]
