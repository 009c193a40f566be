"""The name under which this process claims work, and freeing what a process that died on this machine had claimed."""

import os
import socket
from collections.abc import Callable

import structlog

from ledger import mentions, outbox
from ledger.database import Database

log = structlog.get_logger(__name__)

_HOST = 40


def own_name() -> str:
    """Give this process's name: machine and process id."""
    return f"{socket.gethostname()[:_HOST]}/{os.getpid()}"


def is_alive(process_id: int) -> bool:
    """Say whether a process of this machine lives."""
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


async def free_the_dead(db: Database, own: str, alive: Callable[[int], bool] = is_alive) -> int:
    """Free the claims of processes of this machine that are dead, and give how many claims that were.

    Without this their work would wait for its lease to run out. Whoever has our own name is dead too: we have only
    just started and hold nothing. Claims of other machines wait for their lease.
    """
    async with db.write("free") as conn:
        holders = {*await mentions.claimants(conn), *await outbox.claimants(conn)}
        dead = [name for name in holders if _is_dead(name, own, alive)]
        freed = await mentions.free(conn, dead) + await outbox.free(conn, dead)
    if freed:
        log.info("claims of dead processes freed", claims=freed, workers=dead)
    return freed


def _is_dead(name: str, own: str, alive: Callable[[int], bool]) -> bool:
    host, _, process_id = name.rpartition("/")
    if name == own:
        return True
    return host == own.rpartition("/")[0] and process_id.isdecimal() and not alive(int(process_id))
