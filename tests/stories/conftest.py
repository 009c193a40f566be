"""The world of each story: an imitated outside, and the real service as a process of its own."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crm.importer import import_folder
from ledger import cursors
from ledger.database import Database
from ledger.migrate import upgrade
from matcher.encoder import Encoder
from playground.world import BEARER, World
from tests.stories.scene import Scene


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


@pytest.fixture(scope="session")
def encoder() -> Iterator[Encoder]:
    """The shipped encoder, opened once."""
    opened = Encoder()
    yield opened
    opened.close()


@pytest.fixture
def workspace_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """The secrets that the brewery's configuration names, as the imitations know them."""
    monkeypatch.setenv("PLAYGROUND_X_TOKEN", BEARER)
    monkeypatch.setenv("PLAYGROUND_SLACK_TOKEN", "xoxb-loopback")
    monkeypatch.setenv("PLAYGROUND_SLACK_APP_TOKEN", "xapp-loopback")
    monkeypatch.setenv("PLAYGROUND_SLACK_SIGNING_SECRET", "loopback signing secret")


@pytest.fixture
async def scene(tmp_path: Path, database: Database, encoder: Encoder, workspace_secrets: None) -> AsyncIterator[Scene]:
    """The service's parts over each kind of database, with a clock that is turned by hand."""
    url = database.url.render_as_string(hide_password=False).replace("+aiosqlite", "").replace("+asyncpg", "")
    async with World(tmp_path, url) as world, Scene(world, database, encoder) as opened:
        yield opened
