"""Intake: posts that hit a rule become mentions, and each cursor moves in the transaction of what lies before it."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger import cursors, gaps, mentions, quarantine
from ledger.clock import Clock
from ledger.database import Database, blames_values
from listener.facts import NewMention, Repost, UnstorableError, mention, noted, repost
from listener.post import Alive, Event, Gap, Post, Removal, Unreadable
from listener.rules import Rulebook

log = structlog.get_logger(__name__)

GROUP = 1_024  # a commit costs what some fifty rows do: in a burst, large groups pay
ROOM = 4_096
CURSOR_EVERY = 1.0  # seconds: how much of a quiet source is read again after a crash

Fact = NewMention | Repost | Removal | Gap | Unreadable
Kept = tuple[str, Fact, str | None]


class Tally:
    """What one source has given since the start."""

    __slots__ = ("cursor", "dirty", "gaps", "heard", "last_event", "read", "removed", "unreadable")

    def __init__(self) -> None:
        self.read = self.heard = self.removed = self.gaps = self.unreadable = 0
        self.last_event: float | None = None
        self.cursor: str | None = None
        self.dirty = False


class Intake:
    """Commits in groups: while one transaction is written, the facts for the next one gather.

    A cursor is committed only together with, or after, every fact that came before it. A fact that the database
    refuses is searched for by halving the groups; it is quarantined, and the others go on.
    """

    def __init__(
        self,
        db: Database,
        rulebook: Callable[[], Rulebook],
        clock: Clock,
        *,
        on_mention: Callable[[], None],
        group: int = GROUP,
    ) -> None:
        self._db = db
        self._rulebook = rulebook
        self._clock = clock
        self._on_mention = on_mention
        self._most = self._size = group
        self._pending: list[Kept] = []
        self._wanted = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._one_at_a_time = asyncio.Lock()
        self.tallies: dict[str, Tally] = {}

    def take(self, source: str, platform: str, event: Event) -> None:
        """Take one event of a source in; nothing waits here, and nothing is durable until the next commit."""
        tally = self.tallies.get(source) or self.tallies.setdefault(source, Tally())
        fact = self._hear(source, platform, event, tally) if isinstance(event, Post) else self._note(event, tally)
        if fact is not None:
            self._keep(source, fact, event.cursor)
        if event.cursor is not None:
            tally.cursor = event.cursor
            tally.dirty = True

    def _hear(self, source: str, platform: str, post: Post, tally: Tally) -> Fact | None:
        tally.read += 1
        if post.repost_of is not None:
            return repost(post)
        hits = self._rulebook().hears(post, platform)
        if not hits:
            return None
        tally.heard += 1
        try:
            return mention(source, platform, post, hits, self._clock.now())
        except UnstorableError as error:
            tally.unreadable += 1
            return Unreadable(str(error), b"", cursor=post.cursor)

    def _note(self, event: Removal | Gap | Alive | Unreadable, tally: Tally) -> Fact | None:
        if isinstance(event, Alive):
            return None
        name = {Removal: "removed", Gap: "gaps", Unreadable: "unreadable"}[type(event)]
        setattr(tally, name, getattr(tally, name) + 1)
        return noted(event)

    def _keep(self, source: str, fact: Fact, cursor: str | None) -> None:
        self._pending.append((source, fact, cursor))
        self._wanted.set()
        if len(self._pending) >= ROOM:
            self._room.clear()

    async def room(self) -> None:
        """Wait until there is room for more: a source that is faster than the disk is held back here."""
        await self._room.wait()

    async def run(self) -> None:
        """Commit for ever, at once when there are facts and every second when only cursors have moved."""
        while True:
            await self._wait()
            await self.flush()

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(CURSOR_EVERY):
                await self._wanted.wait()
        except TimeoutError:
            return

    async def flush(self) -> None:
        """Commit everything that was taken in so far; on an error all of it stays pending."""
        async with self._one_at_a_time:
            while self._pending or any(tally.dirty for tally in self.tallies.values()):
                await self._commit_group()

    async def _commit_group(self) -> None:
        group = self._pending[: self._size]
        try:
            await self._commit(group)
        except (SQLAlchemyError, ValueError, OverflowError) as error:
            if not blames_values(error) or all(isinstance(fact, Unreadable) for _, fact, _ in group):
                raise
            self._size = max(1, len(group) // 2)
            if len(group) == 1:
                self._set_aside(type(error).__name__)
        else:
            self._size = min(2 * self._size, self._most)

    async def _commit(self, group: Sequence[Kept]) -> None:
        moved = self._cursors(group)
        now = self._clock.now()
        async with self._db.write("intake") as conn:
            new = await _write(conn, group, now)
            await cursors.move(conn, moved, now)
        del self._pending[: len(group)]
        for source, value in moved.items():
            tally = self.tallies[source]
            tally.dirty = tally.cursor != value
        if not self._pending:
            self._wanted.clear()
        if len(self._pending) < ROOM:
            self._room.set()
        if new:
            self._on_mention()

    def _set_aside(self, reason: str) -> None:
        """Keep of the first fact only that the database refused it."""
        source, _, cursor = self._pending[0]
        self._pending[0] = (source, Unreadable(f"the database refused it ({reason})", b""), cursor)
        self.tallies[source].unreadable += 1

    def _cursors(self, group: Sequence[Kept]) -> dict[str, str | None]:
        """Give how far each source is read once the group is kept: not past a fact that has to wait."""
        waiting = {source for source, _, _ in self._pending[len(group) :]}
        moved = {name: tally.cursor for name, tally in self.tallies.items() if tally.dirty and name not in waiting}
        for source, _, cursor in group:
            if source in waiting and cursor is not None:
                moved[source] = cursor
        return moved


async def _write(conn: AsyncConnection, group: Sequence[Kept], now: datetime) -> int:
    new = await mentions.record(conn, [fact.row for _, fact, _ in group if isinstance(fact, NewMention)])
    for source, fact, _ in group:
        match fact:
            case Repost(native_id=native_id, reach=reach):
                seen = {name: getattr(reach, name) for name in reach.__struct_fields__}
                await mentions.raise_reach(conn, source, native_id, seen)
            case Removal(native_id=native_id):
                await mentions.mark_removed(conn, source, [native_id], now)
            case Gap(reason=reason, since=since, until=until):
                await gaps.record(conn, source, reason, now, since=since, until=until)
                log.warning("gap", source=source, reason=reason)
            case Unreadable(reason=reason, native_id=native_id, raw=raw):
                await quarantine.record(conn, source, "parse", reason, now, native_id=native_id, raw=raw)
                log.warning("unreadable post quarantined", source=source, reason=reason)
    return new
