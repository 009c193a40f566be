"""Takes posts that their platform has removed out of every alert."""

import asyncio
from collections.abc import Callable

import structlog

from ledger import mentions
from ledger.clock import Clock
from ledger.database import Database
from notifier.dispatch import Dispatcher

log = structlog.get_logger(__name__)

LOOK_EVERY = 5.0
BATCH = 100


class Removals:
    """Looks for settled mentions whose post has gone since, and has their alerts say so."""

    def __init__(
        self, db: Database, dispatcher: Callable[[], Dispatcher], clock: Clock, *, on_owed: Callable[[], None]
    ) -> None:
        self._db = db
        self._dispatcher = dispatcher
        self._clock = clock
        self._on_owed = on_owed

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_EVERY)

    async def look(self) -> int:
        """Deal with every removal that is not said yet and give how many there were."""
        async with self._db.read() as conn:
            waiting = await mentions.removed_unsaid(conn, BATCH)
        for mention_id in waiting:
            async with self._db.write("removal") as conn:
                if await mentions.say_removed(conn, mention_id):
                    await self._dispatcher().mention_removed(conn, mention_id, self._clock.now())
            log.info("post removed", mention=mention_id)
        if waiting:
            self._on_owed()
        return len(waiting)
