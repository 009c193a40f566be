"""Every query against a foreign database: SQLAlchemy expressions over reflected columns alone."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import ColumnElement

from crm.sources.sql_tables import MappedTable, MappedTables

Rows = list[Mapping[str, Any]]
_SAMPLE = 5000


class Place(msgspec.Struct, frozen=True):
    """Where a reader stands among cases in the order of (updated, id), in the database's own values."""

    updated: Any
    case_id: Any


def _changed(cases: MappedTable) -> ColumnElement[Any]:
    return func.coalesce(cases.column("updated_at"), cases.column("opened_at"))


def _since(cases: MappedTable, updated: Any) -> ColumnElement[bool]:
    """Compare the plain columns, so that an index on them serves."""
    column, opened = cases.column("updated_at"), cases.column("opened_at")
    return or_(column >= updated, and_(column.is_(None), opened >= updated))


def _beyond(cases: MappedTable, place: Place) -> ColumnElement[bool]:
    changed, ident = _changed(cases), cases.column("case_id")
    return or_(changed > place.updated, and_(changed == place.updated, ident > place.case_id))


async def case_page(conn: AsyncConnection, cases: MappedTable, since: Any, place: Place | None, limit: int) -> Rows:
    """Give the next cases by (updated, id), from a time on (None for all) and beyond a place, each with ``changed``."""
    query = select(*cases.all(), _changed(cases).label("changed"))
    if since is not None:
        query = query.where(_since(cases, since))
    if place is not None:
        query = query.where(_beyond(cases, place))
    return await _rows(conn, query.order_by(_changed(cases), cases.column("case_id")).limit(limit))


async def cases_by_id(conn: AsyncConnection, cases: MappedTable, ids: Sequence[Any]) -> Rows:
    """Give the cases with these ids, each with ``changed``."""
    query = select(*cases.all(), _changed(cases).label("changed"))
    return await _rows(conn, query.where(cases.column("case_id").in_(ids)))


async def newest_message(conn: AsyncConnection, messages: MappedTable) -> Any:
    """Give the time of the newest message, raw; None where there is none."""
    return await conn.scalar(select(func.max(messages.column("at"))))


async def cases_with_messages(conn: AsyncConnection, messages: MappedTable, since: Any) -> Rows:
    """Give ``case_id`` and newest ``at`` of the cases with messages from a time on, the oldest first."""
    ident, newest = messages.column("case_id"), func.max(messages.column("at"))
    query = select(ident.label("case_id"), newest.label("at")).group_by(ident).order_by(newest)
    return await _rows(conn, query if since is None else query.where(messages.column("at") >= since))


async def grouped(
    conn: AsyncConnection, table: MappedTable | None, key: str, ids: Sequence[Any], order: str
) -> Mapping[str, Rows]:
    """Give the rows that belong to these ids, by the id's text and in order; nothing where no table is mapped.

    A foreign key may be of another type than what it points to: the ids are turned into the type of the column.
    """
    found: defaultdict[str, Rows] = defaultdict(list)
    if table is None or not ids:
        return found
    wanted = [table.typed(key, ident) for ident in ids]
    query = select(*table.all()).where(table.column(key).in_(wanted)).order_by(table.column(order))
    for row in await _rows(conn, query):
        found[str(row[key])].append(row)
    return found


async def count(conn: AsyncConnection, tables: MappedTables) -> int:
    """Give how many cases there are."""
    return await conn.scalar(select(func.count()).select_from(tables.cases.table)) or 0


async def words(conn: AsyncConnection, table: MappedTable, name: str) -> list[Any]:
    """Give the different values of a column among its first 5,000 rows."""
    sample = select(table.column(name).label("word")).limit(_SAMPLE).subquery()
    return list(await conn.scalars(select(sample.c.word).distinct()))


async def _rows(conn: AsyncConnection, query: Select[Any]) -> Rows:
    return [dict(row) for row in (await conn.execute(query)).mappings()]
