"""SQLite's driver with one trip to its thread for each statement, where aiosqlite alone makes four.

A trip costs more than most of our statements: creating the cursor, executing, fetching and closing go together.
"""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Self

import aiosqlite

_ROWS_AT_ONCE = 64  # aiosqlite wants to know; nothing here fetches piecewise


class Cursor:
    """The result of one statement at a time, all of its rows fetched already. SQLAlchemy's adapter calls it."""

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.arraysize = 1
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> Self:
        """Open nothing: the true cursor lives only within a trip."""
        return self

    async def execute(self, sql: str, parameters: Any = ()) -> Self:
        """Execute a statement and fetch all that it gives."""
        await self._connection.trip(self._run, lambda raw: raw.execute(sql, parameters))
        return self

    async def executemany(self, sql: str, parameters: Iterable[Any]) -> Self:
        """Execute a statement for many rows."""
        await self._connection.trip(self._run, lambda raw: raw.executemany(sql, parameters))
        return self

    async def fetchall(self) -> list[Any]:
        """Give all rows that are left."""
        rows, self._rows = self._rows, []
        return rows

    async def fetchmany(self, size: int | None = None) -> list[Any]:
        """Give the next rows."""
        count = size or self.arraysize
        rows, self._rows = self._rows[:count], self._rows[count:]
        return rows

    async def fetchone(self) -> Any:
        """Give the next row, or None."""
        return self._rows.pop(0) if self._rows else None

    async def close(self) -> None:
        """Forget the rows."""
        self._rows = []

    def _run(self, act: Callable[[sqlite3.Cursor], object], raw: sqlite3.Cursor) -> None:
        """Work in the driver's thread."""
        try:
            act(raw)
            self._rows = raw.fetchall() if raw.description else []
            self.description, self.rowcount, self.lastrowid = raw.description, raw.rowcount, raw.lastrowid
        finally:
            raw.close()


class Connection(aiosqlite.Connection):
    """One connection and its thread."""

    def cursor(self) -> Cursor:  # type: ignore[override]  # aiosqlite makes the trip here that we spare
        """Give a cursor, without a trip."""
        return Cursor(self)

    async def trip(self, run: Callable[..., None], act: Callable[[sqlite3.Cursor], object]) -> None:
        """Run something with a new true cursor in the thread."""
        await self._execute(lambda: run(act, self._conn.cursor()))  # type: ignore[no-untyped-call]

    async def rollback(self) -> None:
        """Roll back, where there is anything to roll back: the pool asks this of every connection that comes home."""
        if self._conn.in_transaction:
            await super().rollback()


def opener(path: str, pragmas: Sequence[str] = ()) -> Callable[[], Any]:
    """Give what opens connections to a file, as SQLAlchemy's ``async_creator``.

    The pragmas are set in the same trip: whoever is cancelled between two would leave an open connection behind.
    """

    def prepared() -> sqlite3.Connection:
        raw = sqlite3.connect(path, isolation_level=None)  # the driver's own BEGIN comes too late to be IMMEDIATE
        for pragma in pragmas:
            raw.execute(f"PRAGMA {pragma}").close()
        return raw

    async def connect() -> Connection:
        connection = Connection(prepared, _ROWS_AT_ONCE)
        connection._thread.daemon = True  # as SQLAlchemy does: a process that dies does not wait for it
        await connection
        return connection

    return connect
