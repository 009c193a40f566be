"""Clicks over HTTP: signed, once, acknowledged before the work."""

import asyncio
import dataclasses
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web
from pydantic import SecretStr, ValidationError

from notifier.transports.slack_clicks import Click, ClickAnswer, SlackAppConfig, SlackClicks
from notifier.transports.slack_http import slack_routes
from notifier.transports.slack_signature import verified
from playground.slack import LoopbackSlack
from playground.slack.clicks import sign

CHANNEL = "C0EMAIL"
Config = Callable[..., SlackAppConfig]


@pytest.fixture
async def listening(slack: LoopbackSlack, clicks: SlackClicks) -> AsyncIterator[str]:
    """The interactivity address, served over HTTP."""
    app = web.Application()
    app.add_routes(slack_routes(clicks))
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    slack.interactivity_url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/interactivity"
    yield slack.interactivity_url
    await runner.cleanup()


async def test_a_click_over_http_names_who_pressed_what(
    slack: LoopbackSlack, team: Any, listening: str, ts: str
) -> None:
    """A signed press is acknowledged and arrives as a click with opaque ids, user and message."""
    pressed = await slack.click(CHANNEL, ts, "take", user="U0SAM")
    assert (pressed.status, pressed.body) == (200, "")
    assert await team.next() == Click("take", "a7f3c2", None, "U0SAM", "Sam Okafor", CHANNEL, ts)


async def test_slack_that_cannot_say_who_clicked_stops_the_click(
    slack: LoopbackSlack, team: Any, listening: str, ts: str
) -> None:
    """Who might be a guest changes nothing: the clicker is told what is missing."""
    slack.refuse("missing_scope", method="users.info")
    await slack.click(CHANNEL, ts, "take")
    assert "missing_scope" in (await slack.wait_for_ephemeral(CHANNEL))[0]["text"]
    assert team.clicks.empty()


async def test_a_pick_names_its_candidate(slack: LoopbackSlack, team: Any, listening: str, ts: str) -> None:
    """The button beside a candidate carries that candidate's case."""
    await slack.click(CHANNEL, ts, "pick", value_part="LK-20377")
    click = await team.next()
    assert (click.action, click.case_id) == ("pick", "LK-20377")


@pytest.mark.parametrize("action", ["not_this_case", "not_a_complaint", "done"])
async def test_every_button_is_heard(slack: LoopbackSlack, team: Any, listening: str, ts: str, action: str) -> None:
    """No button of the card is one that nobody listens to."""
    assert (await slack.click(CHANNEL, ts, action)).status == 200
    assert (await team.next()).action == action


async def test_the_acknowledgement_does_not_wait_for_the_work(
    slack: LoopbackSlack, team: Any, listening: str, ts: str
) -> None:
    """Slack has its answer while the work still runs; closing the desk waits for that work."""
    done = asyncio.Event()

    async def slow(_: Click) -> ClickAnswer:
        await done.wait()
        return ClickAnswer("This alert was taken by Ann a minute ago.")

    team.answer = slow
    pressed = await slack.click(CHANNEL, ts, "take")
    assert pressed.status == 200
    assert slack.ephemerals(CHANNEL) == []
    done.set()
    (told,) = await slack.wait_for_ephemeral(CHANNEL)
    assert (told["to"], told["text"]) == ("U0SAM", "This alert was taken by Ann a minute ago.")


async def test_what_the_clicker_is_told_is_escaped(slack: LoopbackSlack, team: Any, listening: str, ts: str) -> None:
    """A refusal may quote a name, and a name may hold anything."""

    async def refuse(_: Click) -> ClickAnswer:
        return ClickAnswer("Taken by <!here>")

    team.answer = refuse
    await slack.click(CHANNEL, ts, "take")
    assert (await slack.wait_for_ephemeral(CHANNEL))[0]["text"] == "Taken by &lt;!here&gt;"


async def test_a_fault_in_the_work_is_told_to_the_clicker(
    slack: LoopbackSlack, team: Any, listening: str, ts: str
) -> None:
    """When the ledger fails, Slack still has its acknowledgement and the clicker is asked to press again."""

    async def ill(_: Click) -> ClickAnswer:
        raise RuntimeError("the database is locked")

    team.answer = ill
    assert (await slack.click(CHANNEL, ts, "take")).status == 200
    assert "not recorded" in (await slack.wait_for_ephemeral(CHANNEL))[0]["text"]


