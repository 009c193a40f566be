"""An existing SQL database as a CRM, on real SQLite and real PostgreSQL."""

import os
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import (
    Column,
    Connection,
    DateTime,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    delete,
    insert,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from crm.config import SqlCrmConfig
from crm.records import Case, CaseMessage, ContactPoint, Customer
from crm.source import CaseChange, CrmError, CrmSource
from crm.sources.sql import SqlCrm
from crm.sources.sql_engine import read_only_engine
from ledger.database import async_url

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)

metadata = MetaData()
contacts = Table(
    "contacts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("first", String),
    Column("last", String),
    Column("mail", String),
    Column("mail2", String),
    Column("tel", String),
    Column("twitter", String),
    Column("town", String),
    Column("land", String),
)
tickets = Table(
    "tickets",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("contact_id", Integer, ForeignKey("contacts.id")),
    Column("source", String),
    Column("state", String),
    Column("queue", String),
    Column("created", DateTime(timezone=True)),
    Column("modified", DateTime(timezone=True)),
    Column("solved", DateTime(timezone=True)),
    Column("title", Text),
    Column("ordernumber", String),
)
comments = Table(
    "comments",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("ticket_id", Integer, ForeignKey("tickets.id")),
    Column("created", DateTime(timezone=True)),
    Column("who", String),
    Column("body", Text),
)

MAPPING: dict[str, Any] = {
    "kind": "sql",
    "cases": {
        "table": "tickets",
        "columns": {
            "case_id": "id",
            "customer_id": "contact_id",
            "channel": "source",
            "status": "state",
            "team": "queue",
            "opened_at": "created",
            "updated_at": "modified",
            "resolved_at": "solved",
            "subject": "title",
            "reference": "ordernumber",
        },
    },
    "customers": {
        "table": "contacts",
        "columns": {
            "customer_id": "id",
            "name": ["first", "last"],
            "emails": ["mail", "mail2"],
            "phones": "tel",
            "handles": {"x": "twitter"},
            "city": "town",
            "country": "land",
        },
    },
    "messages": {
        "table": "comments",
        "columns": {"case_id": "ticket_id", "at": "created", "author": "who", "text": "body"},
    },
    "values": {
        "channel": {"mail": "email", "call": "phone"},
        "status": {"NEW": "open", "waiting": "pending", "solved": "resolved"},
        "author": {"client": "customer", "staff": "agent", "*": "system"},
    },
    "case_url": "https://crm.example/tickets/{case_id}",
}

Make = Callable[..., SqlCrm]


