"""One database behind one small surface: SQLite by default, PostgreSQL for real load."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, StatementError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import QueuePool

from ledger.sqlite import Connection, finished, opener

_PRAGMAS = (
    "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000", "temp_store=MEMORY",
    "wal_autocheckpoint=8000",  # pages, 32 MB: link keys touch pages all over the file, each then written back once
)  # fmt: skip
_CRASH_AT = "BACKCHANNEL_CRASH_AT"
_FAULTY_VALUES = ("22", "23", "54")  # SQLSTATE classes: data exception, constraint violated, limit exceeded


class DatabaseUrlError(ValueError):
    """The database address cannot be used; the text says what to write instead."""


def blames_values(error: BaseException) -> bool:
    """Say whether a statement failed by the values that it carried, so that trying again cannot help.

    SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html
    """
    if isinstance(error, (ValueError, OverflowError)):
        return True
    if not isinstance(error, DBAPIError):
        return isinstance(error, StatementError)  # a value could not even be bound
    if error.connection_invalidated:
        return False
    state = str(getattr(error.orig, "sqlstate", None) or "")
    refused = isinstance(getattr(error.orig, "__cause__", None), ValueError)  # asyncpg could not encode a value
    return isinstance(error, (IntegrityError, DataError)) or state[:2] in _FAULTY_VALUES or refused


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


_ENGINE: dict[str, Any] = {
    "json_serializer": _json,
    "json_deserializer": msgspec.json.decode,
    "hide_parameters": True,  # an error must not quote a post
}


def async_url(address: str) -> URL:
    """Give the address with the asynchronous driver of its database; raises DatabaseUrlError."""
    url = make_url(address)
    drivers = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}
    backend = url.drivername.split("+")[0]
    if backend not in drivers:
        raise DatabaseUrlError(f"{backend} is not supported: use sqlite:///FILE or postgresql://USER@HOST/NAME")
    if backend == "sqlite" and url.database in (None, "", ":memory:"):
        raise DatabaseUrlError(
            "a database in memory would forget what is owed: name a file, sqlite:///var/backchannel.db"
        )
    return url.set(drivername=drivers[backend])


class Database:
    """Named write transactions and plain reads.

    SQLite has one writer at a time: writers of this process queue here in memory, where waiting costs nothing.
    """

    def __init__(self, address: str) -> None:
        self.url = async_url(address)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._closed = False
        self._writer_turn: AbstractAsyncContextManager[Any] = asyncio.Lock() if self.is_sqlite else nullcontext()
        self._writes = self._engine("BEGIN IMMEDIATE", 1 if self.is_sqlite else 8)
        self._reads = self._engine("BEGIN", 4) if self.is_sqlite else self._writes

    @property
    def engine(self) -> AsyncEngine:
        """The engine for writing, for migrations and the embedded CRM."""
        return self._writes

    @property
    def reader(self) -> AsyncEngine:
        """The engine for reading."""
        return self._reads

    @asynccontextmanager
    async def write(self, name: str) -> AsyncIterator[AsyncConnection]:
        """Open one write transaction, committed at the end of the block and rolled back on any error.

        The name says which commit of the story it is; tests kill the process at it (``BACKCHANNEL_CRASH_AT``).
        """
        async with self._writer_turn, self._connected(self._writes) as conn, conn.begin():
            yield conn
            _crash_point(f"before:{name}")
        _crash_point(f"after:{name}")

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Open a connection for reading one consistent state."""
        async with self._connected(self._reads) as conn:
            yield conn

    async def close(self) -> None:
        """Let go of all connections."""
        self._closed = True
        await self._writes.dispose()
        if self._reads is not self._writes:
            await self._reads.dispose()

    @asynccontextmanager
    async def _connected(self, engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
        """Take a connection from the pool.

        SQLAlchemy sets a new one up in several trips, and whoever is cancelled between them leaves it open: here such
        a caller waits for the end of it.
        """
        pool, driver = engine.pool, None
        try:
            if not self.is_sqlite or (isinstance(pool, QueuePool) and pool.checkedin()):
                async with engine.connect() as conn:
                    driver = _driver_of(conn)
                    yield conn
                return
            opening = asyncio.ensure_future(engine.connect().start())
            try:
                conn = await finished(opening)
                driver = _driver_of(conn)
                yield conn
            finally:
                if opening.done() and not opening.cancelled() and opening.exception() is None:
                    driver = driver or _driver_of(opening.result())
                    await finished(asyncio.ensure_future(opening.result().close()))
        finally:
            if self._closed and isinstance(driver, Connection):
                driver.stop()  # it was in use when the database was closed, so that no pool closes it

    def _engine(self, begin: str, size: int) -> AsyncEngine:
        if not self.is_sqlite:
            return create_async_engine(self.url, **_ENGINE, pool_size=size, pool_pre_ping=True)
        path = Path(self.url.database or "")
        path.parent.mkdir(parents=True, exist_ok=True)
        engine = create_async_engine(
            self.url, **_ENGINE, async_creator=opener(str(path), _PRAGMAS), pool_size=size, max_overflow=0
        )
        event.listen(engine.sync_engine, "begin", lambda conn: conn.exec_driver_sql(begin))
        return engine


def _driver_of(conn: AsyncConnection) -> Any:
    """Give the driver's connection, unless it broke: to ask then would open another one."""
    sync = conn.sync_connection
    return None if sync is None or sync.invalidated else sync.connection.driver_connection


def _crash_point(name: str) -> None:
    """Die as by ``kill -9`` where a test asked for it; ``name:3`` means the third time that the point is reached."""
    wanted = os.environ.get(_CRASH_AT)
    if not wanted or not wanted.startswith(name):
        return
    nth = int(wanted[len(name) + 1 :] or 1) if wanted != name else 1
    _reached[name] = _reached.get(name, 0) + 1
    if _reached[name] >= nth:
        os.kill(os.getpid(), signal.SIGKILL)


_reached: dict[str, int] = {}
