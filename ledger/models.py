"""Models: every set of weights and every threshold that ever decided here or asked to, and which of them is in force.

``shipped`` came with a version of the program. A refit is ``promoted`` or ``rejected``; a promoted one can be
``rolled_back``. ``base`` is the fingerprint of the shipped weights that a refit was anchored to: learnt weights hold
only as long as their base is what the program ships, for other weights may come with other reasons. The base of a
brand's threshold begins with ``threshold:`` and stands for the brand and the complaint model.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger.tables import models

SHIPPED, PROMOTED, REJECTED, ROLLED_BACK = "shipped", "promoted", "rejected", "rolled_back"
REFITS = (PROMOTED, REJECTED, ROLLED_BACK)
OF_THRESHOLDS = "threshold:"
"""What the bases of brands' thresholds begin with."""


async def know(conn: AsyncConnection, *, version: str, base: str, weights: Mapping[str, Any], now: datetime) -> bool:
    """Keep the weights that the program ships, so that what they decided can be learnt from after an update.

    False where they are known already.
    """
    known = select(models.c.id).where(models.c.state == SHIPPED, models.c.base == base)
    if (await conn.execute(known.limit(1))).first() is not None:
        return False
    row = {"version": version, "base": base, "state": SHIPPED, "weights": dict(weights), "labels": 0}
    await conn.execute(insert(models).values(**row, reason="shipped with the program", made_at=now))
    return True


async def record(conn: AsyncConnection, row: Mapping[str, Any]) -> None:
    """Record a refit (a row of ``models`` without id), promoted or rejected."""
    await conn.execute(insert(models).values(**row))


async def promoted(conn: AsyncConnection, base: str) -> Row[Any] | None:
    """Give the learnt weights in force for what the program ships; None where the shipped weights are in force."""
    query = select(models).where(models.c.state == PROMOTED, models.c.base == base)
    return (await conn.execute(query.order_by(models.c.id.desc()).limit(1))).one_or_none()


async def promoted_of(conn: AsyncConnection, bases: Sequence[str]) -> dict[str, Row[Any]]:
    """Give what is in force by base; a base for which nothing learnt is in force is missing."""
    query = select(models).where(models.c.state == PROMOTED, models.c.base.in_(bases)).order_by(models.c.id)
    return {row.base: row for row in (await conn.execute(query)).all()}


async def promoted_thresholds(conn: AsyncConnection) -> Sequence[Row[Any]]:
    """Give every brand's threshold that was put in force for some model and not taken back, newest last."""
    query = select(models).where(models.c.state == PROMOTED, models.c.base.startswith(OF_THRESHOLDS, autoescape=True))
    return (await conn.execute(query.order_by(models.c.id))).all()


async def roll_back(conn: AsyncConnection, base: str, now: datetime) -> Row[Any] | None:
    """Take the weights in force out of force and give them; None where nothing learnt is in force."""
    row = await promoted(conn, base)
    if row is not None:
        changed = update(models).where(models.c.id == row.id, models.c.state == PROMOTED)
        await conn.execute(changed.values(state=ROLLED_BACK, rolled_back_at=now))
    return row


async def last_refit(conn: AsyncConnection, base: str) -> Row[Any] | None:
    """Give the newest refit of what the program ships, however it ended."""
    query = select(models).where(models.c.state.in_(REFITS), models.c.base == base)
    return (await conn.execute(query.order_by(models.c.id.desc()).limit(1))).one_or_none()


async def last_rolled_back(conn: AsyncConnection, base: str) -> Row[Any] | None:
    """Give the refit that was rolled back last, or None."""
    query = select(models).where(models.c.state == ROLLED_BACK, models.c.base == base)
    return (await conn.execute(query.order_by(models.c.rolled_back_at.desc()).limit(1))).one_or_none()


async def refits(conn: AsyncConnection, limit: int, *, thresholds: bool = False) -> Sequence[Row[Any]]:
    """Give the refits of linking made last, newest first; or those of brands' thresholds."""
    of_thresholds = models.c.base.startswith(OF_THRESHOLDS, autoescape=True)
    query = select(models).where(models.c.state.in_(REFITS), of_thresholds if thresholds else ~of_thresholds)
    return (await conn.execute(query.order_by(models.c.id.desc()).limit(limit))).all()


async def by_version(conn: AsyncConnection, versions: Sequence[str]) -> dict[str, Any]:
    """Give the weights of each version that is known, the newest of a version where there are several."""
    query = select(models.c.version, models.c.weights).where(models.c.version.in_(versions)).order_by(models.c.id)
    return {row.version: row.weights for row in (await conn.execute(query)).all()}
