"""Follows the CRM: mirrors changed cases with their link keys, and closes the alerts of cases that are over."""

import asyncio
from collections.abc import Callable, Sequence

import structlog

from crm.source import CaseChange, CrmSource
from crm.standing import unresolved
from ledger import cases, cursors, links
from ledger.clock import Clock
from ledger.database import Database
from matcher.index import indexer, neighbours
from notifier.dispatch import Dispatcher

log = structlog.get_logger(__name__)

BATCH = 500
PATIENCE = 30.0
CURSOR = "crm"


class Follower:
    """Keeps the mirror of the CRM's cases as new as the CRM."""

    def __init__(
        self,
        db: Database,
        crm: CrmSource,
        dispatcher: Callable[[], Dispatcher],
        clock: Clock,
        *,
        poll_every: float,
        on_owed: Callable[[], None],
    ) -> None:
        self._db = db
        self._crm = crm
        self._dispatcher = dispatcher
        self._clock = clock
        self._poll_every = poll_every
        self._on_owed = on_owed
        self._indexer = indexer()
        self.caught_up = asyncio.Event()

    async def run(self) -> None:
        """Follow for ever, polling at the configured pace."""
        while True:
            await self.catch_up()
            await asyncio.sleep(self._poll_every)

    async def ready(self, patience: float = PATIENCE) -> None:
        """Wait for the first look at the CRM: a post that is assessed before it would find no case.

        Where cases are mirrored from before, it waits for no longer than ``patience`` seconds: they are better than
        silence while the CRM is away.
        """
        async with self._db.read() as conn:
            known = await cursors.get(conn, CURSOR) is not None
        try:
            async with asyncio.timeout(patience if known else None):
                await self.caught_up.wait()
        except TimeoutError:
            log.warning("crm silent, the cases mirrored before are used")

    async def catch_up(self) -> int:
        """Mirror everything that has changed since the cursor and give how many cases that were."""
        async with self._db.read() as conn:
            cursor = await cursors.get(conn, CURSOR)
        batch: list[CaseChange] = []
        seen = 0
        async for change in self._crm.changes(cursor):
            batch.append(change)
            if len(batch) >= BATCH:
                seen += await self._take_in(batch)
                batch = []
        seen += await self._take_in(batch)
        self.caught_up.set()
        return seen

    async def _take_in(self, batch: Sequence[CaseChange]) -> int:
        """One transaction: the cases, their keys, the alerts that this ends, and the cursor."""
        if not batch:
            return 0
        now = self._clock.now()
        newest = {change.case_id: change for change in batch}
        present = [change.case for change in newest.values() if change.case is not None]
        async with self._db.read() as conn:
            beside = await neighbours(conn, self._indexer, present, now)
        prepared = await asyncio.to_thread(self._indexer.prepare, present, now, beside)
        async with self._db.write("follow") as conn:
            await cases.mirror(conn, prepared.rows, prepared.keys)
            await cases.forget(conn, [change.case_id for change in newest.values() if change.case is None])
            over = [c.case_id for c in newest.values() if c.case is None or not unresolved(c.case, now)]
            ended = await links.cases_at_stake(conn, over)
            for case_id in ended:
                await self._dispatcher().case_over(conn, case_id, now)
            held = await links.cases_at_stake(conn, sorted(newest.keys() - set(over)))
            moved = [case_id for case_id in held if await self._dispatcher().case_moved(conn, case_id, now)]
            await cursors.move(conn, {CURSOR: batch[-1].cursor}, now)
        if ended or moved:
            self._on_owed()
        log.info("cases mirrored", cases=len(newest), over=len(over), ended=len(ended))
        return len(newest)
