"""The tables of a foreign database, found by name through reflection; nothing from the configuration becomes SQL."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Column, Connection, MetaData, Table, inspect, type_coerce
from sqlalchemy.exc import NoSuchTableError
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.types import NullType

from crm.config import SqlCrmConfig
from crm.source import CrmError
from crm.spelling import did_you_mean
from ledger.section import Section


class MappedTable:
    """One table or view, and which of its columns holds what."""

    def __init__(self, table: Table, columns: dict[str, Column[Any]], *, raw: bool) -> None:
        self.table = table
        self._columns = columns
        self._raw = raw

    def __contains__(self, name: str) -> bool:
        return name in self._columns

    def column(self, name: str) -> ColumnElement[Any]:
        """Give the column by our name.

        SQLite keeps values as they were written, whatever the declared type: they are read and compared raw.
        """
        column = self._columns[name]
        return type_coerce(column, NullType()) if self._raw else column

    def typed(self, name: str, value: Any) -> Any:
        """Give a value out of a cursor as the column's own type; raises ValueError where it cannot be one."""
        try:
            kind = self._columns[name].type.python_type
        except NotImplementedError:  # a type that SQLAlchemy does not know
            return value
        if isinstance(value, kind) or (self._raw and kind is not int):
            return value
        from_text = getattr(kind, "fromisoformat", kind)
        try:
            return from_text(value)
        except (TypeError, ArithmeticError) as error:
            raise ValueError(f"{value!r} is no {kind.__name__}") from error

    def all(self) -> list[ColumnElement[Any]]:
        """Give every mapped column under our name."""
        return [self.column(name).label(name) for name in self._columns]


class MappedTables:
    """The tables that the configuration names."""

    def __init__(self, conn: Connection, config: SqlCrmConfig) -> None:
        self._conn = conn
        self._metadata = MetaData()
        self.cases = self._map("cases", config.cases.table, config.cases.columns)
        self.customers = self._map("customers", config.customers.table, config.customers.columns)
        contacts, messages = config.contacts, config.messages
        self.contacts = self._map("contacts", contacts.table, contacts.columns) if contacts else None
        self.messages = self._map("messages", messages.table, messages.columns) if messages else None

    def _map(self, section: str, name: str, columns: Section) -> MappedTable:
        table = self._table(section, name)
        found = {ours: self._column(section, ours, table, theirs) for ours, theirs in _wanted(columns)}
        return MappedTable(table, found, raw=self._conn.dialect.name == "sqlite")

    def _table(self, section: str, name: str) -> Table:
        schema, _, bare = name.rpartition(".")
        try:
            return Table(bare, self._metadata, schema=schema or None, autoload_with=self._conn, extend_existing=True)
        except NoSuchTableError as error:
            inspector = inspect(self._conn)
            there = [*inspector.get_table_names(schema or None), *inspector.get_view_names(schema or None)]
            likely = did_you_mean(bare, there) or f": it has {', '.join(sorted(there)[:20]) or 'no tables'}"
            raise CrmError(f"crm.{section}.table: the database has no table {name!r}{likely}") from error

    def _column(self, section: str, ours: str, table: Table, theirs: str) -> Column[Any]:
        found: Column[Any] | None = table.c.get(theirs)
        if found is not None:
            return found
        likely = did_you_mean(theirs, table.c.keys()) or f": it has {', '.join(table.c.keys())}"
        place = f"crm.{section}.columns.{ours.partition(':')[0]}"
        raise CrmError(f"{place}: table {table.fullname!r} has no column {theirs!r}{likely}")


def _wanted(columns: Section) -> Iterable[tuple[str, str]]:
    """Give our names with theirs; several columns of one kind are told apart as ``emails:0`` or ``handles:x``."""
    for ours in type(columns).model_fields:
        theirs = getattr(columns, ours)
        if isinstance(theirs, str):
            yield ours, theirs
        elif isinstance(theirs, tuple):
            yield from ((f"{ours}:{place}", each) for place, each in enumerate(theirs))
        elif isinstance(theirs, dict):
            yield from ((f"{ours}:{platform}", each) for platform, each in theirs.items())
