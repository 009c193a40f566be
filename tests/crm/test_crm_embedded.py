"""The embedded CRM as a source of changes, on both kinds of database."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from crm import shelf
from crm.importer import import_folder
from crm.records import Case
from crm.source import CrmError, CrmSource
from crm.sources.embedded import EmbeddedCrm
from ledger.database import Database


async def fill(database: Database, folder: Path, count: int, **changes: Any) -> None:
    """Import so many cases of one customer."""
    cases = [
        {
            "case_id": f"C-{n:05}",
            "customer_id": "K-1",
            "channel": "email",
            "status": "open",
            "team": "email-care",
            "opened_at": "2026-03-01T09:00:00Z",
        }
        | changes
        for n in range(count)
    ]
    (folder / "customers.jsonl").write_text(json.dumps({"customer_id": "K-1", "name": "Ann"}))
    (folder / "cases.jsonl").write_text("\n".join(map(json.dumps, cases)))
    report = await import_folder(database.engine, folder)
    assert report.problems == []


async def test_it_is_a_crm_source(crm: EmbeddedCrm) -> None:
    source: CrmSource = crm
    await source.close()
    await source.close()


async def test_all_cases_come_without_a_cursor_each_with_its_own(
    tmp_path: Path, database: Database, crm: EmbeddedCrm
) -> None:
    await fill(database, tmp_path, 450)
    found = [change async for change in crm.changes(None)]
    assert [change.case_id for change in found] == [f"C-{n:05}" for n in range(450)]
    assert len({change.cursor for change in found}) == 450
    assert all(change.case is not None and change.case.case_id == change.case_id for change in found)


async def test_any_cursor_resumes_after_its_case(tmp_path: Path, database: Database, crm: EmbeddedCrm) -> None:
    await fill(database, tmp_path, 450)
    found = [change async for change in crm.changes(None)]
    rest = [change async for change in crm.changes(found[299].cursor)]
    assert rest == found[300:]
    assert [change async for change in crm.changes(found[-1].cursor)] == []


async def test_a_cursor_from_before_the_tables_were_made_anew_gives_all_cases(
    tmp_path: Path, database: Database, crm: EmbeddedCrm
) -> None:
    await fill(database, tmp_path, 3)
    assert len([change async for change in crm.changes("999")]) == 3


async def test_a_cursor_of_something_else_is_refused(crm: EmbeddedCrm) -> None:
    with pytest.raises(CrmError, match="delete the cursor"):
        [change async for change in crm.changes("2026-03-01")]


async def test_no_connection_is_held_while_a_caller_works(tmp_path: Path, database: Database, crm: EmbeddedCrm) -> None:
    """SQLite's writing engine has one connection: holding it would stop the whole service."""
    await fill(database, tmp_path, 3)
    async with asyncio.timeout(10):
        async for change in crm.changes(None):
            assert await crm.case(change.case_id) == change.case


async def test_changes_commit_in_the_order_of_their_numbers(tmp_path: Path, postgres_url: str) -> None:
    """A writer that took a number holds back the next, so no reader ever skips an uncommitted one.

    SQLite has one writer at a time anyway.
    """
    database = Database(postgres_url)
    crm = EmbeddedCrm(database.engine)
    await fill(database, tmp_path, 2)
    cursor = [change async for change in crm.changes(None)][-1].cursor
    async with database.engine.connect() as slow, slow.begin() as open_work:
        await shelf.touch_cases(slow, ["C-00000"])
        hurried = asyncio.create_task(touch(database, "C-00001"))
        done, _ = await asyncio.wait({hurried}, timeout=0.2)
        assert not done
        assert [change async for change in crm.changes(cursor)] == []
        await open_work.commit()
    await hurried
    assert [change.case_id async for change in crm.changes(cursor)] == ["C-00000", "C-00001"]
    await database.close()


async def touch(database: Database, case_id: str) -> None:
    async with database.engine.begin() as conn:
        await shelf.touch_cases(conn, [case_id])


async def test_an_unknown_case_is_none(tmp_path: Path, database: Database, crm: EmbeddedCrm) -> None:
    await fill(database, tmp_path, 1)
    assert await crm.case("C-99999") is None
    assert isinstance(await crm.case("C-00000"), Case)


async def test_check_counts_what_is_there(tmp_path: Path, database: Database, crm: EmbeddedCrm) -> None:
    await fill(database, tmp_path, 3)
    assert await crm.check() == "embedded CRM: 1 customers, 3 cases"


async def test_check_of_an_empty_crm_names_the_next_step(database: Database, crm: EmbeddedCrm) -> None:
    with pytest.raises(CrmError, match="backchannel crm import"):
        await crm.check()
    async with database.engine.begin() as conn:
        await shelf.create(conn)
    with pytest.raises(CrmError, match="backchannel crm import"):
        await crm.check()


async def test_before_the_first_import_there_are_no_changes(crm: EmbeddedCrm) -> None:
    assert [change async for change in crm.changes(None)] == []
    assert [change async for change in crm.changes("7")] == []
