"""One connection to X's filtered stream, read by tweepy."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
from aiohttp.http_exceptions import LineTooLong
from tweepy.asynchronous import AsyncStreamingClient
from tweepy.asynchronous.streaming import AsyncBaseStream

from listener.post import Alive, Post, Unreadable
from listener.sources.x_api import EXPANSIONS, POST_FIELDS, USER_FIELDS
from listener.sources.x_pace import Ended
from listener.sources.x_payload import Notice, read_line
from listener.sources.x_refusal import Refusal, RefusedError, refuse

_CONNECT_S = 15.0
_LINE_BYTES = 1024 * 1024


class Opened:
    """X has opened the stream."""


Arrival = Opened | Post | Unreadable | Alive
"""What one connection gives."""


class XStream(AsyncStreamingClient):  # type: ignore[misc]  # tweepy ships no types
    """tweepy's stream, used for one connection each: what arrives goes to ``put``, how it ended is the answer.

    Left alone tweepy reconnects at once and for ever, retries a revoked token, ends for good at one bad line, and
    swallows a cancellation. So every end is raised here, which ends its loop; nothing is parsed by it; and it is never
    awaited directly. It gets a session of its own for each connection, because it closes it, would build one without a
    connect timeout, and with an option that newer Pythons warn about.
    """

    def __init__(
        self, bearer: str, *, base_url: str, stall_after: float, put: Callable[[Arrival], Awaitable[None]]
    ) -> None:
        super().__init__(bearer, max_retries=0)
        self._url = f"{base_url.rstrip('/')}/2/tweets/search/stream"
        self._stall_after = stall_after
        self._put = put
        self._ended: Ended | Exception = Ended("closed")

    async def once(self) -> Ended:
        """Connect, read to the end, and say how it ended. A cancellation stops at once."""
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_S, sock_read=self._stall_after)
        self.session = aiohttp.ClientSession(timeout=timeout, raise_for_status=refuse, read_bufsize=_LINE_BYTES)
        task = self.filter(expansions=EXPANSIONS, tweet_fields=POST_FIELDS, user_fields=USER_FIELDS)
        try:
            await asyncio.wait({task})
        finally:
            self.disconnect()
            await asyncio.wait({task})
        if isinstance(self._ended, Exception):
            raise self._ended
        return self._ended

    async def _connect(self, method: str, _endpoint: str, **options: Any) -> None:
        headers = {"Authorization": f"Bearer {self.bearer_token}"}
        await AsyncBaseStream._connect(self, method, self._url, headers=headers, **options)

    async def on_connect(self) -> None:
        """Tell that the stream is open: what was missed meanwhile has to be looked for."""
        await self._put(Opened())

    async def on_keep_alive(self) -> None:
        """Pass on a sign of life."""
        await self._put(Alive())

    async def on_data(self, raw_data: bytes) -> None:
        """Pass on a post, or what cannot be read; end when X says that it gives the connection up."""
        arrived = read_line(raw_data)
        if not isinstance(arrived, Notice):
            await self._put(arrived)
        elif arrived.ends:
            raise _StreamEndedError(Ended("told", Refusal(200, arrived.title, issue=arrived.issue)))

    async def on_closed(self, _resp: aiohttp.ClientResponse) -> None:
        """End: X has closed the answer cleanly."""
        raise _StreamEndedError(Ended("closed"))

    async def on_connection_error(self) -> None:
        """End: the connection broke, could not be made, or was silent for too long."""
        raise _StreamEndedError(Ended("stalled" if isinstance(sys.exception(), TimeoutError) else "broken"))

    async def on_exception(self, exception: Exception) -> None:
        """Keep how it ended; what is neither an end nor trouble with the connection is raised by ``once``."""
        if isinstance(exception, _StreamEndedError):
            self._ended = exception.ended
        elif isinstance(exception, RefusedError):
            self._ended = Ended("refused", exception.refusal)
        elif isinstance(exception, LineTooLong):
            await self._put(Unreadable(f"a line of more than {_LINE_BYTES} bytes", b""))
            self._ended = Ended("broken")
        elif isinstance(exception, aiohttp.ClientError | OSError):
            self._ended = Ended("broken")
        else:
            self._ended = exception


class _StreamEndedError(Exception):
    """Ends tweepy's loop."""

    def __init__(self, ended: Ended) -> None:
        super().__init__(ended.how)
        self.ended = ended
