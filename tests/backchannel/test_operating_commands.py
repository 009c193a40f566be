"""What went wrong is listed, tried again and proved from the command line."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from ledger import audit, outbox, quarantine
from ledger.clock import SystemClock
from ledger.database import Database
from ledger.tables import audit as audit_table
from ledger.tables import mentions as mention_table
from ledger.tables import outbox as outbox_table
from tests.backchannel.calling import call, in_ledger


def test_dead_letters_are_listed_with_their_reason_and_tried_again(config_file: Path, tell_story: Any) -> None:
    assert "There are none." in call("dead-letters", "-c", config_file).output
    in_ledger(config_file, lambda db: _bury(db, tell_story))
    listed = " ".join(call("dead-letters", "-c", config_file).output.split())
    assert "m1 message raised to email-team, alert al_7f3k, 0 tries" in listed
    assert "the channel is [public]" in listed
    assert "p1 post 1900000000000000001 of x, at assess" in listed
    assert "is owed again" in call("dead-letters", "-c", config_file, "--retry", "m1").output
    assert "is in the queue again" in call("dead-letters", "-c", config_file, "--retry", "p1").output
    assert "There are none." in call("dead-letters", "-c", config_file).output
    assert "is not dead" in call("dead-letters", "-c", config_file, "--retry", "m1").stderr
    assert in_ledger(config_file, _actions) == ["retry", "retry"]


async def _bury(db: Database, tell_story: Any) -> None:
    now = SystemClock().now()
    story = await tell_story(db)
    async with db.write("bury") as conn:
        await conn.execute(update(outbox_table).values(state="dead", error="the channel is [public]"))
        await conn.execute(update(mention_table).values(state="quarantined"))
        where = {"native_id": "1900000000000000001", "mention_id": story.mention_id}
        await quarantine.record(conn, "x", "assess", "ValueError", now, **where)


async def _actions(db: Database) -> list[str]:
    async with db.read() as conn:
        return [row.action for row in await audit.newest(conn, 10)]


def test_all_dead_messages_are_tried_again_at_once(config_file: Path, tell_story: Any) -> None:
    in_ledger(config_file, lambda db: _bury(db, tell_story))
    assert "1 messages are owed again" in call("dead-letters", "-c", config_file, "--retry", "all").output
    assert in_ledger(config_file, _owed) == 1


async def _owed(db: Database) -> int:
    async with db.read() as conn:
        return (await outbox.counts(conn)).get("owed", 0)


@pytest.mark.parametrize("wrong", ["7", "x9", "m", "m1; DROP", "m²"])
def test_what_is_no_id_of_a_dead_letter_is_told_so(config_file: Path, wrong: str) -> None:
    result = call("dead-letters", "-c", config_file, "--retry", wrong)
    assert result.exit_code == 1
    assert "write m12, p7 or all" in result.stderr


def test_an_altered_audit_is_named_by_its_row(config_file: Path) -> None:
    in_ledger(config_file, _acted)
    assert "The audit is whole" in call("audit", "verify", "-c", config_file).output
    in_ledger(config_file, _forged)
    result = call("audit", "verify", "-c", config_file)
    assert result.exit_code == 1
    assert "row 2 of the audit was altered" in result.stderr


async def _acted(db: Database) -> None:
    async with db.write("act") as conn:
        for number in range(3):
            await audit.write(conn, actor="Jo", action="take", subject=f"al_{number}", now=SystemClock().now())


async def _forged(db: Database) -> None:
    async with db.write("forge") as conn:
        await conn.execute(update(audit_table).where(audit_table.c.id == 2).values(actor="Somebody else"))
