"""Genuine slack_sdk against the loopback Slack: one message each, whatever is lost on the way."""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any

import msgspec
import pytest

from notifier.card import AlertCard
from notifier.transport import Owed, TransportError
from notifier.transports.slack import SlackConfig, SlackTransport
from playground.slack import LoopbackSlack

CHANNEL = "C0EMAIL"
Make = Callable[..., Owed]
Failure = Callable[[Any], Awaitable[TransportError]]
Config = Callable[..., SlackConfig]


async def test_an_alert_becomes_one_message_with_its_metadata(
    slack: LoopbackSlack, transport: SlackTransport, make_owed: Make
) -> None:
    """The message names alert, step and receiver, says the headline to notifications, and unfurls nothing."""
    receipt = await transport.send(make_owed())
    (message,) = slack.messages(CHANNEL)
    assert receipt.remote_ref == {"channel": CHANNEL, "ts": message["ts"]}
    assert message["metadata"]["event_payload"] == {"alert_id": "a7f3c2", "step": "raised", "receiver": "email-team"}
    arguments = dict(slack.asked)["chat.postMessage"]
    assert (arguments["unfurl_links"], arguments["unfurl_media"]) == (False, False)
    assert not {"parse", "link_names"} & arguments.keys()
    assert message["text"].startswith("Answer Mark Ellery by e-mail in case LK-20404")


async def test_a_lost_reply_makes_one_message(
    slack: LoopbackSlack, transport: SlackTransport, make_owed: Make, failure: Failure
) -> None:
    """The reply is lost: the send is unsure, nothing is sent twice by itself, and find brings the message back."""
    slack.lose_reply()
    started = datetime.now(UTC)
    error = await failure(transport.send(make_owed()))
    assert error.unsure
    assert not error.permanent
    found = await transport.find(make_owed(), started)
    (message,) = slack.messages(CHANNEL)
    assert found is not None
    assert found.remote_ref["ts"] == message["ts"]
    assert slack.calls.count("chat.postMessage") == 1


async def test_find_pages_through_everything_since_the_first_attempt(
    slack: LoopbackSlack, transport: SlackTransport, make_owed: Make
) -> None:
    """A message that 450 later ones cover is still found, and no other step of the alert is taken for it."""
    started = datetime.now(UTC)
    receipt = await transport.send(make_owed())
    for number in range(450):
        slack.chatter(CHANNEL, f"later talk {number}")
    found = await transport.find(make_owed(attempt=2), started)
    assert found == receipt
    assert slack.calls.count("conversations.history") == 3
    assert await transport.find(make_owed(step_key="escalated"), started) is None
    assert await transport.find(make_owed(receiver="another"), started) is None


async def test_another_apps_metadata_is_not_ours(
    slack: LoopbackSlack, transport: SlackTransport, make_owed: Make
) -> None:
    """Somebody else's message with the same metadata does not count as delivered."""
    metadata = {
        "event_type": "backchannel_alert",
        "event_payload": {"alert_id": "a7f3c2", "step": "raised", "receiver": "email-team"},
    }
    slack.chatter(CHANNEL, "forged", metadata=metadata)
    assert await transport.find(make_owed(), datetime.now(UTC) - timedelta(minutes=1)) is None


async def test_find_bears_clocks_that_disagree(
    slack: LoopbackSlack, transport: SlackTransport, make_owed: Make
) -> None:
    """Our clock may run two minutes ahead of Slack's, which stamps the messages."""
    receipt = await transport.send(make_owed())
    assert await transport.find(make_owed(), datetime.now(UTC) + timedelta(minutes=2)) == receipt


async def test_an_edit_changes_the_message_in_place(
    slack: LoopbackSlack, transport: SlackTransport, make_owed: Make, story: AlertCard
) -> None:
    """Taking an alert edits its one message, and the metadata by which it is found stays."""
    receipt = await transport.send(make_owed())
    taken = msgspec.structs.replace(story, version=2, state="taken", taken_by="Sam Okafor")
    edited = await transport.send(make_owed(taken, kind="edit", step_key="taken", anchor=receipt.remote_ref))
    (message,) = slack.messages(CHANNEL)
    assert edited == receipt
    assert "Taken by Sam Okafor" in slack.render(message)
    assert message["metadata"]["event_payload"]["step"] == "raised"
    assert await transport.find(make_owed(taken, kind="edit", anchor=receipt.remote_ref), datetime.now(UTC)) is None


