"""Delivers alerts to one private Slack channel: posts, edits in place, answers in the thread, finds what arrived."""

import time
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import Field
from slack_sdk.web.async_client import AsyncWebClient

from ledger.section import Duration, Secret, Section
from notifier.transport import Owed, Receipt, TransportError
from notifier.transports.slack_blocks import blocks, fallback, reply_blocks
from notifier.transports.slack_client import API, call, close_client, open_client

EVENT_TYPE = "backchannel_alert"
_TRUST_CHANNEL = 300.0
_SKEW = timedelta(minutes=5)
_PAGE = 200


class SlackConfig(Section):
    """A Slack channel that alerts go to. The channel must be private and shared with nobody outside."""

    kind: Literal["slack"]
    channel: str = Field(
        pattern=r"^[CG][A-Z0-9]{2,}$",
        description="The channel's id, such as C0123ABCD: open the channel's details in Slack and scroll down.",
    )
    bot_token: Secret = Field(description="The bot token of the Slack app (xoxb-...), named by env or file.")
    base_url: str = Field(
        API, pattern=r"^https?://", description="Where the Web API is; leave it out for Slack itself."
    )
    timeout: Duration = Field(timedelta(seconds=10), description="How long one call to Slack may take.")


class SlackTransport:
    """One receiver's way into Slack."""

    def __init__(self, receiver: str, config: SlackConfig, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._receiver = receiver
        self._config = config
        self._monotonic = monotonic
        self._client: AsyncWebClient | None = None
        self._trusted_until = 0.0
        self._me: dict[str, Any] | None = None
        self._where = f"receiver {receiver}"

    async def send(self, owed: Owed) -> Receipt:
        """Post, edit or answer below the anchor; the channel is checked first, so nothing leaves the company."""
        await self._refuse_outsiders()
        if owed.kind == "edit":
            return await self._edit(owed)
        return await self._post(owed)

    async def find(self, owed: Owed, since: datetime) -> Receipt | None:
        """Look through everything since the first attempt for our own message of this alert and step.

        An edit is never looked for: to repeat it changes nothing. ``since`` is moved back five minutes, for Slack's
        clock stamps the messages and ours does not have to agree with it.
        """
        if owed.kind == "edit":
            return None
        me = await self._who_am_i()
        async for message in self._messages_since(owed, since - _SKEW):
            if _names(message, owed) and _is_mine(message, me):
                return self._receipt(str(message["ts"]))
        return None

    async def check(self) -> str:
        """Ask Slack who we are and whether the channel may get alerts."""
        me = await self._who_am_i()
        self._trusted_until = 0.0
        name = await self._refuse_outsiders()
        return f"Slack workspace {me.get('team', '?')}, private channel {name or self._config.channel}"

    async def close(self) -> None:
        """Close the connections to Slack."""
        client, self._client = self._client, None
        if client is not None:
            await close_client(client)

    async def _post(self, owed: Owed) -> Receipt:
        thread = _anchor(owed)["ts"] if owed.kind == "thread" else None
        posting = self._slack().chat_postMessage(
            channel=self._config.channel,
            text=fallback(owed.card),
            blocks=reply_blocks(owed.card) if thread else blocks(owed.card),
            metadata=_metadata(owed),
            thread_ts=thread,
            reply_broadcast=True if thread and owed.card.note in {"reminder", "escalation"} else None,
            unfurl_links=False,
            unfurl_media=False,
        )
        return self._receipt(str((await call(f"{self._where}, chat.postMessage", posting, writes=True))["ts"]))

    async def _edit(self, owed: Owed) -> Receipt:
        anchor = _anchor(owed)
        editing = self._slack().chat_update(
            channel=anchor["channel"], ts=anchor["ts"], text=fallback(owed.card), blocks=blocks(owed.card)
        )
        await call(f"{self._where}, chat.update", editing, writes=True)
        return Receipt(anchor)

    async def _messages_since(self, owed: Owed, since: datetime) -> AsyncIterator[dict[str, Any]]:
        cursor: str | None = None
        while True:
            page = await call(f"{self._where}, conversations.history", self._page(owed, since, cursor))
            for message in page.get("messages", []):
                yield message
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return

    def _page(self, owed: Owed, since: datetime, cursor: str | None) -> Any:
        oldest = f"{since.timestamp():.6f}"
        if owed.kind == "thread":
            return self._slack().conversations_replies(
                channel=self._config.channel,
                ts=_anchor(owed)["ts"],
                oldest=oldest,
                include_all_metadata=True,
                limit=_PAGE,
                cursor=cursor,
            )
        return self._slack().conversations_history(
            channel=self._config.channel, oldest=oldest, include_all_metadata=True, limit=_PAGE, cursor=cursor
        )

    async def _refuse_outsiders(self) -> str:
        """Return the channel's name, having asked Slack within five minutes that only colleagues read it."""
        if self._monotonic() < self._trusted_until:
            return ""
        asking = self._slack().conversations_info(channel=self._config.channel)
        channel = (await call(f"{self._where}, conversations.info", asking)).get("channel") or {}
        reason = _unfit(channel)
        if reason:
            raise TransportError(f"{self._where}: channel {self._config.channel} {reason}", permanent=True)
        self._trusted_until = self._monotonic() + _TRUST_CHANNEL
        return str(channel.get("name") or "")

    async def _who_am_i(self) -> dict[str, Any]:
        if self._me is None:
            self._me = await call(f"{self._where}, auth.test", self._slack().auth_test())
        return self._me

    def _slack(self) -> AsyncWebClient:
        if self._client is None:
            token = self._config.bot_token.get_secret_value()
            self._client = open_client(token, self._config.base_url, self._config.timeout.total_seconds())
        return self._client

    def _receipt(self, ts: str) -> Receipt:
        return Receipt({"channel": self._config.channel, "ts": ts})


def _metadata(owed: Owed) -> dict[str, Any]:
    alert = owed.alert_id or owed.card.alert_id
    payload = {"alert_id": alert, "step": owed.step_key, "receiver": owed.receiver}
    return {"event_type": EVENT_TYPE, "event_payload": payload}


def _names(message: dict[str, Any], owed: Owed) -> bool:
    found, wanted = message.get("metadata") or {}, _metadata(owed)
    return all(found.get(key) == wanted[key] for key in wanted)


def _anchor(owed: Owed) -> dict[str, str]:
    if not owed.anchor or not {"channel", "ts"} <= owed.anchor.keys():
        raise TransportError(
            f"receiver {owed.receiver}: step {owed.step_key} has no first message to refer to: deliver that one first"
        )
    return owed.anchor


def _is_mine(message: dict[str, Any], me: dict[str, Any]) -> bool:
    return any(me.get(key) and message.get(own) == me[key] for key, own in (("bot_id", "bot_id"), ("user_id", "user")))


def _unfit(channel: dict[str, Any]) -> str:
    """Say why a channel may not see a customer's case; sharing within one company's organisation is fine."""
    outside = ("is_ext_shared", "is_pending_ext_shared", "is_global_shared")
    if any(channel.get(flag) for flag in outside) or channel.get("pending_connected_team_ids"):
        return "is shared outside: choose a private channel"
    if not channel.get("is_private"):
        return "is public: choose a private channel"
    if channel.get("is_archived"):
        return "is archived: choose another private channel"
    return ""
