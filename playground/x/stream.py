"""Open connections of the filtered stream: chunked JSON lines with ``\\r\\n`` keep-alives."""

import asyncio
import json
import uuid
from datetime import datetime
from typing import Literal

from aiohttp import web

from playground.x.posts import Post
from playground.x.wire import Asked, Json, includes, post_object, stamp

NEWLINE = b"\r\n"


class Connection:
    """One client's stream: what is sent to it, and how it ends."""

    def __init__(self, asked: Asked, opened_at: datetime, keep_alive_s: float) -> None:
        self.asked = asked
        self.opened_at = opened_at
        self.uuid = str(uuid.uuid4())
        self._keep_alive_s = keep_alive_s
        self._stalled = False
        self._orders: asyncio.Queue[bytes | Literal["close", "abort"]] = asyncio.Queue()

    def send(self, raw: bytes) -> None:
        """Send bytes as they are."""
        self._orders.put_nowait(raw)

    def close(self) -> None:
        """End the answer cleanly after all that was sent."""
        self._orders.put_nowait("close")

    def abort(self) -> None:
        """Reset the connection after all that was sent."""
        self._orders.put_nowait("abort")

    def stall(self) -> None:
        """Send nothing more, not even keep-alives, and stay open."""
        self._stalled = True

    async def serve(self, request: web.Request, response: web.StreamResponse) -> None:
        """Write what is ordered until the end is."""
        while True:
            order = await self._next()
            if order == "abort" and request.transport is not None:
                request.transport.abort()
            if isinstance(order, str):
                return
            if not self._stalled:
                await response.write(order)

    async def _next(self) -> bytes | Literal["close", "abort"]:
        try:
            async with asyncio.timeout(self._keep_alive_s):
                return await self._orders.get()
        except TimeoutError:
            return NEWLINE

    def wire(self) -> Json:
        """The connection as ``GET /2/connections`` lists it."""
        return {"id": self.uuid, "endpoint_name": "filtered_stream", "connected_at": stamp(self.opened_at)}


def line(post: Post, rules: list[Json], asked: Asked) -> bytes:
    """One post as a line of the stream, without its newline."""
    body: Json = {"data": post_object(post, asked)}
    if extra := includes([post], asked):
        body["includes"] = extra
    body["matching_rules"] = rules
    return json.dumps(body, ensure_ascii=False).encode()
