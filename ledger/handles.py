"""Handles that people tied to a customer: whoever confirmed a link has said whose post it was."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger.links import CONFIRMED
from ledger.tables import cases, links, mentions

MOST = 20_000


async def confirmed(conn: AsyncConnection) -> Sequence[Row[Any]]:
    """Give (platform, author, customer_id, relation) of confirmed links, the newest last; removed posts say nothing."""
    query = (
        select(mentions.c.platform, mentions.c.author, cases.c.customer_id, links.c.relation)
        .join(links, links.c.mention_id == mentions.c.id)
        .join(cases, cases.c.case_id == links.c.case_id)
        .where(links.c.state == CONFIRMED, mentions.c.removed_at.is_(None))
        .order_by(links.c.judged_at.desc(), links.c.id.desc())
        .limit(MOST)
    )
    return list(reversed((await conn.execute(query)).all()))


async def last_word(conn: AsyncConnection) -> tuple[datetime | None, int]:
    """Give when a link was last confirmed and how many are: where both stay the same, nothing new was said."""
    query = select(func.max(links.c.judged_at), func.count()).where(links.c.state == CONFIRMED)
    moment, count = (await conn.execute(query)).one()
    return moment, int(count)


async def records_of(
    conn: AsyncConnection, customer_ids: Sequence[str], before: datetime, limit: int
) -> Sequence[tuple[str, bytes]]:
    """Give (case_id, record) of the unresolved cases of customers that were opened before a time, the newest first."""
    query = (
        select(cases.c.case_id, cases.c.record)
        .where(cases.c.customer_id.in_(customer_ids), cases.c.unresolved, cases.c.opened_at < before)
        .order_by(cases.c.opened_at.desc())
        .limit(limit)
    )
    return [(row.case_id, row.record) for row in (await conn.execute(query)).all()]
