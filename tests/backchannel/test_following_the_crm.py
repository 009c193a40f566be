"""The mirror follows the CRM, and what is over there ends the alerts here, on either database."""

import asyncio
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import func, select

from backchannel.following import BATCH, CURSOR, Follower
from crm.records import Case
from crm.source import CrmError
from ledger import cases, cursors, links
from ledger.database import Database
from ledger.tables import link_keys
from tests.backchannel.fake_crm import FakeCrm
from tests.notifier.desk import MINUTE, NOON, Desk, TurnedClock, a_case


class Mirror:
    """A follower over a fake CRM and a real ledger."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.crm = FakeCrm()
        self.clock = TurnedClock()
        self.desk = Desk(db)
        self.owed = 0
        self.follower = self.another()

    def another(self) -> Follower:
        """Give a new follower on the same ledger, as after a restart."""
        return Follower(
            self.db, self.crm, lambda: self.desk.dispatcher, self.clock, poll_every=0.01, on_owed=self._note_owed
        )

    def _note_owed(self) -> None:
        self.owed += 1

    async def unresolved(self) -> int:
        """Count the mirrored cases that wait."""
        async with self.db.read() as conn:
            return await cases.count_unresolved(conn)

    async def mirrored(self, case_id: str) -> Case | None:
        """Give a case as it is mirrored."""
        async with self.db.read() as conn:
            row = await cases.get(conn, case_id)
        return None if row is None else msgspec.json.decode(row.record, type=Case)

    async def keys(self, case_id: str) -> int:
        """Count the keys under which a case may be found."""
        query = select(func.count()).select_from(link_keys).where(link_keys.c.case_id == case_id)
        async with self.db.read() as conn:
            return int((await conn.execute(query)).scalar_one())

    async def cursor(self) -> str | None:
        """Give how far the CRM was read."""
        async with self.db.read() as conn:
            return await cursors.get(conn, CURSOR)

    async def alert_about(self, *case_ids: str) -> str:
        """Raise an alert: about one case, or a question about several."""
        mention = await self.desk.post()
        outcome, share = ("link", 0.94) if len(case_ids) == 1 else ("possible", 0.4)
        alert_id = await self.desk.conclude(mention, outcome, NOON, [(each, share) for each in case_ids])
        assert alert_id is not None
        return alert_id


@pytest.fixture
def mirror(database: Database) -> Mirror:
    """A follower on each kind of database."""
    return Mirror(database)


async def test_new_and_changed_cases_are_mirrored_with_their_keys(mirror: Mirror) -> None:
    mirror.crm.open(a_case("LK-1"))
    mirror.crm.open(a_case("LK-2"))
    assert await mirror.follower.catch_up() == 2
    mirror.crm.open(a_case("LK-1", subject="Another matter"))
    assert await mirror.follower.catch_up() == 1
    found = await mirror.mirrored("LK-1")
    assert found is not None
    assert (found.subject, await mirror.unresolved(), await mirror.cursor()) == ("Another matter", 2, "3")
    assert await mirror.keys("LK-1") > 0
    assert mirror.crm.asked == [None, "2"]


async def test_a_quiet_crm_changes_nothing(mirror: Mirror) -> None:
    mirror.crm.open(a_case())
    await mirror.follower.catch_up()
    assert await mirror.follower.catch_up() == 0
    assert (await mirror.cursor(), mirror.owed) == ("1", 0)


async def test_a_case_that_changes_twice_in_a_batch_is_mirrored_as_it_stands_last(mirror: Mirror) -> None:
    mirror.crm.open(a_case())
    mirror.crm.answer("LK-1", NOON)
    mirror.crm.open(a_case("LK-2"))
    mirror.crm.delete("LK-2")
    assert await mirror.follower.catch_up() == 2
    found = await mirror.mirrored("LK-1")
    assert found is not None
    assert (found.status, await mirror.mirrored("LK-2"), await mirror.unresolved()) == ("resolved", None, 0)


async def test_answering_a_case_closes_its_alert_stops_its_clock_and_expires_its_links(mirror: Mirror) -> None:
    mirror.crm.open(a_case())
    await mirror.follower.catch_up()
    alert_id = await mirror.alert_about("LK-1")
    mirror.crm.answer("LK-1", NOON + MINUTE)
    mirror.clock.turn(minutes=2)

    await mirror.follower.catch_up()

    alert = await mirror.desk.alert(alert_id)
    assert (alert.state, alert.end_reason, mirror.owed) == ("closed", "the case was resolved in the CRM", 1)
    assert {state for state, _ in (await mirror.desk.steps(alert_id)).values()} == {"cancelled"}
    async with mirror.db.read() as conn:
        assert [link.expired_at for link in await links.of_case(conn, "LK-1")] == [NOON + 2 * MINUTE]


async def test_closing_a_case_without_an_answer_closes_no_alert(mirror: Mirror) -> None:
    """Nobody has written more than a notice: the customer still waits."""
    mirror.crm.open(a_case())
    await mirror.follower.catch_up()
    alert_id = await mirror.alert_about("LK-1")
    mirror.crm.answer("LK-1", NOON, text="This ticket has been closed automatically.")
    await mirror.follower.catch_up()
    assert ((await mirror.desk.alert(alert_id)).state, mirror.owed) == ("open", 0)


async def test_deleting_a_case_takes_it_and_its_keys_away_and_closes_its_alert(mirror: Mirror) -> None:
    mirror.crm.open(a_case())
    await mirror.follower.catch_up()
    alert_id = await mirror.alert_about("LK-1")
    mirror.crm.delete("LK-1")
    await mirror.follower.catch_up()
    assert ((await mirror.desk.alert(alert_id)).state, mirror.owed) == ("closed", 1)
    assert (await mirror.mirrored("LK-1"), await mirror.keys("LK-1")) == (None, 0)


async def test_a_question_asks_less_when_one_of_its_cases_is_answered(mirror: Mirror) -> None:
    mirror.crm.open(a_case("LK-1"))
    mirror.crm.open(a_case("LK-2"))
    await mirror.follower.catch_up()
    alert_id = await mirror.alert_about("LK-1", "LK-2")
    mirror.crm.answer("LK-1", NOON)
    await mirror.follower.catch_up()
    assert ((await mirror.desk.alert(alert_id)).state, mirror.owed) == ("open", 1)
    mirror.crm.answer("LK-2", NOON)
    await mirror.follower.catch_up()
    assert ((await mirror.desk.alert(alert_id)).state, mirror.owed) == ("closed", 2)


async def test_a_case_nobody_was_alerted_about_owes_nobody_anything(mirror: Mirror) -> None:
    mirror.crm.open(a_case())
    mirror.crm.answer("LK-1", NOON)
    await mirror.follower.catch_up()
    assert mirror.owed == 0


async def test_a_crm_that_breaks_half_way_is_read_on_from_the_last_batch(mirror: Mirror) -> None:
    for number in range(BATCH + 20):
        mirror.crm.open(a_case(f"LK-{number}"))
    mirror.crm.fail_after(BATCH + 10)
    with pytest.raises(CrmError):
        await mirror.follower.catch_up()
    assert (await mirror.cursor(), await mirror.unresolved()) == (str(BATCH), BATCH)
    assert not mirror.follower.caught_up.is_set()
    assert await mirror.follower.catch_up() == 20
    assert (mirror.crm.asked, await mirror.unresolved()) == ([None, str(BATCH)], BATCH + 20)
    assert mirror.follower.caught_up.is_set()


async def test_running_follows_what_changes(mirror: Mirror) -> None:
    following = asyncio.create_task(mirror.follower.run())
    async with asyncio.timeout(20):
        await mirror.follower.caught_up.wait()
        mirror.crm.open(a_case())
        while await mirror.cursor() != "1":  # noqa: ASYNC110  the ledger has no event to wait for
            await asyncio.sleep(0.01)
    following.cancel()
    await asyncio.wait({following})
    assert await mirror.unresolved() == 1


async def test_without_any_mirror_the_first_look_is_waited_for(mirror: Mirror) -> None:
    mirror.crm.open(a_case())
    waiting = asyncio.create_task(mirror.follower.ready(patience=0.0))
    async with asyncio.timeout(20):
        await asyncio.sleep(0.02)
        assert not waiting.done()
        await mirror.follower.catch_up()
        await waiting


async def test_with_the_mirror_of_before_a_crm_that_hangs_holds_up_nobody_for_long(mirror: Mirror) -> None:
    """After a restart the cases of before are known: complaints about them are not kept waiting."""
    mirror.crm.open(a_case())
    await mirror.follower.catch_up()
    restarted = mirror.another()
    mirror.crm.hang()
    following = asyncio.create_task(restarted.run())
    async with asyncio.timeout(20):
        await restarted.ready(patience=0.01)
    assert not restarted.caught_up.is_set()
    following.cancel()
    await asyncio.wait({following})


async def test_a_case_that_was_resolved_in_the_future_waits_still(mirror: Mirror) -> None:
    """The CRM's clock may be ahead, and a replay looks at the past: what is not over yet is not over."""
    mirror.crm.open(a_case())
    mirror.crm.answer("LK-1", NOON + timedelta(hours=1))
    await mirror.follower.catch_up()
    assert await mirror.unresolved() == 1
