"""The hour of one alert, minute by minute, on both databases: real parts, and a clock that is turned by hand."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from crm.importer import import_folder
from ledger import alerts, audit, outbox
from ledger.tables import cases as case_table
from tests.backchannel.fake_matcher import FakeMatcher
from tests.stories.clock import NOON
from tests.stories.scene import Scene

SECOND = 1 / 60
TOM: dict[str, Any] = {
    "handle": "tom_hadley",
    "name": "Tom Hadley",
    "location": "Sheffield",
    "text": "I emailed @brackwaterbrew nine days ago about the empty can in my 12-pack. Still no reply.",
}


async def test_nobody_takes_it(scene: Scene) -> None:
    """At once an alert, at 30 minutes a reminder below it and by mail, at 60 the head is told; then quiet."""
    await scene.says()
    (shown,) = scene.shown()
    assert "BW-2001" in shown
    assert len(scene.letters()) == 1
    assert scene.thread() == scene.head() == []

    await scene.until(30 - SECOND)
    assert (scene.thread(), len(scene.letters())) == ([], 1)

    await scene.until(30 + SECOND)
    assert (len(scene.thread()), len(scene.letters()), scene.head()) == (1, 2, [])
    first, second = (letter.message for letter in scene.world.mail.letters)
    assert second["In-Reply-To"] == first["Message-ID"]

    await scene.until(60 - 2 * SECOND)
    assert (len(scene.thread()), scene.head()) == (1, [])

    await scene.until(60 + SECOND)
    assert (len(scene.thread()), len(scene.letters()), len(scene.head())) == (2, 3, 1)
    assert "BW-2001" in scene.head()[0]

    for minute in (61, 90, 600, 6_000):
        await scene.until(minute)
    assert (len(scene.shown()), len(scene.thread()), len(scene.letters()), len(scene.head())) == (1, 2, 3, 1)
    assert (await scene.alert()).state == "open"


@pytest.mark.parametrize(
    ("minute", "reminders"),
    [(29, 0), (31, 1), (60 - SECOND, 1)],
    ids=["before the reminder", "after the reminder", "in the last second"],
)
async def test_whoever_takes_it_is_left_alone(scene: Scene, minute: float, reminders: int) -> None:
    await scene.says()
    await scene.until(minute)
    assert "It is yours" in await scene.click("take", (await scene.alert()).alert_id)
    await scene.deliver()
    assert "Taken by Sam" in scene.shown()[0]

    for later in (30, 45, 60, 61, 120):
        await scene.until(later)

    assert (len(scene.shown()), len(scene.thread()), len(scene.letters()), scene.head()) == (
        1,
        reminders,
        1 + reminders,
        [],
    )
    assert "due" not in (await scene.steps()).values()


@pytest.mark.parametrize("head_start", range(4))
async def test_an_answer_that_races_the_escalation_is_never_overtaken(scene: Scene, head_start: int) -> None:
    """Whoever commits first, the alert is taken in the end, and no escalation is sent after that."""
    await scene.says()
    await scene.until(31)
    alert = await scene.alert()
    scene.time.at(minute=60 + SECOND)

    async def take() -> None:
        for _ in range(head_start * 3):
            await asyncio.sleep(0)
        await scene.click("take", alert.alert_id)

    await asyncio.gather(scene.tick(), take())
    await scene.deliver()

    assert (await scene.alert()).state == "taken"
    assert scene.head() == []
    assert len(scene.thread()) == 1
    states = await scene.steps()
    async with scene.db.read() as conn:
        escalations = [row.state for row in await outbox.of_alert(conn, alert.alert_id) if row.step_key == "escalate"]
    assert set(escalations) == ({"dropped"} if states["escalate"] == "done" else set())


@pytest.mark.parametrize("away", [5 / 60, 10, 26 * 60], ids=["5 s", "10 min", "26 h"])
@pytest.mark.parametrize("due", [30, 60])
async def test_a_step_that_fell_due_while_the_service_was_down_is_done_once(
    scene: Scene, due: int, away: float
) -> None:
    """Neither lost nor repeated: what was due is done at the start, and the rest in its time."""
    await scene.says()
    await scene.until(due - 2 * SECOND)
    scene.time.at(minute=due - 2 * SECOND + away)
    await scene.restart()
    await scene.tick()
    await scene.deliver()
    await scene.restart()
    await scene.until(due + away)

    escalated = due == 60 or away > 60
    assert (len(scene.shown()), len(scene.thread())) == (1, 2 if escalated else 1)
    assert (len(scene.head()), len(scene.letters())) == ((1, 3) if escalated else (0, 2))

    await scene.until(3 * 24 * 60)
    assert (len(scene.shown()), len(scene.thread()), len(scene.head()), len(scene.letters())) == (1, 2, 1, 3)


async def test_two_processes_that_look_at_the_same_clock_do_each_step_once(scene: Scene) -> None:
    await scene.says()
    scene.time.at(minute=61)
    reports = await asyncio.gather(*(scene.tick() for _ in range(4)))
    await scene.deliver()
    assert sum(report.done for report in reports) == 2
    assert (len(scene.thread()), len(scene.head())) == (2, 1)


async def test_a_reload_leaves_running_clocks_alone_and_counts_for_the_next_alert(scene: Scene) -> None:
    """The alert keeps the policy under which it was raised; the next one gets the new."""
    await scene.says()
    await scene.until(5)
    await scene.reload(
        "  routes:", "  policies:\n    default: {respond_within: 10m, remind_after: 5m, at_least: 8m}\n  routes:"
    )
    await scene.until(29)
    assert (scene.thread(), scene.head()) == ([], [])
    await scene.until(31)
    assert (len(scene.thread()), scene.head()) == (1, [])
    await scene.click("done", (await scene.alert()).alert_id)
    await scene.deliver()

    await scene.says()
    alert = await scene.alert()
    assert alert.due_at - alert.clock_from == timedelta(minutes=10)
    await scene.until(37)
    assert len(scene.thread()) == 2
    await scene.until(42)
    assert len(scene.head()) == 1


async def test_a_receiver_renamed_while_an_alert_runs_loses_no_step(scene: Scene) -> None:
    """The steps name a receiver that is gone: the fallback is told in its place, and says so."""
    await scene.says()
    await scene.reload("head-slack", "boss-slack")
    await scene.until(61)
    assert any("Not delivered to head-slack" in told for told in scene.head())


async def test_the_case_is_resolved_in_the_crm_meanwhile(scene: Scene) -> None:
    """The alert closes itself and says so in place; no escalation follows."""
    await scene.says()
    await scene.until(45)
    resolve(scene, "BW-2001")
    await import_folder(scene.db.engine, scene.world.folder / "crm")
    await scene.follower.catch_up()
    await scene.deliver()
    assert "resolved in the CRM" in scene.shown()[0]
    await scene.until(61)
    await scene.until(600)
    assert (len(scene.shown()), len(scene.thread()), scene.head()) == (1, 1, [])
    assert await scene.steps() == {"remind": "done", "escalate": "cancelled"}


async def test_a_case_that_was_resolved_a_moment_before_the_step_is_not_escalated(scene: Scene) -> None:
    """The mirror knew, but nobody had closed the alert yet: the clock looks again before it acts."""
    await scene.says()
    await scene.until(45)
    async with scene.db.write("test") as conn:
        await conn.execute(update(case_table).where(case_table.c.case_id == "BW-2001").values(unresolved=False))
    await scene.until(61)
    assert (scene.head(), (await scene.alert()).state) == ([], "closed")


@pytest.mark.parametrize("hours", [2, -2])
async def test_a_wall_clock_that_is_wrong_for_a_minute_fires_nothing_early_and_delays_nothing(
    scene: Scene, hours: int
) -> None:
    await scene.says()
    await scene.until(10)
    scene.time.jump(hours=hours)
    await scene.until(10.5)
    await scene.until(11)
    scene.time.jump(hours=-hours)
    await scene.until(29)
    assert (scene.thread(), scene.head()) == ([], [])
    scene.time.jump(hours=hours)
    await scene.until(30 + SECOND)
    assert (len(scene.thread()), scene.head()) == (1, [])


async def test_a_wall_clock_that_stays_two_hours_ahead_is_believed_and_each_step_is_done_once(scene: Scene) -> None:
    """As after a machine slept: what has become due by then is done, late and once."""
    await scene.says()
    await scene.until(10)
    scene.time.jump(hours=2)
    await scene.until(10.5)
    assert scene.thread() == []
    await scene.until(13)
    await scene.until(14)
    assert (len(scene.thread()), len(scene.head())) == (2, 1)


async def test_a_second_poster_of_the_same_case_folds_in(scene: Scene) -> None:
    """The owner himself posts too: the one message changes, a note lies below it, the clock goes on as it was."""
    await scene.says()
    await scene.until(10)
    await scene.says(**TOM)
    assert len(scene.shown()) == 1
    assert "1 more post" in scene.shown()[0]
    assert len(scene.thread()) == 1
    await scene.until(30 + SECOND)
    await scene.until(60 + SECOND)
    assert (len(scene.shown()), len(scene.thread()), len(scene.head())) == (1, 3, 1)


async def test_a_question_is_answered_by_picking_a_case(scene: Scene) -> None:
    """Picked, the alert is about that case, the clock goes on, and the other case is never linked again."""
    matcher = FakeMatcher()
    matcher.asks("porter", "BW-2005", "BW-2010")
    scene.matcher = matcher.assessor()
    await scene.says(text="My porter from @brackwaterbrew is a disgrace and nobody answers", handle="someone")
    alert = await scene.alert()
    assert (alert.kind, len(scene.shown())) == ("possible", 1)
    assert "BW-2010" in scene.shown()[0]

    await scene.until(20)
    assert "it is case BW-2010" in await scene.click("pick", alert.alert_id, "BW-2010")
    await scene.deliver()

    alert = await scene.alert()
    assert (alert.kind, alert.case_id, alert.state) == ("link", "BW-2010", "open")
    assert "Jens Brandt" in scene.shown()[0]
    await scene.until(61)
    assert (len(scene.shown()), len(scene.thread()), len(scene.head())) == (1, 2, 1)


async def test_a_complaint_that_is_heard_late_still_leaves_the_team_its_time(scene: Scene) -> None:
    """After an outage of hours the hour is over, but nobody is reminded and escalated in the same breath."""
    await scene.says(at=NOON - timedelta(hours=5))
    assert (len(scene.shown()), scene.thread(), scene.head()) == (1, [], [])
    await scene.until(14)
    assert scene.thread() == []
    await scene.until(16)
    assert (len(scene.thread()), scene.head()) == (1, [])
    await scene.until(31)
    assert (len(scene.thread()), len(scene.head())) == (2, 1)


async def test_slack_is_down_for_a_quarter_of_an_hour(scene: Scene) -> None:
    """The mailbox has the alert at once; Slack gets it when it is back, once, and the reminder comes in its time."""
    await scene.world.slack.down()
    await scene.says()
    assert len(scene.letters()) == 1
    for minute in (1, 4, 8, 14):
        await scene.until(minute)
    await scene.world.slack.up()
    for minute in (16, 17, 18):
        await scene.until(minute)
    assert (len(scene.shown()), scene.thread()) == (1, [])
    await scene.until(31)
    assert (len(scene.shown()), len(scene.thread())) == (1, 1)
    async with scene.db.read() as conn:
        assert "owed" not in await outbox.counts(conn)


async def test_the_hour_of_an_alert_leaves_a_whole_audit(scene: Scene) -> None:
    await scene.says()
    await scene.until(31)
    alert_id = (await scene.alert()).alert_id
    await scene.click("take", alert_id)
    await scene.click("done", alert_id)
    async with scene.db.read() as conn:
        assert await alerts.counts(conn) == {"done": 1}
        done = [row.action for row in reversed(await audit.newest(conn, 20)) if row.subject == alert_id]
        assert await audit.broken(conn) is None
    assert done == ["step.remind", "alert.taken", "alert.done"]


def resolve(scene: Scene, case_id: str) -> None:
    """Let the CRM's export say that a case was answered."""
    path = scene.world.folder / "crm" / "cases.jsonl"
    now = scene.time.now().isoformat()
    answer = {"at": now, "author": "agent", "text": "Sorry, Tom. A new pack leaves us today with our thanks."}
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    for row in rows:
        if row["case_id"] == case_id:
            row.update(status="resolved", resolved_at=now, updated_at=now, messages=[*row["messages"], answer])
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
