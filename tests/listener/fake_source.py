"""A source that does as it is told, and a clock that is turned by hand."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

from listener.post import Alive, Author, Event, Gap, Post, Reach, Removal, Unreadable
from listener.source import SourceError

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


class TurnedClock:
    """Stands still until it is turned."""

    def __init__(self) -> None:
        self._passed = timedelta()

    def turn(self, seconds: float) -> None:
        """Let time pass."""
        self._passed += timedelta(seconds=seconds)

    def now(self) -> datetime:
        """Give the wall-clock time."""
        return START + self._passed

    def monotonic(self) -> float:
        """Give the seconds since the start."""
        return self._passed.total_seconds()


class FakeSource:
    """Keeps everything it was told in order; the cursor is how many events lie before, so that it can be resumed."""

    def __init__(self, name: str = "x-main", platform: str = "x") -> None:
        self.name = name
        self.platform = platform
        self.resumed_from: list[str | None] = []
        self.closed = False
        self._events: list[Event | SourceError | None] = []
        self._spent: set[int] = set()
        self._told = asyncio.Event()

    def post(self, native_id: str, text: str, *, handle: str = "wife", edit_of: tuple[str, ...] = ()) -> None:
        """Publish a post; one whose id was published before arrives again, and one with a small id arrives late."""
        posted_at = START - timedelta(minutes=5)
        cursor = self._cursor()
        self._tell(Post(native_id, Author(handle), text, posted_at, cursor=cursor, edit_of=edit_of))

    def repost(self, native_id: str, of: str, text: str, *, likes: int = 0, reposts: int = 1) -> None:
        """Publish a pure repost, with the reach of what it repeats."""
        reach = Reach(likes=likes, reposts=reposts)
        self._tell(Post(native_id, Author("fan"), text, START, cursor=self._cursor(), repost_of=of, reach=reach))

    def delete(self, native_id: str) -> None:
        """Say that a post is gone."""
        self._tell(Removal(native_id, cursor=self._cursor()))

    def poison(self, raw: bytes, reason: str = "no JSON") -> None:
        """Give something that is no post."""
        self._tell(Unreadable(reason, raw, cursor=self._cursor()))

    def miss(self, reason: str) -> None:
        """Say that a stretch could not be read."""
        self._tell(Gap(reason, since=START - timedelta(hours=1), until=START, cursor=self._cursor()))

    def stay_quiet(self) -> None:
        """Give a sign of life."""
        self._tell(Alive(cursor=self._cursor()))

    def crash(self, message: str = "broken", *, permanent: bool = False, retry_after: float | None = None) -> None:
        """Break once, when all that was told before has been given."""
        self._tell(SourceError(message, permanent=permanent, retry_after=retry_after))

    def end(self) -> None:
        """End without any error, once."""
        self._tell(None)

    async def listen(self, cursor: str | None) -> AsyncIterator[Event]:
        """Give all events after the cursor, then those to come."""
        self.resumed_from.append(cursor)
        place = int(cursor or 0)
        while True:
            while place < len(self._events):
                event = self._events[place]
                place += 1
                if isinstance(event, SourceError | None):
                    if self._breaks(place, event):
                        return
                else:
                    yield event
            self._told.clear()
            await self._told.wait()

    async def close(self) -> None:
        """Let go."""
        self.closed = True

    def _breaks(self, place: int, fault: SourceError | None) -> bool:
        if place in self._spent:
            return False
        self._spent.add(place)
        if fault is not None:
            raise fault
        return True

    def _cursor(self) -> str:
        return str(len(self._events) + 1)

    def _tell(self, event: Event | SourceError | None) -> None:
        self._events.append(event)
        self._told.set()
