"""Parts are started again when they break, rest longer each time, and stop when they are told to."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from backchannel.supervisor import Supervisor
from tests.notifier.desk import NOON, TurnedClock


class Part:
    """A part with verbs: it runs until it is told to break, to end or to stop."""

    def __init__(self) -> None:
        self.starts = 0
        self.stopped = 0
        self.running = asyncio.Event()
        self._fault: Exception | None = None
        self._go_on = asyncio.Event()
        self.breaks_while_stopping = False
        self.clings = False

    async def run(self) -> None:
        """Run until told otherwise."""
        self.starts += 1
        self.running.set()
        try:
            await self._go_on.wait()
            self._go_on.clear()
            if self._fault is not None:
                raise self._fault
        finally:
            if self._fault is None:
                await self._stop()

    async def _stop(self) -> None:
        self.stopped += 1
        if self.clings:
            await asyncio.Event().wait()
        if self.breaks_while_stopping:
            raise RuntimeError("the disk is full")

    async def breaks(self, fault: Exception | None = None) -> None:
        """Break now, and wait until it runs again."""
        await self.running.wait()
        self._fault = fault or ValueError("a text that quotes a post")
        self.running.clear()
        self._go_on.set()

    async def ends(self) -> None:
        """End by itself."""
        await self.running.wait()
        self.running.clear()
        self._go_on.set()


class Watch:
    """A supervisor whose rests pass at once and are noted."""

    def __init__(self) -> None:
        self.clock = TurnedClock()
        self.rests: list[float] = []
        self.seen: list[str | None] = []
        self.supervisor = Supervisor(self.clock, rest=self._rest, let_go_within=0.05)

    async def _rest(self, seconds: float) -> None:
        self.rests.append(seconds)
        self.seen += [health.broken for health in self.supervisor.health.values()]
        await asyncio.sleep(0)


@pytest.fixture
async def watch() -> AsyncIterator[Watch]:
    """A supervisor that is stopped at the end."""
    made = Watch()
    yield made
    await made.supervisor.stop_all()


async def test_a_part_that_breaks_is_started_again_and_says_why_meanwhile(watch: Watch) -> None:
    part = Part()
    watch.supervisor.start("crm", part.run)
    async with asyncio.timeout(10):
        await part.breaks()
        await part.running.wait()
    health = watch.supervisor.health["crm"]
    assert (part.starts, health.starts, health.broken, health.broken_at) == (2, 2, None, NOON)
    assert watch.seen == ["ValueError"]


async def test_a_part_that_ends_by_itself_is_started_again(watch: Watch) -> None:
    part = Part()
    watch.supervisor.start("crm", part.run)
    async with asyncio.timeout(10):
        await part.ends()
        await part.running.wait()
    assert (part.starts, watch.seen) == (2, ["it ended by itself"])


async def test_the_rests_grow_to_half_a_minute_and_a_steady_minute_forgives_all(watch: Watch) -> None:
    part = Part()
    watch.supervisor.start("crm", part.run)
    async with asyncio.timeout(10):
        for _ in range(8):
            await part.breaks()
            await part.running.wait()
        watch.clock.turn(seconds=61)
        await part.breaks()
        await part.running.wait()
    for rest, longest in zip(watch.rests, [1, 2, 4, 8, 16, 30, 30, 30, 0.5], strict=True):
        assert longest / 2 <= rest <= longest


async def test_the_text_of_an_error_is_never_told(watch: Watch, capsys: pytest.CaptureFixture[str]) -> None:
    part = Part()
    watch.supervisor.start("crm", part.run)
    async with asyncio.timeout(10):
        await part.breaks(ValueError("secret-canary"))
        await part.running.wait()
    said = capsys.readouterr()
    assert "secret-canary" not in said.out + said.err + str(watch.seen)
    assert "test_supervisor_of_parts.py" in said.out + said.err


async def test_one_part_that_breaks_disturbs_no_other(watch: Watch) -> None:
    steady, shaky = Part(), Part()
    watch.supervisor.start("clock", steady.run)
    watch.supervisor.start("crm", shaky.run)
    async with asyncio.timeout(10):
        for _ in range(3):
            await shaky.breaks()
            await shaky.running.wait()
    assert (steady.starts, shaky.starts) == (1, 4)


async def test_stopping_lets_parts_finish_and_forgets_their_health(watch: Watch) -> None:
    one, other = Part(), Part()
    watch.supervisor.start("one", one.run)
    watch.supervisor.start("other", other.run)
    await one.running.wait()
    await other.running.wait()
    await watch.supervisor.stop("one")
    assert (one.stopped, other.stopped, watch.supervisor.names(), [*watch.supervisor.health]) == (
        1,
        0,
        ("other",),
        ["other"],
    )
    await watch.supervisor.stop()
    assert other.stopped == 0
    await watch.supervisor.stop_all()
    assert (other.stopped, watch.supervisor.names()) == (1, ())


async def test_a_part_that_breaks_while_it_stops_is_not_started_again(watch: Watch) -> None:
    part = Part()
    part.breaks_while_stopping = True
    watch.supervisor.start("source x", part.run)
    await part.running.wait()
    await watch.supervisor.stop("source x")
    await asyncio.sleep(0)
    assert (part.starts, watch.rests, watch.supervisor.health) == (1, [], {})
    watch.supervisor.start("source x", Part().run)


async def test_a_part_that_does_not_let_go_cannot_hold_up_the_stop(
    watch: Watch, capsys: pytest.CaptureFixture[str]
) -> None:
    part = Part()
    part.clings = True
    watch.supervisor.start("source x", part.run)
    await part.running.wait()
    task = next(task for task in asyncio.all_tasks() if task.get_name() == "source x")
    async with asyncio.timeout(10):
        await watch.supervisor.stop("source x")
    assert "does not let go" in capsys.readouterr().out
    task.cancel()
    await asyncio.wait({task})


async def test_a_part_cannot_be_started_twice(watch: Watch) -> None:
    watch.supervisor.start("crm", Part().run)
    with pytest.raises(ValueError, match="runs already"):
        watch.supervisor.start("crm", Part().run)


async def test_a_stopped_part_may_be_started_anew(watch: Watch) -> None:
    part = Part()
    watch.supervisor.start("source x", part.run)
    await part.running.wait()
    await watch.supervisor.stop("source x", "a part that never was")
    part.running.clear()
    watch.supervisor.start("source x", part.run)
    async with asyncio.timeout(10):
        await part.running.wait()
    assert watch.supervisor.health["source x"].starts == 1
