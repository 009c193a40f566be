"""Machines are told which part is broken and why, in ids and numbers only."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text, update

from backchannel.config import HealthConfig
from backchannel.config_problems import Problem
from backchannel.reload import ReloadStatus
from backchannel.web.health import disk_finding, stream_finding
from backchannel.web.state import Finding
from ledger.database import Database
from ledger.tables import mentions, outbox
from listener.stream import StreamStatus


async def ready(page: Any) -> tuple[int, dict[str, dict[str, Any]], list[str]]:
    async with page.client.get("/readyz") as answer:
        body = await answer.json()
        return answer.status, {part["part"]: part for part in body["parts"]}, body["broken"]


async def test_a_service_that_does_its_work_is_ready(page: Any, story: Any) -> None:
    status, parts, broken = await ready(page)
    assert (status, broken) == (200, [])
    assert set(parts) >= {"database", "cursor of x", "clock", "outbox", "pipeline", "disk", "configuration"}


async def test_the_process_is_alive_whatever_is_broken(page: Any) -> None:
    page.findings.append(Finding("model", False, "it is gone"))
    async with page.client.get("/livez") as answer:
        assert (answer.status, await answer.json()) == (200, {"alive": True})


async def test_a_step_that_nobody_does_is_named(page: Any, story: Any, clock: Any) -> None:
    clock.turn(timedelta(minutes=30))
    status, parts, broken = await ready(page)
    assert status == 503
    assert "clock" in broken
    assert parts["clock"]["detail"] == "the most overdue step is 22 min late"


async def test_a_message_that_is_not_sent_is_named(page: Any, story: Any, clock: Any) -> None:
    clock.turn(timedelta(minutes=6))
    _, parts, broken = await ready(page)
    assert broken == ["outbox"]
    assert parts["outbox"]["detail"] == "the most overdue message is 6 min late"


async def test_a_dead_message_is_named_with_the_command_that_shows_it(
    page: Any, story: Any, sqlite_db: Database
) -> None:
    async with sqlite_db.write("dead") as conn:
        await conn.execute(update(outbox).values(state="dead"))
    status, parts, broken = await ready(page)
    assert (status, broken) == (503, ["dead letters"])
    assert parts["dead letters"]["detail"] == "1 undeliverable: run 'backchannel dead-letters'"


async def test_a_mention_that_nobody_judges_is_named(page: Any, story: Any, sqlite_db: Database) -> None:
    async with sqlite_db.write("waiting") as conn:
        await conn.execute(update(mentions).values(state="new"))
    _, parts, broken = await ready(page)
    assert broken == ["pipeline"]
    assert parts["pipeline"]["detail"] == "a mention has waited 21 min"


async def test_a_cursor_that_stands_still_is_named_where_a_limit_is_set(page: Any, story: Any, clock: Any) -> None:
    clock.turn(timedelta(minutes=1, seconds=30))
    assert (await ready(page))[0] == 200
    limits = HealthConfig.model_validate({"cursor_age": "1m"})
    page.settings = page.settings.model_copy(update={"health": limits})
    _, parts, broken = await ready(page)
    assert broken == ["cursor of x"]
    assert "90 s" in parts["cursor of x"]["detail"]


async def test_an_older_configuration_in_force_is_named(page: Any) -> None:
    page.status = ReloadStatus(False, page.status.at, page.status.at, (Problem(1, 1, "rules", "broken"),))
    status, parts, broken = await ready(page)
    assert (status, broken) == (503, ["configuration"])
    assert "1 problem in the saved file" in parts["configuration"]["detail"]


async def test_parts_that_only_the_service_sees_are_named(page: Any) -> None:
    page.findings.append(Finding("model", False, "the worker died: it is started again"))
    status, _, broken = await ready(page)
    assert (status, broken) == (503, ["model"])
    assert "the worker died" in await page.text("/")


async def test_a_database_that_cannot_be_read_is_named_and_metrics_say_so(page: Any, sqlite_db: Database) -> None:
    async with sqlite_db.write("break") as conn:
        await conn.execute(text("DROP TABLE outbox"))
    status, _, broken = await ready(page)
    assert (status, broken) == (503, ["database"])
    async with page.client.get("/metrics") as answer:
        assert answer.status == 503


def test_a_full_disk_is_named(sqlite_db: Database) -> None:
    assert disk_finding(sqlite_db, HealthConfig()).ok
    finding = disk_finding(sqlite_db, HealthConfig(disk_free_mb=10**9))
    assert not finding.ok
    assert "make room" in finding.detail


@pytest.mark.parametrize(
    ("state", "silent_for", "ok"),
    [("listening", 5, True), ("listening", 500, False), ("starting", 500, True), ("waiting", 0, False)],
)
def test_a_source_is_heard_while_it_gives_signs_of_life(state: Any, silent_for: int, ok: bool, clock: Any) -> None:
    last = clock.now() - timedelta(seconds=silent_for)
    status = StreamStatus("x", "x", 120.0, state=state, last_event_at=last, last_error="X refused the token")
    finding = stream_finding(status, clock.now())
    assert finding.ok is ok
    assert state != "waiting" or "X refused the token" in finding.detail


async def test_metrics_count_by_state_and_reason_and_hold_no_name_and_no_text(page: Any, story: Any) -> None:
    page.state.metrics.posts_read.labels("x").inc(3)
    text_ = await page.text("/metrics")
    for line in (
        'backchannel_posts_read_total{source="x"} 3.0',
        'backchannel_mentions{state="settled"} 1.0',
        'backchannel_alerts{state="open"} 1.0',
        'backchannel_alerts{state="taken"} 1.0',
        'backchannel_outbox{state="owed"} 1.0',
        "backchannel_cases_unresolved 2.0",
        "backchannel_config_last_reload_successful 1.0",
    ):
        assert line in text_, line
    for private in ("Hartley", "ineshartley", "husband", "LM-20931", "larkmoor"):
        assert private not in text_


async def test_a_state_that_nothing_is_in_any_more_is_no_longer_counted(
    page: Any, story: Any, sqlite_db: Database
) -> None:
    await page.text("/metrics")
    async with sqlite_db.write("sent") as conn:
        await conn.execute(update(outbox).values(state="sent"))
    text_ = await page.text("/metrics")
    assert 'backchannel_outbox{state="sent"} 1.0' in text_
    assert 'backchannel_outbox{state="owed"}' not in text_


async def test_readiness_holds_no_name_and_no_text(page: Any, story: Any, clock: Any) -> None:
    clock.turn(timedelta(hours=3))
    async with page.client.get("/readyz") as answer:
        told = await answer.text()
    assert "Hartley" not in told
    assert "husband" not in told
