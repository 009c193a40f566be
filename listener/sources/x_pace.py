"""When the stream may connect again."""

import asyncio
from collections import deque
from collections.abc import Awaitable
from datetime import UTC, datetime
from typing import Literal, Protocol

import msgspec

from listener.source import SourceError
from listener.sources.x_refusal import Refusal

CONNECTS = 50
"""Connects that X allows in 15 minutes."""
_WINDOW_S = 900.0
_RESERVE = 2
_SETTLED_S = 60.0
"""A connection that lived so long counts as healthy."""
_ATTEMPTS = 6
_SLOT_S = 60.0
"""X frees the slot of a lost connection late."""
TOO_MANY = "TooManyConnections"
NO_RULES = "RuleConfigurationIssue"


class Clock(Protocol):
    """What time it is, and how to let it pass."""

    def now(self) -> datetime:
        """The time in UTC."""
        ...

    def sleep(self, seconds: float) -> Awaitable[None]:
        """Wait."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The time in UTC."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


class Ended(msgspec.Struct, frozen=True):
    """How a connection ended. ``refusal`` is what X answered instead of opening it."""

    how: Literal["closed", "told", "stalled", "broken", "refused"]
    refusal: Refusal | None = None


class Pace:
    """Keeps connects within X's limits, and gives up after six in a row that never opened a stream.

    X closes healthy streams at will, and tweepy would connect again at once, hundreds of times a second.
    """

    def __init__(self) -> None:
        self._connects: deque[float] = deque(maxlen=CONNECTS)
        self._opened_at: float | None = None
        self._failures = 0
        self._short = 0
        self._not_before = 0.0

    def wait(self, now: float) -> float:
        """Seconds to wait before the next connect, at the Unix time ``now``."""
        allowed = CONNECTS - _RESERVE
        if len(self._connects) < allowed:
            return max(0.0, self._not_before - now)
        return max(0.0, self._not_before - now, self._connects[-allowed] + _WINDOW_S - now)

    def connecting(self, now: float) -> None:
        """A connect is sent."""
        self._connects.append(now)
        self._opened_at = None

    def opened(self, now: float) -> None:
        """X answered 200."""
        self._opened_at = now
        self._failures = 0

    def ended(self, ended: Ended, now: float) -> None:
        """A connection is over. Raises SourceError when another one is useless, or was tried too often."""
        if ended.refusal is not None and ended.refusal.permanent:
            raise ended.refusal.error("the stream request")
        delay = self._delay(ended, now)
        self._not_before = now + delay
        if self._failures >= _ATTEMPTS:
            self._failures = 0
            raise _given_up(ended, delay)

    def _delay(self, ended: Ended, now: float) -> float:
        if ended.refusal is not None and ended.refusal.issue == TOO_MANY:
            self._failures += 1
            return min(_WINDOW_S, _SLOT_S * 2.0 ** (self._failures - 1))
        if self._opened_at is not None:
            self._short = 0 if now - self._opened_at >= _SETTLED_S else self._short + 1
            return min(20.0, 0.25 * 2.0 ** min(self._short, 10)) if self._short else 0.25
        self._failures += 1
        if ended.refusal is None:
            return min(16.0, 0.25 * 2.0**self._failures)
        if ended.refusal.status in {402, 420, 429}:
            return self._limited(ended.refusal, now)
        return min(320.0, 5.0 * 2.0 ** (self._failures - 1))

    def _limited(self, refusal: Refusal, now: float) -> float:
        if refusal.reset is None:
            return min(_WINDOW_S, _SLOT_S * 2.0 ** (self._failures - 1))
        return max(1.0, refusal.reset - now + 1.0)


def _given_up(ended: Ended, delay: float) -> SourceError:
    if ended.refusal is None:
        text = f"X's stream could not be reached {_ATTEMPTS} times in a row: check the network and base_url"
        return SourceError(text, retry_after=delay)
    if ended.refusal.issue == TOO_MANY:
        text = (
            "X says that the app already holds its one stream connection: stop the other process that uses this "
            "bearer_token, or set take_over: true to end what it holds"
        )
        return SourceError(text, retry_after=delay)
    return ended.refusal.error("the stream request", retry_after=delay)
