"""Keeps the parts of the service running: one task each, restarted when it breaks, stopped together."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import datetime

import msgspec
import structlog

from ledger.clock import Clock

log = structlog.get_logger(__name__)

Run = Callable[[], Awaitable[None]]
_FIRST_PAUSE, _LONGEST_PAUSE, _STEADY = 0.5, 30.0, 60.0
LET_GO_WITHIN = 12.0  # seconds: a delivery finishes what it sends, for ten at most


class PartHealth(msgspec.Struct):
    """How one part is doing; ``broken`` holds the reason while it waits to be started again."""

    name: str
    starts: int = 0
    broken: str | None = None
    broken_at: datetime | None = None


class Supervisor:
    """Runs named parts until it is told to stop; the only place that catches whatever breaks."""

    def __init__(
        self,
        clock: Clock,
        *,
        rest: Callable[[float], Awaitable[None]] = asyncio.sleep,
        let_go_within: float = LET_GO_WITHIN,
    ) -> None:
        self._clock = clock
        self._rest = rest
        self._let_go_within = let_go_within
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self.health: dict[str, PartHealth] = {}

    def start(self, name: str, run: Run) -> None:
        """Start a part and keep it running; a part of that name must have been stopped before."""
        if name in self._tasks:
            raise ValueError(f"the part {name} runs already")
        health = self.health[name] = PartHealth(name)
        self._tasks[name] = asyncio.create_task(self._keep(health, run), name=name)

    async def stop_all(self) -> None:
        """Stop every part and wait until they have let go."""
        await self.stop(*self._tasks)

    async def stop(self, *names: str) -> None:
        """Stop the named parts that run, and wait until they have let go, or for as long as they may take."""
        chosen = {name: self._tasks.pop(name) for name in names if name in self._tasks}
        for name, task in chosen.items():
            task.cancel()
            self.health.pop(name, None)
        if not chosen:
            return
        _, late = await asyncio.wait(chosen.values(), timeout=self._let_go_within)
        for task in late:
            log.error("part does not let go", part=task.get_name())

    def names(self) -> tuple[str, ...]:
        """Name the parts that are meant to run."""
        return tuple(self._tasks)

    async def _keep(self, health: PartHealth, run: Run) -> None:
        """Run a part again and again, as long as it is meant to run: one that breaks while it stops has stopped."""
        pause = _FIRST_PAUSE
        while True:
            started = self._clock.monotonic()
            health.starts += 1
            await self._attempt(health, run)
            if self._tasks.get(health.name) is not asyncio.current_task():
                return
            pause = _FIRST_PAUSE if self._clock.monotonic() - started > _STEADY else min(2 * pause, _LONGEST_PAUSE)
            await self._rest(random.uniform(pause / 2, pause))
            health.broken = None

    async def _attempt(self, health: PartHealth, run: Run) -> None:
        try:
            await run()
            reason = "it ended by itself"
        except Exception as error:  # the one place that must outlive whatever a part does
            reason = type(error).__name__
            log.error("part broke", part=health.name, error=reason, where=_where(error))
        health.broken = reason
        health.broken_at = self._clock.now()


def _where(error: BaseException) -> str:
    """Give file and line of an error, and never its text, which may quote a post."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "" if trace is None else f"{trace.tb_frame.f_code.co_filename.rsplit('/', 2)[-1]}:{trace.tb_lineno}"
