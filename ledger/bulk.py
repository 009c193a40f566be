"""Many rows by one prepared statement of the driver: SQLAlchemy's own work for each row costs more than the row."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import Dialect, Insert, Table
from sqlalchemy.exc import StatementError
from sqlalchemy.ext.asyncio import AsyncConnection

_AsDriver = Callable[[Any], Any] | None


class _Prepared(msgspec.Struct, frozen=True):
    """The text of a statement, and for each of its places the column and how its values are told the driver."""

    text: str
    places: tuple[tuple[str, _AsDriver], ...]


async def insert(conn: AsyncConnection, table: Table, statement: Insert, rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert rows that all have the columns of the first; gives how many of them were new.

    Values are bound as the table's types say; StatementError says that one could not be. Only drivers with positional
    places that count changes can do this, as SQLite's can.
    """
    prepared = _prepare(conn.dialect, table, statement, tuple(rows[0]))
    return (await conn.exec_driver_sql(prepared.text, _bound(prepared, rows))).rowcount


def _bound(prepared: _Prepared, rows: Sequence[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
    places = prepared.places
    try:
        return [
            tuple([row[name] if as_driver is None else as_driver(row[name]) for name, as_driver in places])
            for row in rows
        ]
    except (ValueError, TypeError, KeyError) as error:
        reason = f"a value could not be bound: {error}"
        raise StatementError(reason, prepared.text, None, error, hide_parameters=True) from error


@lru_cache(16)
def _prepare(dialect: Dialect, table: Table, statement: Insert, names: tuple[str, ...]) -> _Prepared:
    compiled = statement.compile(dialect=dialect, column_keys=list(names))
    order = compiled.positiontup
    if order is None:
        raise NotImplementedError(f"{dialect.name} has no positional places")
    return _Prepared(str(compiled), tuple((name, _as_driver(dialect, table, name)) for name in order))


def _as_driver(dialect: Dialect, table: Table, name: str) -> _AsDriver:
    return table.c[name].type.dialect_impl(dialect).bind_processor(dialect)
