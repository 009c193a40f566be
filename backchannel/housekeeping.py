"""Takes away, once a day, what linking no longer looks at."""

from collections.abc import Callable
from datetime import timedelta

import structlog

from ledger import cases
from ledger.clock import Clock
from ledger.database import Database
from matcher.config import LinkingConfig

log = structlog.get_logger(__name__)

EVERY = 86_400.0  # seconds
HEARD_LATE = timedelta(days=30)
_AT_ONCE = 500


class Housekeeping:
    """Drops the link keys of cases that were resolved so long ago that they compete for no post any more."""

    def __init__(self, db: Database, linking: Callable[[], LinkingConfig], clock: Clock) -> None:
        self._db = db
        self._linking = linking
        self._clock = clock

    async def tidy(self) -> int:
        """Drop what is stale, some cases in each transaction, and give how many cases it were."""
        before = self._clock.now() - self._linking().resolved_for - HEARD_LATE
        total = 0
        while True:
            async with self._db.read() as conn:
                found = await cases.stale(conn, before, _AT_ONCE)
            if not found:
                log.info("stale link keys dropped", cases=total)
                return total
            async with self._db.write("stale keys") as conn:
                await cases.drop_stale_keys(conn, found, before)
            total += len(found)