async def test_a_reminder_answers_in_the_thread_and_shows_in_the_channel(
    slack: LoopbackSlack, transport: SlackTransport, make_owed: Make, story: AlertCard, failure: Failure
) -> None:
    """A reminder lies below its alert, is shown in the channel as well, and is found again in the thread."""
    receipt = await transport.send(make_owed())
    reminder = msgspec.structs.replace(story, note="reminder", headline="30 minutes left: nobody has taken this yet")
    debt = make_owed(reminder, kind="thread", step_key="remind", anchor=receipt.remote_ref)
    slack.lose_reply()
    assert (await failure(transport.send(debt))).unsure
    found = await transport.find(debt, datetime.now(UTC) - timedelta(seconds=5))
    reply = slack.messages(CHANNEL)[1]
    assert found is not None
    assert found.remote_ref["ts"] == reply["ts"]
    assert reply["thread_ts"] == receipt.remote_ref["ts"]
    assert reply["subtype"] == "thread_broadcast"


async def test_a_closing_stays_in_the_thread(
    slack: LoopbackSlack, transport: SlackTransport, make_owed: Make, story: AlertCard
) -> None:
    """That an alert closed wakes nobody: the reply is not sent to the channel."""
    receipt = await transport.send(make_owed())
    closed = msgspec.structs.replace(story, note="closed", state="closed", closing="answered in the CRM")
    await transport.send(make_owed(closed, kind="thread", step_key="closed", anchor=receipt.remote_ref))
    assert "subtype" not in slack.messages(CHANNEL)[1]


async def test_an_edit_without_its_first_message_waits(
    transport: SlackTransport, make_owed: Make, failure: Failure
) -> None:
    """An edit that overtakes its message is no permanent failure: it names what must come first."""
    error = await failure(transport.send(make_owed(kind="edit", step_key="taken")))
    assert not error.permanent
    assert "deliver that one first" in str(error)


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({"private": False}, "is public: choose a private channel"),
        ({"ext_shared": True}, "is shared outside: choose a private channel"),
    ],
)
async def test_a_channel_that_outsiders_read_is_refused(
    slack: LoopbackSlack,
    transport: SlackTransport,
    make_owed: Make,
    how: dict[str, bool],
    reason: str,
    failure: Failure,
) -> None:
    """Nothing is posted to a public or externally shared channel, and the error says which one to choose."""
    slack.channel(CHANNEL, **how)
    error = await failure(transport.send(make_owed()))
    assert error.permanent
    assert reason in str(error)
    assert CHANNEL in str(error)
    assert slack.messages(CHANNEL) == []


async def test_an_invitation_to_outsiders_is_enough_to_refuse(
    slack: LoopbackSlack, transport: SlackTransport, make_owed: Make, failure: Failure
) -> None:
    """A channel that waits for another company to accept is refused already."""
    slack.channel(CHANNEL).pending_ext_shared = True
    assert (await failure(transport.send(make_owed()))).permanent


async def test_a_channel_shared_later_is_noticed_within_five_minutes(
    slack: LoopbackSlack, make_owed: Make, failure: Failure, slack_config: Config
) -> None:
    """The channel is asked about again after five minutes, not before each message."""
    now = [1000.0]
    transport = SlackTransport("email-team", slack_config(), monotonic=lambda: now[0])
    await transport.send(make_owed())
    await transport.send(make_owed(step_key="other"))
    assert slack.calls.count("conversations.info") == 1
    slack.channel(CHANNEL, ext_shared=True)
    now[0] += 301
    assert (await failure(transport.send(make_owed(step_key="third")))).permanent
    assert len(slack.messages(CHANNEL)) == 2
    await transport.close()


def test_the_app_manifest_asks_for_what_is_used_and_no_more() -> None:
    """Writing, reading back what arrived, and telling public channels and guests apart: five scopes."""
    manifest = json.loads((files("notifier.transports") / "slack_manifest.json").read_text("utf-8"))
    used = {"channels:read", "chat:write", "groups:history", "groups:read", "users:read"}
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == used
    assert manifest["settings"]["interactivity"]["is_enabled"]
