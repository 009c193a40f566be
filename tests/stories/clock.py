"""A clock that is turned by hand: time passes when a story says so, and the wall clock can be set wrong."""

from datetime import UTC, datetime, timedelta

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class FakeClock:
    """Minutes are counted from noon; ``jump`` sets the wall clock while no time passes."""

    def __init__(self) -> None:
        self._passed = timedelta()
        self._off = timedelta()

    def at(self, *, minute: float) -> None:
        """Let time pass until that minute; it never passes backwards."""
        self._passed = max(self._passed, timedelta(minutes=minute))

    def turn(self, **length: float) -> None:
        """Let time pass."""
        self._passed += timedelta(**length)

    def jump(self, **length: float) -> None:
        """Set the wall clock wrong, or right again."""
        self._off += timedelta(**length)

    def now(self) -> datetime:
        """Give what the wall clock shows."""
        return NOON + self._passed + self._off

    def monotonic(self) -> float:
        """Give the seconds that really passed."""
        return self._passed.total_seconds()
