"""Alerts: what a team owes an answer to. A live alert is ``open`` or ``taken``; its fold key is unique."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger.tables import alert_mentions, alerts, links, steps

OPEN, TAKEN, DONE, CLOSED, DISMISSED = "open", "taken", "done", "closed", "dismissed"
LIVE = (OPEN, TAKEN)


async def raise_once(conn: AsyncConnection, row: Mapping[str, Any]) -> Row[Any] | None:
    """Raise an alert and give it; None when a live one has the same fold key already, and then nothing is written."""
    maker = postgresql.insert if conn.dialect.name == "postgresql" else sqlite.insert
    statement = maker(alerts).values(**row).on_conflict_do_nothing().returning(*alerts.c)
    return (await conn.execute(statement)).one_or_none()


async def fold(conn: AsyncConnection, alert_id: str, mention_id: int, now: datetime) -> bool:
    """Fold a mention into an alert; False when it is in it already."""
    maker = postgresql.insert if conn.dialect.name == "postgresql" else sqlite.insert
    values = {"alert_id": alert_id, "mention_id": mention_id, "folded_at": now}
    return (await conn.execute(maker(alert_mentions).values(**values).on_conflict_do_nothing())).rowcount == 1


async def get(conn: AsyncConnection, alert_id: str) -> Row[Any] | None:
    """Give one alert, or None."""
    return (await conn.execute(select(alerts).where(alerts.c.alert_id == alert_id))).one_or_none()


async def live(conn: AsyncConnection, fold_key: str) -> Row[Any] | None:
    """Give the live alert with a fold key, or None."""
    query = select(alerts).where(alerts.c.fold_key == fold_key, alerts.c.state.in_(LIVE))
    return (await conn.execute(query)).one_or_none()


async def around(conn: AsyncConnection, mention_id: int, fold_key: str) -> Sequence[Row[Any]]:
    """Give the alerts that a mention belongs to, and the live one with a fold key."""
    mine = select(alert_mentions.c.alert_id).where(alert_mentions.c.mention_id == mention_id)
    same = and_(alerts.c.fold_key == fold_key, alerts.c.state.in_(LIVE))
    return (await conn.execute(select(alerts).where(or_(alerts.c.alert_id.in_(mine), same)))).all()


async def live_of_case(conn: AsyncConnection, case_id: str) -> Sequence[Row[Any]]:
    """Give the live alerts about a case, oldest first."""
    query = select(alerts).where(alerts.c.case_id == case_id, alerts.c.state.in_(LIVE))
    return (await conn.execute(query.order_by(alerts.c.raised_at))).all()


async def take(conn: AsyncConnection, alert_id: str, *, by: str, now: datetime) -> bool:
    """Let somebody take an open alert; False when it was not open any more."""
    return await _turn(conn, alert_id, (OPEN,), {"state": TAKEN, "taken_by": by, "taken_at": now})


async def end(conn: AsyncConnection, alert_id: str, *, state: str, by: str, reason: str, now: datetime) -> bool:
    """End a live alert as ``done``, ``closed`` or ``dismissed``; False when it was over already."""
    return await _turn(conn, alert_id, LIVE, {"state": state, "ended_by": by, "ended_at": now, "end_reason": reason})


async def rename(
    conn: AsyncConnection,
    alert_id: str,
    *,
    case_id: str,
    fold_key: str,
    team: str,
    route: str,
    receivers: Sequence[str],
) -> bool:
    """Tie a live alert to the case that a person picked, and to who owns it; False when it was over already."""
    owner = {"team": team, "route": route, "receivers": list(receivers)}
    return await _turn(conn, alert_id, LIVE, {"case_id": case_id, "fold_key": fold_key, "kind": "link", **owner})


async def touch(conn: AsyncConnection, alert_id: str) -> bool:
    """Give a live alert a new version, so that its message is rewritten."""
    return await _turn(conn, alert_id, LIVE, {})


async def renew(conn: AsyncConnection, alert_id: str) -> None:
    """Give an alert a new version in whatever state it is, since its message must change even after its end."""
    await conn.execute(update(alerts).where(alerts.c.alert_id == alert_id).values(version=alerts.c.version + 1))


async def live_asking_about(conn: AsyncConnection, case_id: str) -> Sequence[Row[Any]]:
    """Give the live alerts that ask whether a post is about this case, among others; oldest first."""
    asked = select(links.c.mention_id).where(links.c.case_id == case_id)
    query = select(alerts).where(alerts.c.kind == "possible", alerts.c.state.in_(LIVE), alerts.c.mention_id.in_(asked))
    return (await conn.execute(query.order_by(alerts.c.raised_at))).all()


async def cases_alerted(conn: AsyncConnection, case_ids: Sequence[str]) -> set[str]:
    """Give which of these cases a live alert is about."""
    query = select(alerts.c.case_id).where(alerts.c.case_id.in_(case_ids), alerts.c.state.in_(LIVE))
    return set((await conn.execute(query)).scalars().all())


async def stranded(conn: AsyncConnection, raised_before: datetime, limit: int) -> Sequence[Row[Any]]:
    """Give open alerts that nothing will ever move: no step of theirs is due, and none has escalated."""
    moving = select(steps.c.id).where(steps.c.alert_id == alerts.c.alert_id)
    moving = moving.where((steps.c.state == "due") | ((steps.c.state == "done") & (steps.c.name == "escalate")))
    query = select(alerts).where(alerts.c.state == OPEN, alerts.c.raised_at < raised_before, ~moving.exists())
    return (await conn.execute(query.order_by(alerts.c.raised_at).limit(limit))).all()


async def _turn(conn: AsyncConnection, alert_id: str, expected: Sequence[str], values: Mapping[str, Any]) -> bool:
    statement = update(alerts).where(alerts.c.alert_id == alert_id, alerts.c.state.in_(expected))
    return (await conn.execute(statement.values(version=alerts.c.version + 1, **values))).rowcount == 1


async def newest(conn: AsyncConnection, limit: int, *, states: Sequence[str] = ()) -> Sequence[Row[Any]]:
    """Give the alerts raised last, newest first."""
    query = select(alerts).order_by(alerts.c.raised_at.desc(), alerts.c.alert_id).limit(limit)
    return (await conn.execute(query.where(alerts.c.state.in_(states)) if states else query)).all()


async def mention_ids(conn: AsyncConnection, alert_id: str) -> Sequence[int]:
    """Give the mentions of an alert, the first one first."""
    query = select(alert_mentions.c.mention_id).where(alert_mentions.c.alert_id == alert_id)
    return (await conn.execute(query.order_by(alert_mentions.c.folded_at, alert_mentions.c.mention_id))).scalars().all()


async def of_mention(conn: AsyncConnection, mention_id: int) -> Sequence[Row[Any]]:
    """Give the alerts that a mention belongs to."""
    mine = select(alert_mentions.c.alert_id).where(alert_mentions.c.mention_id == mention_id)
    return (await conn.execute(select(alerts).where(alerts.c.alert_id.in_(mine)))).all()


async def counts(conn: AsyncConnection) -> dict[str, int]:
    """Count alerts by state."""
    query = select(alerts.c.state, func.count()).group_by(alerts.c.state)
    return {row[0]: row[1] for row in (await conn.execute(query)).all()}
