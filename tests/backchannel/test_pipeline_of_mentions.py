"""Every mention is concluded exactly once, whatever breaks, hangs or dies on the way, on either database."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Row, select
from sqlalchemy.exc import OperationalError

from backchannel.pipeline import BATCH, LEASE, TRIES, Pipeline
from ledger import alerts, links, mentions, outbox, quarantine
from ledger.database import Database
from ledger.tables import mentions as mention_table
from ledger.tables import outbox as outbox_table
from matcher.mention import LinkPolicy
from tests.backchannel.fake_matcher import FakeMatcher
from tests.notifier.desk import NOON, Desk, TurnedClock, a_case


class Line:
    """A ledger with cases, a matcher that does as told, and any number of pipelines."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.clock = TurnedClock()
        self.desk = Desk(db)
        self.matcher = FakeMatcher()
        self.owed = 0
        self.settled: list[str] = []
        self.policy: LinkPolicy = "auto"
        self.pipeline = self.another("host/1")

    def another(self, worker: str) -> Pipeline:
        """Give a further pipeline on the same ledger."""
        return Pipeline(
            self.db,
            lambda: self.matcher.assessor(),  # noqa: PLW0108  the matcher may be replaced, as by a reload
            lambda: self.desk.dispatcher,
            lambda _: self.policy,
            self.clock,
            worker=worker,
            on_owed=self._note_owed,
            on_settled=lambda outcome, _: self.settled.append(outcome),
        )

    def _note_owed(self) -> None:
        self.owed += 1

    async def posts(self, *texts: str) -> list[Row[Any]]:
        """Record posts that hit a rule."""
        return [await self.desk.post(text=text) for text in texts]

    async def states(self) -> dict[str, int]:
        """Count mentions by state and outcome."""
        async with self.db.read() as conn:
            return await mentions.counts(conn)

    async def told(self) -> list[Row[Any]]:
        """Give all alerts."""
        async with self.db.read() as conn:
            return list(await alerts.newest(conn, 1_000))

    async def reasons(self) -> list[str]:
        """Give why mentions were quarantined."""
        async with self.db.read() as conn:
            return [row.reason for row in await quarantine.newest(conn, 1_000)]

    async def row(self, mention: Row[Any]) -> Row[Any]:
        """Give a mention as it now stands."""
        async with self.db.read() as conn:
            found = await mentions.get(conn, mention.id)
        assert found is not None
        return found

    async def remove(self, mention: Row[Any]) -> None:
        """Delete a post on its platform."""
        async with self.db.write("test") as conn:
            await mentions.mark_removed(conn, mention.source, [mention.native_id], self.clock.now())


@pytest.fixture
def line(database: Database) -> Line:
    """A pipeline on each kind of database."""
    return Line(database)


async def test_each_outcome_leaves_its_links_and_tells_whom_it_concerns(line: Line) -> None:
    """A link and a question reach the case's team, a complaint without a case first contacts, praise nobody."""
    for case_id in ("LK-1", "LK-2", "LK-3"):
        await line.desk.open_case(a_case(case_id))
    line.matcher.links("can", "LK-1")
    line.matcher.asks("bottle", "LK-2", "LK-3")
    line.matcher.finds_no_case("ale")
    linked, asked, lonely, praise = await line.posts("empty can", "broken bottle", "flat ale", "lovely beer")

    assert await line.pipeline.handle_next() == 4

    assert Counter(line.settled) == {"link": 1, "possible": 1, "unlinked": 1, "not_complaint": 1}
    assert {row.mention_id: (row.kind, tuple(row.receivers)) for row in await line.told()} == {
        linked.id: ("link", ("email-team",)),
        asked.id: ("possible", ("email-team",)),
        lonely.id: ("unlinked", ("first",)),
    }
    async with line.db.read() as conn:
        found = {mention.id: [link.case_id for link in await links.of_mention(conn, mention.id)] for mention in
                 (linked, asked, lonely, praise)}  # fmt: skip
    assert found == {linked.id: ["LK-1"], asked.id: ["LK-2", "LK-3"], lonely.id: [], praise.id: []}
    assert (await line.row(linked)).assessment["linking"]["decision"] == "link"


async def test_what_is_settled_is_never_handled_again(line: Line) -> None:
    line.matcher.finds_no_case("ale")
    await line.posts("flat ale")
    assert [await line.pipeline.handle_next() for _ in range(2)] == [1, 0]
    line.clock.turn(hours=1)
    assert await line.another("host/2").handle_next() == 0
    assert (len(await line.told()), line.settled) == (1, ["unlinked"])


async def test_a_source_that_may_not_be_linked_goes_to_first_contacts(line: Line) -> None:
    line.policy = "off"
    line.matcher.links("can", "LK-1")
    await line.desk.open_case(a_case())
    await line.posts("empty can")
    await line.pipeline.handle_next()
    (alert,) = await line.told()
    assert (alert.kind, alert.receivers) == ("unlinked", ["first"])


