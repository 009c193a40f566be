"""The mirror of the CRM's cases, with the keys under which a post may find them; both change in one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Text, and_, cast, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger import bulk
from ledger.database import Database
from ledger.tables import cases, link_keys

PRODUCT_LENGTH = 200
"""Of longer names of products only so many characters are kept beside the record: an index holds them."""
_INSERT_KEYS = insert(link_keys)
_FORGET_KEYS = "DELETE FROM link_keys WHERE case_id = ?"
_COMPOUND = 100
_AT_ONCE = 500
_NEWEST_OF_KEY = (
    "SELECT * FROM (SELECT key, case_id FROM link_keys WHERE key = {} AND opened < {} "
    "ORDER BY opened DESC LIMIT {}) k{}"
)


async def mirror(conn: AsyncConnection, rows: Sequence[Mapping[str, Any]], keys: Mapping[str, Iterable[int]]) -> None:
    """Replace the mirrored cases (rows of ``cases``) and the link keys of each, in the caller's transaction.

    A key carries the time at which its case was opened, so that the newest cases of a common key are found first.
    """
    if not rows:
        return
    entries = [
        {"key": key, "opened": int(row["opened_at"].timestamp()), "case_id": row["case_id"]}
        for row in rows
        for key in set(keys.get(row["case_id"], ()))
    ]
    if conn.dialect.name == "sqlite":
        await bulk.insert(conn, cases, _upsert("sqlite"), rows)
        await conn.exec_driver_sql(_FORGET_KEYS, [(row["case_id"],) for row in rows])
        if entries:
            await bulk.insert(conn, link_keys, _INSERT_KEYS, entries)
        return
    await conn.execute(_upsert(conn.dialect.name), list(rows))
    await conn.execute(delete(link_keys).where(link_keys.c.case_id.in_([row["case_id"] for row in rows])))
    if entries:
        await conn.execute(_INSERT_KEYS, entries)


@cache
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
    if not case_ids:
        return ()
    return (await conn.execute(select(cases).where(cases.c.case_id.in_(case_ids)))).all()


async def with_keys(
    conn: AsyncConnection, keys: Sequence[int], opened_before: datetime, limit: int
) -> Sequence[tuple[int, str]]:
    """Give (key, case id) for each key, the newest ``limit`` cases of each that were opened before a time.

    One statement reads all keys; they are integers of ours, so they stand in the text without being bound.
    """
    if not keys:
        return []
    before = int(opened_before.timestamp())
    parts = [_NEWEST_OF_KEY.format(int(key), before, int(limit), n) for n, key in enumerate(dict.fromkeys(keys))]
    found: list[tuple[int, str]] = []
    for start in range(0, len(parts), _COMPOUND):
        statement = " UNION ALL ".join(parts[start : start + _COMPOUND])
        rows: Sequence[Any] = (await conn.exec_driver_sql(statement)).all()
        found += rows
    return found


async def keyed_after(conn: AsyncConnection, last: str, limit: int) -> Sequence[tuple[str, int, str]]:
    """Give the next (case id, opened, keys joined by commas) after a case id, in the order of the ids."""
    keys = func.aggregate_strings(cast(link_keys.c.key, Text), ",")
    query = select(link_keys.c.case_id, func.min(link_keys.c.opened), keys).where(link_keys.c.case_id > last)
    query = query.group_by(link_keys.c.case_id).order_by(link_keys.c.case_id).limit(limit)
    rows: Sequence[Any] = (await conn.execute(query)).all()
    return rows


async def keys_of(conn: AsyncConnection, case_ids: Sequence[str]) -> Sequence[tuple[int, int, str]]:
    """Give (key, opened, case id) of some cases."""
    found: list[tuple[int, int, str]] = []
    for start in range(0, len(case_ids), _AT_ONCE):
        wanted = link_keys.c.case_id.in_(case_ids[start : start + _AT_ONCE])
        query = select(link_keys.c.key, link_keys.c.opened, link_keys.c.case_id).where(wanted)
        rows: Sequence[Any] = (await conn.execute(query)).all()
        found += rows
    return found


async def mirrored_since(conn: AsyncConnection, since: datetime) -> Sequence[tuple[str, datetime]]:
    """Give (case id, time) of the cases that were mirrored at a time or later."""
    query = select(cases.c.case_id, cases.c.mirrored_at).where(cases.c.mirrored_at >= since)
    rows: Sequence[Any] = (await conn.execute(query)).all()
    return rows


async def mirrored_at(conn: AsyncConnection, case_ids: Sequence[str]) -> dict[str, datetime]:
    """Give by case id when these cases were mirrored last."""
    query = select(cases.c.case_id, cases.c.mirrored_at).where(cases.c.case_id.in_(case_ids))
    rows: Sequence[Any] = (await conn.execute(query)).all()
    return dict(rows)


async def read_before(conn: AsyncConnection, reader: int, limit: int) -> Sequence[Row[Any]]:
    """Give some cases (case id, record, mirrored at, unresolved, resolved at) that a reader before this one read."""
    columns = (cases.c.case_id, cases.c.record, cases.c.mirrored_at, cases.c.unresolved, cases.c.resolved_at)
    found: Sequence[Any] = (await conn.execute(select(*columns).where(cases.c.reader < reader).limit(limit))).all()
    return sorted(found, key=lambda row: row.case_id)  # two processes that write the same ones lock them in one order


async def pass_over(conn: AsyncConnection, case_ids: Sequence[str], reader: int) -> None:
    """Say of cases that need not be read again that this reader has seen them."""
    await conn.execute(update(cases).where(cases.c.case_id.in_(case_ids)).values(reader=reader))


async def records(conn: AsyncConnection, case_ids: Sequence[str]) -> Sequence[tuple[str, bytes]]:
    """Give (case id, record) of these cases, in no order."""
    query = select(cases.c.case_id, cases.c.record).where(cases.c.case_id.in_(case_ids))
    rows: Sequence[Any] = (await conn.execute(query)).all()
    return rows


async def records_alone(db: Database, case_ids: Sequence[str]) -> Sequence[tuple[str, bytes]]:
    """Give (case id, record) of these cases, in no order, as the only question asked.

    A single statement sees one state by itself. Without a transaction around it SQLite's thread is visited once
    instead of three times, and on a busy machine every visit is a wait.
    """
    if not db.is_sqlite or not case_ids:
        async with db.read() as conn:
            return await records(conn, case_ids)
    places = ",".join("?" * len(case_ids))
    async with db.read() as conn:
        driver: Any = (await conn.get_raw_connection()).driver_connection
        cursor = driver.cursor()
        await cursor.execute(f"SELECT case_id, record FROM cases WHERE case_id IN ({places})", tuple(case_ids))  # noqa: S608  only question marks
        found: Sequence[tuple[str, bytes]] = await cursor.fetchall()
    return found


async def newest_records(conn: AsyncConnection, opened_before: datetime, limit: int) -> Sequence[tuple[str, bytes]]:
    """Give (case id, record) of the newest unresolved cases."""
    return await _newest(conn, cases.c.unresolved.is_(True), opened_before, limit)


async def newest_resolved(
    conn: AsyncConnection, opened_before: datetime, limit: int, *, since: datetime
) -> Sequence[tuple[str, bytes]]:
    """Give (case id, record) of the newest cases that were resolved since a time."""
    wanted = and_(cases.c.unresolved.is_(False), cases.c.resolved_at >= since)
    return await _newest(conn, wanted, opened_before, limit)


async def _newest(
    conn: AsyncConnection, wanted: ColumnElement[bool], opened_before: datetime, limit: int
) -> Sequence[tuple[str, bytes]]:
    query = select(cases.c.case_id, cases.c.record).where(wanted, cases.c.opened_at < opened_before)
    found = (await conn.execute(query.order_by(cases.c.opened_at.desc()).limit(limit))).all()
    return [(row[0], row[1]) for row in found]


async def stale(conn: AsyncConnection, resolved_before: datetime, limit: int) -> Sequence[str]:
    """Give the ids of cases that were resolved before a time and have link keys still."""
    keyed = select(link_keys.c.key).where(link_keys.c.case_id == cases.c.case_id).exists()
    query = select(cases.c.case_id).where(_resolved_before(resolved_before), keyed).limit(limit)
    return (await conn.execute(query)).scalars().all()


async def drop_stale_keys(conn: AsyncConnection, case_ids: Sequence[str], resolved_before: datetime) -> int:
    """Drop the keys of those of the cases that are stale still; gives how many keys."""
    mine = select(cases.c.case_id).where(cases.c.case_id.in_(case_ids), _resolved_before(resolved_before))
    return int((await conn.execute(delete(link_keys).where(link_keys.c.case_id.in_(mine)))).rowcount)


def _resolved_before(moment: datetime) -> ColumnElement[bool]:
    return and_(cases.c.unresolved.is_(False), cases.c.resolved_at < moment)


async def count_unresolved(conn: AsyncConnection) -> int:
    """Count the mirrored cases that wait for an answer."""
    return int((await conn.execute(select(func.count()).where(cases.c.unresolved))).scalar_one())


async def count_unresolved_up_to(conn: AsyncConnection, most: int) -> int:
    """Count the mirrored cases that wait for an answer, but no further than ``most``: cheap at any size."""
    some = select(cases.c.case_id).where(cases.c.unresolved.is_(True)).limit(most).subquery()
    return int((await conn.execute(select(func.count()).select_from(some))).scalar_one())


async def unresolved_like(
    conn: AsyncConnection, product: str, opened_before: datetime, limit: int
) -> Sequence[Row[Any]]:
    """Give unresolved cases about a product, the longest waiting first."""
    query = (
        select(cases)
        .where(cases.c.unresolved, cases.c.product == product[:PRODUCT_LENGTH], cases.c.opened_at < opened_before)
        .order_by(cases.c.opened_at)
        .limit(limit)
    )
    return (await conn.execute(query)).all()
