"""SQLite's driver: one trip to its thread for each statement, and the results that SQLAlchemy expects."""

import asyncio
import contextlib
import gc
import logging
import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from ledger.database import Database
from ledger.sqlite import Connection, opener


@pytest.fixture
async def db(tmp_path: Path) -> Any:
    """A database with one small table."""
    made = Database(f"sqlite:///{tmp_path / 'trips.db'}")
    async with made.write("test") as conn:
        await conn.execute(text("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT NOT NULL)"))
    yield made
    await made.close()


@pytest.fixture
async def counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A bare connection that counts what its thread is asked to do."""
    connection: Connection = await opener(str(tmp_path / "bare.db"))()
    asked: list[str] = []
    put = connection._tx.put_nowait

    class Counting:
        """Stands before the thread's queue."""

        def put_nowait(self, task: Any) -> None:
            asked.append("trip")
            put(task)

    monkeypatch.setattr(connection, "_tx", Counting())
    yield connection, asked
    await connection.close()


async def test_a_statement_is_one_trip_with_all_its_rows(counted: Any) -> None:
    connection, asked = counted
    cursor = connection.cursor()
    await cursor.execute("SELECT 1 UNION SELECT 2 UNION SELECT 3")
    rows = [await cursor.fetchone(), *await cursor.fetchmany(1), *await cursor.fetchall()]
    assert (rows, await cursor.fetchone(), cursor.description[0][0]) == ([(1,), (2,), (3,)], None, "1")
    await cursor.close()
    assert asked == ["trip"]


async def test_there_is_no_trip_to_roll_back_nothing(counted: Any) -> None:
    connection, asked = counted
    await connection.rollback()
    assert asked == []


async def test_an_open_transaction_is_rolled_back(db: Database) -> None:
    async def break_off() -> None:
        async with db.write("test") as conn:
            await conn.execute(text("INSERT INTO t VALUES (1, 'x')"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await break_off()
    async with db.read() as conn:
        assert (await conn.execute(text("SELECT count(*) FROM t"))).scalar_one() == 0


async def test_changes_are_counted_and_ids_are_known(db: Database) -> None:
    async with db.write("test") as conn:
        inserted = await conn.execute(text("INSERT INTO t (b) VALUES (:b)"), [{"b": "x"}, {"b": "y"}])
        given = await conn.execute(text("INSERT INTO t (b) VALUES ('z') RETURNING a, b"))
        changed = await conn.execute(text("UPDATE t SET b = 'w' WHERE a > 1"))
        assert (inserted.rowcount, given.all(), changed.rowcount) == (2, [(3, "z")], 2)


async def test_errors_are_those_of_the_database(db: Database) -> None:
    with pytest.raises(IntegrityError):
        async with db.write("test") as conn:
            await conn.execute(text("INSERT INTO t VALUES (1, NULL)"))
    with pytest.raises(OperationalError, match="no such table"):
        async with db.read() as conn:
            await conn.execute(text("SELECT 1 FROM nowhere"))


async def test_an_error_quotes_no_value(db: Database) -> None:
    with pytest.raises(IntegrityError) as caught:
        async with db.write("test") as conn:
            await conn.execute(text("INSERT INTO t VALUES (:a, :b), (:a, :b)"), {"a": 1, "b": "an angry post"})
    assert "an angry post" not in str(caught.value)


async def test_a_cancelled_statement_leaves_a_usable_database(db: Database) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT count(*) FROM n"

    begun = asyncio.Event()

    async def write_for_long() -> None:
        async with db.write("test") as conn:
            await conn.execute(text("INSERT INTO t VALUES (1, 'x')"))
            begun.set()
            await conn.execute(text(endless))

    task = asyncio.create_task(write_for_long())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with db.write("test") as conn:
        await conn.execute(text("INSERT INTO t VALUES (2, 'y')"))
        assert (await conn.execute(text("SELECT a FROM t"))).scalars().all() == [2]


class CancellingAtTrip(logging.Handler):
    """Cancels a task while the thread is on its nth trip, and lets the thread go on only when that has been done."""

    def __init__(self, nth: int, loop: asyncio.AbstractEventLoop, task: "asyncio.Task[None]") -> None:
        super().__init__(logging.DEBUG)
        self.trips, self._nth, self._loop, self._task = 0, nth, loop, task

    def emit(self, record: logging.LogRecord) -> None:
        if not record.getMessage().startswith("executing"):
            return
        self.trips += 1
        if self.trips == self._nth:
            left = threading.Event()
            self._loop.call_soon_threadsafe(self._task.cancel)
            self._loop.call_soon_threadsafe(self._loop.call_later, 0.002, left.set)  # after what the cancelling causes
            left.wait(10)


async def use_cancelled_at(nth: int, file: Path) -> bool:
    """Write and read with a new database, cancelled at a trip; say whether there was such a trip."""
    db = Database(f"sqlite:///{file}")

    async def use() -> None:
        async with db.write("test") as conn:
            await conn.execute(text("CREATE TABLE IF NOT EXISTS t (a INTEGER PRIMARY KEY)"))
            await conn.execute(text("INSERT INTO t DEFAULT VALUES"))
        async with db.read() as conn:
            await conn.execute(text("SELECT * FROM t"))

    task = asyncio.create_task(use())
    handler, logger = CancellingAtTrip(nth, asyncio.get_running_loop(), task), logging.getLogger("aiosqlite")
    logger.addHandler(handler)
    try:
        with contextlib.suppress(asyncio.CancelledError):
            await task
    finally:
        logger.removeHandler(handler)
        await db.close()
    return handler.trips >= nth


def test_being_cancelled_at_any_trip_leaves_no_connection_and_no_thread(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Opening, SQLAlchemy's own set-up of a first connection, each statement, the commit, the closing."""
    caplog.set_level(logging.DEBUG, "aiosqlite")
    before, nth = set(threading.enumerate()), 1
    while asyncio.run(use_cancelled_at(nth, tmp_path / "trips.db")):
        for thread in set(threading.enumerate()) - before:
            thread.join(timeout=10)
            assert not thread.is_alive(), f"cancelled at trip {nth}: a thread waits for ever"
        nth += 1
    gc.collect()  # an unclosed connection would be reported here
    assert nth > 10


async def test_the_file_is_written_with_full_care(db: Database) -> None:
    async with db.write("test") as conn:
        care = [(await conn.execute(text(f"PRAGMA {name}"))).scalar_one() for name in ("journal_mode", "synchronous")]
    assert care == ["wal", 2]
    with sqlite3.connect(str(db.url.database)) as direct:
        assert direct.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    direct.close()


@pytest.mark.parametrize("warm", [False, True])
@pytest.mark.parametrize("cancelled", [False, True])
async def test_a_connection_in_use_when_the_database_closes_is_ended(
    tmp_path: Path, *, warm: bool, cancelled: bool
) -> None:
    """Somebody may still read in the background: the pool that they took the connection from is gone."""
    db = Database(f"sqlite:///{tmp_path / 'late.db'}")
    taken: asyncio.Future[Connection] = asyncio.get_running_loop().create_future()
    go_on = asyncio.Event()

    async def read() -> None:
        async with db.read() as conn:
            await conn.execute(text("SELECT 1"))
            taken.set_result((await conn.get_raw_connection()).driver_connection)
            await go_on.wait()

    if warm:
        async with db.read() as conn:
            await conn.execute(text("SELECT 1"))
    reading = asyncio.create_task(read())
    connection = await taken
    await db.close()
    if cancelled:
        reading.cancel()
    go_on.set()
    await asyncio.wait([reading])
    connection._thread.join(10)
    assert not connection._thread.is_alive()
