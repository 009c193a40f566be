"""P1 and P5: for any order of events, failing commits, restarts of the source and crashes, on either database."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger import cursors
from ledger.database import Database
from ledger.tables import cursors as cursor_table
from ledger.tables import gaps as gap_table
from ledger.tables import mentions as mention_table
from ledger.tables import quarantine as quarantine_table
from listener.config import RuleConfig
from listener.intake import Intake
from listener.post import Alive, Author, Event, Gap, Post, Reach, Removal, Unreadable
from listener.rules import Rulebook
from tests.listener.fake_source import START, TurnedClock

NAMES = ("x", "reddit")
RULEBOOK = Rulebook([RuleConfig(name="cans", brand="Larkmoor", any=("larkmoor",))])

_ids = st.integers(1, 6).map(str)
_kinds = st.sampled_from(["heard", "heard", "heard", "unheard", "removal", "repost", "gap", "unreadable", "alive"])
_events = st.lists(st.tuples(_kinds, _ids), max_size=24)
_faults = st.sampled_from(["take", "take", "take", "take", "flush", "fail", "lose", "reopen", "crash"])
_acts = st.lists(st.tuples(_faults, st.sampled_from(NAMES), st.integers(1, 8)), max_size=30)


class FaultyDatabase(Database):
    """Fails one of the next commits when told: ``fail`` before anything is written, ``lose`` once all is."""

    plan: str | None = None
    left = 0

    def break_at(self, plan: str, nth: int) -> None:
        """Let the nth commit from now fail."""
        self.plan, self.left = plan, nth

    @asynccontextmanager
    async def write(self, name: str) -> AsyncIterator[AsyncConnection]:
        """Write, or break."""
        self.left -= 1
        plan = self.plan if self.left == 0 else None
        async with super().write(name) as conn:
            yield conn
            if plan == "fail":
                raise OperationalError("COMMIT", {}, Exception("disk full"))
        if plan == "lose":
            raise OperationalError("COMMIT", {}, Exception("the connection broke after the commit"))


class Reader:
    """Two sources read into one ledger: their events are known, so that what must be kept is known too."""

    def __init__(self, db: FaultyDatabase, told: dict[str, list[Event]]) -> None:
        self.db = db
        self.told = told
        self.places = dict.fromkeys(told, 0)
        self.intake = self._intake()

    def _intake(self) -> Intake:
        return Intake(self.db, lambda: RULEBOOK, TurnedClock(), on_mention=lambda: None, group=3)

    async def act(self, act: str, name: str, count: int) -> None:
        """Do one thing that may happen."""
        match act:
            case "take":
                self.take(name, count)
            case "flush":
                await self.intake.flush()
            case "fail" | "lose":
                self.db.break_at(act, min(count, 3))
                with suppress(OperationalError):
                    await self.intake.flush()
                self.db.break_at("", 0)
            case "reopen":
                await self._resume([name])
            case "crash":
                self.intake = self._intake()
                await self._resume(list(self.told))
        await self.check_cursors()

    def take(self, name: str, count: int) -> None:
        """Let a source give its next events."""
        place = self.places[name]
        for event in self.told[name][place : place + count]:
            self.intake.take(name, "x", event)
        self.places[name] = min(place + count, len(self.told[name]))

    async def _resume(self, names: Sequence[str]) -> None:
        async with self.db.read() as conn:
            for name in names:
                self.places[name] = int(await cursors.get(conn, name) or 0)

    async def check_cursors(self) -> None:
        """Prove that all that lies before a committed cursor is kept."""
        kept = {(row.source, row.native_id) for row in await self.rows()}
        async with self.db.read() as conn:
            for name, events in self.told.items():
                upto = int(await cursors.get(conn, name) or 0)
                assert {(name, each) for each in heard(events[:upto])} <= kept

    async def rows(self) -> Sequence[Any]:
        """Give all mentions."""
        async with self.db.read() as conn:
            return (await conn.execute(select(mention_table))).all()

    async def finish(self) -> None:
        """Read to the end without any fault."""
        for name, events in self.told.items():
            self.take(name, len(events))
        await self.intake.flush()


def script(name: str, kinds: Sequence[tuple[str, str]]) -> list[Event]:
    """Make the events of a source; the cursor of each says how many lie before the next. Nobody removes the unknown."""
    events: list[Event] = []
    for place, (kind, native_id) in enumerate(kinds, start=1):
        known = native_id in heard(events)
        events.append(_event(kind if known or kind != "removal" else "alive", native_id, str(place)))
    return events


def _event(kind: str, native_id: str, cursor: str) -> Event:
    match kind:
        case "removal":
            return Removal(native_id, cursor=cursor)
        case "gap":
            return Gap("away", cursor=cursor)
        case "unreadable":
            return Unreadable("no JSON", b"{", cursor=cursor)
        case "alive":
            return Alive(cursor=cursor)
        case "repost":
            return Post(
                f"r{cursor}", Author("fan"), "larkmoor", START, cursor=cursor, repost_of=native_id, reach=SPREAD
            )
    text = "larkmoor can" if kind == "heard" else "weather"
    return Post(native_id if kind == "heard" else f"u{cursor}", Author("wife"), text, START, cursor=cursor)


SPREAD = Reach(likes=3, reposts=9)


def heard(events: Sequence[Event]) -> set[str]:
    """Give the ids that must be mentions once these events are read."""
    return {one.native_id for one in events if isinstance(one, Post) and "can" in one.text}


def spread(events: Sequence[Event]) -> set[str]:
    """Give the ids that were reposted after they were heard."""
    found: set[str] = set()
    for place, one in enumerate(events):
        if isinstance(one, Post) and one.repost_of in heard(events[:place]):
            found.add(one.repost_of)
    return found


async def wipe(db: Database) -> None:
    """Empty the ledger."""
    async with db.write("wipe") as conn:
        for table in (mention_table, cursor_table, gap_table, quarantine_table):
            await conn.execute(delete(table))


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(first=_events, second=_events, acts=_acts)
@example([("heard", str(n)) for n in range(6)], [], [("take", "x", 6), ("fail", "x", 2), ("crash", "x", 1)])
@example(
    [("heard", str(n)) for n in range(3)],
    [("heard", "1"), ("alive", "1")],
    [("take", "x", 3), ("take", "reddit", 2), ("fail", "x", 2), ("crash", "x", 1)],
)
async def test_no_mention_is_lost_or_doubled_and_no_cursor_runs_ahead(
    database: Database, first: list[tuple[str, str]], second: list[tuple[str, str]], acts: list[tuple[str, str, int]]
) -> None:
    """Whatever fails in between, in the end each heard post is kept once, removed ones are blank, reach has grown."""
    await wipe(database)
    db = FaultyDatabase(database.url.render_as_string(hide_password=False))
    try:
        reader = Reader(db, {"x": script("x", first), "reddit": script("reddit", second)})
        async with asyncio.timeout(30):
            for act in acts:
                await reader.act(*act)
            await reader.finish()
        await reader.check_cursors()
        rows = await reader.rows()
        assert sorted((row.source, row.native_id) for row in rows) == sorted(
            (name, each) for name, events in reader.told.items() for each in heard(events)
        )
        for name, events in reader.told.items():
            gone = {event.native_id for event in events if isinstance(event, Removal)}
            mine = [row for row in rows if row.source == name]
            assert {row.native_id for row in mine if row.text == ""} == gone
            assert {row.native_id for row in mine if row.reach["reposts"] == 9} >= spread(events)
            async with db.read() as conn:
                assert int(await cursors.get(conn, name) or 0) == len(events)
    finally:
        await db.close()
