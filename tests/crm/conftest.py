"""The embedded CRM, and a CRM in an existing SQL database, each on both kinds of database."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from crm.sources.embedded import EmbeddedCrm
from crm.sources.sql import SqlCrm
from ledger.database import Database
from tests.crm.foreign_crm import NOW, Crm, Make, config, metadata


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A database that nobody has migrated."""
    opened = Database(database_url)
    yield opened
    await opened.close()


@pytest.fixture
def crm(database: Database) -> EmbeddedCrm:
    """The embedded CRM."""
    return EmbeddedCrm(database.engine)


@pytest.fixture
async def theirs(database_url: str) -> AsyncIterator[Crm]:
    """The foreign CRM, as its own users see it."""
    crm = Crm(database_url)
    async with crm.engine.begin() as conn:
        await conn.run_sync(metadata.create_all)
    yield crm
    await crm.engine.dispose()


@pytest.fixture
async def make() -> AsyncIterator[Make]:
    """What makes our reader of a foreign CRM."""
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
    """Our reader of the foreign CRM."""
    return make(theirs.url)