@pytest.mark.parametrize("kind", ["guest", "stranger"])
async def test_outsiders_cannot_act(slack: LoopbackSlack, team: Any, listening: str, ts: str, kind: str) -> None:
    """A guest's click changes nothing, and the guest is told so."""
    slack.user("U0GUEST", "Visitor", **{kind: True})
    assert (await slack.click(CHANNEL, ts, "take", user="U0GUEST")).status == 200
    assert "cannot act" in (await slack.wait_for_ephemeral(CHANNEL))[0]["text"]
    assert team.clicks.empty()


async def test_an_exact_replay_has_one_effect(slack: LoopbackSlack, team: Any, listening: str, ts: str) -> None:
    """The same signed bytes sent again within five minutes change nothing."""
    await slack.click(CHANNEL, ts, "take")
    await team.next()
    assert (await slack.replay()).status == 200
    await slack.click(CHANNEL, ts, "done")
    assert (await team.next()).action == "done"
    assert team.clicks.empty()


@pytest.mark.parametrize(
    "change",
    [
        {"X-Slack-Signature": "v0=" + "0" * 64},
        {"X-Slack-Signature": ""},
        {"X-Slack-Signature": "v0=\u00e9\u00e9\u00e9"},
        {"X-Slack-Request-Timestamp": "abc"},
        {"X-Slack-Request-Timestamp": ""},
        {"X-Slack-Request-Timestamp": "-1"},
        {"X-Slack-Request-Timestamp": "\u0661\u0662\u0663"},
        {"X-Slack-Request-Timestamp": "9" * 400},
    ],
)
async def test_junk_headers_are_refused_never_an_error(
    slack: LoopbackSlack, team: Any, listening: str, change: dict[str, str]
) -> None:
    """A wrong signature, a timestamp that is no number and letters beyond ASCII answer 401, not 500."""
    genuine = sign(slack.workspace.signing_secret, listening, {"type": "block_actions"}, time.time())
    forged = dataclasses.replace(genuine, headers=genuine.headers | change)
    assert (await slack.deliver(forged)).status == 401
    assert team.known == set()


async def test_missing_headers_and_altered_bodies_are_refused(slack: LoopbackSlack, team: Any, listening: str) -> None:
    """Without the headers, or with one byte changed, nothing happens."""
    genuine = sign(slack.workspace.signing_secret, listening, {"type": "block_actions"}, time.time())
    for forged in (
        dataclasses.replace(genuine, headers={"Content-Type": "application/x-www-form-urlencoded"}),
        dataclasses.replace(genuine, body=genuine.body + b" "),
        dataclasses.replace(genuine, body=b"\xff\xfe" + genuine.body),
        sign("another app's secret", listening, {"type": "block_actions"}, time.time()),
    ):
        assert (await slack.deliver(forged)).status == 401
    assert team.clicks.empty()


@pytest.mark.parametrize(("age", "status"), [(-301, 401), (301, 401), (-290, 404), (290, 404)])
async def test_the_window_is_five_minutes(
    slack: LoopbackSlack, team: Any, listening: str, age: int, status: int
) -> None:
    """Older and future requests are refused; inside the window an unknown payload is merely not found."""
    body = {"type": "block_actions", "actions": [{"action_id": "unknown", "block_id": "b"}], "user": {"id": "U0SAM"}}
    old = sign(slack.workspace.signing_secret, listening, body, time.time() + age)
    assert (await slack.deliver(old)).status == status


async def test_a_signed_body_that_is_no_payload_is_a_bad_request(
    slack: LoopbackSlack, clicks: SlackClicks, listening: str
) -> None:
    """Broken JSON under a genuine signature answers 400."""
    request = sign(slack.workspace.signing_secret, listening, {}, time.time())
    broken = request.body.replace(b"%7B%7D", b"%7B")
    stamp = request.headers["X-Slack-Request-Timestamp"]
    headers = request.headers | {"X-Slack-Signature": _signature(slack.workspace.signing_secret, stamp, broken)}
    assert (await slack.deliver(dataclasses.replace(request, body=broken, headers=headers))).status == 400


def _signature(secret: str, stamp: str, body: bytes) -> str:
    import hashlib
    import hmac

    return "v0=" + hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()


def test_a_signature_covers_the_raw_bytes() -> None:
    """A body that is no UTF-8 is checked byte by byte instead of failing."""
    body = b"payload=\xff"
    headers = {"X-Slack-Request-Timestamp": "1000", "X-Slack-Signature": _signature("s", "1000", body)}
    assert verified("s", headers, body, 1000.0) == headers["X-Slack-Signature"]
    assert verified("s", headers, body, 1301.0) is None


def test_an_app_needs_one_way_in() -> None:
    """Without signing_secret and app_token no click can ever arrive, and the message says so."""
    with pytest.raises(ValidationError, match="signing_secret"):
        SlackAppConfig(bot_token=SecretStr("x"))
