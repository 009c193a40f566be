"""Opens what a command works on, and closes it whatever happens."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from alembic.util import CommandError as AlembicError

from backchannel.config import Settings
from ledger.database import Database
from ledger.migrate import require_current, revision, upgrade

Result = TypeVar("Result")


async def with_database(settings: Settings, act: Callable[[Database], Awaitable[Result]]) -> Result:
    """Do something with the database as it is."""
    db = Database(settings.database.get_secret_value())
    try:
        return await act(db)
    finally:
        await db.close()


async def with_ledger(settings: Settings, act: Callable[[Database], Awaitable[Result]]) -> Result:
    """Do something with a database whose schema is this version's."""

    async def ready(db: Database) -> Result:
        await ready_schema(db)
        return await act(db)

    return await with_database(settings, ready)


async def ready_schema(db: Database) -> None:
    """Migrate an embedded or an empty database by itself; for any other SchemaError says what to run."""
    if db.is_sqlite or await revision(db) is None:
        await migrate(db)
    await require_current(db)


async def migrate(db: Database) -> None:
    """Run the migrations that are missing; SchemaError where a newer version has been here."""
    try:
        await upgrade(db)
    except AlembicError:
        await require_current(db)  # it knows no such revision: this says so in words
        raise
