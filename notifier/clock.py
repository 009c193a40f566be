"""The clock of alerts: what is due is done exactly once, as long as nobody has taken the alert."""

from datetime import datetime
from typing import Any

import msgspec
import structlog
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger import alerts, audit, cases, steps
from ledger.database import Database
from notifier import debts
from notifier.card import Note
from notifier.dispatch import SYSTEM, Dispatcher

log = structlog.get_logger(__name__)

REMIND, ESCALATE = "remind", "escalate"
_BATCH = 100
_NOTES: dict[str, Note] = {REMIND: "reminder", ESCALATE: "escalation"}


class TickReport(msgspec.Struct, frozen=True):
    """What one look at the clock did: how many steps were done, and how many were let go since the alert was over."""

    done: int = 0
    let_go: int = 0


async def tick(db: Database, dispatcher: Dispatcher, now: datetime) -> TickReport:
    """Do every step that is due at ``now``, each in a transaction with the messages that it causes.

    A step that fell due while the service was down is done now, once. A crash between two steps repeats neither.
    """
    done = let_go = 0
    while rows := await _due(db, now):
        for row in rows:
            async with db.write("step") as conn:
                acted = await _do(conn, dispatcher, row, now)
            done, let_go = done + acted, let_go + (not acted)
    return TickReport(done, let_go)


async def _due(db: Database, now: datetime) -> list[Row[Any]]:
    async with db.read() as conn:
        return list(await steps.due(conn, now, _BATCH))


async def _do(conn: AsyncConnection, dispatcher: Dispatcher, step: Row[Any], now: datetime) -> bool:
    """Do one step; False where the alert needs it no more. Whatever it finds, the step is not due afterwards."""
    alert = await alerts.get(conn, step.alert_id)
    if alert is not None and await _case_over(conn, alert):
        await dispatcher.case_over(conn, alert.case_id, now)
    if alert is None or not await steps.do(conn, step.id, now):
        await _let_go(conn, step.alert_id, now)
        return False
    receivers = alert.receivers if step.name == REMIND else [*step.receivers, *alert.receivers]
    note = _NOTES[step.name]
    await debts.owe(conn, dispatcher.config, alert.alert_id, receivers, step_key=step.name, now=now, note=note)
    await audit.write(conn, actor=SYSTEM, action=f"step.{step.name}", subject=alert.alert_id, now=now)
    log.info("step done", alert=alert.alert_id, step=step.name, late=round((now - step.due_at).total_seconds(), 1))
    return True


async def _let_go(conn: AsyncConnection, alert_id: str, now: datetime) -> None:
    """Cancel what an alert that is not open has left; of an open one, another instance just did the step."""
    alert = await alerts.get(conn, alert_id)
    if alert is None or alert.state != alerts.OPEN:
        await steps.cancel(conn, alert_id, now)


async def _case_over(conn: AsyncConnection, alert: Row[Any]) -> bool:
    if alert.case_id is None:
        return False
    case = await cases.get(conn, alert.case_id)
    return case is None or not case.unresolved
