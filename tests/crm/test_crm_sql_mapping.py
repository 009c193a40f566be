"""The tables of an existing SQL database become cases, on real SQLite and real PostgreSQL."""

from datetime import UTC, datetime

from sqlalchemy import Connection, MetaData, text

from crm.records import Case, CaseMessage, ContactPoint, Customer
from crm.source import CrmSource
from crm.sources.sql import SqlCrm
from tests.crm.foreign_crm import DAY, MAPPING, NOW, Crm, Make, changes, ids, metadata


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
