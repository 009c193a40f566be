"""Whatever a platform sends, on either database: what cannot be kept is set aside alone, and the others go on."""

from datetime import datetime

import pytest
from sqlalchemy import select

from ledger import cursors, gaps, mentions, quarantine
from ledger.database import Database
from ledger.tables import mentions as mention_table
from listener.config import RuleConfig
from listener.intake import Intake
from listener.post import Alive, Author, Event, Gap, Post, Reach, Removal, Unreadable
from listener.rules import Rulebook
from tests.listener.fake_source import START, TurnedClock

NUL, LONE, LONG = "a\x00b", "a\ud800b", "1" * 100_000
NASTY = [NUL, LONE, LONG, ""]


class Inlet:
    """An intake over a real ledger, and what came of it."""

    def __init__(self, db: Database) -> None:
        self.db = db
        rulebook = Rulebook([RuleConfig(name="cans", brand="Larkmoor", any=("larkmoor",))])
        self.intake = Intake(db, lambda: rulebook, TurnedClock(), on_mention=lambda: None)

    async def take(self, *events: Event) -> None:
        """Take events in and commit them."""
        for event in events:
            self.intake.take("x", "x", event)
        await self.intake.flush()

    async def kept(self) -> list[str]:
        """Give the native ids of all mentions, in the order in which they were kept."""
        async with self.db.read() as conn:
            return list((await conn.execute(select(mention_table.c.native_id).order_by(mention_table.c.id))).scalars())

    async def cursor(self) -> str | None:
        """Give how far the source is read."""
        async with self.db.read() as conn:
            return await cursors.get(conn, "x")

    async def set_aside(self) -> list[str]:
        """Give the reasons of what was quarantined, oldest first."""
        async with self.db.read() as conn:
            return [row.reason for row in reversed(await quarantine.newest(conn, 1_000))]


@pytest.fixture
def inlet(database: Database) -> Inlet:
    """An intake on each kind of database."""
    return Inlet(database)


def post(native_id: str, cursor: str, *, at: datetime = START, **fields: object) -> Post:
    """Make a post that hits the rule."""
    return Post(native_id, Author("wife"), "larkmoor can", at, cursor=cursor, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize("native_id", NASTY)
async def test_a_removal_of_any_id_stops_nobody(inlet: Inlet, native_id: str) -> None:
    await inlet.take(post("1", "c1"), Removal(native_id, cursor="c2"), post("2", "c3"))
    assert (await inlet.kept(), await inlet.cursor()) == (["1", "2"], "c3")


@pytest.mark.parametrize("native_id", NASTY)
async def test_a_repost_of_any_id_stops_nobody(inlet: Inlet, native_id: str) -> None:
    again = post("9", "c2", repost_of=native_id, reach=Reach(likes=2**70))
    await inlet.take(post("1", "c1"), again, post("2", "c3"))
    assert (await inlet.kept(), await inlet.cursor()) == (["1", "2"], "c3")


@pytest.mark.parametrize("text", NASTY)
async def test_what_is_unreadable_may_have_any_id_and_reason(inlet: Inlet, text: str) -> None:
    broken = Unreadable(text, b"\xff\x00" * 60_000, text, cursor="c2")
    await inlet.take(post("1", "c1"), broken, Gap(text, cursor="c3"), post("2", "c4"))
    assert (await inlet.kept(), await inlet.cursor()) == (["1", "2"], "c4")
    async with inlet.db.read() as conn:
        assert (await quarantine.count(conn), await gaps.counts(conn)) == (1, {"x": 1})


async def test_a_nasty_id_is_removed_under_the_name_under_which_it_was_kept(inlet: Inlet) -> None:
    await inlet.take(post(NUL, "c1"), Removal(NUL, cursor="c2"))
    async with inlet.db.read() as conn:
        (gone,) = await mentions.newest(conn, 5)
    assert gone.text == ""


@pytest.mark.parametrize("place", [0, 1, 130, 299])
async def test_a_post_that_the_database_refuses_is_set_aside_alone(inlet: Inlet, place: int) -> None:
    """A time without a zone is a fault of a source: wherever in the group it lies, its neighbours are kept."""
    events = [post(str(n), f"c{n}") for n in range(300)]
    events[place] = post(str(place), f"c{place}", at=datetime(2026, 3, 1, 12))  # noqa: DTZ001  the fault itself
    await inlet.take(*events)
    assert await inlet.kept() == [str(n) for n in range(300) if n != place]
    assert await inlet.cursor() == "c299"
    assert await inlet.set_aside() == ["the database refused it (StatementError)"]
    await inlet.take(post("300", "c300"), Alive(cursor="c301"))
    assert await inlet.cursor() == "c301"


async def test_several_refused_posts_lose_no_neighbour(inlet: Inlet) -> None:
    bad = {3, 4, 90, 255, 256}
    naive = datetime(2026, 3, 1, 12)  # noqa: DTZ001  the fault itself
    await inlet.take(*(post(str(n), f"c{n}", at=naive if n in bad else START) for n in range(280)))
    assert await inlet.kept() == [str(n) for n in range(280) if n not in bad]
    assert (len(await inlet.set_aside()), await inlet.cursor()) == (5, "c279")
