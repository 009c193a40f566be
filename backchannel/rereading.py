"""Reads mirrored cases again after an update: what an older version read of them finds fewer posts."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import structlog
from sqlalchemy import Row

from backchannel.housekeeping import HEARD_LATE
from ledger import cases
from ledger.clock import Clock
from ledger.database import Database
from matcher.config import LinkingConfig
from matcher.index import READER, Prepared, case_of, indexer, neighbours

log = structlog.get_logger(__name__)

EVERY = 5.0  # seconds
AT_ONCE = 100


class Reading(NamedTuple):
    """Cases that an older version read: their rows, and what this version makes of those that matter still."""

    old: Sequence[Row[Any]]
    live: Sequence[Row[Any]]
    prepared: Prepared


class Rereading:
    """Makes facets and link keys of cases anew, some at a time, from the records that the mirror holds of them."""

    def __init__(self, db: Database, linking: Callable[[], LinkingConfig], clock: Clock) -> None:
        self._db = db
        self._linking = linking
        self._clock = clock
        self._indexer = indexer()
        self._total = 0

    async def some(self) -> int:
        """Read some cases again and give how many those were; 0 when none is left."""
        reading = await self.read()
        if reading.old:
            await self.write(reading)
            self._total += len(reading.old)
        elif self._total:
            log.info("cases read again", cases=self._total)
            self._total = 0
        return len(reading.old)

    async def read(self) -> Reading:
        """Read some cases again; those that linking looks at no more have no keys to make."""
        now = self._clock.now()
        async with self._db.read() as conn:
            old = await cases.read_before(conn, READER, AT_ONCE)
            live = [row for row in old if self._looked_at(row, now)]
            found = [case_of(row.record) for row in live]
            beside = await neighbours(conn, self._indexer, found, now) if found else []
        prepare = self._indexer.prepare
        return Reading(old, live, await asyncio.to_thread(prepare, found, now, beside) if found else Prepared([], {}))

    async def write(self, reading: Reading) -> None:
        """Write what was read, but for cases that were mirrored anew, or forgotten, meanwhile."""
        before = {row.case_id: row.mirrored_at for row in reading.live}
        over = [row.case_id for row in reading.old if row.case_id not in before]
        async with self._db.write("reread") as conn:
            present = await cases.mirrored_at(conn, list(before))
            same = [row for row in reading.prepared.rows if present.get(row["case_id"]) == before[row["case_id"]]]
            await cases.pass_over(conn, over, READER)
            await cases.mirror(conn, same, reading.prepared.keys)

    def _looked_at(self, row: Row[Any], now: datetime) -> bool:
        since = now - self._linking().resolved_for - HEARD_LATE
        return bool(row.unresolved) or row.resolved_at is None or row.resolved_at >= since
