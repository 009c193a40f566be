"""The Web API methods, as functions from arguments to the body of an answer.

Shapes: https://docs.slack.dev/reference/methods and the samples of slackapi/java-slack-sdk.
"""

import base64
import copy
import json
from collections.abc import Awaitable, Callable
from typing import Any

from playground.slack.limits import check_blocks
from playground.slack.workspace import Message, RefusedError, Workspace, canonical, describe, portrait

Arguments = dict[str, Any]
Answer = dict[str, Any]
Method = Callable[[Workspace, Arguments], Awaitable[Answer]]


async def auth_test(workspace: Workspace, _: Arguments) -> Answer:
    """Say who the token is."""
    return {
        "url": "https://loopback.example.com/",
        "team": workspace.team,
        "user": workspace.bot_name,
        "team_id": workspace.team_id,
        "user_id": workspace.bot_user,
        "bot_id": workspace.bot_id,
        "is_enterprise_install": False,
    }


async def post_message(workspace: Workspace, arguments: Arguments) -> Answer:
    """Keep a new message or thread reply."""
    channel = workspace.channel(str(arguments.get("channel", "")))
    if channel.archived:
        raise RefusedError("is_archived")
    if not channel.member:
        raise RefusedError("not_in_channel")
    message = _written(workspace, arguments) | _threaded(workspace, arguments)
    channel.messages.append(message)
    await workspace.announce()
    return {"channel": channel.id, "ts": message["ts"], "message": copy.deepcopy(message)}


async def update(workspace: Workspace, arguments: Arguments) -> Answer:
    """Replace text and blocks of an own message; metadata that is not sent stays."""
    channel = workspace.channel(str(arguments.get("channel", "")))
    message = workspace.message(channel.id, str(arguments.get("ts", "")))
    if message.get("bot_id") != workspace.bot_id:
        raise RefusedError("cant_update_message")
    fresh = _written(workspace, arguments)
    message.pop("blocks", None)
    message |= {key: fresh[key] for key in ("text", "blocks", "metadata") if key in fresh}
    message["edited"] = {"user": workspace.bot_user, "ts": fresh["ts"]}
    await workspace.announce()
    return {
        "channel": channel.id,
        "ts": message["ts"],
        "text": message["text"],
        "message": copy.deepcopy(message),
    }


async def delete(workspace: Workspace, arguments: Arguments) -> Answer:
    """Remove an own message."""
    channel = workspace.channel(str(arguments.get("channel", "")))
    message = workspace.message(channel.id, str(arguments.get("ts", "")))
    channel.messages.remove(message)
    await workspace.announce()
    return {"channel": channel.id, "ts": message["ts"]}


async def post_ephemeral(workspace: Workspace, arguments: Arguments) -> Answer:
    """Keep a message that one person sees."""
    channel = workspace.channel(str(arguments.get("channel", "")))
    if not arguments.get("user"):
        raise RefusedError("user_not_in_channel")
    message = _written(workspace, arguments) | {"to": str(arguments["user"])}
    channel.ephemerals.append(message)
    await workspace.announce()
    return {"message_ts": message["ts"]}


async def conversations_info(workspace: Workspace, arguments: Arguments) -> Answer:
    """Describe a channel."""
    return {"channel": describe(workspace.channel(str(arguments.get("channel", ""))), workspace)}


async def conversations_history(workspace: Workspace, arguments: Arguments) -> Answer:
    """Page through a channel, newest first; replies appear only where they were sent to the channel as well."""
    channel = workspace.channel(str(arguments.get("channel", "")))
    if not channel.member:
        raise RefusedError("not_in_channel")
    top = [message for message in channel.messages if _on_top(message)]
    found = [message for message in reversed(top) if _within(message, arguments)]
    return _page(found, arguments) | {"pin_count": 0, "channel_actions_ts": None, "channel_actions_count": 0}


async def conversations_replies(workspace: Workspace, arguments: Arguments) -> Answer:
    """Page through a thread, oldest first, its first message always included."""
    channel = workspace.channel(str(arguments.get("channel", "")))
    root = str(arguments.get("ts", ""))
    thread = [message for message in channel.messages if root in (message["ts"], message.get("thread_ts"))]
    if not thread:
        raise RefusedError("thread_not_found")
    found = [message for message in thread if message["ts"] == root or _within(message, arguments)]
    return _page(found, arguments)


