"""The schema of the ledger, its addresses and its times are the same on SQLite and PostgreSQL."""

from datetime import datetime

import pytest

from ledger.database import Database, DatabaseUrlError, async_url
from ledger.migrate import SchemaError, require_current, revision, upgrade
from tests.ledger.rows import a_mention, record


async def test_a_naive_time_is_refused(database: Database) -> None:
    """A time without a zone never enters the ledger."""
    with pytest.raises(Exception, match="without a zone"):
        await record(database, a_mention("1", posted_at=datetime(2026, 3, 1)))  # noqa: DTZ001  this is what is refused


async def test_the_schema_is_checked_before_work(database_url: str) -> None:
    """An empty database is refused with the command to run, and a migrated one is accepted, twice."""
    database = Database(database_url)
    with pytest.raises(SchemaError, match="backchannel migrate"):
        await require_current(database)
    await upgrade(database)
    await upgrade(database)
    await require_current(database)
    assert await revision(database) == "0006"
    await database.close()


async def test_the_migrations_build_what_the_tables_say(database: Database) -> None:
    """Nothing differs between the migrated database and ``ledger.tables``."""
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    from ledger.tables import metadata

    async with database.engine.connect() as conn:
        difference = await conn.run_sync(lambda sync: compare_metadata(MigrationContext.configure(sync), metadata))
    ours = [change for change in difference if "crm_" not in str(change)]
    assert ours == []


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("mysql://host/name", "mysql is not supported"),
        ("sqlite://", "name a file"),
        ("sqlite:///:memory:", "name a file"),
    ],
)
def test_a_database_address_that_cannot_be_used_says_what_to_write(address: str, says: str) -> None:
    """The error names the mistake and the next step."""
    with pytest.raises(DatabaseUrlError, match=says):
        async_url(address)
