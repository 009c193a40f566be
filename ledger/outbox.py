"""The outbox: messages owed, written with the fact that causes them and marked sent only after sending."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, func, or_, select, true, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger.tables import outbox


async def owe(conn: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> int:
    """Write messages owed and give how many were new; one for each (alert, step key, receiver), whatever happens."""
    if not rows:
        return 0
    maker = postgresql.insert if conn.dialect.name == "postgresql" else sqlite.insert
    statement = maker(outbox).on_conflict_do_nothing(index_elements=["alert_id", "step_key", "receiver"])
    return len((await conn.execute(statement.returning(outbox.c.id), list(rows))).all())


async def claim(
    conn: AsyncConnection,
    worker: str,
    now: datetime,
    *,
    limit: int,
    lease: timedelta,
    busy: Sequence[str] = (),
    receiver: str | None = None,
) -> Sequence[Row[Any]]:
    """Claim messages whose time has come, and those whose worker let its lease run out, oldest debt first.

    ``busy`` names receivers to leave alone for now, ``receiver`` the only one to serve. An alert's messages to one
    receiver go in order: none is claimed while an earlier one is owed still.
    """
    free = _free(now)
    chosen = (
        select(outbox.c.id)
        .where(free, ~_blocked(), outbox.c.receiver.not_in(busy))
        .where(outbox.c.receiver == receiver if receiver is not None else true())
        .order_by(outbox.c.next_at, outbox.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("chosen")  # PostgreSQL may run a plain subquery once for each row, and then claims more than the limit
    )
    statement = (
        update(outbox)
        .where(outbox.c.id.in_(select(chosen.c.id)), free)
        .values(
            state="claimed",
            worker=worker,
            lease_until=now + lease,
            attempts=outbox.c.attempts + 1,
            first_attempt_at=case((outbox.c.first_attempt_at.is_(None), now), else_=outbox.c.first_attempt_at),
        )
        .returning(*outbox.c)
    )
    return sorted((await conn.execute(statement)).all(), key=lambda row: row.id)


def _free(now: datetime) -> ColumnElement[bool]:
    return or_(
        and_(outbox.c.state == "owed", outbox.c.next_at <= now),
        and_(outbox.c.state == "claimed", outbox.c.lease_until < now),
    )


def _blocked() -> ColumnElement[bool]:
    earlier = outbox.alias("earlier")
    return (
        select(earlier.c.id)
        .where(earlier.c.alert_id == outbox.c.alert_id, earlier.c.receiver == outbox.c.receiver)
        .where(earlier.c.id < outbox.c.id, earlier.c.state.in_(("owed", "claimed")))
        .exists()
    )


async def receivers_due(conn: AsyncConnection, now: datetime) -> Sequence[str]:
    """Give the receivers for which a message could be claimed now."""
    query = select(outbox.c.receiver).where(_free(now), ~_blocked()).distinct().order_by(outbox.c.receiver)
    return (await conn.execute(query)).scalars().all()


async def superseded(conn: AsyncConnection, row: Row[Any]) -> bool:
    """Say whether a newer edit of the same message is owed, so that this one would be seen for a moment only."""
    newer = (
        select(outbox.c.id)
        .where(outbox.c.alert_id == row.alert_id, outbox.c.receiver == row.receiver, outbox.c.kind == "edit")
        .where(outbox.c.id > row.id, outbox.c.state == "owed")
    )
    return (await conn.execute(newer.limit(1))).one_or_none() is not None


async def sent_since(conn: AsyncConnection, receiver: str, since: datetime) -> Sequence[Row[Any]]:
    """Give the messages of their own that a receiver was sent since then, newest first."""
    query = (
        select(outbox)
        .where(outbox.c.receiver == receiver, outbox.c.kind == "new", outbox.c.state == "sent")
        .where(outbox.c.sent_at > since)
    )
    return (await conn.execute(query.order_by(outbox.c.sent_at.desc(), outbox.c.id.desc()))).all()


async def shape(
    conn: AsyncConnection, row: Row[Any], *, kind: str, remote_ref: Mapping[str, str] | None = None
) -> Row[Any]:
    """Change a claimed message before its first attempt: into one of its own, or with a place to go below."""
    values = {"kind": kind, "remote_ref": remote_ref}
    statement = update(outbox).where(outbox.c.id == row.id).values(**values).returning(*outbox.c)
    return (await conn.execute(statement)).one()


async def unheard(
    conn: AsyncConnection, receiver: str, others: Sequence[str], owed_before: datetime, limit: int
) -> Sequence[Row[Any]]:
    """Give what a receiver is owed since long ago and none of the others was told in its place, oldest debt first."""
    twin = outbox.alias("twin")
    told = select(twin.c.id).where(twin.c.alert_id == outbox.c.alert_id, twin.c.step_key == outbox.c.step_key)
    query = (
        select(outbox)
        .where(outbox.c.receiver == receiver, outbox.c.state == "owed", outbox.c.kind != "edit")
        .where(outbox.c.owed_at <= owed_before, ~told.where(twin.c.receiver.in_(others)).exists())
        .order_by(outbox.c.owed_at, outbox.c.id)
        .limit(limit)
    )
    return (await conn.execute(query)).all()


async def overdue(conn: AsyncConnection, owed_before: datetime, limit: int) -> Sequence[Row[Any]]:
    """Give messages that are owed since long ago, the oldest debt first."""
    query = select(outbox).where(outbox.c.state.in_(("owed", "claimed")), outbox.c.owed_at < owed_before)
    return (await conn.execute(query.order_by(outbox.c.owed_at).limit(limit))).all()


async def rewrite(conn: AsyncConnection, outbox_id: int, card: bytes) -> None:
    """Replace what a message says, as when its post is gone and our copy of the text must go too."""
    await conn.execute(update(outbox).where(outbox.c.id == outbox_id).values(card=card))


async def paid(conn: AsyncConnection, row: Row[Any], now: datetime, remote_ref: Mapping[str, str]) -> bool:
    """Mark a claimed message as sent, with where it lies at the other end; False when the claim was lost."""
    return await _turn(conn, row, {"state": "sent", "sent_at": now, "remote_ref": dict(remote_ref), "error": None})


async def postpone(conn: AsyncConnection, row: Row[Any], until: datetime, error: str) -> bool:
    """Hand a claimed message back to be tried again later; False when the claim was lost."""
    return await _turn(conn, row, {"state": "owed", "next_at": until, "error": error})


async def bury(conn: AsyncConnection, row: Row[Any], error: str) -> bool:
    """Give a claimed message up as undeliverable; it stays to be seen and replayed."""
    return await _turn(conn, row, {"state": "dead", "error": error})


async def drop(conn: AsyncConnection, row: Row[Any], reason: str) -> bool:
    """Let go of a claimed message that has become pointless, such as a reminder of a closed alert."""
    return await _turn(conn, row, {"state": "dropped", "error": reason})


async def _turn(conn: AsyncConnection, row: Row[Any], values: Mapping[str, Any]) -> bool:
    statement = (
        update(outbox)
        .where(outbox.c.id == row.id, outbox.c.state == "claimed")
        .where(outbox.c.worker == row.worker, outbox.c.attempts == row.attempts)
        .values(lease_until=None, **values)
    )
    return (await conn.execute(statement)).rowcount == 1


async def anchor(conn: AsyncConnection, alert_id: str, receiver: str) -> dict[str, str] | None:
    """Give where an alert's first message to a receiver lies at the other end, or None."""
    query = (
        select(outbox.c.remote_ref)
        .where(outbox.c.alert_id == alert_id, outbox.c.receiver == receiver, outbox.c.state == "sent")
        .where(outbox.c.kind == "new")
        .order_by(outbox.c.id)
        .limit(1)
    )
    return (await conn.execute(query)).scalar_one_or_none()


