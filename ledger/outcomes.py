"""Outcomes: what people answered about links, each with the numbers that the decision saw and without any text."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger.tables import outcomes

CONFIRMED, WRONG_CASE, NO_CASE = "confirmed", "wrong_case", "no_case"
NOT_A_COMPLAINT, RELATION = "not_a_complaint", "relation"
VERDICTS = (CONFIRMED, WRONG_CASE, NO_CASE, NOT_A_COMPLAINT, RELATION)
ABOUT_LINKS = (CONFIRMED, WRONG_CASE, NO_CASE)
"""The verdicts that weights are learnt from."""


async def record(conn: AsyncConnection, row: Mapping[str, Any]) -> None:
    """Record what somebody answered about a mention of an alert (a row of ``outcomes`` without id).

    The last word about a mention of an alert counts: whoever answers again replaces what was said before. Only who
    posted, once told, stays until somebody tells otherwise.
    """
    maker = postgresql.insert if conn.dialect.name == "postgresql" else sqlite.insert
    statement = maker(outcomes).values(**row)
    kept = {name: statement.excluded[name] for name in row if name not in ("mention_id", "alert_id")}
    if row.get("relation") is None:
        kept.pop("relation", None)
    await conn.execute(statement.on_conflict_do_update(index_elements=["mention_id", "alert_id"], set_=kept))


async def of_mention(conn: AsyncConnection, mention_id: int) -> Sequence[Row[Any]]:
    """Give what was answered about a mention, newest first."""
    query = select(outcomes).where(outcomes.c.mention_id == mention_id)
    return (await conn.execute(query.order_by(outcomes.c.at.desc(), outcomes.c.id.desc()))).all()


async def about_links(conn: AsyncConnection, limit: int) -> Sequence[Row[Any]]:
    """Give the latest word on the link of each mention, oldest first; of the newest ``limit`` answers.

    Where somebody corrected who posted, the numbers are those of another hypothesis, so nothing is learnt from them.
    """
    query = select(outcomes).where(outcomes.c.verdict.in_(ABOUT_LINKS), outcomes.c.relation.is_(None))
    rows = (await conn.execute(query.order_by(outcomes.c.at.desc(), outcomes.c.id.desc()).limit(limit))).all()
    latest: dict[int, Row[Any]] = {}
    for row in rows:
        latest.setdefault(row.mention_id, row)
    return list(reversed(latest.values()))


async def counts(conn: AsyncConnection) -> dict[str, int]:
    """Count outcomes by verdict."""
    query = select(outcomes.c.verdict, func.count()).group_by(outcomes.c.verdict)
    return {row[0]: row[1] for row in (await conn.execute(query)).all()}


async def since(conn: AsyncConnection, moment: datetime) -> int:
    """Count the mentions whose link somebody judged after a moment."""
    query = select(func.count(outcomes.c.mention_id.distinct())).where(outcomes.c.at > moment)
    return int((await conn.execute(query.where(outcomes.c.verdict.in_(ABOUT_LINKS)))).scalar_one())
