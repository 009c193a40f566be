"""What people answered and what was learnt from it is kept alike on SQLite and PostgreSQL."""

from datetime import UTC, datetime, timedelta
from typing import Any

from ledger import models, outcomes
from ledger.database import Database

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
BASE = "linking-1:abc"


def an_outcome(mention_id: int, verdict: str = outcomes.CONFIRMED, **changes: Any) -> dict[str, Any]:
    """Give a row for ``outcomes.record``."""
    row = {
        "mention_id": mention_id, "alert_id": "a1", "verdict": verdict, "case_id": "LK-1", "refused": [],
        "relation": None, "candidates": [{"case_id": "LK-1", "probability": 0.9, "features": {"words": 1.25}}],
        "post": {"contact": 1.0}, "none": 0.1, "prior": 0.2, "model": "linking-1", "by": "slack:U1", "at": NOON,
    }  # fmt: skip
    return {**row, **changes}


def a_refit(version: str, state: str = models.PROMOTED, **changes: Any) -> dict[str, Any]:
    """Give a row for ``models.record``."""
    row = {
        "version": version, "base": BASE, "state": state, "weights": {"weights": {"words": 0.5}}, "labels": 40,
        "before": {"detection": 0.5}, "after": {"detection": 0.6}, "reason": "it finds more", "made_at": NOON,
    }  # fmt: skip
    return {**row, **changes}


async def test_an_outcome_keeps_its_numbers(database: Database) -> None:
    """What the decision saw comes back as it was stored."""
    async with database.write("test") as conn:
        await outcomes.record(conn, an_outcome(1))
        row = (await outcomes.of_mention(conn, 1))[0]
    assert row.candidates == [{"case_id": "LK-1", "probability": 0.9, "features": {"words": 1.25}}]
    assert (row.post, row.none, row.prior, row.model, row.by, row.at) == (
        {"contact": 1.0}, 0.1, 0.2, "linking-1", "slack:U1", NOON,
    )  # fmt: skip


async def test_the_last_word_about_a_mention_of_an_alert_replaces_the_one_before(database: Database) -> None:
    """A second answer to the same alert leaves one row, the newer one."""
    async with database.write("test") as conn:
        await outcomes.record(conn, an_outcome(1))
        later = an_outcome(1, outcomes.WRONG_CASE, case_id=None, refused=["LK-1"], at=NOON + timedelta(hours=1))
        await outcomes.record(conn, later)
        rows = await outcomes.of_mention(conn, 1)
        assert await outcomes.counts(conn) == {"wrong_case": 1}
    assert [(row.verdict, row.case_id, row.refused) for row in rows] == [("wrong_case", None, ["LK-1"])]


async def test_learning_reads_the_latest_word_on_each_link_and_nothing_else(database: Database) -> None:
    """Of several alerts about one mention the newest verdict counts; what says nothing of links is left out."""
    async with database.write("test") as conn:
        await outcomes.record(conn, an_outcome(1, outcomes.WRONG_CASE, alert_id="a1"))
        await outcomes.record(conn, an_outcome(1, outcomes.CONFIRMED, alert_id="a2", at=NOON + timedelta(hours=2)))
        await outcomes.record(conn, an_outcome(2, outcomes.NO_CASE, at=NOON + timedelta(hours=1)))
        await outcomes.record(conn, an_outcome(3, outcomes.NOT_A_COMPLAINT))
        await outcomes.record(conn, an_outcome(4, outcomes.RELATION, relation="sibling"))
        found = await outcomes.about_links(conn, 100)
        newest = await outcomes.about_links(conn, 1)
        assert await outcomes.since(conn, NOON) == 2
    assert [(row.mention_id, row.verdict) for row in found] == [(2, "no_case"), (1, "confirmed")]
    assert [row.mention_id for row in newest] == [1]


async def test_the_newest_promoted_weights_are_in_force(database: Database) -> None:
    """A rejected refit changes nothing; weights that were anchored to other shipped ones are not in force."""
    async with database.write("test") as conn:
        assert await models.promoted(conn, BASE) is None
        await models.record(conn, a_refit("v1"))
        await models.record(conn, a_refit("v2", models.REJECTED))
        await models.record(conn, a_refit("v3", base="linking-2:def"))
        row = await models.promoted(conn, BASE)
        last = await models.last_refit(conn, BASE)
        assert [each.version for each in await models.refits(conn, 2)] == ["v3", "v2"]
    assert row is not None
    assert (row.version, row.weights, row.after) == ("v1", {"weights": {"words": 0.5}}, {"detection": 0.6})
    assert last is not None
    assert last.version == "v2"


async def test_a_roll_back_leads_to_the_weights_before_and_at_last_to_the_shipped_ones(database: Database) -> None:
    """Each roll back takes the newest promoted weights out of force, and the last one finds nothing to take."""
    async with database.write("test") as conn:
        await models.record(conn, a_refit("v1"))
        await models.record(conn, a_refit("v2"))
        taken = [await models.roll_back(conn, BASE, NOON + timedelta(hours=n)) for n in range(3)]
        assert await models.promoted(conn, BASE) is None
        last = await models.last_rolled_back(conn, BASE)
    assert [row.version if row else None for row in taken] == ["v2", "v1", None]
    assert last is not None
    assert (last.version, last.rolled_back_at) == ("v1", NOON + timedelta(hours=1))


async def test_shipped_weights_are_kept_once_and_never_count_as_learnt(database: Database) -> None:
    """The same shipped weights are one row; they can be read by their version and are no refit."""
    async with database.write("test") as conn:
        shipped = {"version": "linking-1", "weights": {"none": {}}, "now": NOON}
        assert await models.know(conn, base=BASE, **shipped)  # type: ignore[arg-type]
        assert not await models.know(conn, base=BASE, **shipped)  # type: ignore[arg-type]
        assert await models.know(conn, base="linking-1:other", **shipped)  # type: ignore[arg-type]
        assert await models.refits(conn, 9) == []
        assert await models.promoted(conn, BASE) is None
        assert await models.by_version(conn, ["linking-1", "unheard"]) == {"linking-1": {"none": {}}}
