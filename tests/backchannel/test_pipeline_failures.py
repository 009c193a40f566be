"""Whatever breaks, hangs or dies on the way, no mention is lost or concluded twice, on either database."""

import asyncio
from collections import Counter

import pytest
from sqlalchemy.exc import OperationalError

from backchannel.pipeline import BATCH, LEASE, TRIES
from ledger import mentions
from matcher.custom_model import CustomModelError
from tests.backchannel.line import Line


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


async def test_no_text_reaches_the_quarantine_or_the_log(line: Line, capsys: pytest.CaptureFixture[str]) -> None:
    line.matcher.breaks_on("poison")
    await line.posts("poison of a secret-canary")
    await line.pipeline.handle_next()
    said = capsys.readouterr()
    assert "secret-canary" not in said.out + said.err + " ".join(await line.reasons())


async def test_what_a_model_gives_that_is_no_probability_is_told_in_the_quarantine(line: Line) -> None:
    line.matcher.breaks_on("poison", CustomModelError("the model acme/x gives nan where a probability is due"))
    await line.posts("poison ale")
    await line.pipeline.handle_next()
    assert await line.reasons() == ["the model acme/x gives nan where a probability is due"]
