"""What intake keeps of each event, and that no cursor runs ahead of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger import cursors, gaps, mentions, quarantine
from ledger.database import Database
from ledger.tables import mentions as mention_table
from listener import intake as limits
from listener.config import RuleConfig
from listener.intake import Intake
from listener.post import Alive, Author, Event, Gap, Post, Reach, Removal, Unreadable
from listener.rules import Rulebook
from tests.listener.fake_source import START, TurnedClock


class Desk:
    """An intake with one rule on a real ledger, and how often it has called."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.rulebook = Rulebook([RuleConfig(name="cans", brand="Larkmoor", any=("larkmoor",))], {"x": ["@larkmoor"]})
        self.called = asyncio.Event()
        self.calls = 0
        self.intake = Intake(db, lambda: self.rulebook, TurnedClock(), on_mention=self._call)

    def _call(self) -> None:
        self.calls += 1
        self.called.set()

    async def take(self, *events: Event, source: str = "x-main") -> None:
        """Take events in and commit them."""
        for event in events:
            self.intake.take(source, "x", event)
        await self.intake.flush()

    async def kept(self) -> list[str]:
        """Give the native ids of all mentions."""
        async with self.db.read() as conn:
            return list((await conn.execute(select(mention_table.c.native_id).order_by(mention_table.c.id))).scalars())

    async def cursor(self, source: str = "x-main") -> str | None:
        """Give how far the source is read."""
        async with self.db.read() as conn:
            return await cursors.get(conn, source)


@pytest.fixture
def desk(sqlite_db: Database) -> Desk:
    """An intake on SQLite."""
    return Desk(sqlite_db)


def post(native_id: str, text: str = "larkmoor can", *, cursor: str | None = None, handle: str = "wife") -> Post:
    """Make a post that hits the rule."""
    return Post(native_id, Author(handle, name="Ana"), text, START, cursor=cursor, lang="en", url="https://x.example/1")


async def test_a_post_without_a_hit_moves_the_cursor_alone(desk: Desk) -> None:
    await desk.take(post("1", "nice weather", cursor="c1"))
    assert (await desk.kept(), await desk.cursor(), desk.calls) == ([], "c1", 0)


async def test_a_post_with_a_hit_is_kept_whole_and_then_called_out(database: Database) -> None:
    desk = Desk(database)
    await desk.take(post("1", "@LARKMOOR empty can", cursor="c1"))
    async with desk.db.read() as conn:
        row = await mentions.by_native_id(conn, "x-main", "1")
    assert row is not None
    assert (row.text, row.brand, row.rules, row.platform, row.lang) == (
        "@LARKMOOR empty can",
        "Larkmoor",
        ["cans"],
        "x",
        "en",
    )
    assert (row.author["handle"], row.author["name"], row.posted_at, row.state) == ("wife", "Ana", START, "new")
    assert (await desk.cursor(), desk.calls) == ("c1", 1)


async def test_nothing_is_durable_or_called_out_before_the_commit(desk: Desk) -> None:
    desk.intake.take("x-main", "x", post("1", cursor="c1"))
    assert (await desk.kept(), await desk.cursor(), desk.calls) == ([], None, 0)


async def test_a_post_that_arrives_again_is_one_mention_and_calls_nobody(database: Database) -> None:
    desk = Desk(database)
    await desk.take(post("1", cursor="c1"), post("1", cursor="c2"))
    await desk.take(post("1", cursor="c3"))
    assert (await desk.kept(), await desk.cursor(), desk.calls) == (["1"], "c3", 1)


async def test_the_same_id_from_two_sources_is_two_mentions(desk: Desk) -> None:
    await desk.take(post("1", cursor="a"))
    await desk.take(post("1", cursor="b"), source="reddit")
    assert (await desk.kept(), await desk.cursor(), await desk.cursor("reddit")) == (["1", "1"], "a", "b")


async def test_late_and_reordered_posts_are_all_kept(desk: Desk) -> None:
    await desk.take(*(post(str(n), cursor=f"c{n}") for n in (3, 1, 2)))
    assert await desk.kept() == ["3", "1", "2"]


