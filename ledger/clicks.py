"""Signatures of clicks already seen: an exact replay has no second effect."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger.tables import clicks

KEPT = timedelta(minutes=15)


async def first_time(conn: AsyncConnection, signature: str, now: datetime) -> bool:
    """Remember a signature; False when it was seen in the last 15 minutes."""
    await conn.execute(delete(clicks).where(clicks.c.seen_at < now - KEPT))
    maker = postgresql.insert if conn.dialect.name == "postgresql" else sqlite.insert
    statement = maker(clicks).values(signature=signature, seen_at=now).on_conflict_do_nothing()
    return (await conn.execute(statement)).rowcount == 1