async def test_two_pipelines_never_conclude_the_same_mention_twice(line: Line) -> None:
    """Side by side on one ledger, all mentions are settled once, and each case has one alert."""
    for number in range(4):
        await line.desk.open_case(a_case(f"LK-{number}"))
        line.matcher.links(f"case{number}", f"LK-{number}")
    await line.posts(*(f"case{number % 4} again" for number in range(80)))
    other = line.another("host/2")

    async def work(pipeline: Pipeline) -> None:
        while await pipeline.handle_next():
            pass

    await asyncio.gather(work(line.pipeline), work(other))
    await asyncio.gather(work(line.pipeline), work(other))

    assert await line.states() == {"settled": 80, "settled:link": 80}
    assert len(line.settled) == 80
    assert sorted(row.case_id for row in await line.told()) == ["LK-0", "LK-1", "LK-2", "LK-3"]
    async with line.db.read() as conn:
        raised = (await conn.execute(select(outbox_table).where(outbox_table.c.step_key == "raise"))).all()
        folded = [mention for row in await line.told() for mention in await alerts.mention_ids(conn, row.alert_id)]
    assert (len(raised), len(folded), len(set(folded))) == (4, 80, 80)


async def test_poison_in_a_full_batch_sets_aside_itself_only(line: Line) -> None:
    line.matcher.finds_no_case("ale")
    line.matcher.breaks_on("poison")
    posts = await line.posts(*("poison" if n in (0, 13, BATCH - 1) else f"flat ale {n}" for n in range(BATCH)))

    assert await line.pipeline.handle_next() == BATCH

    assert await line.states() == {"settled": BATCH - 3, "settled:unlinked": BATCH - 3, "quarantined": 3}
    assert await line.reasons() == ["RuntimeError"] * 3
    assert (await line.row(posts[13])).state == "quarantined"
    assert await line.pipeline.handle_next() == 0


async def test_a_mention_whose_conclusion_the_database_refuses_is_set_aside_alone(line: Line) -> None:
    """A case id that no database can hold is the mention's fault and no outage: the others are concluded."""
    line.matcher.links("can", "LK-\ud800")
    line.matcher.finds_no_case("ale")
    await line.posts("empty can", "flat ale")

    await line.pipeline.handle_next()

    assert await line.states() == {"settled": 1, "settled:unlinked": 1, "quarantined": 1}
    assert len(await line.reasons()) == len(await line.told()) == 1


async def test_a_mention_that_is_assessed_anew_gets_no_second_alert(line: Line) -> None:
    """Tried again after it was settled, as an operator may ask, it ends where it was."""
    line.matcher.links("can", "LK-1")
    await line.desk.open_case(a_case())
    (post,) = await line.posts("empty can")
    await line.pipeline.handle_next()
    async with line.db.write("test") as conn:
        assert await mentions.requeue(conn, post.id)
    await line.pipeline.handle_next()
    assert (line.settled, len(await line.told())) == (["link", "link"], 1)
    async with line.db.read() as conn:
        assert [row.step_key for row in await outbox.of_alert(conn, (await line.told())[0].alert_id)] == ["raise"]


@pytest.mark.parametrize("error", [OperationalError("SELECT", {}, Exception("gone")), OSError("disk"), TimeoutError()])
async def test_an_outage_hands_the_work_back_and_counts_no_try(line: Line, error: Exception) -> None:
    line.matcher.finds_no_case("ale")
    posts = await line.posts("flat ale", "lovely beer")
    for _ in range(TRIES + 2):
        line.matcher.stumble(error)
        with pytest.raises(type(error)):
            await line.pipeline.handle_next()
    row = await line.row(posts[0])
    assert (row.state, row.attempts, line.settled) == ("new", 0, [])

    assert await line.pipeline.handle_next() == 2
    assert Counter(line.settled) == {"unlinked": 1, "not_complaint": 1}


async def test_stopping_in_the_middle_hands_the_work_back(line: Line) -> None:
    line.matcher.finds_no_case("ale")
    posts = await line.posts("flat ale", "lovely beer")
    line.matcher.hang()
    working = asyncio.create_task(line.pipeline.run())
    async with asyncio.timeout(20):
        await line.matcher.entered.wait()
        assert (await line.row(posts[0])).state == "claimed"
        working.cancel()
        await asyncio.wait({working})
    assert [((await line.row(post)).state, (await line.row(post)).attempts) for post in posts] == [("new", 0)] * 2
    assert await line.another("host/2").handle_next() == 2


async def test_a_hanging_pipeline_loses_its_claim_and_changes_nothing_when_it_wakes(line: Line) -> None:
    """After the lease another pipeline concludes; the first finds its claim lost, and nobody is told twice."""
    line.matcher.finds_no_case("ale")
    (post,) = await line.posts("flat ale")
    gate = line.matcher.hang()
    hanging = asyncio.create_task(line.pipeline.handle_next())
    async with asyncio.timeout(20):
        await line.matcher.entered.wait()
        other = line.another("host/2")
        assert await other.handle_next() == 0
        line.clock.turn(seconds=LEASE.total_seconds() + 1)
        assert await other.handle_next() == 1
        gate.set()
        await hanging
    assert (len(await line.told()), line.settled, line.owed) == (1, ["unlinked"], 1)
    assert (await line.row(post)).worker == "host/2"


