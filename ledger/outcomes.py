"""Outcomes: what people answered about links, each with the numbers that the decision saw and without any text."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, literal, select, union_all
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger.tables import alerts, mentions, outcomes

CONFIRMED, WRONG_CASE, NO_CASE = "confirmed", "wrong_case", "no_case"
NOT_A_COMPLAINT, RELATION = "not_a_complaint", "relation"
VERDICTS = (CONFIRMED, WRONG_CASE, NO_CASE, NOT_A_COMPLAINT, RELATION)
ABOUT_LINKS = (CONFIRMED, WRONG_CASE, NO_CASE)
"""The verdicts that weights are learnt from."""
ANSWERED = "answered"


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


async def about_complaints(conn: AsyncConnection, since: datetime, limit: int) -> Sequence[Row[Any]]:
    """Give the latest word on whether a mention was a complaint, oldest first; of the newest ``limit`` since a moment.

    Whoever confirms or refuses a case, and whoever is done with an alert that names none, takes the post for a
    complaint. Each row holds ``mention_id``, ``alert_id``, ``said``, ``at``, the mention's ``brand``, its ``judged``
    verdict and its ``linking`` as they were assessed, None where the post was removed.
    """
    about = (*ABOUT_LINKS, NOT_A_COMPLAINT)
    told = select(outcomes.c.mention_id, outcomes.c.alert_id, outcomes.c.verdict.label("said"), outcomes.c.at)
    done = select(alerts.c.mention_id, alerts.c.alert_id, literal(ANSWERED), alerts.c.ended_at)
    done = done.where(alerts.c.state == "done", alerts.c.case_id.is_(None))
    answers = union_all(told.where(outcomes.c.verdict.in_(about)), done).subquery()
    query = select(
        answers,
        mentions.c.brand,
        mentions.c.assessment["verdict"].label("judged"),
        mentions.c.assessment["linking"].label("linking"),
    ).join(mentions, mentions.c.id == answers.c.mention_id)
    newest = query.where(answers.c.at >= since).order_by(answers.c.at.desc(), answers.c.mention_id).limit(limit)
    latest: dict[int, Row[Any]] = {}
    for row in (await conn.execute(newest)).all():
        latest.setdefault(row.mention_id, row)
    return list(reversed(latest.values()))


async def counts(conn: AsyncConnection) -> dict[str, int]:
    """Count outcomes by verdict; a corrected relation counts beside whatever was said of the case, before or after."""
    query = select(outcomes.c.verdict, func.count()).where(outcomes.c.verdict != RELATION).group_by(outcomes.c.verdict)
    found = {row[0]: row[1] for row in (await conn.execute(query)).all()}
    corrected = select(func.count()).select_from(outcomes).where(outcomes.c.relation.is_not(None))
    return found | ({RELATION: count} if (count := int((await conn.execute(corrected)).scalar_one())) else {})


async def since(conn: AsyncConnection, moment: datetime) -> int:
    """Count the mentions whose link somebody judged after a moment."""
    query = select(func.count(outcomes.c.mention_id.distinct())).where(outcomes.c.at > moment)
    return int((await conn.execute(query.where(outcomes.c.verdict.in_(ABOUT_LINKS)))).scalar_one())
