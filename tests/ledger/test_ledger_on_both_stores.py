"""One conformance suite for the ledger: what holds on SQLite holds on PostgreSQL."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ledger import alerts, audit, clicks, cursors, gaps, links, mentions, outbox, quarantine, steps
from ledger.database import Database, DatabaseUrlError, async_url
from ledger.migrate import SchemaError, require_current, revision, upgrade

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LEASE = timedelta(seconds=30)


def a_mention(native_id: str, **changes: Any) -> dict[str, Any]:
    """Give a row for ``mentions.record``."""
    row = {
        "source": "x-main", "native_id": native_id, "platform": "x", "brand": "Larkmoor", "rules": ["brand"],
        "url": None, "text": "the can was empty", "context": None, "lang": "en", "author": {"handle": "wife"},
        "reach": {"likes": 1, "reposts": 0, "replies": 0}, "reply_to": None, "edit_of": None,
        "posted_at": NOON, "received_at": NOON,
    }  # fmt: skip
    return {**row, **changes}


def an_alert(alert_id: str, fold_key: str = "case:LK-1") -> dict[str, Any]:
    """Give a row for ``alerts.raise_once``."""
    return {
        "alert_id": alert_id, "kind": "link", "fold_key": fold_key, "case_id": "LK-1", "mention_id": 1,
        "brand": "Larkmoor", "team": "email-care", "route": "email", "receivers": ["email-team"],
        "policy": {"respond_within": 3600}, "state": "open", "raised_at": NOON, "clock_from": NOON,
        "due_at": NOON + timedelta(hours=1),
    }  # fmt: skip


def a_debt(step_key: str, alert_id: str = "a1", receiver: str = "email-team", **changes: Any) -> dict[str, Any]:
    """Give a row for ``outbox.owe``."""
    row = {"alert_id": alert_id, "step_key": step_key, "receiver": receiver, "kind": "new", "card": b"{}"}
    return {**row, "owed_at": NOON, "next_at": NOON, **changes}


async def record(database: Database, *rows: Mapping[str, Any]) -> int:
    """Record mentions in a transaction of their own."""
    async with database.write("test") as conn:
        return await mentions.record(conn, list(rows))


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


async def test_a_case_has_one_live_alert(database: Database) -> None:
    """A second alert with the same fold key is refused while the first lives, and allowed afterwards."""
    async with database.write("test") as conn:
        assert await alerts.raise_once(conn, an_alert("a1"))
        assert not await alerts.raise_once(conn, an_alert("a2"))
        assert await alerts.end(conn, "a1", state="closed", by="crm", reason="resolved", now=NOON)
        assert await alerts.raise_once(conn, an_alert("a3"))
        live = await alerts.live(conn, "case:LK-1")
    assert live is not None
    assert live.alert_id == "a3"


async def test_an_alert_is_taken_once_and_its_step_never_fires_after(database: Database) -> None:
    """The first click wins, and no due step is done on a taken alert."""
    async with database.write("test") as conn:
        await alerts.raise_once(conn, an_alert("a1"))
        await steps.plan(conn, [{"alert_id": "a1", "name": "remind", "due_at": NOON, "receivers": ["email-team"]}])
        due = await steps.due(conn, NOON, 10)
        assert await alerts.take(conn, "a1", by="U1", now=NOON)
        assert not await alerts.take(conn, "a1", by="U2", now=NOON)
        assert not await steps.do(conn, due[0].id, NOON)
        assert await steps.cancel(conn, "a1", NOON) == 1
        row = await alerts.get(conn, "a1")
    assert row is not None
    assert (row.state, row.taken_by, row.version) == ("taken", "U1", 2)


async def test_a_due_step_is_done_once(database: Database) -> None:
    """Of two ticks at the same moment one does the step."""
    async with database.write("test") as conn:
        await alerts.raise_once(conn, an_alert("a1"))
        await steps.plan(conn, [{"alert_id": "a1", "name": "remind", "due_at": NOON, "receivers": []}])
        step = (await steps.due(conn, NOON, 10))[0]
        assert [await steps.do(conn, step.id, NOON), await steps.do(conn, step.id, NOON)] == [True, False]
        assert await steps.next_due(conn) is None


async def test_a_mention_folds_once(database: Database) -> None:
    """Folding the same mention twice changes nothing."""
    async with database.write("test") as conn:
        assert await alerts.fold(conn, "a1", 7, NOON)
        assert not await alerts.fold(conn, "a1", 7, NOON)
        assert await alerts.mention_ids(conn, "a1") == [7]


async def test_a_message_is_owed_once_and_claimed_in_order(database: Database) -> None:
    """One debt for each step and receiver; a reminder waits until the alert itself is sent."""
    async with database.write("test") as conn:
        assert await outbox.owe(conn, [a_debt("raise"), a_debt("remind", kind="thread"), a_debt("raise")]) == 2
        first = await outbox.claim(conn, "w", NOON, limit=10, lease=LEASE)
        assert [row.step_key for row in first] == ["raise"]
        assert await outbox.claim(conn, "v", NOON, limit=10, lease=LEASE) == []
        assert await outbox.paid(conn, first[0], NOON, {"channel": "C1", "ts": "1.1"})
        assert not await outbox.paid(conn, first[0], NOON, {})
        assert await outbox.anchor(conn, "a1", "email-team") == {"channel": "C1", "ts": "1.1"}
        second = await outbox.claim(conn, "w", NOON, limit=10, lease=LEASE)
    assert [row.step_key for row in second] == ["remind"]


async def test_a_lost_lease_pays_nothing(database: Database) -> None:
    """A worker that slept past its lease cannot mark what another now sends."""
    async with database.write("test") as conn:
        await outbox.owe(conn, [a_debt("raise")])
        slow = (await outbox.claim(conn, "slow", NOON, limit=1, lease=LEASE))[0]
        quick = (await outbox.claim(conn, "quick", NOON + 2 * LEASE, limit=1, lease=LEASE))[0]
        assert (quick.attempts, quick.first_attempt_at) == (2, NOON)
        assert not await outbox.paid(conn, slow, NOON, {})
        assert await outbox.postpone(conn, quick, NOON + timedelta(hours=1), "429")
        assert await outbox.claim(conn, "w", NOON + timedelta(minutes=59), limit=1, lease=LEASE) == []
        assert await outbox.next_at(conn) == NOON + timedelta(hours=1)


async def test_a_dead_message_can_be_revived(database: Database) -> None:
    """What could not be delivered stays, and goes again when somebody says so."""
    async with database.write("test") as conn:
        await outbox.owe(conn, [a_debt("raise")])
        await outbox.bury(conn, (await outbox.claim(conn, "w", NOON, limit=1, lease=LEASE))[0], "channel_not_found")
        dead = await outbox.in_state(conn, "dead", 10)
        assert await outbox.revive(conn, dead[0].id, NOON)
        assert len(await outbox.claim(conn, "w", NOON, limit=1, lease=LEASE)) == 1


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


async def test_a_replayed_click_is_known(database: Database) -> None:
    """A signature counts once in 15 minutes."""
    async with database.write("test") as conn:
        assert await clicks.first_time(conn, "s1", NOON)
        assert not await clicks.first_time(conn, "s1", NOON + timedelta(minutes=5))
        assert await clicks.first_time(conn, "s1", NOON + timedelta(minutes=16))


async def test_an_altered_audit_row_is_named(database: Database) -> None:
    """The chain breaks at the row that somebody changed."""
    async with database.write("test") as conn:
        for n in range(3):
            await audit.write(conn, actor="U1", action="take", subject=f"alert:{n}", now=NOON, detail={"n": n})
        assert await audit.broken(conn) is None
        second = (await audit.newest(conn, 2))[-1]
        await conn.execute(audit.audit.update().where(audit.audit.c.id == second.id).values(actor="U2"))
        assert await audit.broken(conn) == second.id


async def test_a_naive_time_is_refused(database: Database) -> None:
    """A time without a zone never enters the ledger."""
    with pytest.raises(Exception, match="without a zone"):
        await record(database, a_mention("1", posted_at=datetime(2026, 3, 1)))  # noqa: DTZ001  this is what is refused


async def test_the_schema_is_checked_before_work(database_url: str) -> None:
    """An empty database is refused with the command to run, and a migrated one is accepted, twice."""
    database = Database(database_url)
    with pytest.raises(SchemaError, match="backchannel migrate"):
        await require_current(database)
    await upgrade(database)
    await upgrade(database)
    await require_current(database)
    assert await revision(database) == "0005"
    await database.close()


async def test_the_migrations_build_what_the_tables_say(database: Database) -> None:
    """Nothing differs between the migrated database and ``ledger.tables``."""
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    from ledger.tables import metadata

    async with database.engine.connect() as conn:
        difference = await conn.run_sync(lambda sync: compare_metadata(MigrationContext.configure(sync), metadata))
    ours = [change for change in difference if "crm_" not in str(change)]
    assert ours == []


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("mysql://host/name", "mysql is not supported"),
        ("sqlite://", "name a file"),
        ("sqlite:///:memory:", "name a file"),
    ],
)
def test_a_database_address_that_cannot_be_used_says_what_to_write(address: str, says: str) -> None:
    """The error names the mistake and the next step."""
    with pytest.raises(DatabaseUrlError, match=says):
        async_url(address)
