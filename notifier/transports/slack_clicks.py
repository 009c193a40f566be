"""Takes button clicks from Slack: acknowledges first, acts afterwards, answers the clicker."""

import asyncio
import json
import re
import time
import traceback
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import unquote

import msgspec
import structlog
from pydantic import Field, model_validator
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from ledger.section import Duration, Secret, Section
from notifier.transport import TransportError
from notifier.transports.slack_blocks import ACTIONS
from notifier.transports.slack_client import API, call, close_client, open_client, sdk_logger
from notifier.transports.slack_text import escape

Action = Literal["take", "not_this_case", "not_a_complaint", "done", "pick"]
_FAILED = "That click was not recorded, because of a fault on our side. Nothing has changed: please click again."
_GUEST = "Guests and people from other companies cannot act on alerts. Ask a colleague of the team."
_UNKNOWN_USER = "Slack did not tell us who you are, so nothing was changed. Please click again; {reason}"
_REMEMBER_USER = 600.0

_log = structlog.get_logger(__name__)


class Click(msgspec.Struct, frozen=True):
    """One press of a button. ``case_id`` is set for ``pick`` only; ``message_ts`` names the message in its channel.

    The ids come from a signed request, but say nothing about what is allowed: act on the ledger's state.
    """

    action: Action
    alert_id: str
    case_id: str | None
    user_id: str
    user_name: str
    channel_id: str
    message_ts: str


class ClickAnswer(msgspec.Struct, frozen=True):
    """What the clicker alone is told; None where the message itself will show the change."""

    text: str | None = None


class _Person(msgspec.Struct, frozen=True):
    guest: bool
    name: str


OnClick = Callable[[Click], Awaitable[ClickAnswer]]
Seen = Callable[[str], Awaitable[bool]]
"""Remembers a fingerprint for at least ten minutes and says whether it was known already, in one atomic step."""


class SlackAppConfig(Section):
    """The Slack app whose buttons are pressed: ``signing_secret`` serves HTTP, ``app_token`` Socket Mode."""

    bot_token: Secret = Field(description="The bot token of the app (xoxb-...), named by env or file.")
    signing_secret: Secret | None = Field(None, description="For HTTP: Basic Information, App Credentials.")
    app_token: Secret | None = Field(None, description="For Socket Mode: an app-level token (xapp-...).")
    base_url: str = Field(
        API, pattern=r"^https?://", description="Where the Web API is; leave it out for Slack itself."
    )
    timeout: Duration = Field(timedelta(seconds=10), description="How long one call to Slack may take.")
    ping_interval: Duration = Field(
        timedelta(seconds=10), description="Socket Mode: how often the connection is probed."
    )
    deaf_after: Duration = Field(
        timedelta(seconds=60), description="Socket Mode: silence that forces a new connection."
    )

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if self.signing_secret is None and self.app_token is None:
            raise ValueError("set signing_secret (clicks arrive over HTTP) or app_token (Socket Mode), or both")
        return self


