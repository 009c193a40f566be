"""SQLite's driver with one trip to its thread for each statement, where aiosqlite alone makes four.

A trip costs more than most of our statements: creating the cursor, executing, fetching and closing go together.
Whoever is cancelled on a trip waits for its end first: the thread never answers someone who has left.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Self, TypeVar

import aiosqlite
from aiosqlite.core import _STOP_RUNNING_SENTINEL

_T = TypeVar("_T")

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
        await self._execute(lambda: run(act, self._conn.cursor()))

    async def rollback(self) -> None:
        """Roll back, where there is anything to roll back: the pool asks this of every connection that comes home."""
        if self._conn.in_transaction:
            await super().rollback()

    async def create_function(
        self, name: str, num_params: int, func: Callable[..., Any], deterministic: bool = False
    ) -> None:
        """Create a function without a trip: SQLAlchemy asks for two before the connection is anybody's to close."""
        self._conn.create_function(name, num_params, func, deterministic=deterministic)

    def stop(self) -> None:  # aiosqlite's answer may come when the loop has closed
        """End the thread, and close what is still open, without an answer."""
        self._running = False
        self._tx.put_nowait((None, self._end))

    def _end(self) -> object:
        """Work in the driver's thread."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        return _STOP_RUNNING_SENTINEL

    async def _connect(self) -> Self:  # aiosqlite leaves it open to whoever is cancelled here
        opened = asyncio.get_running_loop().create_future()
        self._tx.put_nowait((opened, self._connector))
        try:
            self._connection = await finished(opened)
        finally:
            if self._connection is None:  # it failed, or nobody wants it any more
                self._connection = _opened(opened)
                self.stop()
        return self

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        try:
            return await super()._execute(fn, *args, **kwargs)  # type: ignore[no-untyped-call]
        except asyncio.CancelledError:
            caught_up = asyncio.get_running_loop().create_future()
            self._tx.put_nowait((caught_up, lambda: None))  # the thread works in order
            await finished(caught_up)
            raise


def _opened(future: "asyncio.Future[sqlite3.Connection]") -> sqlite3.Connection | None:
    return None if future.cancelled() or future.exception() else future.result()


async def finished(future: "asyncio.Future[_T]") -> _T:
    """Wait for the end, however often cancelled meanwhile; then raise CancelledError instead of giving the result."""
    cancelled: asyncio.CancelledError | None = None
    while not future.done():
        try:
            await asyncio.wait([future])  # which does not hand the cancelling on
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled
    return future.result()


def opener(path: str, pragmas: Sequence[str] = (), *, uri: bool = False) -> Callable[[], Any]:
    """Give what opens connections to a file (or, with ``uri``, a ``file:`` URI), as SQLAlchemy's ``async_creator``."""

    def prepared() -> sqlite3.Connection:
        # isolation_level: the driver's own BEGIN comes too late to be IMMEDIATE
        raw = sqlite3.connect(path, isolation_level=None, check_same_thread=False, uri=uri)
        for pragma in pragmas:
            raw.execute(f"PRAGMA {pragma}").close()
        return raw

    async def connect() -> Connection:
        connection = Connection(prepared, _ROWS_AT_ONCE)
        connection._thread.daemon = True  # as SQLAlchemy does: a process that dies does not wait for it
        await connection
        return connection

    return connect
