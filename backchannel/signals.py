"""How the process is told to stop."""

import asyncio
import signal
from typing import Any


class on_signals:  # noqa: N801  it reads as a phrase
    """SIGTERM and SIGINT set an event; a second one ends the process at once."""

    def __init__(self, stop: asyncio.Event) -> None:
        self._stop = stop

    def __enter__(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self._told)

    def __exit__(self, *_: Any) -> None:
        self._restore()

    def _told(self) -> None:
        self._stop.set()
        self._restore()

    def _restore(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().remove_signal_handler(number)