async def users_info(workspace: Workspace, arguments: Arguments) -> Answer:
    """Describe a person."""
    return {"user": portrait(workspace.user(str(arguments.get("user", ""))), workspace)}


METHODS: dict[str, Method] = {
    "auth.test": auth_test,
    "chat.delete": delete,
    "chat.postEphemeral": post_ephemeral,
    "chat.postMessage": post_message,
    "chat.update": update,
    "conversations.history": conversations_history,
    "conversations.info": conversations_info,
    "conversations.replies": conversations_replies,
    "users.info": users_info,
}


def _written(workspace: Workspace, arguments: Arguments) -> Message:
    blocks, metadata = _json(arguments.get("blocks")), _json(arguments.get("metadata"))
    text = str(arguments.get("text") or "")
    if not text and not blocks:
        raise RefusedError("no_text")
    message: Message = {
        "user": workspace.bot_user,
        "type": "message",
        "ts": workspace.mint(),
        "bot_id": workspace.bot_id,
        "app_id": workspace.app_id,
        "text": text,
        "team": workspace.team_id,
        "bot_profile": _profile(workspace),
    }
    if blocks is not None:
        check_blocks(blocks)
        message["blocks"] = [{"block_id": f"b{index:02d}"} | block for index, block in enumerate(canonical(blocks))]
    return message | ({"metadata": _checked(metadata)} if metadata else {})


def _threaded(workspace: Workspace, arguments: Arguments) -> Message:
    root = arguments.get("thread_ts")
    if not root:
        return {}
    parent = workspace.message(str(arguments["channel"]), str(root))
    parent["reply_count"] = parent.get("reply_count", 0) + 1
    parent["thread_ts"] = parent["ts"]
    threaded: Message = {"thread_ts": str(root), "parent_user_id": parent["user"]}
    return threaded | ({"subtype": "thread_broadcast"} if _truth(arguments.get("reply_broadcast")) else {})


def _checked(metadata: Any) -> Any:
    if not isinstance(metadata, dict) or not isinstance(metadata.get("event_payload"), dict):
        raise RefusedError("invalid_metadata_format")
    if not metadata.get("event_type"):
        raise RefusedError("invalid_metadata_format")
    return metadata


def _profile(workspace: Workspace) -> dict[str, Any]:
    return {
        "id": workspace.bot_id,
        "app_id": workspace.app_id,
        "name": workspace.bot_name,
        "deleted": False,
        "updated": 1_700_000_000,
        "team_id": workspace.team_id,
        "icons": {},
    }


def _on_top(message: Message) -> bool:
    return message.get("thread_ts", message["ts"]) == message["ts"] or message.get("subtype") == "thread_broadcast"


def _within(message: Message, arguments: Arguments) -> bool:
    at, oldest, latest = float(message["ts"]), arguments.get("oldest"), arguments.get("latest")
    if _truth(arguments.get("inclusive")):
        return (not oldest or at >= float(oldest)) and (not latest or at <= float(latest))
    return (not oldest or at > float(oldest)) and (not latest or at < float(latest))


def _page(found: list[Message], arguments: Arguments) -> Answer:
    limit = min(int(arguments.get("limit") or 100), 999)
    start = _offset(str(arguments.get("cursor") or ""))
    shown, more = found[start : start + limit], len(found) > start + limit
    if not _truth(arguments.get("include_all_metadata")):
        shown = [{key: item for key, item in message.items() if key != "metadata"} for message in shown]
    cursor = base64.b64encode(f"next:{start + limit}".encode()).decode() if more else ""
    tail = {"response_metadata": {"next_cursor": cursor}} if more else {}
    return {"messages": copy.deepcopy(shown), "has_more": more, **tail}


def _offset(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        return int(base64.b64decode(cursor).decode().removeprefix("next:"))
    except ValueError as error:
        raise RefusedError("invalid_cursor") from error


def _json(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError as error:
        raise RefusedError("invalid_blocks_format") from error


def _truth(value: Any) -> bool:
    return value in (True, "1", "true", 1)
