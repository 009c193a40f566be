"""Genuine slack_sdk against the loopback Slack: one message each, whatever is lost on the way."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any

import msgspec
import pytest
from pydantic import SecretStr, ValidationError

from notifier.card import AlertCard
from notifier.transport import Owed, TransportError
from notifier.transports.slack import SlackConfig, SlackTransport
from playground.slack import LoopbackSlack

CHANNEL = "C0EMAIL"
Make = Callable[..., Owed]


def config(slack: LoopbackSlack, **changes: Any) -> SlackConfig:
    """Return the receiver's configuration, pointed at the loopback."""
    plain: dict[str, Any] = {
        "kind": "slack",
        "channel": CHANNEL,
        "bot_token": SecretStr(slack.workspace.bot_token),
        "base_url": slack.base_url,
        "timeout": timedelta(seconds=5),
    }
    return SlackConfig(**(plain | changes))


@pytest.fixture
async def transport(slack: LoopbackSlack) -> AsyncIterator[SlackTransport]:
    """The team's way into Slack."""
    opened = SlackTransport("email-team", config(slack))
    yield opened
    await opened.close()


async def failure(doing: Any) -> TransportError:
    """Return the error that a call raises."""
    with pytest.raises(TransportError) as caught:
        await doing
    return caught.value


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


async def test_a_lost_reply_makes_one_message(slack: LoopbackSlack, transport: SlackTransport, make_owed: Make) -> None:
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
    slack: LoopbackSlack, transport: SlackTransport, make_owed: Make, story: AlertCard
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


async def test_an_edit_without_its_first_message_waits(transport: SlackTransport, make_owed: Make) -> None:
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
    slack: LoopbackSlack, transport: SlackTransport, make_owed: Make, how: dict[str, bool], reason: str
) -> None:
    """Nothing is posted to a public or externally shared channel, and the error says which one to choose."""
    slack.channel(CHANNEL, **how)
    error = await failure(transport.send(make_owed()))
    assert error.permanent
    assert reason in str(error)
    assert CHANNEL in str(error)
    assert slack.messages(CHANNEL) == []


async def test_an_invitation_to_outsiders_is_enough_to_refuse(
    slack: LoopbackSlack, transport: SlackTransport, make_owed: Make
) -> None:
    """A channel that waits for another company to accept is refused already."""
    slack.channel(CHANNEL).pending_ext_shared = True
    assert (await failure(transport.send(make_owed()))).permanent


async def test_a_channel_shared_later_is_noticed_within_five_minutes(slack: LoopbackSlack, make_owed: Make) -> None:
    """The channel is asked about again after five minutes, not before each message."""
    now = [1000.0]
    transport = SlackTransport("email-team", config(slack), monotonic=lambda: now[0])
    await transport.send(make_owed())
    await transport.send(make_owed(step_key="other"))
    assert slack.calls.count("conversations.info") == 1
    slack.channel(CHANNEL, ext_shared=True)
    now[0] += 301
    assert (await failure(transport.send(make_owed(step_key="third")))).permanent
    assert len(slack.messages(CHANNEL)) == 2
    await transport.close()


async def test_a_rate_limit_says_how_long_to_wait(
    slack: LoopbackSlack, transport: SlackTransport, make_owed: Make
) -> None:
    """429 is passing, certain not to have arrived, and carries Slack's own Retry-After."""
    slack.rate_limit(seconds=12, method="chat.postMessage")
    error = await failure(transport.send(make_owed()))
    assert (error.permanent, error.retry_after, error.unsure) == (False, 12.0, False)
    await transport.send(make_owed())
    assert len(slack.messages(CHANNEL)) == 1


@pytest.mark.parametrize(
    ("code", "step"),
    [
        ("channel_not_found", "invite the app"),
        ("invalid_auth", "check the secret that bot_token names"),
        ("is_archived", "choose another"),
        ("no_such_error_yet", "docs.slack.dev"),
    ],
)
async def test_a_refusal_is_permanent_and_names_the_next_step(
    slack: LoopbackSlack, transport: SlackTransport, make_owed: Make, code: str, step: str
) -> None:
    """What no retry can mend is permanent, and the text says where and what to do."""
    slack.refuse(code, method="chat.postMessage")
    error = await failure(transport.send(make_owed()))
    assert error.permanent
    assert not error.unsure
    assert code in str(error)
    assert step in str(error)
    assert "receiver email-team" in str(error)


