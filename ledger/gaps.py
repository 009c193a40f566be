"""Stretches of a source that could not be read: said, never hidden."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger.tables import gaps


async def record(
    conn: AsyncConnection, source: str, reason: str, now: datetime, *, since: datetime | None, until: datetime | None
) -> None:
    """Record a gap of a source."""
    await conn.execute(insert(gaps).values(source=source, reason=reason, since=since, until=until, recorded_at=now))


async def newest(conn: AsyncConnection, limit: int) -> Sequence[Row[Any]]:
    """Give the gaps recorded last, newest first."""
    return (await conn.execute(select(gaps).order_by(gaps.c.id.desc()).limit(limit))).all()


async def counts(conn: AsyncConnection) -> dict[str, int]:
    """Count the gaps of each source."""
    query = select(gaps.c.source, func.count()).group_by(gaps.c.source)
    return {row[0]: row[1] for row in (await conn.execute(query)).all()}
