"""The loop closes from wherever people answer: a signed click over HTTP, or a button of the web page."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from ledger import alerts, audit
from matcher.encoder import Encoder
from playground.slack.clicks import SignedRequest, sign
from playground.world import EMAIL, HEAD, World
from tests.stories.inside import Inside, inside

WIFE = 1
OVER_HTTP = (
    ("app_token: {env: PLAYGROUND_SLACK_APP_TOKEN}", "signing_secret: {env: PLAYGROUND_SLACK_SIGNING_SECRET}"),
    ("mode: socket", "mode: http"),
)


@pytest.fixture
async def running(tmp_path: Path, encoder: Encoder, workspace_secrets: None) -> AsyncIterator[Inside]:
    """The service with Slack's clicks coming over HTTP, and the wife's complaint already told."""
    async with (
        World(tmp_path, f"sqlite:///{tmp_path}/ledger.db") as world,
        inside(world, encoder, *OVER_HTTP) as opened,
    ):
        world.slack.interactivity_url = f"{opened.base}/slack/interactivity"
        world.slack.user("U0SAM", "Sam")
        world.slack.user("U0ANN", "Ann")
        await world.listening()
        world.says(WIFE)
        await world.alerts(EMAIL)
        await world.mail.wait_for(1, patience=20)
        yield opened


async def done_to_alerts(running: Inside) -> list[str]:
    """Give what people did, oldest first."""
    async with running.service.db.read() as conn:
        return [row.action for row in reversed(await audit.newest(conn, 50)) if row.actor != "backchannel"]


async def test_a_signed_click_over_http_takes_the_alert(running: Inside) -> None:
    """It is acknowledged at once, the message changes in place, and the clicker is told."""
    world = running.world
    (message,) = world.slack.messages(EMAIL)
    pressed = await world.slack.click(EMAIL, message["ts"], "take")
    assert pressed.status == 200
    taken = await world.alerts_that(EMAIL, "Taken by Sam")
    assert (taken["ts"], len(world.slack.messages(EMAIL))) == (message["ts"], 1)
    (told,) = await world.slack.wait_for_ephemeral(EMAIL)
    assert "It is yours" in told["text"]


async def test_a_replayed_click_has_no_second_effect(running: Inside) -> None:
    slack = running.world.slack
    (message,) = slack.messages(EMAIL)
    await slack.click(EMAIL, message["ts"], "take")
    await slack.wait_for_ephemeral(EMAIL)
    assert (await slack.replay()).status == 200
    await slack.deliver(sign_again(running, "take", "U0ANN"))
    told = await slack.wait_for_ephemeral(EMAIL, 2)
    assert "Sam took this already" in told[1]["text"]
    assert (len(told), await done_to_alerts(running)) == (2, ["alert.taken"])


def sign_again(running: Inside, action: str, user: str, *, secret: str = "", late: float = 0.0) -> SignedRequest:
    """Give a signed request for one more press, with another secret or of another time where asked."""
    slack = running.world.slack
    (message,) = slack.messages(EMAIL)
    body = slack.press(EMAIL, message["ts"], action, user)
    url = slack.interactivity_url or ""
    return sign(secret or slack.workspace.signing_secret, url, body, running.service.clock.now().timestamp() - late)


async def test_a_click_that_slack_did_not_sign_is_refused(running: Inside) -> None:
    slack = running.world.slack
    genuine = sign_again(running, "take", "U0SAM")
    forged = [
        sign_again(running, "take", "U0SAM", secret="another"),
        sign_again(running, "take", "U0SAM", late=400),
        replace(genuine, body=genuine.body.replace(b"take", b"done")),
        replace(genuine, headers={**genuine.headers, "X-Slack-Signature": "v0=\u00e4"}),
        replace(genuine, headers={**genuine.headers, "X-Slack-Request-Timestamp": "abc"}),
        replace(genuine, headers={"Content-Type": genuine.headers["Content-Type"]}),
    ]
    assert [(await slack.deliver(request)).status for request in forged] == [401] * len(forged)
    assert await done_to_alerts(running) == []
    assert (await slack.deliver(genuine)).status == 200
    await running.world.alerts_that(EMAIL, "Taken by Sam")


async def test_not_this_case_hands_the_complaint_to_first_contacts(running: Inside) -> None:
    world = running.world
    (message,) = world.slack.messages(EMAIL)
    await world.slack.click(EMAIL, message["ts"], "not_this_case")
    (fresh,) = await world.alerts(HEAD)
    assert "BW-2001" not in world.slack.render(fresh)
    assert "Tom Hadley" not in world.slack.render(fresh)
    await world.alerts_that(EMAIL, "not this case, says Sam")


async def test_a_button_of_the_web_page_takes_the_alert(running: Inside) -> None:
    """The page's own form acts, and Slack's message says so; a form from elsewhere does nothing."""
    async with running.service.db.read() as conn:
        (alert,) = await alerts.newest(conn, 5)
    found = re.search(r'name="token" value="([0-9a-f]{64})"', await running.page())
    assert found
    path = f"{running.base}/alerts/{alert.alert_id}/take"
    forged = [
        ({}, {}),
        ({"token": "0" * 64}, {}),
        ({"token": found[1]}, {"Sec-Fetch-Site": "cross-site"}),
        ({"token": found[1]}, {"Origin": "https://evil.example"}),
    ]
    for form, headers in forged:
        async with running.session.post(path, data=form, headers=headers) as answer:
            assert answer.status == 403
    assert await done_to_alerts(running) == []

    own = {"Sec-Fetch-Site": "same-origin"}
    async with running.session.post(path, data={"token": found[1]}, headers=own) as answer:
        assert (answer.status, "It is yours" in await answer.text()) == (200, True)
    await running.world.alerts_that(EMAIL, "Taken by the web page")
    assert await done_to_alerts(running) == ["alert.taken"]