@pytest.mark.parametrize("code", ["internal_error", "fatal_error", "service_unavailable"])
async def test_slacks_own_faults_leave_it_open(
    slack: LoopbackSlack, transport: SlackTransport, make_owed: Make, code: str
) -> None:
    """Slack's inner errors may come after the post was kept."""
    slack.refuse(code, method="chat.postMessage")
    error = await failure(transport.send(make_owed()))
    assert (error.permanent, error.unsure) == (False, True)


async def test_a_page_of_html_is_a_passing_fault(
    slack: LoopbackSlack, transport: SlackTransport, make_owed: Make
) -> None:
    """A 503 that is no JSON is passing and unsure."""
    slack.fail(method="chat.postMessage")
    error = await failure(transport.send(make_owed()))
    assert (error.permanent, error.unsure) == (False, True)


async def test_a_hanging_slack_is_left_after_the_timeout(slack: LoopbackSlack, make_owed: Make) -> None:
    """A call that Slack never answers ends with the configured timeout."""
    transport = SlackTransport("email-team", config(slack, timeout=timedelta(milliseconds=300)))
    slack.hang(method="chat.postMessage")
    async with asyncio.timeout(5):
        error = await failure(transport.send(make_owed()))
    assert (error.permanent, error.unsure) == (False, True)
    await transport.close()


async def test_an_unreachable_slack_certainly_got_nothing(
    slack: LoopbackSlack, transport: SlackTransport, make_owed: Make
) -> None:
    """A refused connection is passing and sure; once Slack is up again the message goes out."""
    await slack.down()
    error = await failure(transport.send(make_owed()))
    assert (error.permanent, error.unsure) == (False, False)
    await slack.up()
    await transport.send(make_owed())
    assert len(slack.messages(CHANNEL)) == 1


async def test_a_poisonous_post_is_delivered(
    slack: LoopbackSlack, transport: SlackTransport, make_owed: Make, story: AlertCard
) -> None:
    """Lone surrogates, NUL, bidi controls and a megabyte of text reach Slack cleaned and cut."""
    post = msgspec.structs.replace(story.post, text="\ud83d\x00\u202e<!here>" + "& " * 500_000, name="\udc00")
    await transport.send(make_owed(msgspec.structs.replace(story, post=post)))
    assert "\ufffd" in slack.render(slack.messages(CHANNEL)[0])


async def test_check_says_where_messages_go_without_sending(slack: LoopbackSlack, transport: SlackTransport) -> None:
    """The doctor's question is answered by auth.test and conversations.info alone."""
    assert await transport.check() == "Slack workspace Loopback, private channel email-team"
    assert slack.messages(CHANNEL) == []
    slack.channel(CHANNEL, private=False)
    assert (await failure(transport.check())).permanent


async def test_a_wrong_token_is_permanent(slack: LoopbackSlack) -> None:
    """A token that Slack does not know is named as such, and never printed."""
    transport = SlackTransport("email-team", config(slack, bot_token=SecretStr("xoxb-wrong")))
    error = await failure(transport.check())
    assert error.permanent
    assert "xoxb-wrong" not in str(error)
    await transport.close()


def test_a_channel_is_named_by_its_id() -> None:
    """A channel's name is refused, for it changes; so is a token written into the file."""
    with pytest.raises(ValidationError):
        SlackConfig.model_validate({"kind": "slack", "channel": "#email-team", "bot_token": SecretStr("x")})
    with pytest.raises(ValidationError):
        SlackConfig.model_validate({"kind": "slack", "channel": "C0EMAIL", "bot_token": "xoxb-1"})


async def test_no_text_name_or_secret_reaches_the_log(
    slack: LoopbackSlack,
    transport: SlackTransport,
    make_owed: Make,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """At the most talkative level, success and every failure leave ids and reasons in the log, and nothing else."""
    caplog.set_level(logging.DEBUG)
    errors = []
    for fault in (slack.lose_reply, slack.fail, slack.rate_limit):
        fault(method="chat.postMessage")
        errors.append(str(await failure(transport.send(make_owed()))))
    await transport.send(make_owed())
    logged = "".join([caplog.text, *capsys.readouterr(), *errors])
    for private in ("EMPTY can", "Ellery", "jen_", "LK-20404", slack.workspace.bot_token):
        assert private not in logged


def test_the_app_manifest_asks_for_what_is_used_and_no_more() -> None:
    """Writing, reading back what arrived, and telling public channels and guests apart: five scopes."""
    manifest = json.loads((files("notifier.transports") / "slack_manifest.json").read_text("utf-8"))
    used = {"channels:read", "chat:write", "groups:history", "groups:read", "users:read"}
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == used
    assert manifest["settings"]["interactivity"]["is_enabled"]
