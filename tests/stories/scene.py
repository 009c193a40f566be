"""One process's worth of the real service without its loops: every part is real, and time is turned by hand."""

import asyncio
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self

import msgspec
from sqlalchemy import Row

from backchannel.actions import ClickActions
from backchannel.assembly import Assembly, assemble
from backchannel.config import Settings, load
from backchannel.following import Follower
from backchannel.foundation import Foundation
from backchannel.pipeline import Pipeline
from backchannel.web.metrics import Metrics
from crm.importer import import_folder
from crm.sources.embedded import EmbeddedCrm
from ledger import alerts, outbox, steps
from ledger.database import Database
from listener.intake import Intake
from listener.post import Author, Post, Reach
from listener.sources.reddit_client import RedditClients
from matcher.assess import Assessor
from matcher.encoder import Encoder
from matcher.key_shelf import KeyShelf
from matcher.mention import LinkPolicy
from matcher.verdict import Verdict
from notifier.clock import TickReport, tick
from notifier.delivery import Delivery
from notifier.transports.slack_clicks import Click
from notifier.wallclock import WallClock
from playground import brewery
from playground.world import EMAIL, HEAD, World
from tests.stories.clock import NOON, FakeClock

WIFE = 1


class Scene:
    """The world of the brewery, and the parts of the service over it; ``restart`` makes all parts anew."""

    def __init__(self, world: World, db: Database, encoder: Encoder) -> None:
        self.world = world
        self.db = db
        self.time = FakeClock()
        self.matcher: Assessor[Verdict] | None = None
        self._encoder = encoder
        self._stack = AsyncExitStack()
        self._posts = 0

    async def __aenter__(self) -> Self:
        await import_folder(self.db.engine, self.world.export_crm(NOON))
        await self.boot()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.delivery.close()

    async def boot(self) -> None:
        """Start the service's parts over what the ledger holds."""
        self.clock = WallClock(self.time)
        crm = EmbeddedCrm(self.db.reader)
        self._foundation = Foundation(self.db, crm, 1.0, self._encoder, "scene/1", RedditClients(), KeyShelf(self.db))
        self.current: Assembly = assemble(self._settings(), self._foundation)
        db, clock = self.db, self.clock
        self.delivery = Delivery(db, self.current.transports, self.current.settings.notifier, clock, worker="scene/1")
        self.pipeline = Pipeline(
            db,
            lambda: self.matcher or self.current.assessor,
            lambda: self.current.dispatcher,
            self._policy,
            clock,
            worker="scene/1",
            on_owed=lambda: None,
            on_settled=lambda outcome, seconds: None,
        )
        self.intake = Intake(db, lambda: self.current.rulebook, clock, on_mention=lambda: None)
        self.follower = Follower(db, crm, lambda: self.current.dispatcher, clock, poll_every=1.0, on_owed=lambda: None)
        self.actions = ClickActions(db, lambda: self.current.dispatcher, clock, Metrics(), lambda: None)
        await self.follower.catch_up()

    def _settings(self) -> Settings:
        return load(self.world.config)

    def _policy(self, source: str) -> LinkPolicy:
        return self.current.link_policy(source)

    async def restart(self) -> None:
        """End the process and start another over the same ledger."""
        await self.delivery.close()
        await self.boot()

    async def reload(self, old: str, new: str) -> None:
        """Save a changed configuration, which comes into force as the service does it."""
        self.world.write_config((old, new))
        self.current = assemble(self._settings(), self._foundation)
        await self.delivery.adopt(self.current.transports, self.current.settings.notifier)

    async def says(self, index: int = WIFE, *, at: datetime | None = None, **changes: Any) -> None:
        """Let somebody post, hear it, conclude it and deliver what follows."""
        told = {**brewery.story()["posts"][index], **changes}
        self._posts += 1
        author = msgspec.convert({name: told[name] for name in Author.__struct_fields__ if name in told}, Author)
        likes = Reach(likes=told.get("likes", 0))
        posted_at = at or self.time.now()
        self.intake.take("x", "x", Post(f"p{self._posts}", author, told["text"], posted_at, lang="en", reach=likes))
        await self.intake.flush()
        await self.pipeline.handle_next()
        await self.deliver()

    async def tick(self) -> TickReport:
        """Look at the clock once, as the ticker does every few seconds."""
        return await tick(self.db, self.current.dispatcher, self.clock.now())

    async def until(self, minute: float) -> None:
        """Let time pass until a minute of the story; the clock is looked at and messages go out as ever."""
        self.time.at(minute=minute)
        await self.tick()
        await self.deliver()

    async def deliver(self) -> None:
        """Send all that is due; a second between two messages to one channel passes as it has to."""
        async with asyncio.timeout(60):
            while await self._waits():
                if not await self.delivery.drain_once():
                    self.time.turn(seconds=0.25)

    async def _waits(self) -> bool:
        async with self.db.read() as conn:
            next_at = await outbox.next_at(conn)
        return next_at is not None and next_at <= self.clock.now() + timedelta(seconds=1)

    async def click(self, action: str, alert_id: str, case_id: str | None = None, name: str = "Sam") -> str:
        """Press a button; the clicker is told."""
        click = msgspec.convert(
            {
                "action": action,
                "alert_id": alert_id,
                "case_id": case_id,
                "user_id": f"U0{name.upper()}",
                "user_name": name,
                "channel_id": EMAIL,
                "message_ts": "1.1",
            },
            Click,
        )
        return (await self.actions.clicked(click)).text or ""

    async def alert(self) -> Row[Any]:
        """Give the alert that was raised last."""
        async with self.db.read() as conn:
            return (await alerts.newest(conn, 1))[0]

    async def steps(self) -> dict[str, str]:
        """Give the steps of the newest alert: name to state."""
        alert = await self.alert()
        async with self.db.read() as conn:
            return {row.name: row.state for row in await steps.of_alert(conn, alert.alert_id)}

    def shown(self, channel: str = EMAIL) -> list[str]:
        """Give the messages of a channel that stand by themselves, as people read them."""
        return [self.world.slack.render(one) for one in self.world.slack.messages(channel) if not _below(one)]

    def thread(self, channel: str = EMAIL) -> list[str]:
        """Give the messages of a channel that lie below another."""
        return [self.world.slack.render(one) for one in self.world.slack.messages(channel) if _below(one)]

    def letters(self) -> list[str]:
        """Give the subjects of all letters, oldest first."""
        return [str(letter.message["Subject"]) for letter in self.world.mail.letters]

    def head(self) -> list[str]:
        """Give what the head of support was told."""
        return self.shown(HEAD) + self.thread(HEAD)


def _below(message: Any) -> bool:
    return "thread_ts" in message and message["thread_ts"] != message["ts"]
