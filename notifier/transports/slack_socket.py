"""Slack interactivity over Socket Mode, with a watchdog of our own.

slack_sdk's client can stay connected and deaf after a reconnect (slackapi/bolt-python#417, #1529;
slackapi/python-slack-sdk#1110), so silence is measured here and answered by a new client.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import structlog
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from notifier.transport import TransportError
from notifier.transports.slack_clicks import SlackClicks
from notifier.transports.slack_client import call, proxy_for, sdk_logger
from notifier.transports.slack_signature import fingerprint

_CLOSING = 3.0
_LONGEST_PAUSE = 60.0

_log = structlog.get_logger(__name__)


class SlackSocket:
    """Keeps one Socket Mode connection alive. ``connected`` is set while there is one that answers."""

    def __init__(self, clicks: SlackClicks, monotonic: Callable[[], float] = time.monotonic) -> None:
        if clicks.config.app_token is None:
            raise ValueError("slack.app_token is not set: Socket Mode needs an app-level token (xapp-...)")
        self._clicks = clicks
        self._token = clicks.config.app_token.get_secret_value()
        self._ping = clicks.config.ping_interval.total_seconds()
        self._patience = clicks.config.deaf_after.total_seconds()
        self._monotonic = monotonic
        self._heard = monotonic()
        self.connected = asyncio.Event()

    def silence(self) -> float:
        """Return for how many seconds Slack has answered no ping."""
        return self._monotonic() - self._heard

    async def run(self) -> None:
        """Receive clicks until cancelled; raise TransportError when Slack says that no retry can help."""
        pause = 1.0
        while True:
            try:
                await self._session()
                pause = 1.0
            except TransportError as error:
                if error.permanent:
                    raise
                _log.warning("socket_mode_unreachable", reason=str(error), pause=pause)
                await asyncio.sleep(error.retry_after or pause)
                pause = min(pause * 2, _LONGEST_PAUSE)

    async def _session(self) -> None:
        """Connect, and return once the connection has gone deaf."""
        web_client = self._clicks.client
        opening = web_client.apps_connections_open(app_token=self._token)
        url = str((await call("Socket Mode, apps.connections.open", opening))["url"])
        client = self._handler(url).client
        try:
            await self._connect(client, url)
            await self._listen_while_heard(client)
        finally:
            self.connected.clear()
            await _dismantle(client)

    def _handler(self, url: str) -> AsyncSocketModeHandler:
        handler = _OnceHandler(
            self._clicks,
            app_token=self._token,
            logger=sdk_logger(),
            web_client=self._clicks.client,
            ping_interval=self._ping,
        )
        handler.client.proxy = proxy_for(url.replace("ws", "http", 1))
        return handler

    async def _connect(self, client: SocketModeClient, url: str) -> None:
        client.wss_uri = url
        try:
            async with asyncio.timeout(self._clicks.config.timeout.total_seconds()):
                await client.connect()  # type: ignore[no-untyped-call]  # slack_sdk gives it no types
        except TimeoutError as error:
            raise TransportError("Socket Mode: the connection was not accepted in time: check the network") from error
        self._heard = self._monotonic()
        self.connected.set()
        _log.info("socket_mode_connected")

    async def _listen_while_heard(self, client: SocketModeClient) -> None:
        """Return when no answer to a ping has come for too long.

        Only a change from one answer to the next counts: slack_sdk also writes the time of a ping that nobody
        answered. What it writes is wall time and is compared for being different only, so a clock jump does no harm.
        """
        last = client.last_ping_pong_time
        while self.silence() < self._patience:
            await asyncio.sleep(min(self._ping, self._patience) / 4)
            seen, last = last, client.last_ping_pong_time
            if seen is not None and last is not None and seen != last:
                self._heard = self._monotonic()
        _log.warning("socket_mode_deaf", silence=round(self.silence()))


class _OnceHandler(AsyncSocketModeHandler):
    """Gives each envelope to Bolt once: Slack delivers it again when it missed our acknowledgement."""

    def __init__(self, clicks: SlackClicks, **options: Any) -> None:
        super().__init__(clicks.app, **options)
        self._clicks = clicks

    async def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]
        """Run the listener, and acknowledge also what was seen before."""
        start = time.time()
        if await self._clicks.seen(fingerprint(f"envelope:{req.envelope_id}")):
            await client.send_socket_mode_response({"envelope_id": req.envelope_id})
            return
        await send_async_response(client, req, await run_async_bolt_app(self.app, req), start)


async def _dismantle(client: SocketModeClient) -> None:
    """Close a client that may no longer answer: its own ``close`` waits for a farewell and may leave the rest open."""
    client.closed = True
    client.auto_reconnect_enabled = False
    tasks = (client.message_processor, client.current_session_monitor, client.message_receiver)
    for task in filter(None, tasks):
        task.cancel()
    try:
        async with asyncio.timeout(_CLOSING):
            await client.disconnect()  # type: ignore[no-untyped-call]  # slack_sdk gives it no types
    except (TimeoutError, ConnectionError):
        _log.info("socket_mode_left_without_farewell")
    await client.aiohttp_client_session.close()
    await asyncio.gather(*filter(None, tasks), return_exceptions=True)
