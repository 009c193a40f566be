"""A Slack workspace on 127.0.0.1 that genuine clients talk to, with verbs for what happens in it."""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any, Literal, Self

from aiohttp import ClientSession, ClientTimeout, web

from playground.slack import clicks
from playground.slack.faults import Fault, Faults
from playground.slack.page import page
from playground.slack.sockets import Sockets
from playground.slack.terminal import render
from playground.slack.web_api import METHODS
from playground.slack.workspace import Channel, Message, RefusedError, User, Workspace

Predicate = Callable[[list[Message]], bool]


class LoopbackSlack:
    """Serves the Web API and Socket Mode; use it as an async context manager, or ``start`` and ``close`` it."""

    def __init__(self, interactivity_url: str | None = None) -> None:
        self.workspace = Workspace()
        self.sockets = Sockets(self.workspace.app_id)
        self.interactivity_url = interactivity_url
        self.calls: list[str] = []
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self._faults = Faults()
        self._closing = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None
        self._port = 0
        self._last: clicks.SignedRequest | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def start(self, port: int = 0) -> None:
        """Listen on a port of 127.0.0.1, a free one unless named."""
        app = web.Application(client_max_size=4 * 1024**2)
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_get("/link/", self.sockets.serve)
        app.router.add_get("/view/{channel}", self._view)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        self._port = port
        await self._runner.setup()
        await self.up()

    async def close(self) -> None:
        """End every call and connection."""
        self._closing.set()
        await self.sockets.close()
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def url(self) -> str:
        """Where the server is."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def base_url(self) -> str:
        """What a client is given as the address of the Web API."""
        return f"{self.url}/api/"

    def channel(self, channel_id: str, *, private: bool = True, ext_shared: bool = False, name: str = "") -> Channel:
        """Open a channel with the app in it, or change how it is shared."""
        known = self.workspace.channels.get(channel_id)
        channel = known or Channel(channel_id, name or channel_id.lower())
        channel.private, channel.ext_shared = private, ext_shared
        self.workspace.channels[channel_id] = channel
        return channel

    def user(self, user_id: str, name: str, *, guest: bool = False, stranger: bool = False) -> User:
        """Let somebody into the workspace."""
        self.workspace.users[user_id] = User(user_id, name, guest, stranger)
        return self.workspace.users[user_id]

    def chatter(self, channel_id: str, text: str, metadata: dict[str, Any] | None = None) -> Message:
        """Let a colleague, or another app, write into a channel."""
        message: Message = {"type": "message", "user": "U0OTHER", "text": text, "ts": self.workspace.mint()}
        message |= {"metadata": metadata} if metadata else {}
        self.workspace.channels[channel_id].messages.append(message)
        return message

    def messages(self, channel_id: str) -> list[Message]:
        """Return what lies in a channel, thread replies included, oldest first."""
        return list(self.workspace.channels[channel_id].messages)

    def ephemerals(self, channel_id: str) -> list[Message]:
        """Return what single people were told in a channel."""
        return list(self.workspace.channels[channel_id].ephemerals)

    async def wait_for(self, channel_id: str, wanted: int | Predicate = 1, patience: float = 10.0) -> list[Message]:
        """Wait until a channel holds so many messages, or messages that fit; return them all."""
        fits = wanted if callable(wanted) else lambda messages: len(messages) >= wanted
        async with asyncio.timeout(patience), self.workspace.changed:
            await self.workspace.changed.wait_for(lambda: fits(self.messages(channel_id)))
        return self.messages(channel_id)

    async def wait_for_ephemeral(self, channel_id: str, count: int = 1, patience: float = 10.0) -> list[Message]:
        """Wait until single people were told so many things."""
        async with asyncio.timeout(patience), self.workspace.changed:
            await self.workspace.changed.wait_for(lambda: len(self.ephemerals(channel_id)) >= count)
        return self.ephemerals(channel_id)

    def lose_reply(self, times: int = 1, method: str = "chat.postMessage") -> None:
        """Do what is asked, but break the connection instead of answering."""
        self._faults.add(Fault("lose_reply", method, times))

    def rate_limit(self, seconds: int = 1, times: int = 1, method: str | None = None) -> None:
        """Answer 429 with Retry-After."""
        self._faults.add(Fault("rate_limit", method, times, seconds=seconds))

    def refuse(self, error: str, times: int = 1, method: str | None = None) -> None:
        """Answer ``ok: false`` with an error."""
        self._faults.add(Fault("refuse", method, times, error=error))

    def fail(self, times: int = 1, method: str | None = None) -> None:
        """Answer 503 with a page of HTML, as the front of Slack does when what is behind it is ill."""
        self._faults.add(Fault("fail", method, times))

    def hang(self, times: int = 1, method: str | None = None) -> None:
        """Take the call and never answer."""
        self._faults.add(Fault("hang", method, times))

    def heal(self) -> None:
        """End all trouble."""
        self._faults.clear()

    async def down(self) -> None:
        """Refuse every new connection."""
        if self._site is not None:
            await self._site.stop()
            self._site = None
        await self.sockets.close()

    async def up(self) -> None:
        """Listen again, on the same port."""
        if self._runner is not None and self._site is None:
            self._site = web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True)
            await self._site.start()
            self._port = int(self._runner.addresses[0][1])

    async def click(
        self,
        channel_id: str,
        ts: str,
        action_id: str,
        *,
        user: str = "U0SAM",
        via: Literal["http", "socket"] = "http",
        interactivity_url: str | None = None,
        value_part: str = "",
    ) -> clicks.Pressed:
        """Press a button that the stored message shows; ``value_part`` picks one of several with the same action."""
        body = self.press(channel_id, ts, action_id, user, value_part)
        if via == "socket":
            return await self.envelope(body)
        url = interactivity_url or self.interactivity_url
        if url is None:
            raise ValueError("no interactivity_url is set: nobody listens for clicks over HTTP")
        self._last = clicks.sign(self.workspace.signing_secret, url, body, time.time())
        return await self.deliver(self._last)

    def press(
        self, channel_id: str, ts: str, action_id: str, user: str = "U0SAM", value_part: str = ""
    ) -> dict[str, Any]:
        """Return the payload of a press without delivering it."""
        message = self.workspace.message(channel_id, ts)
        button, block_id = clicks.find_button(message, action_id, value_part)
        pressed = {"button": button, "block_id": block_id, "user": user, "base": self.url}
        return clicks.payload(self.workspace, channel_id, message, pressed)

    async def replay(self) -> clicks.Pressed:
        """Send the last click over HTTP again, byte for byte, as an eavesdropper would."""
        if self._last is None:
            raise LookupError("no click was sent over HTTP yet")
        return await self.deliver(self._last)

    async def deliver(self, request: clicks.SignedRequest) -> clicks.Pressed:
        """Send one request to the app and wait for its answer as long as Slack does, three seconds."""
        started = time.monotonic()
        async with (
            ClientSession(timeout=ClientTimeout(total=3.0)) as session,
            session.post(request.url, data=request.body, headers=request.headers) as answer,
        ):
            return clicks.Pressed(answer.status, await answer.text(), time.monotonic() - started)

    async def envelope(self, body: dict[str, Any], envelope_id: str | None = None) -> clicks.Pressed:
        """Send a payload over Socket Mode, in an envelope of a new id unless one is named."""
        started = time.monotonic()
        ack = await self.sockets.deliver(body, envelope_id)
        return clicks.Pressed(200, json.dumps(ack.get("payload", "")), time.monotonic() - started)

    def render(self, message: Message) -> str:
        """Return a message as plain text for a terminal."""
        return render(message)

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        self.calls.append(method)
        fault = self._faults.strike(method)
        if fault is not None and fault.kind != "lose_reply":
            return await self._trouble(fault)
        try:
            answer = {"ok": True} | await self._perform(method, request)
        except RefusedError as refusal:
            answer = {"ok": False, "error": refusal.error, **refusal.details}
        if fault is not None and request.transport is not None:
            request.transport.abort()
        return web.json_response(answer)

    async def _perform(self, method: str, request: web.Request) -> dict[str, Any]:
        arguments = await _arguments(request)
        self.asked.append((method, arguments))
        token = request.headers.get("Authorization", "").removeprefix("Bearer ") or arguments.pop("token", "")
        if not token:
            raise RefusedError("not_authed")
        if method == "apps.connections.open":
            return self._open_socket(token)
        if token != self.workspace.bot_token:
            raise RefusedError("not_allowed_token_type" if token == self.workspace.app_token else "invalid_auth")
        if method not in METHODS:
            raise RefusedError("unknown_method", req_method=method)
        return await METHODS[method](self.workspace, arguments)

    def _open_socket(self, token: str) -> dict[str, Any]:
        if token != self.workspace.app_token:
            raise RefusedError("not_allowed_token_type" if token == self.workspace.bot_token else "invalid_auth")
        url = f"ws://127.0.0.1:{self._port}/link/?ticket={self.sockets.ticket()}&app_id={self.workspace.app_id}"
        return {"url": url}

    async def _trouble(self, fault: Fault) -> web.Response:
        if fault.kind == "rate_limit":
            body = {"ok": False, "error": "ratelimited"}
            return web.json_response(body, status=429, headers={"Retry-After": str(fault.seconds)})
        if fault.kind == "refuse":
            return web.json_response({"ok": False, "error": fault.error})
        if fault.kind == "hang":
            await self._closing.wait()
        return web.Response(status=503, text="<html><body>Service unavailable</body></html>", content_type="text/html")

    async def _view(self, request: web.Request) -> web.Response:
        channel = self.workspace.channels.get(request.match_info["channel"])
        if channel is None:
            raise web.HTTPNotFound
        return web.Response(text=page(channel.messages, channel.name), content_type="text/html")


async def _arguments(request: web.Request) -> dict[str, Any]:
    """Return the arguments of a call, whether they came as JSON, as a form or in the address."""
    given: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        try:
            body = await request.json()
        except ValueError as error:
            raise RefusedError("invalid_json") from error
        return given | (body if isinstance(body, dict) else {})
    return given | {key: item for key, item in (await request.post()).items() if isinstance(item, str)}
