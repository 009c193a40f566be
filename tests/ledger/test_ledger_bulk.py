"""Rows that go to the driver in bulk are the rows that SQLAlchemy would have written."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import StatementError

from ledger import mentions
from ledger.database import Database
from ledger.migrate import upgrade
from ledger.tables import mentions as table

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def row(native_id: str, **changes: Any) -> dict[str, Any]:
    """Make a row of ``mentions``."""
    made = {
        "source": "x",
        "native_id": native_id,
        "platform": "x",
        "brand": "Larkmoor",
        "rules": ["cans", "“beer” \U0001f37a"],
        "text": "an empty can",
        "author": {"handle": "wife", "followers": None},
        "reach": {"likes": 2},
        "posted_at": NOW,
        "received_at": NOW.astimezone(timezone(timedelta(hours=2))),
    }
    return {**made, **changes}


@pytest.fixture
async def sqlite(tmp_path: Path) -> Any:
    """A migrated SQLite ledger."""
    db = Database(f"sqlite:///{tmp_path / 'bulk.db'}")
    await upgrade(db)
    yield db
    await db.close()


async def stored(db: Database) -> list[tuple[Any, ...]]:
    """Give what lies in the file, untouched by any type."""
    names = "platform, brand, rules, text, author, reach, posted_at, received_at, state, attempts"
    async with db.read() as conn:
        return [tuple(found) for found in await conn.execute(text(f"SELECT {names} FROM mentions ORDER BY id"))]


async def test_bulk_writes_what_sqlalchemy_writes(sqlite: Database) -> None:
    async with sqlite.write("test") as conn:
        await conn.execute(insert(table), [row("1")])
        await mentions.record(conn, [row("2")])
    by_sqlalchemy, by_bulk = await stored(sqlite)
    assert by_bulk == by_sqlalchemy


async def test_only_new_rows_are_counted(sqlite: Database) -> None:
    async with sqlite.write("test") as conn:
        assert await mentions.record(conn, [row("1"), row("2")]) == 2
        assert await mentions.record(conn, [row("2"), row("3"), row("1")]) == 1


async def test_a_value_that_cannot_be_bound_is_a_statement_error_that_quotes_no_row(sqlite: Database) -> None:
    wrong = row("1", posted_at=datetime(2026, 1, 1))  # noqa: DTZ001  a time without a zone is the point
    with pytest.raises(StatementError) as caught:
        async with sqlite.write("test") as conn:
            await mentions.record(conn, [wrong])
    assert "without a zone" in str(caught.value.orig)
    assert "an empty can" not in str(caught.value)


async def test_a_row_without_a_column_that_others_have_is_a_statement_error(sqlite: Database) -> None:
    short = row("2")
    del short["text"]
    with pytest.raises(StatementError):
        async with sqlite.write("test") as conn:
            await mentions.record(conn, [row("1"), short])
