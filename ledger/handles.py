"""Handles that people tied to a customer: whoever confirmed a link has said whose post it was."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger.links import CONFIRMED
from ledger.tables import cases, links, mentions, outcomes

MOST = 20_000
LastWord = tuple[datetime | None, int, datetime | None]


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


async def last_word(conn: AsyncConnection) -> LastWord:
    """Give when a link was last confirmed, how many are whose posts still stand, and when anybody last answered.

    Where all stay the same nothing new was said of any handle.
    """
    answered = select(func.max(outcomes.c.at)).scalar_subquery()
    query = (
        select(func.max(links.c.judged_at), func.count(), answered)
        .join(mentions, mentions.c.id == links.c.mention_id)
        .where(links.c.state == CONFIRMED, mentions.c.removed_at.is_(None))
    )
    moment, count, latest = (await conn.execute(query)).one()
    return moment, int(count), latest


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
