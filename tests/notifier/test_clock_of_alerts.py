"""The timeline of an alert: 0 raise, 30 remind, 60 escalate, and everything that may come between."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from ledger import alerts, steps
from ledger.database import Database
from notifier.clock import TickReport, tick
from notifier.ticker import Job, Ticker
from notifier.wallclock import HOLD, WallClock
from tests.notifier.desk import MINUTE, NOON, Desk, TurnedClock, a_case, config

HOUR = timedelta(hours=1)


async def owed_keys(desk: Desk, alert_id: str) -> list[tuple[str, str, str]]:
    """Give step key, receiver and kind of what is owed for an alert."""
    return [(row.step_key, row.receiver, row.kind) for row in await desk.owed(alert_id)]


async def ticks(desk: Desk, *minutes: float) -> list[TickReport]:
    """Let the clock tick at these minutes after noon."""
    return [await tick(desk.db, desk.dispatcher, NOON + minute * MINUTE) for minute in minutes]


async def test_the_reminder_comes_at_30_and_the_escalation_at_60(desk: Desk) -> None:
    """The team is reminded below its message; then the head of support gets one, and the team is told so."""
    alert_id = await desk.complaint()
    await ticks(desk, 0, 29.9)
    assert len(await desk.owed(alert_id)) == 1
    await ticks(desk, 30, 31, 59.9)
    assert (await owed_keys(desk, alert_id))[1:] == [("remind", "email-team", "thread")]
    await ticks(desk, 60, 61, 600)
    assert (await owed_keys(desk, alert_id))[2:] == [
        ("escalate", "head", "new"),
        ("escalate", "email-team", "thread"),
    ]
    raised, reminder, escalation, _ = await desk.cards(alert_id)
    assert (raised.note, reminder.note, escalation.note) == ("raised", "reminder", "escalation")
    assert reminder.headline.startswith("30 min left, and nobody has taken this: answer Mark Harlow")
    assert escalation.headline.startswith("Nobody has taken this in time: answer Mark Harlow")


@pytest.mark.parametrize(
    ("taken_at", "expected"),
    [(29, ["raise"]), (31, ["raise", "remind"]), (59, ["raise", "remind"])],
)
async def test_nothing_more_is_due_once_somebody_has_taken_it(desk: Desk, taken_at: int, expected: list[str]) -> None:
    """An acknowledgement at 29 spares the reminder, one at 31 or 59 the escalation."""
    alert_id = await desk.complaint()
    await ticks(desk, *range(0, taken_at))
    await desk.click("take", alert_id, NOON + taken_at * MINUTE)
    await ticks(desk, *range(taken_at, 90))
    assert [row.step_key for row in await desk.owed(alert_id) if row.kind != "edit"] == expected


@pytest.mark.parametrize("action", ["done", "not_a_complaint", "not_this_case"])
async def test_an_alert_that_is_over_never_escalates(desk: Desk, action: str) -> None:
    """Whatever ended it, its clock has ended."""
    alert_id = await desk.complaint()
    await desk.click(action, alert_id, NOON + 10 * MINUTE)
    await ticks(desk, 30, 60, 90)
    assert [row.step_key for row in await desk.owed(alert_id) if row.kind != "edit"] == ["raise"]


@pytest.mark.parametrize("down_for", [MINUTE, 10 * MINUTE, 26 * HOUR])
async def test_a_step_that_fell_due_while_we_were_down_is_done_once(sqlite_db: Database, down_for: timedelta) -> None:
    """The due time lies in the ledger: a new process does what the old one could not, and nothing twice."""
    before = Desk(sqlite_db)
    alert_id = await before.complaint()
    await ticks(before, 29)
    after = Desk(sqlite_db)
    started = NOON + 29 * MINUTE + down_for
    for seconds in (0, 5, 10):
        await tick(after.db, after.dispatcher, started + timedelta(seconds=seconds))
    keys = [key for key, _, _ in await owed_keys(after, alert_id)]
    assert keys.count("remind") == (1 if started >= NOON + 30 * MINUTE else 0)
    assert keys.count("escalate") == (2 if started >= NOON + HOUR else 0)


async def test_a_case_that_was_resolved_unheard_closes_instead_of_escalating(desk: Desk) -> None:
    """Before a step is done, the mirrored case is looked at: nobody is hurried about an answered customer."""
    alert_id = await desk.complaint()
    await desk.open_case(a_case(status="resolved", resolved_at=NOON + MINUTE))
    assert await ticks(desk, 30) == [TickReport(0, 1)]
    assert (await desk.alert(alert_id)).state == "closed"
    assert [row.kind for row in await desk.owed(alert_id)] == ["new", "edit"]


async def test_a_late_post_is_neither_reminded_nor_escalated_at_once(desk: Desk) -> None:
    """After an outage the team has half an hour, however old the posts are."""
    alert_id = await desk.complaint(NOON, posted_at=NOON - 5 * HOUR)
    await ticks(desk, 0, 14.9)
    assert len(await desk.owed(alert_id)) == 1
    await ticks(desk, 15, 29.9)
    assert [row.step_key for row in await desk.owed(alert_id)] == ["raise", "remind"]
    await ticks(desk, 30)
    assert "escalate" in {row.step_key for row in await desk.owed(alert_id)}


async def test_a_policy_without_a_reminder_has_none(sqlite_db: Database) -> None:
    """Null switches the reminder off."""
    desk = Desk(sqlite_db, config(policies={"default": {"remind_after": None, "escalate_to": "first"}}))
    alert_id = await desk.complaint()
    await ticks(desk, 30, 60)
    assert [key[:2] for key in await owed_keys(desk, alert_id)] == [
        ("raise", "email-team"),
        ("escalate", "first"),
        ("escalate", "email-team"),
    ]


async def test_two_instances_do_each_step_once(database: Database) -> None:
    """Whoever comes second finds the step done, and cancels nothing of the other's."""
    desk = Desk(database)
    alert_id = await desk.complaint()
    async with asyncio.timeout(30):
        await asyncio.gather(*(tick(desk.db, desk.dispatcher, NOON + 30 * MINUTE) for _ in range(3)))
    assert [row.step_key for row in await desk.owed(alert_id)] == ["raise", "remind"]
    assert (await desk.steps(alert_id))["escalate"] == ("due", NOON + HOUR)


