"""Steps: due acts on an alert. A due step is done, or cancelled, exactly once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger.tables import alerts, steps


async def plan(conn: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> Sequence[Row[Any]]:
    """Write the steps of an alert, in the transaction that raises it, and give them in the order of being due."""
    if not rows:
        return ()
    planned = (await conn.execute(insert(steps).returning(*steps.c), list(rows))).all()
    return sorted(planned, key=lambda row: row.due_at)


async def due(conn: AsyncConnection, now: datetime, limit: int) -> Sequence[Row[Any]]:
    """Give the steps that are due, the most overdue first."""
    query = select(steps).where(steps.c.state == "due", steps.c.due_at <= now).order_by(steps.c.due_at).limit(limit)
    return (await conn.execute(query)).all()


async def do(conn: AsyncConnection, step_id: int, now: datetime) -> bool:
    """Turn a due step to done, in the transaction of what it causes; False when it was no longer due.

    The alert must be open still, and is locked, so that nobody takes it between the look and the deed.
    """
    mine = select(steps.c.alert_id).where(steps.c.id == step_id).scalar_subquery()
    still_open = select(alerts.c.alert_id).where(alerts.c.alert_id == mine, alerts.c.state == "open")
    if (await conn.execute(still_open.with_for_update())).one_or_none() is None:
        return False
    statement = update(steps).where(steps.c.id == step_id, steps.c.state == "due")
    return (await conn.execute(statement.values(state="done", done_at=now))).rowcount == 1


async def cancel(conn: AsyncConnection, alert_id: str, now: datetime) -> int:
    """Cancel every due step of an alert; gives how many."""
    statement = update(steps).where(steps.c.alert_id == alert_id, steps.c.state == "due")
    return (await conn.execute(statement.values(state="cancelled", done_at=now))).rowcount


async def of_alert(conn: AsyncConnection, alert_id: str) -> Sequence[Row[Any]]:
    """Give the steps of an alert in the order in which they are due."""
    return (await conn.execute(select(steps).where(steps.c.alert_id == alert_id).order_by(steps.c.due_at))).all()


async def overdue(conn: AsyncConnection, due_before: datetime, limit: int) -> Sequence[Row[Any]]:
    """Give due steps of open alerts that should have been done long ago, the most overdue first."""
    query = (
        select(steps)
        .join(alerts, alerts.c.alert_id == steps.c.alert_id)
        .where(alerts.c.state == "open", steps.c.state == "due", steps.c.due_at < due_before)
    )
    return (await conn.execute(query.order_by(steps.c.due_at).limit(limit))).all()


async def next_due(conn: AsyncConnection) -> datetime | None:
    """Give when the next step is due, or None."""
    query = select(func.min(steps.c.due_at)).where(steps.c.state == "due")
    found: datetime | None = (await conn.execute(query)).scalar_one()
    return found
