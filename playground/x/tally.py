"""Counts that can be waited for."""

import asyncio
from collections import Counter


class Tally:
    """Counts things by name, and wakes whoever waits until a count is reached."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._waiting: list[tuple[str, int, asyncio.Future[None]]] = []

    def __getitem__(self, key: str) -> int:
        return self._counts[key]

    def add(self, key: str) -> None:
        """Count one more of the key."""
        self._counts[key] += 1
        for wanted, least, future in self._waiting:
            if wanted == key and self._counts[key] >= least and not future.done():
                future.set_result(None)

    async def reach(self, key: str, least: int) -> None:
        """Wait until the key was counted at least so often."""
        if self._counts[key] >= least:
            return
        entry = (key, least, asyncio.get_running_loop().create_future())
        self._waiting.append(entry)
        try:
            await entry[2]
        finally:
            self._waiting.remove(entry)
