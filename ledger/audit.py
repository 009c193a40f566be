"""Who did what: append-only, each row sealed with the digest of the one before."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import Row, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger.tables import audit

_LOCK = 7_261_001  # any number of ours: PostgreSQL's advisory lock that keeps the chain in one order


async def write(
    conn: AsyncConnection,
    *,
    actor: str,
    action: str,
    subject: str,
    now: datetime,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Append what somebody did to something; ids and reasons only, never a text, a name or an address."""
    if conn.dialect.name == "postgresql":
        await conn.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    last = (await conn.execute(select(audit.c.digest).order_by(audit.c.id.desc()).limit(1))).scalar_one_or_none() or ""
    row = {
        "at": now,
        "actor": actor,
        "action": action,
        "subject": subject,
        "detail": dict(detail or {}),
        "previous": last,
    }
    await conn.execute(insert(audit).values(**row, digest=_digest(row)))


async def broken(conn: AsyncConnection) -> int | None:
    """Give the id of the first row that was altered or whose predecessor is missing; None when the chain holds."""
    previous = ""
    for row in (await conn.execute(select(audit).order_by(audit.c.id))).all():
        values = {name: getattr(row, name) for name in ("at", "actor", "action", "subject", "detail", "previous")}
        if row.previous != previous or row.digest != _digest(values):
            return int(row.id)
        previous = row.digest
    return None


async def newest(conn: AsyncConnection, limit: int) -> Sequence[Row[Any]]:
    """Give the last rows, newest first."""
    return (await conn.execute(select(audit).order_by(audit.c.id.desc()).limit(limit))).all()


def _digest(row: Mapping[str, Any]) -> str:
    sealed = {**row, "at": row["at"].astimezone(UTC).isoformat()}
    return hashlib.sha256(msgspec.json.encode(sealed, order="deterministic")).hexdigest()
