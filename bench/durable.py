"""Rows per second when every post is kept: groups committed by the intake, beside one ORM commit for each row."""

import asyncio
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.orm import Session, registry

from bench.report import Report
from bench.turns import percentile, take_turns
from ledger.clock import SystemClock
from ledger.database import Database
from ledger.migrate import upgrade
from ledger.tables import mentions
from listener.config import RuleConfig
from listener.facts import mention
from listener.intake import Intake
from listener.post import Author, Post
from listener.rules import Rulebook

OURS, ORM = "intake, durable in groups", "one ORM commit a row"
PACED, PAUSE = 10, 0.02  # 500 posts a second: twice what X allows one connection
_RULE = RuleConfig.model_validate({"name": "brand", "brand": "Norvik", "any": ["@norvik"]})
_TEXT = "still no word from @norvik about my dishwasher, that is the third week now and the kitchen floor is soaked "
_AT_ONCE = 256


class Row:
    """A mention as an ORM maps it."""

    def __init__(self, **columns: Any) -> None:
        for name, value in columns.items():
            setattr(self, name, value)


def posts(prefix: str, count: int) -> list[Post]:
    """Give posts that all hit, none of which has been seen before."""
    now = datetime.now(UTC)
    author = Author("someone", "77", "Some One", "tea, trains, opinions", "Leeds", 120)
    return [
        Post(f"{prefix}{number}", author, f"{_TEXT}{number}", now - timedelta(seconds=number), str(number), lang="en")
        for number in range(count)
    ]


class Durable:
    """Both contenders, each with a database of its own, both with ``synchronous=FULL``."""

    def __init__(self, folder: Path, runner: asyncio.Runner, rows: int, orm_rows: int) -> None:
        self._runner = runner
        self._posts, self._few = posts("a", rows), posts("b", orm_rows)
        self.db = Database(f"sqlite:///{folder / 'intake.db'}")
        runner.run(upgrade(self.db))
        self._intake = Intake(self.db, lambda: self._rulebook, SystemClock(), on_mention=lambda: None)
        self._rulebook = Rulebook([_RULE])
        self._orm = _orm_engine(folder / "orm.db")
        self.waits: list[float] = []

    def ours(self, number: int) -> int:
        """Take posts in as fast as they are committed."""
        self._runner.run(self._take(f"x{number}"))
        return len(self._posts)

    def orm(self, number: int) -> int:
        """Add each row by itself and commit it."""
        hits = self._rulebook.hits(_TEXT)
        now = datetime.now(UTC)
        rows = [mention(f"x{number}", "x", post, hits, now).row for post in self._few]
        with Session(self._orm) as session:
            for row in rows:
                session.add(Row(**row))
                session.commit()
        return len(rows)

    async def _take(self, source: str) -> None:
        committing = asyncio.create_task(self._intake.run())
        for start in range(0, len(self._posts), _AT_ONCE):
            for post in self._posts[start : start + _AT_ONCE]:
                self._intake.take(source, "x", post)
            await asyncio.sleep(0)
            await self._intake.room()
        await self._intake.flush()
        committing.cancel()
        await asyncio.gather(committing, return_exceptions=True)

    async def paced(self, count: int) -> None:
        """Take some posts each 20 ms and note how long each waits for its commit."""
        taken_at: list[float] = []
        waits: list[float] = []

        def committed() -> None:
            now = time.perf_counter()
            done = len(taken_at) - len(intake._pending)
            waits.extend(now - at for at in taken_at[len(waits) : done])

        intake = Intake(self.db, lambda: self._rulebook, SystemClock(), on_mention=committed)
        committing = asyncio.create_task(intake.run())
        for start in range(0, count, PACED):
            for post in posts(f"paced{start}-", PACED):
                intake.take("x", "x", post)
                taken_at.append(time.perf_counter())
            await asyncio.sleep(PAUSE)
        await intake.flush()
        committing.cancel()
        await asyncio.gather(committing, return_exceptions=True)
        self.waits = waits


def _orm_engine(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}")
    event.listen(engine, "connect", _careful)
    mapped = registry()
    mapped.map_imperatively(Row, mentions)
    mentions.metadata.create_all(engine, tables=[mentions])
    return engine


def _careful(connection: Any, _record: Any) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")


def measure(report: Report, *, rows: int, orm_rows: int, rounds: int) -> None:
    """Measure both in turns, and how long a post waits for its commit."""
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
        durable = Durable(Path(folder), runner, rows, orm_rows)
        paces = take_turns({OURS: durable.ours, ORM: durable.orm}, rounds)
        runner.run(durable.paced(rows))
        runner.run(durable.db.close())
    shown = [
        (name, f"{pace.wall:,.0f}", f"{pace.wall_middle:,.0f}", f"{paces[OURS].wall / pace.wall:.1f} x")
        for name, pace in paces.items()
    ]
    report.table("durable rows, SQLite FULL, every post hits", ("", "rows/s", "median", "intake against it"), shown)
    waits = [1000 * percentile(durable.waits, share) for share in (0.5, 0.99)]
    pace = PACED / PAUSE
    report.notes.append(
        f"at {pace:.0f} posts a second a commit comes after {waits[0]:.1f} ms (p50), {waits[1]:.1f} (p99)"
    )
    report.target("durable rows, against one ORM commit a row", paces[OURS].wall / paces[ORM].wall, 20, "x")
    report.target("acknowledged, p99", waits[1], 10, "ms", at_most=True)
