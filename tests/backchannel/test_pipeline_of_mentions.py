"""Every mention is concluded exactly once, and whom it concerns is told once, on either database."""

import asyncio
from collections import Counter
from datetime import timedelta

from sqlalchemy import select

from backchannel.pipeline import Pipeline
from ledger import alerts, links, mentions, outbox
from ledger.tables import mentions as mention_table
from ledger.tables import outbox as outbox_table
from tests.backchannel.line import Line
from tests.notifier.desk import NOON, a_case


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