async def test_a_pipeline_that_breaks_after_its_claim_was_lost_sets_nothing_aside(line: Line) -> None:
    line.matcher.finds_no_case("ale")
    (post,) = await line.posts("flat ale")
    gate = line.matcher.hang()
    hanging = asyncio.create_task(line.pipeline.handle_next())
    async with asyncio.timeout(20):
        await line.matcher.entered.wait()
        line.clock.turn(seconds=LEASE.total_seconds() + 1)
        await line.another("host/2").handle_next()
        line.matcher.stumble(RuntimeError())
        gate.set()
        await hanging
    assert ((await line.row(post)).state, await line.reasons()) == ("settled", [])


async def test_a_mention_that_kills_its_worker_each_time_is_set_aside(line: Line) -> None:
    """Three times a worker died with it; the fourth to claim it does not even try."""
    line.matcher.finds_no_case("ale")
    (post,) = await line.posts("flat ale")
    for _ in range(TRIES):
        async with line.db.write("claim") as conn:
            assert len(await mentions.claim(conn, "dead/1", line.clock.now(), limit=BATCH, lease=LEASE)) == 1
        line.clock.turn(seconds=LEASE.total_seconds() + 1)
    await line.posts("another ale")

    await line.pipeline.handle_next()

    assert (await line.row(post)).state == "quarantined"
    assert await line.reasons() == ["its worker died each time it was tried"]
    assert line.matcher.asked == ["another ale"]
    assert line.settled == ["unlinked"]


async def test_the_third_try_is_still_made(line: Line) -> None:
    line.matcher.finds_no_case("ale")
    await line.posts("flat ale")
    for _ in range(TRIES - 1):
        async with line.db.write("claim") as conn:
            await mentions.claim(conn, "dead/1", line.clock.now(), limit=BATCH, lease=LEASE)
        line.clock.turn(seconds=LEASE.total_seconds() + 1)
    await line.pipeline.handle_next()
    assert line.settled == ["unlinked"]


async def test_a_post_removed_before_it_was_assessed_is_settled_as_removed(line: Line) -> None:
    line.matcher.finds_no_case("ale")
    (post,) = await line.posts("flat ale")
    await line.remove(post)
    await line.pipeline.handle_next()
    assert (line.settled, line.owed, await line.told()) == (["removed"], 0, [])


async def test_a_post_removed_while_it_is_assessed_is_settled_as_removed(line: Line) -> None:
    """Nobody is alerted about it, and nothing of its text comes back into the ledger by the assessment."""
    line.matcher.links("can", "LK-1")
    await line.desk.open_case(a_case())
    post, other = await line.posts("empty can", "my can, too")
    gate = line.matcher.hang()
    handling = asyncio.create_task(line.pipeline.handle_next())
    async with asyncio.timeout(20):
        await line.matcher.entered.wait()
        await line.remove(post)
        gate.set()
        await handling
    row = await line.row(post)
    assert (row.state, row.outcome, row.assessment, row.text) == ("settled", "removed", {}, "")
    (alert,) = await line.told()
    assert alert.mention_id == other.id
    async with line.db.read() as conn:
        assert await links.of_mention(conn, post.id) == []
        assert await mentions.removed_unsaid(conn, 10) == []


async def test_the_delivery_is_woken_only_when_something_is_owed(line: Line) -> None:
    line.matcher.finds_no_case("ale")
    await line.posts("lovely beer", "nice glass")
    await line.pipeline.handle_next()
    assert line.owed == 0
    await line.posts("flat ale", "lovely beer")
    await line.pipeline.handle_next()
    assert line.owed == 1
    async with line.db.read() as conn:
        assert await outbox.counts(conn) == {"owed": 1}


async def test_a_case_that_was_resolved_meanwhile_alerts_nobody(line: Line) -> None:
    case = await line.desk.open_case(a_case())
    line.matcher.links("can", "LK-1")
    await line.posts("empty can")
    await line.desk.resolve(case, NOON + timedelta(minutes=1))
    await line.pipeline.handle_next()
    assert (line.settled, line.owed, await line.told()) == (["link"], 0, [])


async def test_running_concludes_at_once_when_woken(line: Line) -> None:
    line.matcher.finds_no_case("ale")
    working = asyncio.create_task(line.pipeline.run())
    await line.posts("flat ale")
    line.pipeline.wake()
    async with asyncio.timeout(20):
        while not line.settled:  # noqa: ASYNC110  a plain list, with no event to wait for
            await asyncio.sleep(0.01)
        working.cancel()
        await asyncio.wait({working})
    async with line.db.read() as conn:
        states = (await conn.execute(select(mention_table.c.state))).scalars().all()
    assert states == ["settled"]


async def test_no_text_reaches_the_quarantine_or_the_log(line: Line, capsys: pytest.CaptureFixture[str]) -> None:
    line.matcher.breaks_on("poison")
    await line.posts("poison of a secret-canary")
    await line.pipeline.handle_next()
    said = capsys.readouterr()
    assert "secret-canary" not in said.out + said.err + " ".join(await line.reasons())
