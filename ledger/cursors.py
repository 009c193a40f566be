"""How far each source was read."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger.tables import cursors


async def move(conn: AsyncConnection, values: Mapping[str, str | None], now: datetime) -> None:
    """Move cursors, in the transaction of the facts that they stand behind."""
    if not values:
        return
    maker = postgresql.insert if conn.dialect.name == "postgresql" else sqlite.insert
    statement = maker(cursors)
    changed = {"value": statement.excluded.value, "moved_at": statement.excluded.moved_at}
    rows = [{"source": source, "value": value, "moved_at": now} for source, value in values.items()]
    await conn.execute(statement.on_conflict_do_update(index_elements=["source"], set_=changed), rows)


async def get(conn: AsyncConnection, source: str) -> str | None:
    """Give the cursor of a source; None before the first."""
    return (await conn.execute(select(cursors.c.value).where(cursors.c.source == source))).scalar_one_or_none()


async def ages(conn: AsyncConnection) -> dict[str, datetime]:
    """Give when each cursor last moved."""
    return {row.source: row.moved_at for row in (await conn.execute(select(cursors))).all()}
