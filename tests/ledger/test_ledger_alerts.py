"""Alerts, their messages and what people did with them are kept alike on SQLite and PostgreSQL."""

from datetime import timedelta
from typing import Any

from ledger import alerts, audit, clicks, outbox, steps
from ledger.database import Database
from tests.ledger.rows import LEASE, NOON


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
