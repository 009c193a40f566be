"""Listening goes on whatever a source does, resumes where it was committed, and says how it is."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from ledger import cursors
from ledger.database import Database
from ledger.tables import mentions as mention_table
from listener.config import RuleConfig
from listener.intake import Intake
from listener.rules import Rulebook
from listener.stream import Stream
from tests.listener.fake_source import FakeSource, TurnedClock


class Ear:
    """A stream on a fake source and a real ledger."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.clock = TurnedClock()
        self.source = FakeSource()
        self.pauses: list[float] = []
        rulebook = Rulebook([RuleConfig(name="cans", brand="b", any=("larkmoor",))])
        self.intake = Intake(db, lambda: rulebook, self.clock, on_mention=lambda: None)
        self.stream = Stream(self.source, self.intake, db, self.clock, stall_after=60, pause=self._pause)
        self._task: asyncio.Task[None] | None = None

    def _pause(self, longest: float) -> float:
        self.pauses.append(longest)
        return 0.0

    def start(self) -> None:
        """Begin to listen."""
        self._task = asyncio.create_task(self.stream.run())

    async def stop(self) -> None:
        """Cancel, as the service does when it stops."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait for something to be so."""
        async with asyncio.timeout(20):
            while not holds():  # noqa: ASYNC110  the status is a plain value, with no event to wait for
                await asyncio.sleep(0.001)

    async def read(self, number: int) -> None:
        """Wait until so many posts were read."""
        await self.until(lambda: "x-main" in self.intake.tallies and self.intake.tallies["x-main"].read >= number)

    async def kept(self) -> list[str]:
        """Give the native ids of all mentions."""
        async with self.db.read() as conn:
            return list((await conn.execute(select(mention_table.c.native_id).order_by(mention_table.c.id))).scalars())


@pytest.fixture
async def ear(database: Database) -> AsyncIterator[Ear]:
    """A stream that is stopped at the end."""
    made = Ear(database)
    yield made
    await made.stop()


async def test_after_a_crash_it_resumes_at_the_cursor_and_keeps_every_post_once(ear: Ear) -> None:
    ear.source.post("1", "larkmoor")
    ear.source.post("2", "weather")
    ear.source.crash()
    ear.source.post("3", "larkmoor")
    ear.source.post("1", "larkmoor")
    ear.source.end()
    ear.source.post("4", "larkmoor")
    ear.start()
    await ear.read(5)
    await ear.stop()
    assert await ear.kept() == ["1", "3", "4"]
    assert ear.source.resumed_from == [None, "2", "5"]


async def test_each_failure_in_a_row_doubles_the_pause_and_an_event_forgives_all(ear: Ear) -> None:
    for _ in range(9):
        ear.source.crash()
    ear.source.stay_quiet()
    ear.source.crash()
    ear.start()
    await ear.until(lambda: len(ear.pauses) == 10)
    assert ear.pauses == [2, 4, 8, 16, 32, 64, 120, 120, 120, 2]


async def test_it_waits_as_long_as_the_source_asks(ear: Ear) -> None:
    ear.source.crash("slow down", retry_after=300)
    ear.start()
    await ear.until(lambda: ear.stream.status.state == "waiting")
    assert ear.stream.status.retry_at == ear.clock.now() + timedelta(seconds=300)
    assert ear.stream.status.last_error == "slow down"


async def test_what_only_a_person_can_mend_is_shown_as_failed_and_tried_again_rarely(ear: Ear) -> None:
    ear.source.crash("the token was refused", permanent=True)
    ear.start()
    await ear.until(lambda: ear.stream.status.state == "failed")
    assert ear.stream.status.last_error == "the token was refused"
    assert ear.stream.status.retry_at == ear.clock.now() + timedelta(minutes=15)
    assert ear.pauses == []


async def test_silence_is_noticed_and_a_sign_of_life_ends_it(ear: Ear) -> None:
    ear.source.post("1", "weather")
    ear.start()
    await ear.read(1)
    ear.clock.turn(59)
    assert not ear.stream.status.stalled(ear.clock.now())
    ear.clock.turn(2)
    assert ear.stream.status.stalled(ear.clock.now())
    ear.source.stay_quiet()
    await ear.until(lambda: not ear.stream.status.stalled(ear.clock.now()))


async def test_a_source_that_never_says_anything_is_noticed_too(ear: Ear) -> None:
    ear.start()
    await ear.until(lambda: ear.stream.status.state == "listening" and ear.source.resumed_from == [None])
    ear.clock.turn(61)
    assert ear.stream.status.stalled(ear.clock.now())


async def test_stopping_commits_what_was_heard_and_closes_the_source(ear: Ear) -> None:
    ear.source.post("1", "larkmoor")
    ear.source.post("2", "weather")
    ear.start()
    await ear.read(2)
    await ear.stop()
    assert ear.source.closed
    assert await ear.kept() == ["1"]
    async with ear.db.read() as conn:
        assert await cursors.get(conn, "x-main") == "2"


async def test_poison_and_removals_do_not_stop_the_listening(ear: Ear) -> None:
    ear.source.post("1", "larkmoor")
    ear.source.poison(b"\xff{")
    ear.source.delete("1")
    ear.source.miss("away for an hour")
    ear.source.repost("9", "1", "RT larkmoor")
    ear.source.post("2", "larkmoor", edit_of=("1",))
    ear.start()
    await ear.read(3)
    await ear.stop()
    assert await ear.kept() == ["1", "2"]
    tally = ear.intake.tallies["x-main"]
    assert (tally.unreadable, tally.removed, tally.gaps, ear.stream.status.starts) == (1, 1, 1, 1)
