"""``backchannel dead-letters``: what could not be delivered or handled, why, and how to try it again."""

from datetime import datetime

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from backchannel.commands.failure import CommandError
from ledger import audit, mentions, outbox, quarantine
from ledger.database import Database

SHOWN = 200
_ACTOR = "command line"


async def show(db: Database, out: Console) -> int:
    """Print every dead message and every post set aside; gives how many."""
    async with db.read() as conn:
        dead = await outbox.in_state(conn, "dead", SHOWN)
        aside = await quarantine.newest(conn, SHOWN)
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("id", "what", "when", "why"):
        table.add_column(name, header_style="dim")
    for row in dead:
        what = f"message {row.step_key} to {row.receiver}, alert {row.alert_id or '-'}, {row.attempts} tries"
        table.add_row(f"m{row.id}", escape(what), f"{row.owed_at:%Y-%m-%d %H:%M}", escape(row.error or ""))
    for row in aside:
        what = f"post {row.native_id or '?'} of {row.source}, at {row.stage}"
        table.add_row(f"p{row.id}", escape(what), f"{row.recorded_at:%Y-%m-%d %H:%M}", escape(row.reason))
    if dead or aside:
        out.print(table)
        out.print("\nTry one again with --retry ID, all messages with --retry all", style="dim")
    else:
        out.print("There are none.")
    return len(dead) + len(aside)


async def retry(db: Database, chosen: str, now: datetime) -> str:
    """Owe a dead message again (``m12``, or ``all`` of them), or handle a post anew that was set aside (``p7``)."""
    if chosen == "all":
        async with db.write("revive") as conn:
            ids = [row.id for row in await outbox.in_state(conn, "dead", SHOWN)]
            for each in ids:
                await outbox.revive(conn, each, now)
            await audit.write(conn, actor=_ACTOR, action="retry", subject="all dead messages", now=now)
        return f"{len(ids)} messages are owed again"
    kind, number = chosen[:1], chosen[1:]
    if kind not in ("m", "p") or not number.isascii() or not number.isdigit():
        raise CommandError(f"'{chosen}' is no id of a dead letter: write m12, p7 or all, as 'dead-letters' lists them")
    return await (_message if kind == "m" else _post)(db, int(number), now)


async def _message(db: Database, outbox_id: int, now: datetime) -> str:
    async with db.write("revive") as conn:
        if not await outbox.revive(conn, outbox_id, now):
            raise CommandError(
                f"message m{outbox_id} is not dead: run 'backchannel dead-letters' to see those that are"
            )
        await audit.write(conn, actor=_ACTOR, action="retry", subject=f"message {outbox_id}", now=now)
    return f"message m{outbox_id} is owed again; the running service sends it within seconds"


async def _post(db: Database, quarantine_id: int, now: datetime) -> str:
    async with db.write("release") as conn:
        mention_id = await quarantine.release(conn, quarantine_id, now)
        if mention_id is None or not await mentions.requeue(conn, mention_id):
            raise CommandError(f"p{quarantine_id} holds no mention to try again: it could not even be read")
        await audit.write(conn, actor=_ACTOR, action="retry", subject=f"mention {mention_id}", now=now)
    return f"mention {mention_id} is in the queue again"
