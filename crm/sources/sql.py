"""An existing SQL database as a CRM: tables and columns named in the configuration, read and never written."""

from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from crm.config import SqlCrmConfig
from crm.records import Case, CaseMessage, Customer
from crm.source import CaseChange
from crm.sources import sql_queries as queries
from crm.sources.sql_engine import read_only_engine, require_file, unreadable
from crm.sources.sql_moment import earlier
from crm.sources.sql_position import Position, decode
from crm.sources.sql_queries import Place
from crm.sources.sql_rows import Rows
from crm.sources.sql_tables import MappedTables

_PAGE = 200
_REMEMBERED = 10_000

_Grouped = Mapping[str, Sequence[Mapping[str, Any]]]

log = structlog.get_logger(__name__)


def _utc_now() -> datetime:
    return datetime.now(UTC)


class SqlCrm:
    """Reads cases, customers and messages through the configuration's map.

    It follows ``updated_at`` and new messages, looking back by ``overlap`` each time, since a slow transaction's
    changes become visible late. It cannot see that a case was deleted: ``case`` tells, when asked.
    """

    def __init__(self, config: SqlCrmConfig, *, now: Callable[[], datetime] = _utc_now) -> None:
        self._config = config
        self._engine = read_only_engine(config)
        self._rows = Rows(config)
        self._now = now
        self._tables: MappedTables | None = None
        self._given: OrderedDict[str, int] = OrderedDict()
        self._last_cursor: str | None = None

    async def changes(self, cursor: str | None) -> AsyncIterator[CaseChange]:
        """Give every case changed since the cursor, oldest change first, and end; all cases where it is None.

        Cases that the overlap brings back unchanged are left out only where the caller kept all it was given.
        Raises CrmError.
        """
        tables = await self._ready()
        if cursor is None or cursor != self._last_cursor:
            self._given.clear()
        position = await self._start(tables, cursor)
        async for position, case in self._updated(tables, position):  # noqa: B020 - it goes on from where it came to
            if change := self._news(case, position):
                yield change
        async for position, case in self._answered(tables, position):  # noqa: B020 - as above
            if change := self._news(case, position):
                yield change

    async def case(self, case_id: str) -> Case | None:
        """Give one case as it stands now, or None where there is none; raises CrmError."""
        tables = await self._ready()
        try:
            ident = tables.cases.typed("case_id", case_id)
        except ValueError:
            return None
        async with self._reading() as conn:
            rows = await queries.cases_by_id(conn, tables.cases, [ident])
            found = await self._cases(conn, tables, rows)
        return found[0] if found else None

    async def check(self) -> str:
        """Say how much there is, having looked at the tables, the columns and the words; raises CrmError."""
        tables = await self._ready()
        async with self._reading() as conn:
            count = await queries.count(conn, tables)
            for table, name, kind in (
                (tables.cases, "channel", "channel"),
                (tables.cases, "status", "status"),
                (tables.messages, "author", "author"),
                (tables.contacts, "kind", "contact"),
            ):
                if table is not None and name in table:
                    for word in await queries.words(conn, table, name):
                        self._rows.word(kind, word)
            await self._cases(conn, tables, await queries.case_page(conn, tables.cases, None, None, 1))
        return f"SQL CRM on {self._engine.dialect.name}: {count} cases in {self._config.cases.table}"

    async def close(self) -> None:
        """Let go of connections; safe to call twice."""
        await self._engine.dispose()

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[AsyncConnection]:
        try:
            async with self._engine.connect() as conn:
                yield conn
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            self._tables = None  # a table may have been altered: look again next time
            raise unreadable(error) from error

    async def _ready(self) -> MappedTables:
        if self._tables is None:
            require_file(self._config)
            async with self._reading() as conn:
                self._tables = await conn.run_sync(MappedTables, self._config)
        return self._tables

    async def _start(self, tables: MappedTables, cursor: str | None) -> Position:
        if cursor is not None:
            return decode(cursor, tables)
        if tables.messages is None:
            return Position()
        async with self._reading() as conn:
            return Position().after_message(await queries.newest_message(conn, tables.messages), self._known)

    async def _updated(self, tables: MappedTables, position: Position) -> AsyncIterator[tuple[Position, Case | None]]:
        """Give the cases whose update lies after the position or not far before it."""
        since = None if position.updated is None else earlier(position.updated, self._config.overlap)
        place: Place | None = None
        while True:
            async with self._reading() as conn:
                rows = await queries.case_page(conn, tables.cases, since, place, _PAGE)
                cases = await self._cases(conn, tables, rows)
            for row, case in zip(rows, cases, strict=True):
                position = position.after_case(row["changed"], row["case_id"], self._known)
                yield position, case
            if len(rows) < _PAGE:
                return
            place = Place(rows[-1]["changed"], rows[-1]["case_id"])

    async def _answered(self, tables: MappedTables, position: Position) -> AsyncIterator[tuple[Position, Case | None]]:
        """Give the cases with messages after the position or not far before it, be they updated or not."""
        if tables.messages is None:
            return
        since = None if position.message is None else earlier(position.message, self._config.overlap)
        async with self._reading() as conn:
            heard = await queries.cases_with_messages(conn, tables.messages, since)
        for start in range(0, len(heard), _PAGE):
            newest = {str(row["case_id"]): row["at"] for row in heard[start : start + _PAGE]}
            async with self._reading() as conn:
                ids = [tables.cases.typed("case_id", row["case_id"]) for row in heard[start : start + _PAGE]]
                rows = await queries.cases_by_id(conn, tables.cases, ids)
                cases = await self._cases(conn, tables, rows)
            by_id = {str(row["case_id"]): case for row, case in zip(rows, cases, strict=True)}
            for case_id, at in newest.items():
                position = position.after_message(at, self._known)
                yield position, by_id.get(case_id)

    def _known(self, raw: Any) -> datetime | None:
        """Give a raw time that a position may move to: none that lies ahead, or all before it would be missed."""
        try:
            time = self._rows.time(raw)
        except ValueError:
            return None
        return time if time <= self._now() + self._config.overlap else None

    def _news(self, case: Case | None, position: Position) -> CaseChange | None:
        if case is None or self._given.get(case.case_id) == hash(case):
            return None
        self._given[case.case_id] = hash(case)
        self._given.move_to_end(case.case_id)
        if len(self._given) > _REMEMBERED:
            self._given.popitem(last=False)
        self._last_cursor = position.encode()
        return CaseChange(case.case_id, self._last_cursor, case)

    async def _cases(
        self, conn: AsyncConnection, tables: MappedTables, rows: Sequence[Mapping[str, Any]]
    ) -> list[Case | None]:
        """Give a case for each row, or None where the row cannot be read, which is logged."""
        ids = [row["case_id"] for row in rows]
        owners = list(dict.fromkeys(row["customer_id"] for row in rows if row["customer_id"] is not None))
        customers = await queries.grouped(conn, tables.customers, "customer_id", owners, "customer_id")
        contacts = await queries.grouped(conn, tables.contacts, "customer_id", owners, "value")
        messages = await queries.grouped(conn, tables.messages, "case_id", ids, "at")
        return [self._case(row, customers, contacts, messages) for row in rows]

    def _case(self, row: Mapping[str, Any], customers: _Grouped, contacts: _Grouped, messages: _Grouped) -> Case | None:
        owner = "" if row["customer_id"] is None else str(row["customer_id"])
        points = [point for each in contacts.get(owner, ()) if (point := self._rows.contact(each))]
        found = customers.get(owner)
        customer = self._rows.customer(found[0], points) if found else Customer(owner, "", tuple(points))
        try:
            return self._rows.case(row, customer, self._said(messages.get(str(row["case_id"]), ())))
        except ValueError as error:
            log.warning("crm.case_left_out", case_id=str(row["case_id"]), reason=str(error))
            return None

    def _said(self, rows: Sequence[Mapping[str, Any]]) -> list[CaseMessage]:
        return [self._rows.message(row) for row in rows]
