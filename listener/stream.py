"""Listens to one source for ever: resumes from its cursor, starts again when it breaks, says when it falls silent."""

import asyncio
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal

import msgspec
import structlog

from ledger import cursors
from ledger.clock import Clock
from ledger.database import Database
from listener.intake import Intake
from listener.source import Source, SourceError

log = structlog.get_logger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 120.0
FAILED_PAUSE = 900.0

State = Literal["starting", "listening", "waiting", "failed"]


class StreamStatus(msgspec.Struct):
    """How the listening to one source is doing. ``stalled`` means connected, yet silent for longer than it may be."""

    source: str
    platform: str
    stall_after: float
    state: State = "starting"
    starts: int = 0
    last_event_at: datetime | None = None
    last_error: str | None = None
    retry_at: datetime | None = None

    def stalled(self, now: datetime) -> bool:
        """Say whether the source should have given at least a sign of life by now."""
        if self.state != "listening" or self.last_event_at is None:
            return False
        return (now - self.last_event_at).total_seconds() > self.stall_after


class Stream:
    """One source and everything that keeps it heard."""

    def __init__(
        self,
        source: Source,
        intake: Intake,
        db: Database,
        clock: Clock,
        *,
        stall_after: float = 120.0,
        pause: Callable[[float], float] = lambda longest: random.uniform(longest / 2, longest),
    ) -> None:
        self._source = source
        self._intake = intake
        self._db = db
        self._clock = clock
        self._pause = pause
        self._failures = 0
        self.status = StreamStatus(source.name, source.platform, stall_after)

    async def run(self) -> None:
        """Listen until cancelled; what was heard by then is committed before this returns."""
        try:
            while True:
                await self._rest(await self._attempt())
        finally:
            await asyncio.shield(self._let_go())

    async def _let_go(self) -> None:
        await self._source.close()
        await self._intake.flush()

    async def _attempt(self) -> SourceError:
        try:
            await self._listen()
        except SourceError as error:
            return error
        return SourceError("the source ended by itself")

    async def _listen(self) -> None:
        async with self._db.read() as conn:
            cursor = await cursors.get(conn, self._source.name)
        self.status.starts += 1
        self.status.state = "listening"
        self.status.retry_at = None
        self.status.last_event_at = self._clock.now()
        name, platform, take = self._source.name, self._source.platform, self._intake.take
        async for event in self._source.listen(cursor):
            take(name, platform, event)
            self.status.last_event_at = self._clock.now()
            self._failures = 0
            await self._intake.room()

    async def _rest(self, error: SourceError) -> None:
        """Wait before the next attempt; a permanent error is tried again rarely, in case somebody has mended it."""
        await self._intake.flush()
        self._failures += 1
        longest = min(FIRST_PAUSE * 2**self._failures, LONGEST_PAUSE)
        seconds = FAILED_PAUSE if error.permanent else max(self._pause(longest), error.retry_after or 0.0)
        self.status.state = "failed" if error.permanent else "waiting"
        self.status.last_error = str(error)
        self.status.retry_at = self._clock.now() + timedelta(seconds=seconds)
        log.warning("source broke", source=self._source.name, reason=str(error), retry_in=round(seconds, 1))
        await asyncio.sleep(seconds)