class SlackClicks:
    """Turns Slack's interaction payloads into clicks. Made inside the running loop; ``close`` waits for open work."""

    def __init__(
        self, config: SlackAppConfig, on_click: OnClick, seen: Seen, now: Callable[[], float] = time.time
    ) -> None:
        self.config = config
        self.seen = seen
        self.now = now
        self._on_click = on_click
        self._work: set[asyncio.Task[None]] = set()
        self._people: dict[str, tuple[float, _Person]] = {}
        self.client = open_client(config.bot_token.get_secret_value(), config.base_url, config.timeout.total_seconds())
        self.app = self._bolt()

    async def close(self) -> None:
        """Finish the clicks that were acknowledged, then close the connections."""
        while self._work:
            await asyncio.wait(self._work)
        await close_client(self.client)

    def _bolt(self) -> AsyncApp:
        # Bolt's own check of signatures raises on junk headers and logs refused bodies: ours runs before Bolt. Its
        # authorization would ask auth.test before the acknowledgement, and warns of a token beside a fixed one.
        app = AsyncApp(
            client=AsyncWebClient(base_url=self.config.base_url, retry_handlers=[], logger=sdk_logger()),
            authorize=_fixed(self.config.bot_token.get_secret_value()),
            signing_secret="checked before",  # noqa: S106 - no secret: Bolt only wants the field filled
            request_verification_enabled=False,
            logger=sdk_logger(),
        )
        app.action(re.compile(f"^(?:{'|'.join(ACTIONS)})$"))(self._listen)
        return app

    async def _listen(self, ack: AsyncAck, body: dict[str, Any], action: dict[str, Any]) -> None:
        await ack()
        click = read_click(body, action)
        if click is None:
            _log.warning("click_unreadable", action=str(action.get("action_id")))
            return
        # a task of our own: Bolt keeps no reference to its tasks, and takes the acknowledgement back on an early error
        self._start(self._act(click), lambda task: self._settled(task, click))

    async def _act(self, click: Click) -> None:
        answer = await self._decide(click)
        _log.info("click", action=click.action, alert_id=click.alert_id, user_id=click.user_id)
        if answer.text:
            await self._tell(click.channel_id, click.user_id, answer.text)

    def _start(self, work: Coroutine[Any, Any, None], then: Callable[[asyncio.Task[None]], None]) -> None:
        task = asyncio.create_task(work)
        self._work.add(task)
        task.add_done_callback(then)
        task.add_done_callback(self._work.discard)

    def _settled(self, task: asyncio.Task[None], click: Click) -> None:
        error = None if task.cancelled() else task.exception()
        if error is None:
            return
        place = traceback.extract_tb(error.__traceback__)[-1]
        _log.error("click_failed", error=type(error).__name__, place=f"{Path(place.filename).name}:{place.lineno}")
        self._start(self._tell(click.channel_id, click.user_id, _FAILED), lambda _: None)

    async def _decide(self, click: Click) -> ClickAnswer:
        try:
            person = await self._person(click.user_id)
        except TransportError as error:
            return ClickAnswer(_UNKNOWN_USER.format(reason=error))
        if person.guest:
            _log.warning("click_refused", reason="guest", alert_id=click.alert_id, user_id=click.user_id)
            return ClickAnswer(_GUEST)
        return await self._on_click(msgspec.structs.replace(click, user_name=person.name or click.user_name))

    async def _person(self, user_id: str) -> _Person:
        known = self._people.get(user_id)
        if known and known[0] > time.monotonic():
            return known[1]
        user = (await call("users.info", self.client.users_info(user=user_id))).get("user") or {}
        flags = ("is_restricted", "is_ultra_restricted", "is_stranger", "is_bot", "deleted")
        person = _Person(any(user.get(flag) for flag in flags), str(user.get("real_name") or ""))
        self._people[user_id] = (time.monotonic() + _REMEMBER_USER, person)
        return person

    async def _tell(self, channel: str, user: str, text: str) -> None:
        telling = self.client.chat_postEphemeral(channel=channel, user=user, text=escape(text))
        try:
            await call("chat.postEphemeral", telling)
        except TransportError as error:
            _log.warning("click_answer_lost", user_id=user, reason=str(error))


def _fixed(token: str) -> Callable[..., Awaitable[AuthorizeResult]]:
    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=token)

    return authorize  # Bolt passes arguments by name and does not know methods


def read_click(body: dict[str, Any], action: dict[str, Any]) -> Click | None:
    """Return the click in a ``block_actions`` payload, or None where it is none of our buttons."""
    try:
        carried = json.loads(action["value"])
        case = carried.get("case")
        fields = {
            "action": action["action_id"],
            "alert_id": unquote(carried["alert"]),
            "case_id": None if case is None else unquote(case),
            "user_id": body["user"]["id"],
            "user_name": body["user"].get("name") or body["user"].get("username") or body["user"]["id"],
            "channel_id": body["channel"]["id"],
            "message_ts": body["container"]["message_ts"],
        }
        return msgspec.convert(fields, Click)
    except (KeyError, TypeError, AttributeError, ValueError):
        return None