class Crm:
    """The foreign CRM as its own users write to it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine: AsyncEngine = create_async_engine(async_url(url))

    async def do(self, *statements: Any) -> None:
        async with self.engine.begin() as conn:
            for statement in statements:
                await conn.execute(statement)

    async def customer(self, ident: int, **values: Any) -> None:
        await self.do(insert(contacts).values(id=ident, **({"first": "Ann", "last": "Example"} | values)))

    async def ticket(self, ident: int, modified: datetime | None, **values: Any) -> None:
        defaults = {"contact_id": 1, "source": "mail", "state": "new", "queue": "email-care", "created": NOW - 9 * DAY}
        await self.do(insert(tickets).values(id=ident, modified=modified, **(defaults | values)))

    async def change(self, ident: int, modified: datetime, **values: Any) -> None:
        await self.do(update(tickets).where(tickets.c.id == ident).values(modified=modified, **values))

    async def comment(self, ticket: int, at: datetime, body: str, who: str = "client") -> None:
        await self.do(insert(comments).values(ticket_id=ticket, created=at, who=who, body=body))


@pytest.fixture
async def theirs(database_url: str) -> AsyncIterator[Crm]:
    crm = Crm(database_url)
    async with crm.engine.begin() as conn:
        await conn.run_sync(metadata.create_all)
    yield crm
    await crm.engine.dispose()


@pytest.fixture
async def make() -> AsyncIterator[Make]:
    made: list[SqlCrm] = []

    def build(url: str, **changes: Any) -> SqlCrm:
        made.append(SqlCrm(config(url, **changes), now=lambda: NOW))
        return made[-1]

    yield build
    for crm in made:
        await crm.close()
        await crm.close()


@pytest.fixture
def ours(theirs: Crm, make: Make) -> SqlCrm:
    return make(theirs.url)


def config(url: str, **changes: Any) -> SqlCrmConfig:
    return SqlCrmConfig.model_validate(MAPPING | {"url": SecretStr(url)} | changes)


async def changes(crm: SqlCrm, cursor: str | None = None) -> list[CaseChange]:
    return [change async for change in crm.changes(cursor)]


def ids(found: list[CaseChange]) -> list[str]:
    return [change.case_id for change in found]


async def test_it_is_a_crm_source(ours: SqlCrm) -> None:
    source: CrmSource = ours
    assert source is ours


async def test_a_case_is_mapped_whole(theirs: Crm, ours: SqlCrm) -> None:
    await theirs.customer(1, mail="ann@mail.example", tel="+44 20 7946", twitter="@ann_ex", town="Leeds", land="gb")
    await theirs.ticket(
        7, NOW - DAY, state="Solved", source="call", solved=NOW - DAY, title="Empty can", ordernumber="LM1"
    )
    await theirs.comment(7, NOW - 8 * DAY, "My can was empty.")
    await theirs.comment(7, NOW - 7 * DAY, "Ticket moved.", who="robot")
    await theirs.comment(7, NOW - DAY, "Refunded.", who="staff")
    assert await ours.case("7") == Case(
        case_id="7",
        customer=Customer(
            "1",
            "Ann Example",
            (
                ContactPoint("email", "ann@mail.example"),
                ContactPoint("phone", "+44 20 7946"),
                ContactPoint("handle", "ann_ex", "x"),
            ),
            city="Leeds",
            country="GB",
        ),
        channel="phone",
        status="resolved",
        team="email-care",
        opened_at=NOW - 9 * DAY,
        updated_at=NOW - DAY,
        resolved_at=NOW - DAY,
        subject="Empty can",
        reference="LM1",
        url="https://crm.example/tickets/7",
        messages=(
            CaseMessage(NOW - 8 * DAY, "customer", "My can was empty."),
            CaseMessage(NOW - 7 * DAY, "system", "Ticket moved."),
            CaseMessage(NOW - DAY, "agent", "Refunded."),
        ),
    )


async def test_an_unknown_case_is_none(theirs: Crm, ours: SqlCrm) -> None:
    assert await ours.case("99") is None
    assert await ours.case("not a number") is None


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


async def test_a_case_whose_customer_is_missing_is_given_without_a_name(theirs: Crm, ours: SqlCrm) -> None:
    await theirs.ticket(1, NOW, contact_id=None)
    [change] = await changes(ours)
    assert change.case is not None
    assert change.case.customer == Customer("", "")


async def test_contact_points_may_lie_in_a_table_of_their_own(theirs: Crm, make: Make) -> None:
    await theirs.do(
        text("CREATE TABLE reach (person INTEGER, sort VARCHAR(20), val VARCHAR(99), net VARCHAR(20))"),
        text("INSERT INTO reach VALUES (1, 'E-Mail', 'ann@mail.example', NULL), (1, 'social', 'ann_r', 'Reddit')"),
        text("INSERT INTO reach VALUES (1, 'E-Mail', 'ann@work.example', NULL), (1, 'E-Mail', NULL, NULL)"),
    )
    columns = {"customer_id": "person", "kind": "sort", "value": "val", "platform": "net"}
    values = MAPPING["values"] | {"contact": {"e-mail": "email", "social": "handle"}}
    await theirs.customer(1, mail="ann@mail.example")
    await theirs.ticket(1, NOW)
    case = await make(theirs.url, contacts={"table": "reach", "columns": columns}, values=values).case("1")
    assert case is not None
    assert len(case.customer.contacts) == 3, "none twice, and none that is empty"
    assert set(case.customer.contacts) == {
        ContactPoint("email", "ann@mail.example"),
        ContactPoint("handle", "ann_r", "reddit"),
        ContactPoint("email", "ann@work.example"),
    }


async def test_a_view_serves_as_well_as_a_table(theirs: Crm, make: Make) -> None:
    await theirs.do(text("CREATE VIEW care AS SELECT * FROM tickets WHERE queue = 'email-care'"))
    await theirs.customer(1)
    await theirs.ticket(1, NOW)
    await theirs.ticket(2, NOW, queue="sales")
    crm = make(theirs.url, cases={"table": "care", "columns": MAPPING["cases"]["columns"]})
    assert ids(await changes(crm)) == ["1"]


async def test_one_table_may_hold_both_case_and_customer(theirs: Crm, make: Make) -> None:
    await theirs.ticket(1, NOW, title="Ann Example", contact_id=None)
    columns = MAPPING["cases"]["columns"] | {"customer_id": "id"}
    crm = make(
        theirs.url,
        cases={"table": "tickets", "columns": columns},
        customers={"table": "tickets", "columns": {"customer_id": "id", "name": "title"}},
        messages=None,
    )
    [change] = await changes(crm)
    assert change.case is not None
    assert change.case.customer.name == "Ann Example"


async def test_defaults_fill_in_channel_and_team(theirs: Crm, make: Make) -> None:
    await theirs.customer(1)
    await theirs.ticket(1, NOW, source=None, queue=None)
    case = await make(theirs.url, defaults={"channel": "chat", "team": "care"}).case("1")
    assert case is not None
    assert (case.channel, case.team) == ("chat", "care")


async def test_check_says_what_was_reached(theirs: Crm, ours: SqlCrm) -> None:
    await theirs.customer(1)
    await theirs.ticket(1, NOW)
    said = await ours.check()
    assert "1 cases in tickets" in said


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(
            {"cases": {"table": "tikets", "columns": MAPPING["cases"]["columns"]}},
            "crm.cases.table: the database has no table 'tikets'; did you mean 'tickets'?",
            id="table",
        ),
        pytest.param(
            {"cases": {"table": "tickets", "columns": MAPPING["cases"]["columns"] | {"status": "stat"}}},
            "crm.cases.columns.status: table 'tickets' has no column 'stat'; did you mean 'state'?",
            id="column",
        ),
        pytest.param(
            {
                "customers": {
                    "table": "contacts",
                    "columns": {"customer_id": "id", "name": "first", "handles": {"x": "tweeter"}},
                }
            },
            "crm.customers.columns.handles: table 'contacts' has no column 'tweeter'; did you mean 'twitter'?",
            id="column-of-several",
        ),
        pytest.param(
            {"cases": {"table": "tickets; DROP TABLE tickets", "columns": MAPPING["cases"]["columns"]}},
            "crm.cases.table: the database has no table 'tickets; DROP TABLE tickets'",
            id="sql-is-but-a-name",
        ),
    ],
)
async def test_an_unknown_name_is_refused_with_the_likely_one(
    theirs: Crm, make: Make, change: dict[str, Any], message: str
) -> None:
    with pytest.raises(CrmError) as failed:
        await make(theirs.url, **change).check()
    assert message in str(failed.value)


async def test_an_unknown_word_is_refused_by_check_and_by_changes(theirs: Crm, ours: SqlCrm) -> None:
    await theirs.customer(1)
    await theirs.ticket(1, NOW, state="parked")
    message = "crm.values.status: the CRM says 'parked': write parked: with one of open, pending, resolved, closed"
    for reading in (ours.check(), changes(ours)):
        with pytest.raises(CrmError) as failed:
            await reading
        assert message in str(failed.value)


async def test_a_column_that_is_dropped_is_told_and_looked_for_again(theirs: Crm, ours: SqlCrm) -> None:
    await theirs.customer(1)
    await theirs.ticket(1, NOW)
    assert ids(await changes(ours)) == ["1"]
    await theirs.do(text("ALTER TABLE tickets RENAME COLUMN title TO headline"))
    with pytest.raises(CrmError, match="cannot be read"):
        await changes(ours)
    with pytest.raises(CrmError, match=r"crm\.cases\.columns\.subject"):
        await changes(ours)
    await theirs.do(text("ALTER TABLE tickets RENAME COLUMN headline TO title"))
    assert ids(await changes(ours)) == ["1"]


async def test_a_cursor_of_something_else_is_refused(theirs: Crm, ours: SqlCrm) -> None:
    for cursor in ("77", '{"updated": [], "case_id": "x"}', "x"):
        with pytest.raises(CrmError, match="delete the cursor"):
            await changes(ours, cursor)


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(delete(tickets), id="delete"),
        pytest.param(insert(contacts).values(id=2), id="insert"),
        pytest.param(text("CREATE TABLE mine (id INTEGER)"), id="create"),
    ],
)
async def test_the_database_itself_refuses_every_write(theirs: Crm, write: Any) -> None:
    engine = read_only_engine(config(theirs.url))
    with pytest.raises(Exception, match=r"(?i)read-?only"):
        async with engine.begin() as conn:
            await conn.execute(write)
    await engine.dispose()


async def test_a_query_that_takes_too_long_is_cut_off(postgres_url: str) -> None:
    engine = read_only_engine(config(postgres_url, statement_timeout=timedelta(milliseconds=50)))
    with pytest.raises(Exception, match="statement timeout"):
        async with engine.connect() as conn:
            await conn.execute(text("SELECT pg_sleep(30)"))
    await engine.dispose()


async def test_a_file_that_is_not_there_is_not_made(tmp_path: Path, make: Make) -> None:
    with pytest.raises(CrmError, match=r"check crm\.url"):
        await make(f"sqlite:///{tmp_path / 'no.db'}").check()
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    "url", ["postgresql://me:hunter2@127.0.0.1:9/crm", "mysql://me:hunter2@127.0.0.1/crm", "hunter2"]
)
async def test_a_database_that_cannot_be_reached_is_told_without_its_password(make: Make, url: str) -> None:
    with pytest.raises(CrmError) as failed:
        await make(url).check()
    assert "crm.url" in str(failed.value)
    assert "hunter2" not in str(failed.value)


async def test_tables_in_another_schema_are_named_with_it(postgres_url: str, make: Make) -> None:
    theirs = Crm(postgres_url)
    await theirs.do(text("CREATE SCHEMA desk"))
    async with theirs.engine.begin() as conn:
        await conn.run_sync(in_schema)
    await theirs.do(
        text("INSERT INTO desk.tickets (id, source, state, queue, created) VALUES (1,'mail','new','q',now())")
    )
    tables = {
        kind: MAPPING[kind] | {"table": f"desk.{MAPPING[kind]['table']}"} for kind in ("cases", "customers", "messages")
    }
    assert ids(await changes(make(postgres_url, **tables))) == ["1"]
    await theirs.engine.dispose()


def in_schema(conn: Connection) -> None:
    copy = MetaData()
    for table in metadata.sorted_tables:
        table.to_metadata(copy, schema="desk")
    copy.create_all(conn)


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


async def test_a_time_without_a_zone_is_read_in_the_configured_one(sqlite_url: str, make: Make) -> None:
    theirs = Crm(sqlite_url)
    async with theirs.engine.begin() as conn:
        await conn.run_sync(metadata.create_all)
    await theirs.do(
        text(
            "INSERT INTO tickets (id, source, state, queue, created)"
            " VALUES (1, 'mail', 'new', 'q', '2026-07-01 09:00:00')"
        )
    )
    case = await make(sqlite_url, timezone="Europe/Madrid").case("1")
    assert case is not None
    assert case.opened_at == datetime(2026, 7, 1, 7, tzinfo=UTC)
    await theirs.engine.dispose()


async def test_a_case_with_a_time_that_is_none_is_left_out_and_the_others_are_given(
    sqlite_url: str, make: Make
) -> None:
    theirs = Crm(sqlite_url)
    async with theirs.engine.begin() as conn:
        await conn.run_sync(metadata.create_all)
    row = "INSERT INTO tickets (id, source, state, queue, created) VALUES "
    await theirs.do(
        text(row + "(1, 'mail', 'new', 'q', 'yesterday')"), text(row + "(2, 'mail', 'new', 'q', '2026-03-01 09:00:00')")
    )
    crm = make(sqlite_url)
    found = await changes(crm)
    assert ids(found) == ["2"]
    assert await changes(crm, found[-1].cursor) == []
    await theirs.engine.dispose()


async def test_numbers_of_another_type_in_a_foreign_key_are_understood(postgres_url: str, make: Make) -> None:
    theirs = Crm(postgres_url)
    await theirs.do(
        text("CREATE TABLE contacts (id UUID PRIMARY KEY, first TEXT)"),
        text("CREATE TABLE tickets (id NUMERIC PRIMARY KEY, contact_id VARCHAR, state TEXT, created TIMESTAMP)"),
        text("CREATE TABLE comments (ticket_id TEXT, created TIMESTAMPTZ, who TEXT, body TEXT)"),
        text("INSERT INTO contacts VALUES ('b8e7c7b0-0000-4000-8000-000000000001', 'Ann')"),
        text("INSERT INTO tickets VALUES (12, 'b8e7c7b0-0000-4000-8000-000000000001', 'new', '2026-03-01 09:00:00')"),
        text("INSERT INTO comments VALUES ('12', '2026-03-02 09:00:00Z', 'client', 'Hi')"),
    )
    columns = {
        "case_id": "id",
        "customer_id": "contact_id",
        "status": "state",
        "opened_at": "created",
        "updated_at": "created",
    }
    crm = make(
        postgres_url,
        cases={"table": "tickets", "columns": columns},
        customers={"table": "contacts", "columns": {"customer_id": "id", "name": "first"}},
        defaults={"channel": "email", "team": "care"},
    )
    [change] = await changes(crm)
    assert change.case is not None
    assert (change.case_id, change.case.customer.name, len(change.case.messages)) == ("12", "Ann", 1)
    assert await changes(crm, change.cursor) == []
    await theirs.do(text("INSERT INTO comments VALUES ('12', '2026-03-03 09:00:00Z', 'client', 'Hello?')"))
    assert ids(await changes(crm, change.cursor)) == ["12"]
    await theirs.engine.dispose()
