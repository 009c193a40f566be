"""Work that a dead process of this machine had claimed is free at once; everybody else's waits for its lease."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from sqlalchemy import select

from backchannel.worker import free_the_dead, is_alive, own_name
from ledger import mentions, outbox
from ledger.database import Database
from ledger.tables import mentions as mention_table
from ledger.tables import outbox as outbox_table
from tests.notifier.desk import NOON, Desk

OWN = "support-1/100"
LEASE = timedelta(minutes=1)


async def claimed_by(desk: Desk, worker: str) -> None:
    """Let a worker claim one mention and one message."""
    await desk.complaint(case=None)
    async with desk.db.write("claim") as conn:
        assert len(await mentions.claim(conn, worker, NOON, limit=1, lease=LEASE)) == 1
        assert len(await outbox.claim(conn, worker, NOON, limit=1, lease=LEASE)) == 1


async def states(db: Database) -> tuple[list[str], list[str]]:
    """Give the states of all mentions and all messages."""
    async with db.read() as conn:
        found = [(await conn.execute(select(table.c.state))).scalars().all() for table in (mention_table, outbox_table)]
    return list(found[0]), list(found[1])


@pytest.mark.parametrize(
    ("worker", "freed"),
    [
        pytest.param("support-1/7", True, id="a dead process of this machine"),
        pytest.param("support-1/8", False, id="a living process of this machine"),
        pytest.param(OWN, True, id="a process before us that had our own id"),
        pytest.param("support-2/7", False, id="a process of another machine"),
        pytest.param("support-2/100", False, id="a process of another machine with our id"),
        pytest.param("support-1/x", False, id="a name that is none of ours"),
        pytest.param("support-1", False, id="a name without a process"),
    ],
)
async def test_whose_claims_are_freed(database: Database, worker: str, freed: bool) -> None:
    desk = Desk(database)
    await claimed_by(desk, worker)
    assert await free_the_dead(database, OWN, alive=lambda pid: pid == 8) == (2 if freed else 0)
    wanted = (["new"], ["owed"]) if freed else (["claimed"], ["claimed"])
    assert await states(database) == wanted


async def test_a_freed_mention_still_counts_its_try_and_a_freed_message_its_attempt(database: Database) -> None:
    """One of them may be what killed the process, and the message may have arrived: both must be remembered."""
    desk = Desk(database)
    await claimed_by(desk, "support-1/7")
    await free_the_dead(database, OWN, alive=lambda _: False)
    async with database.write("claim") as conn:
        (mention,) = await mentions.claim(conn, OWN, NOON, limit=5, lease=LEASE)
        (message,) = await outbox.claim(conn, OWN, NOON, limit=5, lease=LEASE)
    assert (mention.attempts, message.attempts, message.first_attempt_at) == (2, 2, NOON)


async def test_an_empty_ledger_has_nothing_to_free(database: Database) -> None:
    assert await free_the_dead(database, OWN) == 0


def test_a_process_that_ended_is_dead_and_our_own_lives() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert not is_alive(ended.pid)
    assert is_alive(os.getpid())
    assert is_alive(1)


def test_our_name_says_machine_and_process_and_fits_its_column() -> None:
    host, _, process = own_name().rpartition("/")
    assert process == str(os.getpid())
    assert 0 < len(host) <= 40
