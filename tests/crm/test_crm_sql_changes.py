"""What changes in an existing SQL database is given once, in order, on real SQLite and real PostgreSQL."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, text

from crm.sources.sql import SqlCrm
from tests.crm.foreign_crm import DAY, NOW, Crm, Make, changes, ids, tickets


async def test_all_cases_come_first_in_the_order_of_their_updates(theirs: Crm, ours: SqlCrm) -> None:
    await theirs.customer(1)
    await theirs.ticket(1, NOW - DAY)
    await theirs.ticket(3, NOW - 2 * DAY)
    await theirs.ticket(2, NOW - 2 * DAY)
    await theirs.ticket(4, None, created=NOW - 5 * DAY)
    assert ids(await changes(ours)) == ["4", "2", "3", "1"]


@pytest.mark.parametrize("modified", [NOW, None])
async def test_many_cases_with_the_same_update_or_none_come_once_each(
    theirs: Crm, ours: SqlCrm, modified: datetime | None
) -> None:
    await theirs.customer(1)
    values: dict[str, Any] = {"contact_id": 1, "source": "mail", "state": "new", "queue": "q", "created": NOW - DAY}
    values["modified"] = modified
    await theirs.do(insert(tickets).values([{"id": n, **values} for n in range(1, 451)]))
    assert ids(await changes(ours)) == [str(n) for n in range(1, 451)]


async def test_what_changes_later_is_given_and_what_does_not_is_not(theirs: Crm, ours: SqlCrm) -> None:
    await theirs.customer(1)
    for n in range(1, 4):
        await theirs.ticket(n, NOW - n * DAY)
    cursor = (await changes(ours))[-1].cursor
    assert await changes(ours, cursor) == []
    await theirs.change(3, NOW - timedelta(minutes=1), state="solved", solved=NOW)
    [change] = await changes(ours, cursor)
    assert change.case is not None
    assert (change.case_id, change.case.status) == ("3", "resolved")
    assert await changes(ours, change.cursor) == []


async def test_a_new_message_is_a_change_though_its_case_was_not_touched(theirs: Crm, ours: SqlCrm) -> None:
    await theirs.customer(1)
    await theirs.ticket(1, NOW - 3 * DAY)
    await theirs.ticket(2, NOW - 2 * DAY)
    await theirs.comment(2, NOW - 2 * DAY, "Empty.")
    cursor = (await changes(ours))[-1].cursor
    await theirs.comment(1, NOW - DAY, "Hello?")
    [change] = await changes(ours, cursor)
    assert change.case is not None
    assert [message.text for message in change.case.messages] == ["Hello?"]
    assert await changes(ours, change.cursor) == []


async def test_a_slow_transaction_that_shows_late_is_found_by_the_overlap(theirs: Crm, ours: SqlCrm) -> None:
    await theirs.customer(1)
    await theirs.ticket(1, NOW)
    cursor = (await changes(ours))[-1].cursor
    await theirs.ticket(2, NOW - timedelta(seconds=90))
    await theirs.ticket(3, NOW - timedelta(seconds=200))
    [late] = await changes(ours, cursor)
    assert late.case_id == "2"
    assert await changes(ours, late.cursor) == [], "a late case does not draw the cursor back"


async def test_a_caller_who_did_not_keep_a_change_is_given_it_again(theirs: Crm, ours: SqlCrm) -> None:
    await theirs.customer(1)
    await theirs.ticket(1, NOW - timedelta(seconds=3))
    first = (await changes(ours))[-1].cursor
    await theirs.ticket(2, NOW - timedelta(seconds=2))
    await theirs.ticket(3, NOW - timedelta(seconds=1))
    assert ids(await changes(ours, first)) == ["2", "3"]
    assert {"2", "3"} <= set(ids(await changes(ours, first)))


async def test_every_cursor_resumes_with_all_that_is_left(theirs: Crm, make: Make) -> None:
    await theirs.customer(1)
    for n in range(1, 6):
        await theirs.ticket(n, NOW - (9 - n) * DAY)
        await theirs.comment(n, NOW - (9 - n) * DAY, "Hi")
    found = await changes(make(theirs.url))
    assert ids(found) == ["1", "2", "3", "4", "5"]
    for place, change in enumerate(found):
        rest = ids(await changes(make(theirs.url), change.cursor))
        assert {each.case_id for each in found[place + 1 :]} <= set(rest)
        assert set(rest).isdisjoint(each.case_id for each in found[:place]), "what is older than the overlap stays read"


async def test_a_time_that_lies_ahead_does_not_hide_what_comes_before_it(theirs: Crm, ours: SqlCrm) -> None:
    await theirs.customer(1)
    await theirs.ticket(1, NOW - DAY)
    await theirs.ticket(2, NOW + 365 * DAY)
    await theirs.comment(2, NOW + 365 * DAY, "scheduled")
    cursor = (await changes(ours))[-1].cursor
    await theirs.change(1, NOW - timedelta(hours=1), state="waiting")
    assert ids(await changes(ours, cursor)) == ["1"]


@pytest.mark.parametrize(
    ("early", "late", "kind"),
    [
        pytest.param("2026-03-08T09:00:00Z", "2026-03-09T09:00:00Z", "TEXT", id="iso-text"),
        pytest.param("2026-03-08 09:00:00.123", "2026-03-09 09:00:00.456", "DATETIME", id="declared-as-datetime"),
        pytest.param("2026-03-08T09:00:00", "2026-03-09T09:00:00", "DATETIME", id="with-a-T"),
        pytest.param(1772960400, 1773046800, "INTEGER", id="seconds"),
        pytest.param(1772960400000, 1773046800000, "INTEGER", id="milliseconds"),
        pytest.param(1772960400.5, 1773046800.5, "REAL", id="fractions"),
    ],
)
async def test_sqlite_times_are_followed_in_whatever_form_they_are_kept(
    sqlite_url: str, make: Make, early: Any, late: Any, kind: str
) -> None:
    theirs = Crm(sqlite_url)
    await theirs.do(
        text(f"CREATE TABLE tickets (id TEXT PRIMARY KEY, state TEXT, created {kind}, modified {kind})"),
        text("CREATE TABLE contacts (id TEXT, first TEXT)"),
        text("INSERT INTO tickets VALUES ('A-1', 'new', :early, :early)").bindparams(early=early),
    )
    columns = {
        "case_id": "id",
        "customer_id": "id",
        "status": "state",
        "opened_at": "created",
        "updated_at": "modified",
    }
    crm = make(
        sqlite_url,
        cases={"table": "tickets", "columns": columns},
        customers={"table": "contacts", "columns": {"customer_id": "id", "name": "first"}},
        messages=None,
        defaults={"channel": "email", "team": "care"},
    )
    [first] = await changes(crm)
    assert first.case is not None
    assert first.case.updated_at.replace(microsecond=0) == datetime(2026, 3, 8, 9, tzinfo=UTC)
    assert await changes(crm, first.cursor) == []
    await theirs.do(text("INSERT INTO tickets VALUES ('A-2', 'new', :early, :late)").bindparams(early=early, late=late))
    assert ids(await changes(crm, first.cursor)) == ["A-2"]
    await theirs.engine.dispose()
