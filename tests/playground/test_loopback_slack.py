"""The loopback Slack answers the genuine client in Slack's own shapes, and shows what was posted."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from playground.slack import LoopbackSlack
from playground.slack.page import page
from playground.slack.terminal import render

SHAPES = {
    line["file"]: line["body"]
    for line in map(
        json.loads, (Path(__file__).parent / "fixtures" / "slack" / "shapes.jsonl").read_text().split("\n")[:-1]
    )
}
BLOCKS: list[dict[str, Any]] = [
    {"type": "header", "text": {"type": "plain_text", "text": "Beer & <b>cans</b>"}},
    {"type": "section", "text": {"type": "mrkdwn", "text": "*Bold* <https://x.com/a?b=1&amp;c=2|a link> &lt;i&gt;"}},
    {
        "type": "rich_text",
        "elements": [{"type": "rich_text_quote", "elements": [{"type": "text", "text": "<script>alert(1)</script>"}]}],
    },
    {
        "type": "actions",
        "elements": [
            {"type": "button", "action_id": "take", "value": "1", "text": {"type": "plain_text", "text": "Take it"}}
        ],
    },
]
METADATA = {"event_type": "t", "event_payload": {"step": "raised"}}


@pytest.fixture
async def slack() -> AsyncIterator[LoopbackSlack]:
    """A workspace with one private channel."""
    async with LoopbackSlack() as workspace:
        workspace.channel("C0TEAM", name="team")
        yield workspace


@pytest.fixture
def client(slack: LoopbackSlack) -> AsyncWebClient:
    """The genuine client."""
    return AsyncWebClient(slack.workspace.bot_token, base_url=slack.base_url, retry_handlers=[])


def differences(ours: Any, recorded: Any, path: str = "") -> list[str]:
    """Return where ours has a key that was never recorded, or a value of another type."""
    if isinstance(ours, dict) and isinstance(recorded, dict):
        unknown = [f"{path}.{key}: never recorded" for key in ours if key not in recorded]
        return unknown + [
            d for key in ours if key in recorded for d in differences(ours[key], recorded[key], f"{path}.{key}")
        ]
    if isinstance(ours, list) and isinstance(recorded, list):
        return [d for item in ours if recorded for d in differences(item, recorded[0], f"{path}[]")]
    if ours is None or type(ours) is type(recorded):
        return []
    return [f"{path}: {type(ours).__name__}, recorded {type(recorded).__name__}"]


@pytest.mark.parametrize(
    ("method", "arguments", "file"),
    [
        ("auth.test", {}, "api/auth.test.json"),
        ("conversations.info", {"channel": "C0TEAM"}, "api/conversations.info.json"),
        ("chat.postEphemeral", {"channel": "C0TEAM", "user": "U1", "text": "x"}, "api/chat.postEphemeral.json"),
        ("conversations.info", {"channel": "C0NONE"}, "api/conversations.info.json"),
    ],
)
async def test_answers_have_recorded_shapes(
    client: AsyncWebClient, method: str, arguments: dict[str, str], file: str
) -> None:
    """Every key that the loopback answers was recorded from Slack, with a value of the same type."""
    try:
        body = (await client.api_call(method, params=arguments)).data
    except SlackApiError as error:
        body = error.response.data
    assert differences(body, SHAPES[file]) == []


async def test_people_messages_and_sockets_have_recorded_shapes(slack: LoopbackSlack, client: AsyncWebClient) -> None:
    """So do people, stored messages and the address of a socket; ``is_stranger`` and metadata are documented only."""
    user = (await client.users_info(user="U0SAM")).data["user"]
    assert differences(user, SHAPES["api/users.lookupByEmail.json"]["user"]) == [".is_stranger: never recorded"]
    posted = await client.chat_postMessage(channel="C0TEAM", text="x", metadata=METADATA)
    await client.chat_update(channel="C0TEAM", ts=posted["ts"], text="y", blocks=BLOCKS[1:2])
    await client.chat_postMessage(channel="C0TEAM", text="z", thread_ts=posted["ts"], reply_broadcast=True)
    recorded = SHAPES["events/MessageChangedPayload.json"]["message"]
    for message in slack.messages("C0TEAM"):
        assert set(differences(message, recorded)) <= {".app_id: never recorded", ".metadata: never recorded"}
    app = AsyncWebClient(base_url=slack.base_url)
    opened = (await app.apps_connections_open(app_token=slack.workspace.app_token)).data
    assert differences(opened, SHAPES["api/apps.connections.open.json"]) == []


async def test_a_press_has_the_recorded_envelope(slack: LoopbackSlack, client: AsyncWebClient) -> None:
    """What surrounds an interaction (team, user, channel, trigger) is as recorded from Slack."""
    ts = (await client.chat_postMessage(channel="C0TEAM", text="x", blocks=BLOCKS))["ts"]
    body = slack.press("C0TEAM", ts, "take")
    legacy = SHAPES["app-backend/interactive-components/AttachmentActionPayload.json"]
    view = SHAPES["app-backend/views/ViewSubmissionPayload.json"]
    for key in ("team", "channel", "response_url", "trigger_id", "is_enterprise_install"):
        assert differences(body[key], legacy[key]) == []
    assert differences(body["user"], view["user"]) == []
    assert body["api_app_id"] == slack.workspace.app_id
    assert body["message"]["blocks"][0]["text"]["text"] == "Beer &amp; &lt;b&gt;cans&lt;/b&gt;"
    with pytest.raises(LookupError, match="shows no button done"):
        slack.press("C0TEAM", ts, "done")


@pytest.mark.parametrize(
    ("token", "error"),
    [("", "not_authed"), ("xoxb-wrong", "invalid_auth"), ("xapp-loopback", "not_allowed_token_type")],
)
async def test_tokens_are_checked(slack: LoopbackSlack, token: str, error: str) -> None:
    """No token, a wrong one and the app's token each have Slack's own answer."""
    with pytest.raises(SlackApiError) as caught:
        await AsyncWebClient(token or None, base_url=slack.base_url).conversations_info(channel="C0TEAM")
    assert caught.value.response["error"] == error


async def test_forms_and_json_mean_the_same(slack: LoopbackSlack) -> None:
    """Slack takes a call as JSON, as a form with JSON inside, or in the address."""
    headers = {"Authorization": f"Bearer {slack.workspace.bot_token}"}
    url = f"{slack.base_url}chat.postMessage"
    async with aiohttp.ClientSession(headers=headers) as session:
        form = {"channel": "C0TEAM", "text": "a", "blocks": json.dumps(BLOCKS)}
        for arguments in (
            {"json": {"channel": "C0TEAM", "text": "a", "blocks": BLOCKS}},
            {"data": form},
            {"params": form},
        ):
            async with session.post(url, **arguments) as answer:
                assert (await answer.json())["ok"]
    kept = [{key: m[key] for key in ("text", "blocks")} for m in slack.messages("C0TEAM")]
    assert kept[0] == kept[1] == kept[2]


async def test_history_pages_newest_first_within_its_bounds(slack: LoopbackSlack, client: AsyncWebClient) -> None:
    """``oldest`` is exclusive, replies stay in their thread, metadata comes only when asked for."""
    stamps = [(await client.chat_postMessage(channel="C0TEAM", text=f"{n}", metadata=METADATA))["ts"] for n in range(5)]
    await client.chat_postMessage(channel="C0TEAM", text="reply", thread_ts=stamps[0])
    first = (await client.conversations_history(channel="C0TEAM", oldest=stamps[0], limit=3)).data
    assert [m["text"] for m in first["messages"]] == ["4", "3", "2"]
    assert "metadata" not in first["messages"][0]
    cursor = first["response_metadata"]["next_cursor"]
    rest = (await client.conversations_history(channel="C0TEAM", oldest=stamps[0], limit=3, cursor=cursor)).data
    assert [m["text"] for m in rest["messages"]] == ["1"]
    assert not rest["has_more"]
    thread = (await client.conversations_replies(channel="C0TEAM", ts=stamps[0], include_all_metadata=True)).data
    assert [m["text"] for m in thread["messages"]] == ["0", "reply"]
    assert thread["messages"][0]["metadata"] == METADATA


@pytest.mark.parametrize(
    ("blocks", "where"),
    [
        ([{"type": "divider"}] * 51, "/blocks]"),
        ([{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}], "/blocks/0/text/text"),
        ([{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}], "/blocks/0/text"),
        ([{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}], "/blocks/0/text/text"),
        ([{"type": "section", "text": {"type": "mrkdwn", "text": ""}}], "/blocks/0/text/text"),
        ([{"type": "actions", "elements": BLOCKS[3]["elements"] * 2}], "/blocks/0/elements"),
        ([{"type": "marquee"}], "/blocks/0/type"),
    ],
)
async def test_blocks_beyond_the_limits_are_refused(
    slack: LoopbackSlack, client: AsyncWebClient, blocks: list[dict[str, Any]], where: str
) -> None:
    """What Slack refuses is refused here, with a pointer to the fault, and nothing is kept."""
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel="C0TEAM", text="x", blocks=blocks)
    assert caught.value.response["error"] == "invalid_blocks"
    assert where in caught.value.response["errors"][0]
    assert slack.messages("C0TEAM") == []


async def test_a_used_socket_address_is_refused(slack: LoopbackSlack) -> None:
    """Each address from apps.connections.open opens one connection, which begins with a hello."""
    app = AsyncWebClient(base_url=slack.base_url)
    url = (await app.apps_connections_open(app_token=slack.workspace.app_token))["url"]
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(url) as socket:
            assert (await socket.receive_json())["type"] == "hello"
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(url)


async def test_a_deleted_message_is_gone(slack: LoopbackSlack, client: AsyncWebClient) -> None:
    """chat.delete removes a message for good."""
    ts = (await client.chat_postMessage(channel="C0TEAM", text="x"))["ts"]
    assert differences((await client.chat_delete(channel="C0TEAM", ts=ts)).data, SHAPES["api/chat.delete.json"]) == []
    with pytest.raises(SlackApiError, match="message_not_found"):
        await client.chat_update(channel="C0TEAM", ts=ts, text="y")


async def test_a_message_shows_as_text_and_as_a_page(slack: LoopbackSlack, client: AsyncWebClient) -> None:
    """The terminal and the page show what people would read, and no markup of a post comes alive."""
    await client.chat_postMessage(channel="C0TEAM", text="x", blocks=BLOCKS)
    (message,) = await slack.wait_for("C0TEAM")
    text = render(message)
    assert text.startswith("Beer & <b>cans</b>\n====")
    assert "Bold a link (https://x.com/a?b=1&c=2) <i>" in text
    assert "[ Take it ]" in text
    shown = page([message], "team")
    assert "<b>Bold</b>" in shown
    assert '<a href="https://x.com/a?b=1&amp;c=2">a link</a> &lt;i&gt;' in shown
    assert "<script" not in shown
    async with aiohttp.ClientSession() as session, session.get(f"{slack.url}/view/C0TEAM") as answer:
        assert "Beer &amp; &lt;b&gt;cans" in await answer.text()
