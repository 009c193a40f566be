"""What cannot be read of an existing SQL database is said with its remedy, and nothing is written to it."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, text

from crm.source import CrmError
from crm.sources.sql import SqlCrm
from crm.sources.sql_engine import read_only_engine
from tests.crm.foreign_crm import MAPPING, NOW, Crm, Make, changes, config, contacts, ids, tickets


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
