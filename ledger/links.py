"""Links: hypotheses that a mention is about a case, each with probability, evidence and basis."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger.tables import links

HYPOTHESIS, CONFIRMED, REFUSED = "hypothesis", "confirmed", "refused"


async def record(conn: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Record the links of a mention (rows of ``links`` without id and state), best first by ``rank``.

    A mention that is assessed anew has its hypotheses replaced; what a person judged stays as it was judged.
    """
    if not rows:
        return
    mine = links.c.mention_id.in_({row["mention_id"] for row in rows})
    await conn.execute(delete(links).where(mine, links.c.state == HYPOTHESIS))
    maker = postgresql.insert if conn.dialect.name == "postgresql" else sqlite.insert
    await conn.execute(maker(links).on_conflict_do_nothing(index_elements=["mention_id", "case_id"]), list(rows))


async def of_mention(conn: AsyncConnection, mention_id: int) -> Sequence[Row[Any]]:
    """Give the links of a mention, best first."""
    return (await conn.execute(select(links).where(links.c.mention_id == mention_id).order_by(links.c.rank))).all()


async def of_case(conn: AsyncConnection, case_id: str) -> Sequence[Row[Any]]:
    """Give the links that name a case, newest first."""
    return (await conn.execute(select(links).where(links.c.case_id == case_id).order_by(links.c.id.desc()))).all()


async def judge(conn: AsyncConnection, mention_id: int, case_id: str, *, state: str, by: str, now: datetime) -> bool:
    """Let a person confirm or refuse a link; the last word counts. False where there is no such link."""
    statement = (
        update(links)
        .where(links.c.mention_id == mention_id, links.c.case_id == case_id)
        .values(state=state, judged_by=by, judged_at=now)
    )
    return (await conn.execute(statement)).rowcount == 1


async def correct(conn: AsyncConnection, mention_id: int, case_id: str, *, relation: str) -> bool:
    """Let a person say who the poster is to the customer. False where there is no such link."""
    statement = update(links).where(links.c.mention_id == mention_id, links.c.case_id == case_id)
    return (await conn.execute(statement.values(relation=relation))).rowcount == 1


async def expire(conn: AsyncConnection, case_id: str, now: datetime) -> int:
    """End every link of a case that is over; gives how many."""
    statement = update(links).where(links.c.case_id == case_id, links.c.expired_at.is_(None)).values(expired_at=now)
    return (await conn.execute(statement)).rowcount


async def revive(conn: AsyncConnection, mention_id: int, case_id: str) -> None:
    """Let a link live again whose case waits again."""
    mine = (links.c.mention_id == mention_id, links.c.case_id == case_id)
    await conn.execute(update(links).where(*mine).values(expired_at=None))


async def cases_at_stake(conn: AsyncConnection, case_ids: Sequence[str]) -> Sequence[str]:
    """Give those of the cases that a living link names."""
    query = select(links.c.case_id).where(links.c.case_id.in_(case_ids), links.c.expired_at.is_(None)).distinct()
    return (await conn.execute(query)).scalars().all()


async def hush(conn: AsyncConnection, mention_id: int) -> None:
    """Drop the sentences of a removed post's evidence, for they may quote it; codes and weights stay for learning."""
    for row in await of_mention(conn, mention_id):
        evidence = [{**each, "sentence": ""} for each in row.evidence]
        await conn.execute(update(links).where(links.c.id == row.id).values(evidence=evidence))
