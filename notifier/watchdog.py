"""Looks for what should have happened and did not: silence must be noticed."""

from datetime import datetime, timedelta
from typing import Literal

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger import alerts, outbox, steps

Code = Literal["step_overdue", "alert_stranded", "message_overdue", "message_dead", "ticker_silent"]
_READ = 50


class Finding(msgspec.Struct, frozen=True):
    """Something that stands still; ``subject`` is an id, and ``sentence`` says what to look at."""

    code: Code
    subject: str
    sentence: str


class Limits(msgspec.Struct, frozen=True):
    """How late something may be before it is found: steps, messages, and the ticker itself."""

    step_late: timedelta = timedelta(minutes=5)
    message_late: timedelta = timedelta(minutes=5)
    ticker_age: timedelta = timedelta(minutes=1)


async def audit(
    conn: AsyncConnection, now: datetime, *, ticker_age: float, limits: Limits | None = None
) -> list[Finding]:
    """Give everything that stands still at ``now``, at most fifty of each kind; ``ticker_age`` is in seconds."""
    allowed = limits or Limits()
    return [
        *_ticker(ticker_age, allowed),
        *await _steps(conn, now, allowed),
        *await _stranded(conn, now, allowed),
        *await _messages(conn, now, allowed),
        *await _dead(conn),
    ]


def _ticker(age: float, allowed: Limits) -> list[Finding]:
    if age <= allowed.ticker_age.total_seconds():
        return []
    return [Finding("ticker_silent", "ticker", f"the clock of alerts has not ticked for {age:.0f} s: restart")]


async def _steps(conn: AsyncConnection, now: datetime, allowed: Limits) -> list[Finding]:
    rows = await steps.overdue(conn, now - allowed.step_late, _READ)
    return [
        Finding("step_overdue", row.alert_id, f"{row.name} is {_late(now, row.due_at)} late: look at the ticker")
        for row in rows
    ]


async def _stranded(conn: AsyncConnection, now: datetime, allowed: Limits) -> list[Finding]:
    rows = await alerts.stranded(conn, now - allowed.step_late, _READ)
    text = "open, but nothing will ever remind anybody of it: take it from the inbox"
    return [Finding("alert_stranded", row.alert_id, text) for row in rows]


async def _messages(conn: AsyncConnection, now: datetime, allowed: Limits) -> list[Finding]:
    rows = await outbox.overdue(conn, now - allowed.message_late, _READ)
    return [
        Finding(
            "message_overdue",
            str(row.id),
            f"owed to {row.receiver} for {_late(now, row.owed_at)}: {row.error or 'look at the delivery'}",
        )
        for row in rows
    ]


async def _dead(conn: AsyncConnection) -> list[Finding]:
    rows = await outbox.in_state(conn, "dead", _READ)
    return [
        Finding("message_dead", str(row.id), f"given up for {row.receiver}: {row.error}: mend that, then replay it")
        for row in rows
    ]


def _late(now: datetime, since: datetime) -> str:
    return f"{(now - since).total_seconds() / 60:.0f} min"
