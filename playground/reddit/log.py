"""What the loopback was asked, and a way to wait for it."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Asked:
    """One request: ``place`` is ``token``, ``comments``, ``new``, ``search``, ``info`` or ``about``.

    ``query`` holds the parameters asked for; for a token, the ``grant_type`` of its form.
    """

    place: str
    path: str
    query: Mapping[str, str]
    at: float = field(default_factory=time.monotonic)


class RequestLog:
    """Every request in the order of arrival."""

    def __init__(self) -> None:
        self.requests: list[Asked] = []
        self._changed = asyncio.Condition()

    async def add(self, asked: Asked) -> None:
        async with self._changed:
            self.requests.append(asked)
            self._changed.notify_all()

    def count(self, place: str | None = None) -> int:
        """Give how often the place was asked, or how many requests there were in all."""
        return sum(1 for asked in self.requests if place in (None, asked.place))

    async def seen(self, count: int, place: str | None = None) -> None:
        """Wait until the place was asked so often since the start."""
        async with self._changed:
            await self._changed.wait_for(lambda: self.count(place) >= count)
