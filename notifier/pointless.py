"""Says when a message that is owed need not be sent any more, because the world went on meanwhile."""

from typing import Any

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger import alerts, outbox
from notifier.card import AlertCard

_ONLY_WHILE_OPEN = {"reminder", "escalation"}


async def pointless(conn: AsyncConnection, row: Row[Any], card: AlertCard) -> str | None:
    """Return the reason to drop a claimed message, or None where it must go.

    A reminder or an escalation goes only while nobody has taken the alert; a first message or a note only while the
    alert lives; an edit only where there is something to edit and no newer edit follows.
    """
    if row.alert_id is None:
        return None
    if row.kind == "edit":
        return await _pointless_edit(conn, row)
    alert = await alerts.get(conn, row.alert_id)
    if alert is None:
        return "the alert is not known any more"
    if card.note in _ONLY_WHILE_OPEN and alert.state != alerts.OPEN:
        return f"the alert was {alert.state} before it could go"
    return None if alert.state in alerts.LIVE else f"the alert was {alert.state} before it could go"


async def _pointless_edit(conn: AsyncConnection, row: Row[Any]) -> str | None:
    if await outbox.superseded(conn, row):
        return "a newer edit follows"
    anchor = await outbox.anchor(conn, row.alert_id, row.receiver)
    return None if anchor else "its first message never arrived"
