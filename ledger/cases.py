"""The mirror of the CRM's cases, with the keys under which a post may find them; both change in one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger.tables import cases, link_keys


async def mirror(conn: AsyncConnection, rows: Sequence[Mapping[str, Any]], keys: Mapping[str, Iterable[int]]) -> None:
    """Replace the mirrored cases (rows of ``cases``) and the link keys of each, in the caller's transaction."""
    if not rows:
        return
    await conn.execute(_upsert(conn.dialect.name), list(rows))
    await conn.execute(delete(link_keys).where(link_keys.c.case_id.in_([row["case_id"] for row in rows])))
    entries = [{"key": key, "case_id": row["case_id"]} for row in rows for key in set(keys.get(row["case_id"], ()))]
    if entries:
        await conn.execute(insert(link_keys), entries)


def _upsert(dialect: str) -> Any:
    maker = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = maker(cases)
    changed = {c.name: statement.excluded[c.name] for c in cases.c if c.name != "case_id"}
    return statement.on_conflict_do_update(index_elements=["case_id"], set_=changed)


async def forget(conn: AsyncConnection, case_ids: Sequence[str]) -> None:
    """Drop cases that the CRM no longer has, and their keys."""
    await conn.execute(delete(link_keys).where(link_keys.c.case_id.in_(case_ids)))
    await conn.execute(delete(cases).where(cases.c.case_id.in_(case_ids)))


async def get(conn: AsyncConnection, case_id: str) -> Row[Any] | None:
    """Give one mirrored case, or None."""
    return (await conn.execute(select(cases).where(cases.c.case_id == case_id))).one_or_none()


async def get_many(conn: AsyncConnection, case_ids: Sequence[str]) -> Sequence[Row[Any]]:
    """Give the mirrored cases of these ids, in no order."""
    return (await conn.execute(select(cases).where(cases.c.case_id.in_(case_ids)))).all()


async def with_key(conn: AsyncConnection, key: int, limit: int) -> Sequence[str]:
    """Give the ids of the cases that carry a key, at most ``limit``, newest first."""
    query = (
        select(link_keys.c.case_id)
        .join(cases, cases.c.case_id == link_keys.c.case_id)
        .where(link_keys.c.key == key)
        .order_by(cases.c.opened_at.desc())
        .limit(limit)
    )
    return (await conn.execute(query)).scalars().all()


async def count_unresolved(conn: AsyncConnection) -> int:
    """Count the mirrored cases that wait for an answer."""
    return int((await conn.execute(select(func.count()).where(cases.c.unresolved))).scalar_one())


async def unresolved_like(
    conn: AsyncConnection, product: str, opened_before: datetime, limit: int
) -> Sequence[Row[Any]]:
    """Give unresolved cases about a product, the longest waiting first."""
    query = (
        select(cases)
        .where(cases.c.unresolved, cases.c.product == product, cases.c.opened_at < opened_before)
        .order_by(cases.c.opened_at)
        .limit(limit)
    )
    return (await conn.execute(query)).all()
