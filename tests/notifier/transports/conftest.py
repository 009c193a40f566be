"""The story's alert, as cards, and a loopback Slack and mail server for the transports."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from pydantic import SecretStr

from notifier.card import AlertCard, CaseLine, EvidenceLine, PostLine
from notifier.transport import Owed, TransportError
from notifier.transports.email import EmailConfig, EmailTransport
from notifier.transports.slack import SlackConfig, SlackTransport
from notifier.transports.slack_clicks import Click, ClickAnswer, SlackAppConfig, SlackClicks
from playground.mail import LoopbackMail
from playground.slack import LoopbackSlack

POSTED = datetime(2026, 8, 4, 12, 5, tzinfo=UTC)
CHANNEL = "C0EMAIL"

CASE = CaseLine(
    case_id="LK-20404",
    customer="Mark Ellery",
    channel="email",
    subject="Empty can in my multipack",
    product="Harvest Pale 12 x 440 ml",
    opened_at=POSTED - timedelta(days=9, hours=4),
    waiting="9 days 4 h",
    probability=0.94,
    contact="answer Mark Ellery by e-mail, in the thread of case LK-20404",
    url="https://crm.example.com/cases/LK-20404",
)
STORY = AlertCard(
    alert_id="a7f3c2",
    version=1,
    kind="link",
    state="open",
    headline="Answer Mark Ellery by e-mail in case LK-20404, not in public",
    team="E-mail support UK",
    brand="Larkmoor",
    source="x-main",
    case=CASE,
    evidence_for=(
        EvidenceLine("product", 2.1, "Both tell of one empty can in a 12-pack of Harvest Pale."),
        EvidenceLine("surname", 1.7, "The poster's surname, Ellery, is the customer's, and it is a rare one."),
        EvidenceLine("spouse", 1.1, "The post says “my husband e-mailed them”."),
        EvidenceLine("time", 0.6, "“Over a week ago” fits the case, opened 9 days before the post."),
    ),
    evidence_against=(EvidenceLine("city", -0.4, "The profile says Leeds; the customer's address is in York."),),
    sure="very probably the case of Mark Ellery (94%)",
    poster="The poster is probably not the customer: this reads like the customer's husband, wife or partner.",
    post=PostLine(
        platform="x",
        handle="jen_ellery",
        name="Jen Ellery",
        text="Husband e-mailed @LarkmoorBrew over a week ago about an EMPTY can in our 12-pack & nothing. 🙄",
        url="https://x.com/jen_ellery/status/1952345678901234567",
        posted_at=POSTED,
        followers=212,
        likes=14,
        reposts=3,
        replies=1,
    ),
    deadline=POSTED + timedelta(minutes=60),
    clock="60 min from the post at 13:05; unless somebody takes it: reminder at 13:35, escalation at 14:05",
    disclose=(
        "The poster is probably a relative, not the customer: don't confirm to her that there is a case.",
        "Don't name the order, the address or the outcome in public or in a message to the poster.",
    ),
    quiet_cases=("LK-20391, phone, waiting 11 days: empty can in a 6-pack of Harvest Pale",),
    inbox_url="https://backchannel.example.com/alerts/a7f3c2",
    timezone="Europe/London",
)
POSSIBLE = msgspec.structs.replace(
    STORY,
    kind="possible",
    case=None,
    headline="Find out which of 2 cases this is about, if any; start with LK-20404 of Mark Ellery",
    sure="very probably one of these (89% together), but it is not clear which",
    poster="",
    candidates=(
        msgspec.structs.replace(CASE, probability=0.58, differs="same surname, same product"),
        msgspec.structs.replace(
            CASE, case_id="LK-20377", customer="M. Hallam", probability=0.31, differs="same city, another product"
        ),
    ),
)


def owed(card: AlertCard = STORY, **changes: Any) -> Owed:
    """Return the debt of one message."""
    plain: dict[str, Any] = {
        "outbox_id": 1,
        "receiver": "email-team",
        "step_key": "raised",
        "kind": "new",
        "card": card,
        "alert_id": card.alert_id,
    }
    return Owed(**(plain | changes))


@pytest.fixture(scope="session")
def story() -> AlertCard:
    """The alert that the product is judged by."""
    return STORY


@pytest.fixture(scope="session")
def possible() -> AlertCard:
    """An alert worded as a question, with two candidates."""
    return POSSIBLE


@pytest.fixture(scope="session")
def make_owed() -> Callable[..., Owed]:
    """What makes one debt."""
    return owed


@pytest.fixture
async def slack() -> AsyncIterator[LoopbackSlack]:
    """A Slack workspace with one private channel."""
    async with LoopbackSlack() as workspace:
        workspace.channel(CHANNEL, name="email-team")
        workspace.user("U0SAM", "Sam Okafor")
        yield workspace


class Team:
    """Takes clicks as the service would: remembers them, answers what it was told to, may be slow or ill."""

    def __init__(self) -> None:
        self.clicks: asyncio.Queue[Click] = asyncio.Queue()
        self.answer: Callable[[Click], Awaitable[ClickAnswer]] = self.agree
        self.known: set[str] = set()

    async def agree(self, _: Click) -> ClickAnswer:
        """Take every click."""
        return ClickAnswer()

    async def on_click(self, click: Click) -> ClickAnswer:
        """Remember a click, then answer it."""
        self.clicks.put_nowait(click)
        return await self.answer(click)

    async def seen(self, fingerprint: str) -> bool:
        """Say whether this was seen, and remember it."""
        known = fingerprint in self.known
        self.known.add(fingerprint)
        return known

    async def next(self) -> Click:
        """Wait for a click."""
        async with asyncio.timeout(10):
            return await self.clicks.get()


@pytest.fixture
def team() -> Team:
    """Who answers clicks."""
    return Team()


@pytest.fixture
def slack_config(slack: LoopbackSlack) -> Callable[..., SlackConfig]:
    """What makes a Slack receiver's configuration, pointed at the loopback."""

    def make(**changes: Any) -> SlackConfig:
        plain: dict[str, Any] = {
            "kind": "slack",
            "channel": CHANNEL,
            "bot_token": SecretStr(slack.workspace.bot_token),
            "base_url": slack.base_url,
            "timeout": timedelta(seconds=5),
        }
        return SlackConfig(**(plain | changes))

    return make


