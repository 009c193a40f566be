"""Clicks over Socket Mode: heard once, also after the connection ended or went deaf."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from notifier.transport import TransportError
from notifier.transports.slack_clicks import Click, SlackAppConfig, SlackClicks
from notifier.transports.slack_socket import SlackSocket
from playground.slack import LoopbackSlack

CHANNEL = "C0EMAIL"
Config = Callable[..., SlackAppConfig]


@pytest.fixture
async def socket(clicks: SlackClicks) -> AsyncIterator[SlackSocket]:
    """A running Socket Mode connection."""
    opened = SlackSocket(clicks)
    running = asyncio.create_task(opened.run())
    async with asyncio.timeout(10):
        await opened.connected.wait()
    yield opened
    running.cancel()
    await asyncio.wait([running])


async def test_a_click_over_the_socket_is_acknowledged_and_heard(
    slack: LoopbackSlack, team: Any, socket: SlackSocket, ts: str
) -> None:
    """Socket Mode brings the same click as HTTP."""
    pressed = await slack.click(CHANNEL, ts, "take", via="socket")
    assert pressed.status == 200
    assert await team.next() == Click("take", "a7f3c2", None, "U0SAM", "Sam Okafor", CHANNEL, ts)


async def test_an_envelope_delivered_twice_has_one_effect(
    slack: LoopbackSlack, team: Any, socket: SlackSocket, ts: str
) -> None:
    """Slack repeats an envelope whose acknowledgement it missed: it is acknowledged again and acted on once."""
    body = slack.press(CHANNEL, ts, "take")
    await slack.envelope(body, "envelope-1")
    await team.next()
    assert (await slack.envelope(body, "envelope-1")).status == 200
    await slack.envelope(slack.press(CHANNEL, ts, "done"), "envelope-2")
    assert (await team.next()).action == "done"
    assert team.clicks.empty()


@pytest.mark.parametrize("how", ["farewell", "close"])
async def test_the_socket_returns_after_the_server_ends_it(
    slack: LoopbackSlack, team: Any, socket: SlackSocket, ts: str, how: str
) -> None:
    """Asked to leave, or cut off, the client connects anew and clicks arrive again."""
    await (slack.sockets.farewell() if how == "farewell" else slack.sockets.close())
    await slack.sockets.wait_until_open(2)
    await slack.click(CHANNEL, ts, "take", via="socket")
    assert (await team.next()).action == "take"


async def test_a_deaf_socket_is_replaced(slack: LoopbackSlack, team: Any, socket: SlackSocket, ts: str) -> None:
    """A connection that stays open but answers no ping is left for a new one."""
    slack.sockets.deafen()
    await slack.sockets.wait_until_open(2)
    await slack.click(CHANNEL, ts, "take", via="socket")
    assert (await team.next()).action == "take"


async def test_the_watchdog_replaces_a_client_that_does_not_notice(
    slack: LoopbackSlack, team: Any, ts: str, app_config: Config
) -> None:
    """Where slack_sdk itself would wait far longer, our own measure of silence opens a new connection."""
    patient = app_config(ping_interval=timedelta(seconds=1), deaf_after=timedelta(milliseconds=500))
    desk = SlackClicks(patient, team.on_click, team.seen)
    running = asyncio.create_task(SlackSocket(desk).run())
    await slack.sockets.wait_until_open(3)
    running.cancel()
    await asyncio.wait([running])
    await desk.close()


async def test_the_socket_waits_for_an_unreachable_slack(slack: LoopbackSlack, clicks: SlackClicks) -> None:
    """While Slack is rate limited or down the runner tries again; it ends only when told."""
    slack.rate_limit(seconds=0, times=2, method="apps.connections.open")
    running = asyncio.create_task(SlackSocket(clicks).run())
    await slack.sockets.wait_until_open()
    assert slack.calls.count("apps.connections.open") == 3
    running.cancel()
    await asyncio.wait([running])


async def test_a_wrong_app_token_ends_the_socket_with_its_reason(
    slack: LoopbackSlack, team: Any, app_config: Config
) -> None:
    """No retry mends a wrong token: the supervisor is told what to check."""
    desk = SlackClicks(app_config(app_token=SecretStr("xapp-wrong")), team.on_click, team.seen)
    with pytest.raises(TransportError, match="invalid_auth") as caught:
        await SlackSocket(desk).run()
    assert caught.value.permanent
    await desk.close()
