"""What time it is: the one thing that every part asks for and no part assumes."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time; tests pass one that they turn by hand."""

    def now(self) -> datetime:
        """Give the wall-clock time, in UTC."""
        ...

    def monotonic(self) -> float:
        """Give seconds that only ever grow, whatever happens to the wall clock."""
        ...


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> datetime:
        """Give the wall-clock time, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Give seconds that only ever grow."""
        return time.monotonic()