class StumblingDatabase(Database):
    """A database that fails as often as it is told, just before it would commit."""

    fail_at = 0
    writes = 0

    @asynccontextmanager
    async def write(self, name: str) -> AsyncIterator[AsyncConnection]:
        """Write, or fail."""
        async with super().write(name) as conn:
            yield conn
            self.writes += 1
            if self.writes == self.fail_at:
                raise OperationalError("commit", {}, Exception("disk full"))


async def test_a_cursor_never_passes_a_mention_that_is_not_committed(sqlite_db: Database) -> None:
    db = StumblingDatabase(sqlite_db.url.render_as_string())
    db.fail_at = 2
    desk = Desk(db)
    total = limits.GROUP * 2 + 10
    for n in range(total):
        desk.intake.take("x-main", "x", post(str(n), cursor=str(n)))
        desk.intake.take("x-main", "x", post(f"no-{n}", "weather", cursor=f"{n}+"))
    with pytest.raises(OperationalError):
        await desk.intake.flush()
    assert len(await desk.kept()) == limits.GROUP
    assert await desk.cursor() == str(limits.GROUP - 1)
    await desk.intake.flush()
    assert await desk.kept() == [str(n) for n in range(total)]
    assert await desk.cursor() == f"{total - 1}+"
    await db.close()


async def test_another_sources_cursor_does_not_wait_for_a_busy_one(sqlite_db: Database) -> None:
    db = StumblingDatabase(sqlite_db.url.render_as_string())
    db.fail_at = 2
    desk = Desk(db)
    for n in range(limits.GROUP + 1):
        desk.intake.take("x-main", "x", post(str(n), cursor=str(n)))
    desk.intake.take("reddit", "reddit", Alive(cursor="r1"))
    with pytest.raises(OperationalError):
        await desk.intake.flush()
    assert await desk.cursor("reddit") == "r1"
    await db.close()


async def test_a_cursor_waits_for_its_mention_while_another_source_fills_the_group(sqlite_db: Database) -> None:
    db = StumblingDatabase(sqlite_db.url.render_as_string())
    db.fail_at = 2
    desk = Desk(db)
    for n in range(limits.GROUP):
        desk.intake.take("x-main", "x", post(str(n), cursor=str(n)))
    desk.intake.take("reddit", "reddit", post("r", cursor="r1"))
    with pytest.raises(OperationalError):
        await desk.intake.flush()
    assert await desk.cursor("reddit") is None
    await desk.intake.flush()
    assert await desk.cursor("reddit") == "r1"
    await db.close()


async def test_a_removed_post_loses_its_text_and_author(desk: Desk) -> None:
    await desk.take(post("1", cursor="c1"), post("2", cursor="c2"))
    await desk.take(Removal("1", cursor="c3"))
    async with desk.db.read() as conn:
        gone, left = await mentions.by_native_id(conn, "x-main", "1"), await mentions.by_native_id(conn, "x-main", "2")
    assert gone is not None
    assert left is not None
    assert (gone.text, gone.author, gone.removed_at is not None) == ("", {"handle": ""}, True)
    assert (left.text, left.removed_at) == ("larkmoor can", None)
    assert await desk.cursor() == "c3"


async def test_a_post_and_its_removal_in_one_group_leave_no_text(desk: Desk) -> None:
    await desk.take(post("1", cursor="c1"), Removal("1", cursor="c2"))
    async with desk.db.read() as conn:
        row = await mentions.by_native_id(conn, "x-main", "1")
    assert row is not None
    assert row.text == ""


async def test_a_repost_is_no_mention_and_raises_the_reach_of_what_it_repeats(desk: Desk) -> None:
    again = Post(
        "9", Author("fan"), "RT larkmoor can", START, cursor="c2", repost_of="1", reach=Reach(likes=5, reposts=70)
    )
    await desk.take(post("1", cursor="c1"), again)
    async with desk.db.read() as conn:
        row = await mentions.by_native_id(conn, "x-main", "1")
    assert row is not None
    assert (row.reach["reposts"], row.reach["likes"]) == (70, 5)
    assert (await desk.kept(), await desk.cursor()) == (["1"], "c2")


async def test_a_repost_of_something_unknown_is_let_go(desk: Desk) -> None:
    await desk.take(Post("9", Author("fan"), "larkmoor", START, cursor="c1", repost_of="404"))
    assert (await desk.kept(), await desk.cursor()) == ([], "c1")


