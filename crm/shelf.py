"""Every query of the embedded CRM's tables."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, RowMapping, Table, delete, func, insert, inspect, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from crm.records import Case, CaseMessage, ContactPoint, Customer
from crm.tables import crm_cases, crm_changes, crm_contact_points, crm_customers, crm_messages, metadata

_CUSTOMER = ("customer_id", "name", "city", "region", "country", "household_id")
_CASE = (
    "case_id",
    "channel",
    "status",
    "team",
    "opened_at",
    "updated_at",
    "resolved_at",
    "subject",
    "product",
    "reference",
    "brand",
    "url",
)


async def create(conn: AsyncConnection) -> None:
    """Make the tables that are missing."""
    await conn.run_sync(metadata.create_all)
    if await conn.scalar(select(crm_changes.c.last)) is None:
        await conn.execute(insert(crm_changes).values(id=1, last=0))


async def exists(conn: AsyncConnection) -> bool:
    """Say whether anything was ever imported."""
    return await conn.run_sync(_has_tables)


def _has_tables(conn: Connection) -> bool:
    return bool(inspect(conn).has_table(crm_changes.name))


async def count(conn: AsyncConnection) -> tuple[int, int]:
    """Give how many customers and cases there are."""
    customers = await conn.scalar(select(func.count()).select_from(crm_customers))
    cases = await conn.scalar(select(func.count()).select_from(crm_cases))
    return customers or 0, cases or 0


async def newest_change(conn: AsyncConnection) -> int:
    """Give the number of the newest change; 0 before the first."""
    return await conn.scalar(select(crm_changes.c.last)) or 0


async def changed_since(conn: AsyncConnection, seq: int, limit: int) -> list[tuple[str, int]]:
    """Give the next cases changed after that number, with their own numbers, oldest change first."""
    columns = select(crm_cases.c.case_id, crm_cases.c.change_seq)
    rows = await conn.execute(columns.where(crm_cases.c.change_seq > seq).order_by(crm_cases.c.change_seq).limit(limit))
    return [(row.case_id, row.change_seq) for row in rows]


async def customers(conn: AsyncConnection, ids: Sequence[str]) -> dict[str, Customer]:
    """Give the customers with these ids, by id, with their contact points in order."""
    rows = await conn.execute(select(crm_customers).where(crm_customers.c.customer_id.in_(ids)))
    points = await _contacts(conn, ids)
    return {row["customer_id"]: _customer(row, points[row["customer_id"]]) for row in rows.mappings()}


async def cases(conn: AsyncConnection, ids: Sequence[str]) -> dict[str, Case]:
    """Give the cases with these ids, by id, whole."""
    rows = list((await conn.execute(select(crm_cases).where(crm_cases.c.case_id.in_(ids)))).mappings())
    owners = await customers(conn, sorted({row["customer_id"] for row in rows}))
    said = await _messages(conn, ids)
    return {
        row["case_id"]: Case(
            **{name: row[name] for name in _CASE},
            customer=owners[row["customer_id"]],
            messages=tuple(said[row["case_id"]]),
        )
        for row in rows
    }


async def cases_of(conn: AsyncConnection, customer_ids: Sequence[str]) -> list[str]:
    """Give the ids of these customers' cases."""
    rows = await conn.scalars(
        select(crm_cases.c.case_id).where(crm_cases.c.customer_id.in_(customer_ids)).order_by(crm_cases.c.case_id)
    )
    return list(rows)


async def next_changes(conn: AsyncConnection, number: int) -> range:
    """Take so many change numbers, and hold the row until the commit; none where none is needed."""
    if not number:
        return range(0)
    taken = update(crm_changes).values(last=crm_changes.c.last + number).returning(crm_changes.c.last)
    last: int = (await conn.execute(taken)).scalar_one()
    return range(last - number + 1, last + 1)


async def put_customers(conn: AsyncConnection, records: Sequence[Customer], known: Mapping[str, Customer]) -> None:
    """Write customers with their contact points in place of what was known of them."""
    rows = [{name: getattr(record, name) for name in _CUSTOMER} for record in records]
    await _put(conn, crm_customers, rows, known)
    ids = [record.customer_id for record in records if record.customer_id in known]
    points = [
        {"customer_id": record.customer_id, "position": position, **msgspec.structs.asdict(point)}
        for record in records
        for position, point in enumerate(record.contacts)
    ]
    await _replace(conn, crm_contact_points, "customer_id", ids, points)


async def put_cases(conn: AsyncConnection, records: Sequence[Case], known: Mapping[str, Case]) -> None:
    """Write cases with their messages in place of what was known of them, each under a new change number."""
    numbers = await next_changes(conn, len(records))
    rows = [
        {name: getattr(record, name) for name in _CASE}
        | {"customer_id": record.customer.customer_id, "change_seq": number}
        for record, number in zip(records, numbers, strict=True)
    ]
    await _put(conn, crm_cases, rows, known)
    ids = [record.case_id for record in records if record.case_id in known]
    said = [
        {"case_id": record.case_id, "position": position, **msgspec.structs.asdict(message)}
        for record in records
        for position, message in enumerate(record.messages)
    ]
    await _replace(conn, crm_messages, "case_id", ids, said)


async def touch_cases(conn: AsyncConnection, ids: Sequence[str]) -> None:
    """Give these cases new change numbers, since something that belongs to them changed."""
    for case_id, number in zip(ids, await next_changes(conn, len(ids)), strict=True):
        await conn.execute(update(crm_cases).where(crm_cases.c.case_id == case_id).values(change_seq=number))


async def _put(conn: AsyncConnection, table: Table, rows: list[dict[str, Any]], known: Iterable[str]) -> None:
    [key] = table.primary_key.columns
    there = set(known)
    if fresh := [row for row in rows if row[key.name] not in there]:
        await conn.execute(insert(table), fresh)
    for row in rows:
        if row[key.name] in there:
            await conn.execute(update(table).where(key == row[key.name]).values(**row))


async def _replace(
    conn: AsyncConnection, table: Table, key: str, ids: Sequence[str], rows: list[dict[str, Any]]
) -> None:
    if ids:
        await conn.execute(delete(table).where(table.c[key].in_(ids)))
    if rows:
        await conn.execute(insert(table), rows)


async def _contacts(conn: AsyncConnection, ids: Sequence[str]) -> defaultdict[str, list[ContactPoint]]:
    table = crm_contact_points
    rows = await conn.execute(
        select(table).where(table.c.customer_id.in_(ids)).order_by(table.c.customer_id, table.c.position)
    )
    found: defaultdict[str, list[ContactPoint]] = defaultdict(list)
    for row in rows.mappings():
        found[row["customer_id"]].append(ContactPoint(row["kind"], row["value"], row["platform"]))
    return found


async def _messages(conn: AsyncConnection, ids: Sequence[str]) -> defaultdict[str, list[CaseMessage]]:
    table = crm_messages
    rows = await conn.execute(select(table).where(table.c.case_id.in_(ids)).order_by(table.c.case_id, table.c.position))
    found: defaultdict[str, list[CaseMessage]] = defaultdict(list)
    for row in rows.mappings():
        found[row["case_id"]].append(CaseMessage(row["at"], row["author"], row["text"]))
    return found


def _customer(row: RowMapping, points: Sequence[ContactPoint]) -> Customer:
    return Customer(**{name: row[name] for name in _CUSTOMER}, contacts=tuple(points))
