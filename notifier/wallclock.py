"""A wall clock that does not believe a jump at once, so that a clock set wrongly fires nothing early."""

from datetime import datetime, timedelta

import structlog

from ledger.clock import Clock

log = structlog.get_logger(__name__)

TOLERANCE = timedelta(seconds=30)
HOLD = timedelta(minutes=2)


class WallClock:
    """Gives the wall-clock time, checked against the monotonic clock at every look.

    Where the two disagree by more than ``TOLERANCE``, the old reckoning holds for ``HOLD``: a clock that is set wrong
    and put right again fires nothing early and delays nothing. A jump that lasts is the new time (a machine that slept
    looks like that, too), and what has become due by then is done. Steps are never lost: their times lie in the ledger.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._wall, self._monotonic = clock.now(), clock.monotonic()
        self._suspected: tuple[timedelta, float] | None = None

    @property
    def jumped(self) -> timedelta | None:
        """By how much the clock jumped, as long as the jump is not believed; None in ordinary times."""
        return self._suspected[0] if self._suspected else None

    def monotonic(self) -> float:
        """Give seconds that only ever grow."""
        return self._clock.monotonic()

    def now(self) -> datetime:
        """Give the time, in UTC."""
        wall, monotonic = self._clock.now(), self._clock.monotonic()
        reckoned = self._wall + timedelta(seconds=monotonic - self._monotonic)
        if abs(wall - reckoned) <= TOLERANCE or self._lasts(wall - reckoned, monotonic):
            self._wall, self._monotonic, self._suspected = wall, monotonic, None
            return wall
        return reckoned

    def _lasts(self, jump: timedelta, monotonic: float) -> bool:
        if self._suspected is None or abs(self._suspected[0] - jump) > TOLERANCE:
            log.warning("wall clock jumped", seconds=round(jump.total_seconds()), held=HOLD.total_seconds())
            self._suspected = (jump, monotonic)
            return False
        return monotonic - self._suspected[1] >= HOLD.total_seconds()
