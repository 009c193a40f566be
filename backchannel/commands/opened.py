"""Opens what a command works on, and closes it whatever happens."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from backchannel.config import Settings
from ledger.database import Database
from ledger.migrate import make_ready

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
        await make_ready(db)
        return await act(db)

    return await with_database(settings, ready)
