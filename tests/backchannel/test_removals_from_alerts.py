"""A post that its platform removed goes out of every alert, sent or owed, once."""

import msgspec
import pytest
from sqlalchemy import update

from backchannel.removals import BATCH, Removals
from ledger import links, mentions
from ledger.database import Database
from ledger.tables import mentions as mention_table
from notifier.card import AlertCard
from tests.notifier.desk import MINUTE, NOON, Desk, TurnedClock, a_case

POST = "My husband's can was EMPTY, @larkmoorbrew"


class Broom:
    """Removals over a desk."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.desk = Desk(db)
        self.clock = TurnedClock()
        self.owed = 0
        self.removals = Removals(db, lambda: self.desk.dispatcher, self.clock, on_owed=self._note_owed)

    def _note_owed(self) -> None:
        self.owed += 1

    async def settle(self, outcome: str = "link") -> None:
        """Settle every mention, with an assessment that quotes its post."""
        values = {"state": "settled", "outcome": outcome, "assessment": {"verdict": {"words": [POST]}}}
        async with self.db.write("test") as conn:
            await conn.execute(update(mention_table).values(**values))

    async def platform_removes(self, native_ids: list[str]) -> None:
        """Let the platform take posts away."""
        async with self.db.write("intake") as conn:
            await mentions.mark_removed(conn, "x-main", native_ids, self.clock.now())


@pytest.fixture
def broom(database: Database) -> Broom:
    """Removals on each kind of database."""
    return Broom(database)


async def test_a_removed_post_is_in_no_message_and_no_reason_any_more(broom: Broom) -> None:
    alert_id = await broom.desk.complaint()
    await broom.settle()
    alert = await broom.desk.alert(alert_id)
    async with broom.db.read() as conn:
        mention = await mentions.get(conn, alert.mention_id)
    assert mention is not None
    assert any(POST in row.card.decode() for row in await broom.desk.owed(alert_id))
    await broom.platform_removes([mention.native_id])
    broom.clock.turn(minutes=1)

    assert await broom.removals.look() == 1

    rows = await broom.desk.owed(alert_id)
    assert [row.kind for row in rows] == ["new", "edit"]
    assert not any("EMPTY" in row.card.decode() or "jen_h" in row.card.decode() for row in rows)
    assert msgspec.json.decode(rows[1].card, type=AlertCard).post.text == "[deleted on its platform]"
    assert ((await broom.desk.alert(alert_id)).state, broom.owed) == ("open", 1)
    async with broom.db.read() as conn:
        assert {each["sentence"] for link in await links.of_mention(conn, mention.id) for each in link.evidence} == {""}


async def test_a_removal_is_said_once(broom: Broom) -> None:
    await broom.desk.complaint()
    await broom.settle()
    async with broom.db.read() as conn:
        (mention,) = await mentions.newest(conn, 5)
    await broom.platform_removes([mention.native_id])
    assert [await broom.removals.look() for _ in range(3)] == [1, 0, 0]
    assert broom.owed == 1


async def test_an_assessment_that_was_written_after_the_removal_is_dropped(broom: Broom) -> None:
    """The removal came between the look and the commit of an assessment: no word of the post stays."""
    await broom.desk.complaint()
    async with broom.db.read() as conn:
        (mention,) = await mentions.newest(conn, 5)
    await broom.platform_removes([mention.native_id])
    await broom.settle()
    await broom.removals.look()
    async with broom.db.read() as conn:
        row = await mentions.get(conn, mention.id)
    assert row is not None
    assert (row.outcome, row.assessment) == ("removed", {})


async def test_an_alert_without_a_case_ends_with_its_post(broom: Broom) -> None:
    mention = await broom.desk.post()
    alert_id = await broom.desk.conclude(mention, "unlinked", NOON)
    assert alert_id is not None
    await broom.settle("unlinked")
    await broom.platform_removes([mention.native_id])
    await broom.removals.look()
    alert = await broom.desk.alert(alert_id)
    assert (alert.state, alert.end_reason) == ("closed", "the post was deleted on its platform")
    assert {state for state, _ in (await broom.desk.steps(alert_id)).values()} == {"cancelled"}


async def test_what_is_not_settled_yet_is_left_to_the_pipeline(broom: Broom) -> None:
    mention = await broom.desk.post()
    await broom.platform_removes([mention.native_id])
    assert (await broom.removals.look(), broom.owed) == (0, 0)


async def test_a_case_that_was_answered_meanwhile_stays_closed(broom: Broom) -> None:
    case = a_case()
    alert_id = await broom.desk.complaint(case=case)
    await broom.settle()
    await broom.desk.resolve(case, NOON + MINUTE)
    async with broom.db.read() as conn:
        (mention,) = await mentions.newest(conn, 5)
    await broom.platform_removes([mention.native_id])
    await broom.removals.look()
    alert = await broom.desk.alert(alert_id)
    assert (alert.state, alert.end_reason) == ("closed", "the case was resolved in the CRM")


async def test_many_removals_are_said_in_several_looks(broom: Broom) -> None:
    posts = [await broom.desk.post() for _ in range(BATCH + 5)]
    await broom.settle("not_complaint")
    await broom.platform_removes([post.native_id for post in posts])
    assert [await broom.removals.look() for _ in range(3)] == [BATCH, 5, 0]
