"""What goes wrong on command, each fault for a number of requests and then no more."""

import asyncio
import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web


@dataclass(frozen=True)
class Refusal:
    """Answer so instead of the truth."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None

    def response(self) -> web.Response:
        text = self.body if self.body is not None else json.dumps({"message": "Refused", "error": self.status})
        kind = "text/html" if text.lstrip().startswith("<") else "application/json"
        return web.Response(status=self.status, text=text, content_type=kind, headers=dict(self.headers))


class Drop:
    """Close the connection without an answer."""

    def apply(self, request: web.Request) -> web.Response:
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)


class Hang:
    """Say nothing until released, or until the client goes away."""

    def __init__(self) -> None:
        self.released = asyncio.Event()


Fault = Refusal | Drop | Hang


class Faults:
    """Two queues of faults: one for the token endpoint, one for everything else."""

    def __init__(self) -> None:
        self._due: dict[bool, deque[Fault]] = {True: deque(), False: deque()}
        self._hanging: list[Hang] = []

    def plan(self, fault: Fault, times: int, *, token: bool = False) -> None:
        self._due[token].extend([fault] * times)
        if isinstance(fault, Hang):
            self._hanging.append(fault)

    def release(self) -> None:
        """End every hang, begun or planned."""
        for hang in self._hanging:
            hang.released.set()
        self._hanging.clear()

    async def strike(self, request: web.Request, *, token: bool) -> web.Response | None:
        """Give the faulty answer that is due, or None where the truth is."""
        if not self._due[token]:
            return None
        fault = self._due[token].popleft()
        if isinstance(fault, Refusal):
            return fault.response()
        if isinstance(fault, Drop):
            return fault.apply(request)
        await fault.released.wait()
        return None