async def test_an_edit_is_a_mention_of_its_own_tied_to_the_earlier_one(desk: Desk) -> None:
    edit = Post("2", Author("wife"), "larkmoor can, refilled", START, cursor="c2", edit_of=("0", "1"))
    await desk.take(post("1", cursor="c1"), edit)
    async with desk.db.read() as conn:
        row = await mentions.by_native_id(conn, "x-main", "2")
    assert row is not None
    assert row.edit_of == "1"


async def test_our_own_posts_are_not_kept(desk: Desk) -> None:
    await desk.take(post("1", cursor="c1", handle="Larkmoor"))
    assert (await desk.kept(), await desk.cursor()) == ([], "c1")


async def test_a_gap_is_said_with_its_bounds(desk: Desk) -> None:
    await desk.take(Gap("too long away", since=START - timedelta(days=8), until=START, cursor="c1"))
    async with desk.db.read() as conn:
        (row,) = await gaps.newest(conn, 10)
    assert (row.source, row.reason, row.since, row.until) == (
        "x-main",
        "too long away",
        START - timedelta(days=8),
        START,
    )
    assert (desk.intake.tallies["x-main"].gaps, await desk.cursor()) == (1, "c1")


async def test_what_is_no_post_is_quarantined_and_the_others_go_on(desk: Desk) -> None:
    await desk.take(
        post("1", cursor="c1"), Unreadable("no JSON", b"{\xff\x00", "x", cursor="c2"), post("2", cursor="c3")
    )
    async with desk.db.read() as conn:
        (row,) = await quarantine.newest(conn, 10)
    assert (row.source, row.stage, row.reason, row.raw, row.native_id) == (
        "x-main",
        "parse",
        "no JSON",
        b"{\xff\x00",
        "x",
    )
    assert (await desk.kept(), await desk.cursor()) == (["1", "2"], "c3")


@pytest.mark.parametrize(
    "text", ["larkmoor \ud800", "larkmoor \x00 can", "larkmoor " + "x" * 1_000_000, "\u202elarkmoor"]
)
async def test_a_nasty_text_is_kept_in_a_form_that_databases_hold(database: Database, text: str) -> None:
    desk = Desk(database)
    await desk.take(post("1", text, cursor="c1", handle="w\x00\ud800"), post("2", cursor="c2"))
    assert (await desk.kept(), await desk.cursor()) == (["1", "2"], "c2")


async def test_a_post_that_cannot_be_kept_is_quarantined_and_the_others_go_on(desk: Desk) -> None:
    await desk.take(post("1" * 5_000, cursor="c1"), post("", cursor="c2"), post("2", cursor="c3"))
    async with desk.db.read() as conn:
        assert await quarantine.count(conn) == 2
    assert (await desk.kept(), await desk.cursor()) == (["2"], "c3")


async def test_a_new_rulebook_counts_from_the_next_post_on(desk: Desk) -> None:
    await desk.take(post("1", "fog bank", cursor="c1"))
    desk.rulebook = Rulebook([RuleConfig(name="beer", brand="Larkmoor", any=("fog bank",))])
    await desk.take(post("2", "fog bank", cursor="c2"))
    assert await desk.kept() == ["2"]


async def test_a_tally_counts_what_each_source_gave(desk: Desk) -> None:
    await desk.take(post("1"), post("2", "weather"), Removal("1"), Unreadable("bad", b""), Alive())
    tally = desk.intake.tallies["x-main"]
    assert (tally.read, tally.heard, tally.removed, tally.unreadable) == (2, 1, 1, 1)


async def test_running_commits_mentions_by_itself(desk: Desk) -> None:
    running = asyncio.create_task(desk.intake.run())
    async with asyncio.timeout(20):
        desk.intake.take("x-main", "x", post("1", cursor="c1"))
        await desk.called.wait()
    assert await desk.kept() == ["1"]
    running.cancel()
    await asyncio.wait({running})


async def test_a_source_faster_than_the_disk_is_held_back_until_there_is_room(desk: Desk) -> None:
    for n in range(limits.ROOM):
        desk.intake.take("x-main", "x", post(str(n), cursor=str(n)))
    waiting = asyncio.create_task(desk.intake.room())
    await asyncio.sleep(0)
    assert not waiting.done()
    await desk.intake.flush()
    async with asyncio.timeout(20):
        await waiting
    assert len(await desk.kept()) == limits.ROOM
