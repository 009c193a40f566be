"""Keeps a burst of alerts readable: beyond so many a minute, new ones go below an earlier one, as a thread."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger import outbox

BELOW = "below"
_WINDOW = timedelta(minutes=1)


async def placed(conn: AsyncConnection, row: Row[Any], now: datetime, beyond: int) -> Row[Any]:
    """Decide once, before the first attempt, whether a message stands by itself, and give it as it then is.

    The place is written into the ledger, so that a second attempt looks for the message where the first put it.
    """
    if row.kind != "new" or row.attempts > 1 or row.alert_id is None:
        return row
    sent = await outbox.sent_since(conn, row.receiver, now - _WINDOW)
    heads = [each for each in sent if BELOW not in each.remote_ref]
    if len(heads) < beyond:
        return row
    return await outbox.shape(conn, row, kind="new", remote_ref={BELOW: str(heads[0].id)})


async def anchor(conn: AsyncConnection, row: Row[Any]) -> dict[str, str] | None:
    """Give where the message lies that this one belongs below, or that it changes; None for one by itself."""
    if row.kind != "new":
        return await outbox.anchor(conn, row.alert_id, row.receiver) if row.alert_id else None
    below = (row.remote_ref or {}).get(BELOW)
    head = await outbox.get(conn, int(below)) if below else None
    found: dict[str, str] | None = head.remote_ref if head else None
    return found


def kept(row: Row[Any], remote_ref: dict[str, str]) -> dict[str, str]:
    """Give the reference to keep of a message that arrived, still saying what it lies below."""
    below = (row.remote_ref or {}).get(BELOW)
    return {**remote_ref, BELOW: below} if below else remote_ref
