"""What Slack answers when something is wrong, and what that means for another try."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
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
Failure = Callable[[Any], Awaitable[TransportError]]
Config = Callable[..., SlackConfig]


async def test_a_rate_limit_says_how_long_to_wait(
    slack: LoopbackSlack, transport: SlackTransport, make_owed: Make, failure: Failure
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
    slack: LoopbackSlack, transport: SlackTransport, make_owed: Make, code: str, step: str, failure: Failure
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
    slack: LoopbackSlack, transport: SlackTransport, make_owed: Make, code: str, failure: Failure
) -> None:
    """Slack's inner errors may come after the post was kept."""
    slack.refuse(code, method="chat.postMessage")
    error = await failure(transport.send(make_owed()))
    assert (error.permanent, error.unsure) == (False, True)


async def test_a_page_of_html_is_a_passing_fault(
    slack: LoopbackSlack, transport: SlackTransport, make_owed: Make, failure: Failure
) -> None:
    """A 503 that is no JSON is passing and unsure."""
    slack.fail(method="chat.postMessage")
    error = await failure(transport.send(make_owed()))
    assert (error.permanent, error.unsure) == (False, True)


async def test_a_hanging_slack_is_left_after_the_timeout(
    slack: LoopbackSlack, make_owed: Make, failure: Failure, slack_config: Config
) -> None:
    """A call that Slack never answers ends with the configured timeout."""
    transport = SlackTransport("email-team", slack_config(timeout=timedelta(milliseconds=300)))
    slack.hang(method="chat.postMessage")
    async with asyncio.timeout(5):
        error = await failure(transport.send(make_owed()))
    assert (error.permanent, error.unsure) == (False, True)
    await transport.close()


async def test_an_unreachable_slack_certainly_got_nothing(
    slack: LoopbackSlack, transport: SlackTransport, make_owed: Make, failure: Failure
) -> None:
    """A refused connection is passing and sure; once Slack is up again the message goes out."""
    await slack.down()
    error = await failure(transport.send(make_owed()))
    assert (error.permanent, error.unsure) == (False, False)
    await slack.up()
    await transport.send(make_owed())
    assert len(slack.messages(CHANNEL)) == 1


async def test_a_proxy_is_not_asked_where_the_environment_says_so(
    slack: LoopbackSlack, make_owed: Make, monkeypatch: pytest.MonkeyPatch, failure: Failure, slack_config: Config
) -> None:
    """NO_PROXY is respected, which slack_sdk alone does not do; without it the proxy would have been used."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    spared = SlackTransport("email-team", slack_config())
    await spared.send(make_owed())
    monkeypatch.setenv("no_proxy", "")
    proxied = SlackTransport("email-team", slack_config())
    assert "cannot be reached" in str(await failure(proxied.send(make_owed())))
    await spared.close()
    await proxied.close()


async def test_a_poisonous_post_is_delivered(
    slack: LoopbackSlack, transport: SlackTransport, make_owed: Make, story: AlertCard
) -> None:
    """Lone surrogates, NUL, bidi controls and a megabyte of text reach Slack cleaned and cut."""
    post = msgspec.structs.replace(story.post, text="\ud83d\x00\u202e<!here>" + "& " * 500_000, name="\udc00")
    await transport.send(make_owed(msgspec.structs.replace(story, post=post)))
    assert "\ufffd" in slack.render(slack.messages(CHANNEL)[0])


async def test_check_says_where_messages_go_without_sending(
    slack: LoopbackSlack, transport: SlackTransport, failure: Failure
) -> None:
    """The doctor's question is answered by auth.test and conversations.info alone."""
    assert await transport.check() == "Slack workspace Loopback, private channel email-team"
    assert slack.messages(CHANNEL) == []
    slack.channel(CHANNEL, private=False)
    assert (await failure(transport.check())).permanent


async def test_a_wrong_token_is_permanent(slack: LoopbackSlack, failure: Failure, slack_config: Config) -> None:
    """A token that Slack does not know is named as such, and never printed."""
    transport = SlackTransport("email-team", slack_config(bot_token=SecretStr("xoxb-wrong")))
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
    failure: Failure,
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
