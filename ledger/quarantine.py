"""Poison: what could not be read or handled, kept with its reason so that nothing is lost."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger.tables import quarantine

RAW_LIMIT = 65_536


async def record(
    conn: AsyncConnection,
    source: str,
    stage: str,
    reason: str,
    now: datetime,
    *,
    native_id: str | None = None,
    mention_id: int | None = None,
    raw: bytes | None = None,
) -> None:
    """Record what failed at which stage (``parse``, ``assess``); at most 64 KiB of the raw bytes are kept."""
    kept = raw[:RAW_LIMIT] if raw is not None else None
    values = {"native_id": native_id, "mention_id": mention_id, "raw": kept, "recorded_at": now}
    await conn.execute(insert(quarantine).values(source=source, stage=stage, reason=reason, **values))


async def newest(conn: AsyncConnection, limit: int) -> Sequence[Row[Any]]:
    """Give what is still set aside, newest first."""
    query = select(quarantine).where(quarantine.c.released_at.is_(None)).order_by(quarantine.c.id.desc()).limit(limit)
    return (await conn.execute(query)).all()


async def release(conn: AsyncConnection, quarantine_id: int, now: datetime) -> int | None:
    """Mark a row as released and give the mention it is about, if it is about one."""
    statement = (
        update(quarantine)
        .where(quarantine.c.id == quarantine_id, quarantine.c.released_at.is_(None))
        .values(released_at=now)
        .returning(quarantine.c.mention_id)
    )
    mention_id: int | None = (await conn.execute(statement)).scalar_one_or_none()
    return mention_id


async def count(conn: AsyncConnection) -> int:
    """Count what is still set aside."""
    query = select(func.count()).select_from(quarantine).where(quarantine.c.released_at.is_(None))
    return int((await conn.execute(query)).scalar_one())
