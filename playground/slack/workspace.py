"""What a loopback Slack workspace holds: channels, people, messages and the identity of one app."""

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Message = dict[str, Any]
Predicate = Callable[[list[Message]], bool]
_BARE = re.compile(r"&(?!(?:amp|lt|gt);)")
_DAY_ONE = 1_700_000_000


class RefusedError(Exception):
    """The Web API answers ``ok: false`` with this error; ``details`` go into the answer beside it."""

    def __init__(self, error: str, **details: Any) -> None:
        super().__init__(error)
        self.error = error
        self.details = details


@dataclass(slots=True)
class Channel:
    """One conversation; ``messages`` holds thread replies too, oldest first."""

    id: str
    name: str
    private: bool = True
    ext_shared: bool = False
    org_shared: bool = False
    pending_ext_shared: bool = False
    archived: bool = False
    member: bool = True
    messages: list[Message] = field(default_factory=list)
    ephemerals: list[Message] = field(default_factory=list)


@dataclass(slots=True)
class User:
    """One person; a guest is what Slack calls restricted, a stranger comes from another company."""

    id: str
    name: str
    guest: bool = False
    stranger: bool = False


@dataclass(slots=True)
class Workspace:
    """The state that the Web API and the buttons share. Tokens and secret are invented and open nothing."""

    team_id: str = "T0LOOPBACK"
    team: str = "Loopback"
    app_id: str = "A0LOOPBACK"
    bot_id: str = "B0LOOPBACK"
    bot_user: str = "U0BACKCHAN"
    bot_name: str = "backchannel"
    bot_token: str = "xoxb-loopback"
    app_token: str = "xapp-loopback"
    signing_secret: str = "loopback signing secret"
    channels: dict[str, Channel] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    _last_ts: int = 0

    def channel(self, channel_id: str) -> Channel:
        """Return a channel that the app can see: a private one without it is not even said to exist."""
        found = self.channels.get(channel_id)
        if found is None or (found.private and not found.member):
            raise RefusedError("channel_not_found")
        return found

    def message(self, channel_id: str, ts: str) -> Message:
        """Return one stored message."""
        for message in self.channel(channel_id).messages:
            if message["ts"] == ts:
                return message
        raise RefusedError("message_not_found")

    def user(self, user_id: str) -> User:
        """Return a person, known or not: whoever clicks exists."""
        return self.users.setdefault(user_id, User(user_id, user_id.lower()))

    def mint(self) -> str:
        """Return a new message timestamp, later than all before."""
        self._last_ts = max(self._last_ts + 1, int(time.time() * 1_000_000))
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    async def announce(self) -> None:
        """Wake whoever waits for messages."""
        async with self.changed:
            self.changed.notify_all()


def canonical(node: Any) -> Any:
    """Return blocks as Slack keeps them: ``& < >`` of plain text escaped, and of ``mrkdwn`` the bare ``&``."""
    if isinstance(node, list):
        return [canonical(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {key: canonical(item) for key, item in node.items()}
    if node.get("type") in {"plain_text", "mrkdwn"} and isinstance(node.get("text"), str):
        kept["text"] = _BARE.sub("&amp;", node["text"])
        if node["type"] == "plain_text":
            kept["text"] = kept["text"].replace("<", "&lt;").replace(">", "&gt;")
    return kept


def describe(channel: Channel, workspace: Workspace) -> dict[str, Any]:
    """Return a channel in the shape of ``conversations.info``."""
    topic = {"value": "", "creator": "", "last_set": 0}
    outside = ["T0PARTNER"] if channel.ext_shared else []
    return {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": not channel.private,
        "is_group": False,
        "is_im": False,
        "is_mpim": False,
        "is_private": channel.private,
        "created": _DAY_ONE,
        "updated": _DAY_ONE * 1000,
        "is_archived": channel.archived,
        "is_general": False,
        "unlinked": 0,
        "is_shared": channel.ext_shared or channel.org_shared,
        "is_ext_shared": channel.ext_shared,
        "is_org_shared": channel.org_shared,
        "is_pending_ext_shared": channel.pending_ext_shared,
        "pending_shared": [],
        "pending_connected_team_ids": [],
        "shared_team_ids": [workspace.team_id, *outside],
        "context_team_id": workspace.team_id,
        "creator": "U0CREATOR",
        "is_member": channel.member,
        "last_read": "0000000000.000000",
        "topic": topic,
        "purpose": dict(topic),
        "previous_names": [],
        "num_members": 4,
    }


def portrait(user: User, workspace: Workspace) -> dict[str, Any]:
    """Return a person in the shape of ``users.info``."""
    shown = {"real_name": user.name, "real_name_normalized": user.name, "display_name": user.name}
    return {
        "id": user.id,
        "team_id": "T0PARTNER" if user.stranger else workspace.team_id,
        "name": user.name,
        "deleted": False,
        "real_name": user.name,
        "tz": "Europe/London",
        "tz_offset": 0,
        "profile": {**shown, "display_name_normalized": user.name, "team": workspace.team_id},
        "is_admin": False,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": user.guest,
        "is_ultra_restricted": False,
        "is_stranger": user.stranger,
        "is_bot": False,
        "is_app_user": False,
        "updated": _DAY_ONE,
    }