@pytest.fixture
async def transport(slack_config: Callable[..., SlackConfig]) -> AsyncIterator[SlackTransport]:
    """The team's way into Slack."""
    opened = SlackTransport("email-team", slack_config())
    yield opened
    await opened.close()


@pytest.fixture
async def ts(transport: SlackTransport, possible: AlertCard) -> str:
    """A question in the team's channel, by its timestamp."""
    return (await transport.send(owed(possible))).remote_ref["ts"]


@pytest.fixture
def app_config(slack: LoopbackSlack) -> Callable[..., SlackAppConfig]:
    """What makes the Slack app's configuration, pointed at the loopback."""

    def make(**changes: Any) -> SlackAppConfig:
        plain: dict[str, Any] = {
            "bot_token": SecretStr(slack.workspace.bot_token),
            "signing_secret": SecretStr(slack.workspace.signing_secret),
            "app_token": SecretStr(slack.workspace.app_token),
            "base_url": slack.base_url,
            "ping_interval": timedelta(milliseconds=200),
            "deaf_after": timedelta(seconds=1),
        }
        return SlackAppConfig(**(plain | changes))

    return make


@pytest.fixture
async def clicks(app_config: Callable[..., SlackAppConfig], team: Team) -> AsyncIterator[SlackClicks]:
    """The desk that turns payloads into clicks."""
    desk = SlackClicks(app_config(), team.on_click, team.seen)
    yield desk
    await desk.close()


@pytest.fixture
async def mail() -> AsyncIterator[LoopbackMail]:
    """The team's mail server."""
    async with LoopbackMail() as server:
        yield server


@pytest.fixture(scope="session")
def email_config() -> Callable[..., EmailConfig]:
    """What makes a mailbox's configuration for a local server."""

    def make(port: int, **changes: Any) -> EmailConfig:
        plain: dict[str, Any] = {
            "kind": "email",
            "to": ["email-team@larkmoor.example"],
            "from": "Backchannel <alerts@larkmoor.example>",
            "host": "127.0.0.1",
            "port": port,
            "tls": "none",
            "timeout": timedelta(seconds=5),
        }
        return EmailConfig.model_validate(plain | changes)

    return make


@pytest.fixture
def mailbox(mail: LoopbackMail, email_config: Callable[..., EmailConfig]) -> Callable[..., EmailTransport]:
    """What makes a way to the loopback mail server."""

    def make(receiver: str = "email-team", **changes: Any) -> EmailTransport:
        now = POSTED + timedelta(minutes=3)
        return EmailTransport(receiver, email_config(mail.port, **changes), now=lambda: now)

    return make


@pytest.fixture(scope="session")
def failure() -> Callable[[Any], Awaitable[TransportError]]:
    """What awaits a call and returns the error that it must raise."""

    async def catch(doing: Any) -> TransportError:
        with pytest.raises(TransportError) as caught:
            await doing
        return caught.value

    return catch
