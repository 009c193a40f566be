"""Mentions, their links and the cursors of their sources are kept alike on SQLite and PostgreSQL."""

from datetime import timedelta

import pytest

from ledger import cursors, gaps, links, mentions, quarantine
from ledger.database import Database
from tests.ledger.rows import LEASE, NOON, a_mention, record


async def test_a_mention_is_recorded_once(database: Database) -> None:
    """The same post of the same source is one mention, however often it arrives."""
    assert await record(database, a_mention("1"), a_mention("2")) == 2
    assert await record(database, a_mention("2", text="changed"), a_mention("3")) == 1
    assert await record(database, a_mention("1", source="reddit")) == 1
    async with database.read() as conn:
        row = await mentions.by_native_id(conn, "x-main", "2")
    assert row is not None
    assert (row.text, row.posted_at, row.state) == ("the can was empty", NOON, "new")


async def test_a_claim_is_exclusive_until_its_lease_runs_out(database: Database) -> None:
    """Two workers never hold the same mention, and a dead worker's mention is claimed again."""
    await record(database, a_mention("1"))
    async with database.write("test") as conn:
        first = await mentions.claim(conn, "one", NOON, limit=10, lease=LEASE)
        second = await mentions.claim(conn, "two", NOON, limit=10, lease=LEASE)
        late = await mentions.claim(conn, "two", NOON + 2 * LEASE, limit=10, lease=LEASE)
        assert [len(first), len(second), len(late)] == [1, 0, 1]
        assert not await mentions.settle(conn, first[0], NOON, outcome="unlinked", assessment={})
        assert await mentions.settle(conn, late[0], NOON, outcome="unlinked", assessment={"why": "none"})
        assert await mentions.claim(conn, "two", NOON + 9 * LEASE, limit=10, lease=LEASE) == []
        assert (await mentions.counts(conn))["settled:unlinked"] == 1


async def test_released_work_is_free_at_once(database: Database) -> None:
    """A graceful stop hands claims back without counting an attempt."""
    await record(database, a_mention("1"))
    async with database.write("test") as conn:
        claimed = await mentions.claim(conn, "one", NOON, limit=1, lease=LEASE)
        await mentions.release(conn, [claimed[0].id], "one")
        again = await mentions.claim(conn, "two", NOON, limit=1, lease=LEASE)
    assert again[0].attempts == 1


async def test_claims_follow_the_time_of_the_post(database: Database) -> None:
    """The oldest post is claimed first."""
    await record(database, *(a_mention(str(n), posted_at=NOON - timedelta(minutes=n)) for n in range(5)))
    async with database.write("test") as conn:
        claimed = await mentions.claim(conn, "one", NOON, limit=3, lease=LEASE)
    assert [row.native_id for row in claimed] == ["4", "3", "2"]


async def test_a_removed_post_leaves_no_text_and_no_author(database: Database) -> None:
    """What the platform removed is removed here."""
    await record(database, a_mention("1"))
    async with database.write("test") as conn:
        assert len(await mentions.mark_removed(conn, "x-main", ["1", "9"], NOON)) == 1
        assert await mentions.mark_removed(conn, "x-main", ["1"], NOON) == []
        row = await mentions.by_native_id(conn, "x-main", "1")
    assert row is not None
    assert (row.text, row.author, row.removed_at) == ("", {"handle": ""}, NOON)


async def test_reach_only_grows(database: Database) -> None:
    """A repost raises the reach of its mention; an older count never lowers it."""
    await record(database, a_mention("1"))
    async with database.write("test") as conn:
        await mentions.raise_reach(conn, "x-main", "1", {"likes": 9, "reposts": 2})
        await mentions.raise_reach(conn, "x-main", "1", {"likes": 3, "reposts": 4})
        row = await mentions.by_native_id(conn, "x-main", "1")
    assert row is not None
    assert row.reach == {"likes": 9, "reposts": 4, "replies": 0}


async def test_a_cursor_moves_with_its_facts_or_not_at_all(database: Database) -> None:
    """A transaction that fails takes its cursor back with its mentions."""

    async def fail_half_way() -> None:
        async with database.write("test") as conn:
            await mentions.record(conn, [a_mention("1")])
            await cursors.move(conn, {"x-main": "1"}, NOON)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail_half_way()
    async with database.read() as conn:
        assert await cursors.get(conn, "x-main") is None
        assert await mentions.by_native_id(conn, "x-main", "1") is None


async def test_cursors_gaps_and_quarantine_keep_what_they_are_told(database: Database) -> None:
    """The last cursor counts; gaps and poison stay until somebody has seen to them."""
    async with database.write("test") as conn:
        await cursors.move(conn, {"x-main": "1"}, NOON)
        await cursors.move(conn, {"x-main": "2", "reddit": None}, NOON + LEASE)
        await gaps.record(
            conn, "x-main", "search reaches back 7 days", NOON, since=NOON - timedelta(days=9), until=None
        )
        await quarantine.record(conn, "x-main", "parse", "no id", NOON, raw=b"\xff" * 100_000)
        assert await cursors.get(conn, "x-main") == "2"
        assert (await cursors.ages(conn))["reddit"] == NOON + LEASE
        assert await gaps.counts(conn) == {"x-main": 1}
        kept = (await quarantine.newest(conn, 5))[0]
        assert len(kept.raw) == quarantine.RAW_LIMIT
        assert await quarantine.release(conn, kept.id, NOON) is None
        assert await quarantine.count(conn) == 0


async def test_links_are_judged_and_expire_with_their_case(database: Database) -> None:
    """A person confirms or refuses a link; when the case is over its links end."""
    shared = {
        "evidence": [],
        "basis": ["public text"],
        "relation": "spouse",
        "mode": "review",
        "model": "1",
        "made_at": NOON,
    }
    rows = [{"mention_id": 1, "case_id": f"LK-{n}", "rank": n, "probability": 0.9 / n, **shared} for n in (1, 2)]
    async with database.write("test") as conn:
        await links.record(conn, rows)
        assert await links.judge(conn, 1, "LK-2", state=links.REFUSED, by="U1", now=NOON)
        assert not await links.judge(conn, 1, "LK-9", state=links.REFUSED, by="U1", now=NOON)
        assert await links.expire(conn, "LK-1", NOON) == 1
        kept = await links.of_mention(conn, 1)
    assert [(row.state, row.expired_at) for row in kept] == [("hypothesis", NOON), ("refused", None)]


async def test_links_of_a_mention_that_is_assessed_anew_are_replaced_but_not_what_a_person_said(
    database: Database,
) -> None:
    """Hypotheses give way to new ones; a refused link stays refused."""
    shared = {"rank": 1, "evidence": [], "basis": [], "relation": None, "mode": "auto", "model": "1", "made_at": NOON}
    first = [{"mention_id": 1, "case_id": case, "probability": 0.5, **shared} for case in ("LK-1", "LK-2")]
    async with database.write("test") as conn:
        await links.record(conn, first)
        await links.judge(conn, 1, "LK-2", state=links.REFUSED, by="U1", now=NOON)
        await links.record(conn, [{**row, "probability": 0.9} for row in first[1:]])
        kept = await links.of_mention(conn, 1)
    assert [(row.case_id, row.state, row.probability) for row in kept] == [("LK-2", "refused", 0.5)]
