"""The world of each story: an imitated outside, and the real service as a process of its own."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crm.importer import import_folder
from ledger import cursors
from ledger.database import Database
from ledger.migrate import upgrade
from playground.world import World


@pytest.fixture
async def world(tmp_path: Path, database_url: str) -> AsyncIterator[World]:
    """A world whose service keeps its ledger on SQLite, and once on PostgreSQL; the CRM is imported."""
    async with World(tmp_path, database_url) as opened:
        database = Database(database_url)
        await upgrade(database)
        await import_folder(database.engine, opened.export_crm())
        async with database.write("test") as conn:
            await cursors.move(conn, {"x": opened.x_cursor()}, datetime.now(UTC))
        await database.close()
        yield opened
