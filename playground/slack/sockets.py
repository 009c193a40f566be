"""Socket Mode: single-use addresses, hello, envelopes, acknowledgements and farewells.

Protocol: https://docs.slack.dev/apis/events-api/using-socket-mode
"""

import asyncio
import json
import uuid
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web

Envelope = dict[str, Any]


class Sockets:
    """The websockets of one app."""

    def __init__(self, app_id: str) -> None:
        self._app_id = app_id
        self._tickets: set[str] = set()
        self._open: list[web.WebSocketResponse] = []
        self._acks: dict[str, asyncio.Future[Envelope]] = {}
        self._deaf = False
        self.opened = 0
        self.changed = asyncio.Condition()

    def ticket(self) -> str:
        """Return the secret part of a new address, good for one connection."""
        ticket = uuid.uuid4().hex
        self._tickets.add(ticket)
        return ticket

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Hold one connection until either side ends it."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=404, text="this address was used before")
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(autoping=False, timeout=1.0)
        await socket.prepare(request)
        self._deaf = False
        self._open.append(socket)
        await socket.send_str(json.dumps(self._hello()))
        self.opened += 1
        await self._announce()
        try:
            await self._listen(socket)
        finally:
            self._open.remove(socket)
            await self._announce()
        return socket

    async def deliver(self, payload: dict[str, Any], envelope_id: str | None = None, patience: float = 3.0) -> Envelope:
        """Send an ``interactive`` envelope to the newest connection and return its acknowledgement.

        Raises TimeoutError where none comes within Slack's three seconds.
        """
        if not self._open:
            raise ConnectionError("no Socket Mode connection is open")
        name = envelope_id or str(uuid.uuid4())
        envelope = {
            "envelope_id": name,
            "type": "interactive",
            "accepts_response_payload": True,
            "payload": payload,
        }
        waiting: asyncio.Future[Envelope] = asyncio.get_running_loop().create_future()
        self._acks[name] = waiting
        try:
            if not self._deaf:
                await self._open[-1].send_str(json.dumps(envelope))
            async with asyncio.timeout(patience):
                return await waiting
        finally:
            self._acks.pop(name, None)

    async def wait_until_open(self, connections: int = 1, patience: float = 20.0) -> None:
        """Wait until so many connections were opened since the start."""
        async with asyncio.timeout(patience), self.changed:
            await self.changed.wait_for(lambda: self.opened >= connections and bool(self._open))

    async def farewell(self, reason: str = "refresh_requested") -> None:
        """Ask every client to connect anew, as Slack does each hour or so."""
        note = {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-loopback"}}
        for socket in list(self._open):
            await socket.send_str(json.dumps(note))

    async def close(self) -> None:
        """End every connection from this side."""
        for socket in list(self._open):
            await socket.close(code=WSCloseCode.GOING_AWAY, drain=False)

    def deafen(self) -> None:
        """Keep the connections open, but answer no ping and deliver nothing until a new one is made."""
        self._deaf = True

    async def _listen(self, socket: web.WebSocketResponse) -> None:
        async for message in socket:
            if self._deaf:
                continue
            if message.type is WSMsgType.PING:
                await socket.pong(message.data)
            elif message.type is WSMsgType.TEXT:
                self._acknowledge(json.loads(message.data))

    def _acknowledge(self, ack: Envelope) -> None:
        waiting = self._acks.get(str(ack.get("envelope_id")))
        if waiting is not None and not waiting.done():
            waiting.set_result(ack)

    async def _announce(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    def _hello(self) -> Envelope:
        return {
            "type": "hello",
            "num_connections": len(self._open),
            "connection_info": {"app_id": self._app_id},
            "debug_info": {"host": "applink-loopback", "build_number": 1, "approximate_connection_time": 18060},
        }