@pytest.mark.parametrize("minute", [30, 60])
async def test_taking_and_a_step_at_one_moment_are_one_after_the_other(database: Database, minute: int) -> None:
    """Either the step came first, or it never comes: the ledger holds no step done after the acknowledgement."""
    desk = Desk(database)
    alert_id = await desk.complaint()
    now = NOON + minute * MINUTE
    async with asyncio.timeout(30):
        await asyncio.gather(
            desk.click("take", alert_id, now), *(tick(desk.db, desk.dispatcher, now) for _ in range(2))
        )
        await tick(desk.db, desk.dispatcher, now + 2 * HOUR)
    assert (await desk.alert(alert_id)).state == "taken"
    states = {state for state, _ in (await desk.steps(alert_id)).values()}
    assert "due" not in states
    done = [name for name, (state, _) in (await desk.steps(alert_id)).items() if state == "done"]
    assert {row.step_key for row in await desk.owed(alert_id) if row.kind != "edit"} == {"raise", *done}


async def test_a_step_without_an_alert_is_let_go(desk: Desk) -> None:
    """A broken ledger stops no clock: the step is cancelled, and the tick ends."""
    async with desk.db.write("test") as conn:
        await steps.plan(conn, [{"alert_id": "gone", "name": "remind", "due_at": NOON, "receivers": ["head"]}])
    async with asyncio.timeout(10):
        assert await ticks(desk, 1) == [TickReport(0, 1)]


async def test_a_hundred_and_fifty_steps_are_done_in_one_tick(desk: Desk) -> None:
    """More than one batch that is due at once, as after a long stop, waits for no further tick."""
    rows = [{"alert_id": f"a{n}", "name": "remind", "due_at": NOON, "receivers": []} for n in range(150)]
    async with desk.db.write("test") as conn:
        await steps.plan(conn, rows)
    assert (await ticks(desk, 1))[0].let_go == 150


def test_a_wall_clock_that_jumps_and_comes_back_moves_nothing() -> None:
    """Two hours ahead by mistake and back again within the hold: time went on as if nothing had been."""
    turned = TurnedClock()
    clock = WallClock(turned)
    turned.turn(seconds=5)
    assert clock.now() == NOON + timedelta(seconds=5)
    for hours in (2, -2):
        turned.jump(hours=hours)
        turned.turn(seconds=5)
        assert clock.now() == NOON + timedelta(seconds=turned.seconds)
        assert clock.jumped == timedelta(hours=hours)
        turned.jump(hours=-hours)
        turned.turn(seconds=5)
        assert clock.now() == NOON + timedelta(seconds=turned.seconds)
        assert clock.jumped is None


