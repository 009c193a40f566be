"""Asks platforms again for posts that alerts show: what was removed there has to go here as well.

X: https://docs.x.com/developer-terms/policy (removals within 24 hours); Reddit: its Data API Wiki.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol, runtime_checkable

import structlog

from ledger import mentions
from ledger.clock import Clock
from ledger.database import Database
from listener.intake import Intake
from listener.post import Post, Removal, Unreadable
from listener.source import Source, SourceError

log = structlog.get_logger(__name__)

KEPT_FOR = timedelta(days=30)
MOST = 1_000


@runtime_checkable
class Recheckable(Protocol):
    """A source that can be asked for posts again."""

    async def recheck(self, ids: Sequence[str]) -> Sequence[Post | Removal | Unreadable]:
        """Give how these posts are now; a Removal for each that is gone. Raises SourceError."""
        ...


class Recheck:
    """Asks one source about the newest posts that alerts show, every so often."""

    def __init__(self, source: Source, intake: Intake, db: Database, clock: Clock, every: timedelta) -> None:
        self._source = source
        self._intake = intake
        self._db = db
        self._clock = clock
        self._every = every

    async def run(self) -> None:
        """Ask for ever, the first time after one interval: a restart must not cost a round of requests."""
        while True:
            await asyncio.sleep(self._every.total_seconds())
            try:
                await self.ask()
            except SourceError as error:
                log.warning("posts not asked for again", source=self._source.name, reason=str(error))

    async def ask(self) -> int:
        """Ask once; give how many posts are gone."""
        if not isinstance(self._source, Recheckable):
            return 0
        since = self._clock.now() - KEPT_FOR
        async with self._db.read() as conn:
            shown = await mentions.shown(conn, self._source.name, since, MOST)
        gone = [event for event in await self._source.recheck(shown) if isinstance(event, Removal)] if shown else []
        for event in gone:
            self._intake.take(self._source.name, self._source.platform, event)
        await self._intake.flush()
        log.info("posts asked for again", source=self._source.name, asked=len(shown), gone=len(gone))
        return len(gone)
