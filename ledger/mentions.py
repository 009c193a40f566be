"""Mentions: recorded once, claimed under a lease, settled by the one who holds it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, func, or_, select, true, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger import bulk
from ledger.tables import mentions

_ONCE = ("source", "native_id")
_RECORD_ON_SQLITE = sqlite.insert(mentions).on_conflict_do_nothing(index_elements=_ONCE)
_RECORD_ON_POSTGRESQL = (
    postgresql.insert(mentions).on_conflict_do_nothing(index_elements=_ONCE).returning(mentions.c.id)
)


async def record(conn: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> int:
    """Record mentions (rows of ``mentions`` without id and state) and give how many were new.

    A mention is unique on (source, native_id): one that is known already is left as it is.
    """
    if not rows:
        return 0
    if conn.dialect.name == "sqlite":
        return await bulk.insert(conn, mentions, _RECORD_ON_SQLITE, rows)
    return len((await conn.execute(_RECORD_ON_POSTGRESQL, list(rows))).all())


async def claim(
    conn: AsyncConnection, worker: str, now: datetime, *, limit: int, lease: timedelta
) -> Sequence[Row[Any]]:
    """Claim new mentions, and those whose worker let its lease run out, oldest post first."""
    free = or_(mentions.c.state == "new", and_(mentions.c.state == "claimed", mentions.c.lease_until < now))
    chosen = select(mentions.c.id).where(free).order_by(mentions.c.posted_at).limit(limit)
    chosen_once = chosen.with_for_update(skip_locked=True).cte("chosen")  # see ledger/outbox.py: the limit must hold
    statement = (
        update(mentions)
        .where(mentions.c.id.in_(select(chosen_once.c.id)), free)
        .values(state="claimed", worker=worker, lease_until=now + lease, attempts=mentions.c.attempts + 1)
        .returning(*mentions.c)
    )
    rows = (await conn.execute(statement)).all()
    return sorted(rows, key=lambda row: (row.posted_at, row.id))


async def settle(
    conn: AsyncConnection, row: Row[Any], now: datetime, *, outcome: str, assessment: Mapping[str, Any]
) -> Row[Any] | None:
    """Settle a claimed mention and give it; None when the claim was lost, or its post was removed since.

    Nothing may follow then. What was removed can be settled as ``removed`` only.
    """
    statement = (
        update(mentions)
        .where(mentions.c.id == row.id, mentions.c.state == "claimed")
        .where(mentions.c.worker == row.worker, mentions.c.attempts == row.attempts)
        .where(true() if outcome == "removed" else mentions.c.removed_at.is_(None))
        .values(state="settled", outcome=outcome, assessment=assessment, settled_at=now, lease_until=None)
        .returning(*mentions.c)
    )
    return (await conn.execute(statement)).one_or_none()


async def release(conn: AsyncConnection, mention_ids: Sequence[int], worker: str) -> None:
    """Hand claimed work back, as at a graceful stop; the attempt does not count."""
    statement = (
        update(mentions)
        .where(mentions.c.id.in_(mention_ids), mentions.c.state == "claimed", mentions.c.worker == worker)
        .values(state="new", lease_until=None, attempts=mentions.c.attempts - 1)
    )
    await conn.execute(statement)


async def set_aside(conn: AsyncConnection, row: Row[Any]) -> bool:
    """Take a claimed poison mention out of the queue; False when the claim was lost, for another has it then."""
    statement = (
        update(mentions)
        .where(mentions.c.id == row.id, mentions.c.state == "claimed")
        .where(mentions.c.worker == row.worker, mentions.c.attempts == row.attempts)
    )
    return (await conn.execute(statement.values(state="quarantined", lease_until=None))).rowcount == 1


async def requeue(conn: AsyncConnection, mention_id: int) -> bool:
    """Put a quarantined or settled mention back into the queue; False where there is none."""
    statement = update(mentions).where(mentions.c.id == mention_id, mentions.c.state.in_(("quarantined", "settled")))
    return (await conn.execute(statement.values(state="new", attempts=0, lease_until=None))).rowcount == 1


async def raise_reach(conn: AsyncConnection, source: str, native_id: str, reach: Mapping[str, int]) -> None:
    """Keep the largest reach that was seen of a mention."""
    row = await by_native_id(conn, source, native_id)
    if row is None:
        return
    known = dict(row.reach)
    larger = {name: max(int(known.get(name, 0)), number) for name, number in {**known, **reach}.items()}
    await conn.execute(update(mentions).where(mentions.c.id == row.id).values(reach=larger))


async def mark_removed(conn: AsyncConnection, source: str, native_ids: Sequence[str], now: datetime) -> Sequence[int]:
    """Drop the text and the author of posts that their platform has removed; gives the mentions' ids."""
    gone: dict[str, Any] = {"text": "", "context": None, "author": {"handle": ""}, "url": None}
    statement = (
        update(mentions)
        .where(mentions.c.source == source, mentions.c.native_id.in_(native_ids), mentions.c.removed_at.is_(None))
        .values(removed_at=now, assessment=None, **gone)
        .returning(mentions.c.id)
    )
    found: Sequence[int] = (await conn.execute(statement)).scalars().all()
    return found


