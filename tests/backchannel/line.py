"""A ledger with cases, a matcher that does as told, and the pipelines between them."""

from typing import Any

from sqlalchemy import Row

from backchannel.pipeline import Pipeline
from ledger import alerts, mentions, quarantine
from ledger.database import Database
from matcher.mention import LinkPolicy
from tests.backchannel.fake_matcher import FakeMatcher
from tests.notifier.desk import Desk, TurnedClock


class Line:
    """A ledger with cases, a matcher that does as told, and any number of pipelines."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.clock = TurnedClock()
        self.desk = Desk(db)
        self.matcher = FakeMatcher()
        self.owed = 0
        self.settled: list[str] = []
        self.policy: LinkPolicy = "auto"
        self.pipeline = self.another("host/1")

    def another(self, worker: str) -> Pipeline:
        """Give a further pipeline on the same ledger."""
        return Pipeline(
            self.db,
            lambda: self.matcher.assessor(),  # noqa: PLW0108  the matcher may be replaced, as by a reload
            lambda: self.desk.dispatcher,
            lambda _: self.policy,
            self.clock,
            worker=worker,
            on_owed=self._note_owed,
            on_settled=lambda outcome, _: self.settled.append(outcome),
        )

    def _note_owed(self) -> None:
        self.owed += 1

    async def posts(self, *texts: str) -> list[Row[Any]]:
        """Record posts that hit a rule."""
        return [await self.desk.post(text=text) for text in texts]

    async def states(self) -> dict[str, int]:
        """Count mentions by state and outcome."""
        async with self.db.read() as conn:
            return await mentions.counts(conn)

    async def told(self) -> list[Row[Any]]:
        """Give all alerts."""
        async with self.db.read() as conn:
            return list(await alerts.newest(conn, 1_000))

    async def reasons(self) -> list[str]:
        """Give why mentions were quarantined."""
        async with self.db.read() as conn:
            return [row.reason for row in await quarantine.newest(conn, 1_000)]

    async def row(self, mention: Row[Any]) -> Row[Any]:
        """Give a mention as it now stands."""
        async with self.db.read() as conn:
            found = await mentions.get(conn, mention.id)
        assert found is not None
        return found

    async def remove(self, mention: Row[Any]) -> None:
        """Delete a post on its platform."""
        async with self.db.write("test") as conn:
            await mentions.mark_removed(conn, mention.source, [mention.native_id], self.clock.now())