@pytest.mark.parametrize("hours", [2, -2])
def test_a_jump_that_lasts_is_believed(hours: int) -> None:
    """After the hold the new time counts; small corrections count at once."""
    turned = TurnedClock()
    clock = WallClock(turned)
    turned.jump(hours=hours)
    assert clock.now() == NOON
    turned.turn(seconds=HOLD.total_seconds() - 1)
    assert clock.now() == NOON + HOLD - timedelta(seconds=1)
    turned.turn(seconds=1)
    assert clock.now() == NOON + HOLD + timedelta(hours=hours)
    turned.jump(seconds=1)
    assert clock.now() == turned.wall
    assert clock.jumped is None


async def test_a_clock_set_two_hours_ahead_fires_nothing_early(desk: Desk) -> None:
    """P9: the reminder still comes at 30 minutes, and the escalation at 60."""
    turned = TurnedClock()
    clock = WallClock(turned)
    alert_id = await desk.complaint()
    for _ in range(12):
        turned.turn(seconds=5)
        turned.jump(hours=2)
        await tick(desk.db, desk.dispatcher, clock.now())
        turned.jump(hours=-2)
        turned.turn(seconds=5)
        await tick(desk.db, desk.dispatcher, clock.now())
    assert len(await desk.owed(alert_id)) == 1


async def test_the_ticker_runs_its_jobs_again_and_again() -> None:
    """Each run ends, and the age says when the last one did."""
    ran: asyncio.Queue[str] = asyncio.Queue()
    clock = TurnedClock()
    ticker = Ticker([Job("tick", lambda: ran.put("tick"), every=0.01)], clock)
    running = asyncio.create_task(ticker.run())
    async with asyncio.timeout(10):
        for _ in range(3):
            assert await ran.get() == "tick"
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert ticker.age("tick") == 0
    clock.turn(seconds=7)
    assert ticker.age("tick") == 7


async def test_a_job_that_hangs_is_broken_off_and_runs_again() -> None:
    """P16: one black hole stops no clock."""
    started: asyncio.Queue[int] = asyncio.Queue()

    async def hang() -> None:
        await started.put(1)
        await asyncio.Event().wait()

    ticker = Ticker([Job("tick", hang, every=0.01, limit=0.02)], TurnedClock())
    running = asyncio.create_task(ticker.run())
    async with asyncio.timeout(10):
        for _ in range(3):
            await started.get()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_a_job_that_breaks_ends_the_ticker_with_its_error() -> None:
    """The supervisor sees what broke; no scheduler logs the text of an error, which may quote a post."""

    async def broken() -> None:
        raise LookupError("a secret")

    async with asyncio.timeout(10):
        with pytest.raises(LookupError):
            await Ticker([Job("tick", broken, every=0.01)], TurnedClock()).run()


async def test_a_scheduler_that_sleeps_through_a_clock_set_back_is_woken() -> None:
    """The guard counts by the monotonic clock: a job that did not run for three intervals is started again."""
    ran: asyncio.Queue[int] = asyncio.Queue()

    class FastClock(TurnedClock):
        def monotonic(self) -> float:
            self.seconds += 10
            return self.seconds

    scheduler = AsyncIOScheduler()
    ticker = Ticker([Job("tick", lambda: ran.put(1), every=0.2, limit=0.4)], FastClock(), scheduler)
    running = asyncio.create_task(ticker.run())
    async with asyncio.timeout(10):
        await ran.get()
        scheduler.modify_job("tick", next_run_time=datetime.now(UTC) + 2 * HOUR)  # as a clock set back leaves it
        while not ran.empty():
            ran.get_nowait()
        await ran.get()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_stranded_alerts_do_not_exist_after_the_story(desk: Desk) -> None:
    """Every open alert either has a step to come or has escalated."""
    await desk.complaint()
    for minute in (0, 30, 60, 90):
        await ticks(desk, minute)
        async with desk.db.read() as conn:
            found: Any = await alerts.stranded(conn, NOON + 90 * MINUTE, 10)
        assert not found
