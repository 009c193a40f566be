"""Brings a database to the schema that this version expects."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from ledger.database import Database

_HERE = Path(__file__).parent / "migrations"


class SchemaError(Exception):
    """The schema is not the one that this version expects; the text says what to run."""


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_HERE))
    config.attributes["connection"] = connection
    return config


def newest_revision() -> str:
    """Give the revision that this version expects."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None, "the package ships without migrations"  # noqa: S101  a broken build, not bad input
    return head


async def revision(database: Database) -> str | None:
    """Give the revision that the database is at; None when it is empty."""
    async with database.engine.connect() as conn:
        return await conn.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())


async def upgrade(database: Database) -> None:
    """Run the migrations that are missing, all in one transaction; SchemaError where a newer version was here."""
    _refuse_newer(await revision(database))
    async with database.write("migrate") as conn:
        await conn.run_sync(lambda sync: command.upgrade(_config(sync), "head"))


async def require_current(database: Database) -> None:
    """Raise SchemaError when migrations are missing, or when the database is newer than this version."""
    found, wanted = await revision(database), newest_revision()
    _refuse_newer(found)
    if found != wanted:
        raise SchemaError(f"the database is at revision {found or 'none'}, not {wanted}: run 'backchannel migrate'")


async def make_ready(database: Database) -> None:
    """Migrate an embedded or an empty database by itself; a shared one is migrated by whoever runs it.

    Raises SchemaError with the command to run.
    """
    if database.is_sqlite or await revision(database) is None:
        await upgrade(database)
    await require_current(database)


def _refuse_newer(found: str | None) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if found is not None and found not in known:
        raise SchemaError(f"the database is at revision {found}, newer than this version: install a newer backchannel")
