"""Keeps the metrics that nobody reports by itself: posts read, starts of parts, and how late the event loop runs."""

import asyncio
from collections.abc import Mapping

from backchannel.supervisor import PartHealth
from backchannel.web.metrics import Metrics
from ledger.clock import Clock
from listener.intake import Tally

EVERY = 1.0


class Gauging:
    """Looks every second; a look is a few dictionary reads."""

    def __init__(
        self, metrics: Metrics, tallies: Mapping[str, Tally], health: Mapping[str, PartHealth], clock: Clock
    ) -> None:
        self._metrics = metrics
        self._tallies = tallies
        self._health = health
        self._clock = clock
        self._read: dict[str, int] = {}
        self._starts: dict[str, int] = {}

    async def run(self) -> None:
        """Look for ever."""
        while True:
            before = self._clock.monotonic()
            await asyncio.sleep(EVERY)
            self._metrics.loop_lag.observe(max(0.0, self._clock.monotonic() - before - EVERY))
            self.look()

    def look(self) -> None:
        """Count what has come since the last look."""
        for source, tally in self._tallies.items():
            self._metrics.posts_read.labels(source).inc(tally.read - self._read.get(source, 0))
            self._read[source] = tally.read
        for name, part in self._health.items():
            self._metrics.part_starts.labels(name).inc(max(0, part.starts - self._starts.get(name, 0)))
            self._starts[name] = part.starts