async def get(conn: AsyncConnection, outbox_id: int) -> Row[Any] | None:
    """Give one message, or None."""
    return (await conn.execute(select(outbox).where(outbox.c.id == outbox_id))).one_or_none()


async def of_alert(conn: AsyncConnection, alert_id: str) -> Sequence[Row[Any]]:
    """Give the messages of an alert, oldest first."""
    return (await conn.execute(select(outbox).where(outbox.c.alert_id == alert_id).order_by(outbox.c.id))).all()


async def in_state(conn: AsyncConnection, state: str, limit: int) -> Sequence[Row[Any]]:
    """Give messages in a state, oldest first."""
    return (await conn.execute(select(outbox).where(outbox.c.state == state).order_by(outbox.c.id).limit(limit))).all()


async def revive(conn: AsyncConnection, outbox_id: int, now: datetime) -> bool:
    """Owe a dead message again; False where it is not dead."""
    statement = update(outbox).where(outbox.c.id == outbox_id, outbox.c.state == "dead")
    return (await conn.execute(statement.values(state="owed", next_at=now))).rowcount == 1


async def next_at(conn: AsyncConnection) -> datetime | None:
    """Give when the next owed message may go, or None."""
    query = select(func.min(outbox.c.next_at)).where(outbox.c.state == "owed")
    found: datetime | None = (await conn.execute(query)).scalar_one()
    return found


async def counts(conn: AsyncConnection) -> dict[str, int]:
    """Count messages by state."""
    query = select(outbox.c.state, func.count()).group_by(outbox.c.state)
    return {row[0]: row[1] for row in (await conn.execute(query)).all()}


async def claimants(conn: AsyncConnection) -> Sequence[str]:
    """Name the workers that hold a claim."""
    query = select(outbox.c.worker).where(outbox.c.state == "claimed").distinct()
    return [name for name in (await conn.execute(query)).scalars().all() if name]


async def free(conn: AsyncConnection, workers: Sequence[str]) -> int:
    """Free what dead workers hold, before their leases run out; the next attempt asks whether theirs arrived."""
    statement = update(outbox).where(outbox.c.state == "claimed", outbox.c.worker.in_(workers))
    return (await conn.execute(statement.values(state="owed", lease_until=None))).rowcount