async def get(conn: AsyncConnection, mention_id: int) -> Row[Any] | None:
    """Give one mention, or None."""
    return (await conn.execute(select(mentions).where(mentions.c.id == mention_id))).one_or_none()


async def by_native_id(conn: AsyncConnection, source: str, native_id: str) -> Row[Any] | None:
    """Give the mention of a platform's post, or None."""
    query = select(mentions).where(mentions.c.source == source, mentions.c.native_id == native_id)
    return (await conn.execute(query)).one_or_none()


async def newest(conn: AsyncConnection, limit: int, *, outcome: str | None = None) -> Sequence[Row[Any]]:
    """Give the mentions posted last, newest first."""
    query = select(mentions).order_by(mentions.c.posted_at.desc(), mentions.c.id.desc()).limit(limit)
    return (await conn.execute(query if outcome is None else query.where(mentions.c.outcome == outcome))).all()


async def assessments(conn: AsyncConnection, limit: int) -> Sequence[dict[str, Any]]:
    """Give what the newest complaints were assessed to be, whether a case was found or not."""
    statement = select(mentions.c.assessment).where(mentions.c.outcome.in_(("link", "possible", "unlinked")))
    rows = await conn.execute(statement.order_by(mentions.c.id.desc()).limit(limit))
    return [assessment for assessment in rows.scalars() if assessment]


async def counts(conn: AsyncConnection) -> dict[str, int]:
    """Count mentions by state, and settled ones by outcome too (``settled:link``)."""
    query = select(mentions.c.state, mentions.c.outcome, func.count()).group_by(mentions.c.state, mentions.c.outcome)
    found: dict[str, int] = {}
    for state, outcome, number in (await conn.execute(query)).all():
        found[state] = found.get(state, 0) + number
        if state == "settled":
            found[f"settled:{outcome}"] = number
    return found


async def oldest_waiting(conn: AsyncConnection) -> datetime | None:
    """Give when the longest waiting unsettled mention was received, or None."""
    query = select(func.min(mentions.c.received_at)).where(mentions.c.state.in_(("new", "claimed")))
    found: datetime | None = (await conn.execute(query)).scalar_one()
    return found


async def removed_unsaid(conn: AsyncConnection, limit: int) -> Sequence[int]:
    """Give settled mentions whose post has been removed since, and whose alerts do not say so yet."""
    said = or_(mentions.c.outcome.is_(None), mentions.c.outcome != "removed")
    query = select(mentions.c.id).where(mentions.c.removed_at.is_not(None), mentions.c.state == "settled", said)
    return (await conn.execute(query.order_by(mentions.c.id).limit(limit))).scalars().all()


async def say_removed(conn: AsyncConnection, mention_id: int) -> bool:
    """Settle a removal, in the transaction that tells the alerts; False when that was done before."""
    statement = update(mentions).where(mentions.c.id == mention_id, mentions.c.state == "settled")
    statement = statement.where(mentions.c.outcome != "removed").values(outcome="removed", assessment={})
    return (await conn.execute(statement)).rowcount == 1


async def claimants(conn: AsyncConnection) -> Sequence[str]:
    """Name the workers that hold a claim."""
    query = select(mentions.c.worker).where(mentions.c.state == "claimed").distinct()
    return [name for name in (await conn.execute(query)).scalars().all() if name]


async def free(conn: AsyncConnection, workers: Sequence[str]) -> int:
    """Free what dead workers hold, before their leases run out; the attempts count, for one may have killed them."""
    statement = update(mentions).where(mentions.c.state == "claimed", mentions.c.worker.in_(workers))
    return (await conn.execute(statement.values(state="new", lease_until=None))).rowcount


async def shown(conn: AsyncConnection, source: str, posted_since: datetime, limit: int) -> Sequence[str]:
    """Give the native ids of a source's posts that alerts show, newest first."""
    alerted = mentions.c.outcome.in_(("link", "possible", "unlinked"))
    query = select(mentions.c.native_id).where(mentions.c.source == source, mentions.c.removed_at.is_(None), alerted)
    query = query.where(mentions.c.posted_at >= posted_since).order_by(mentions.c.posted_at.desc()).limit(limit)
    return (await conn.execute(query)).scalars().all()
