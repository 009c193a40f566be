"""Writes what receivers are owed, in the transaction of the fact that causes it."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger import outbox
from notifier.card import AlertCard, Note
from notifier.config import NotifierConfig
from notifier.facts import AlertFacts, gather
from notifier.messages import Reader, card
from notifier.transport import OwedKind

FOLDED = "fold:"
_ARRIVES = {"owed", "claimed", "sent"}


def reader_of(config: NotifierConfig, receiver: str, facts: AlertFacts) -> Reader:
    """Return for whom a receiver's card is written: only those who own the case see its customer's name."""
    owners = {*facts.alert.receivers, *(name for step in facts.steps for name in step.receivers)}
    stranger = receiver not in owners or facts.alert.route == "fallback"
    full = config.customer_names == "full" and not stranger
    return Reader(config.timezone, config.inbox_url, full)


async def told(conn: AsyncConnection, alert_id: str) -> list[str]:
    """Return the receivers that have, or will have, an alert's first message, in the order in which they got it."""
    rows = await outbox.of_alert(conn, alert_id)
    return list(dict.fromkeys(row.receiver for row in rows if row.kind == "new" and row.state in _ARRIVES))


async def owe(
    conn: AsyncConnection,
    config: NotifierConfig,
    alert_id: str,
    receivers: Iterable[str],
    *,
    step_key: str,
    now: datetime,
    note: Note = "raised",
    headline: Callable[[str], str] | None = None,
) -> int:
    """Owe each receiver the alert, below its first message where it has one, and give how many debts were new.

    ``headline`` makes the first line out of the alert's own.
    """
    facts = await gather(conn, alert_id)
    if facts is None:
        return 0
    known = set(await told(conn, alert_id))
    rows = [
        _row(config, facts, receiver, "thread" if receiver in known else "new", step_key, note, now, headline)
        for receiver in dict.fromkeys(receivers)
    ]
    return await outbox.owe(conn, rows)


async def owe_first(conn: AsyncConnection, config: NotifierConfig, facts: AlertFacts, now: datetime) -> int:
    """Owe the receivers of an alert that was raised in this transaction its first message."""
    receivers = dict.fromkeys(facts.alert.receivers)
    return await outbox.owe(conn, [_row(config, facts, each, "new", "raise", "raised", now) for each in receivers])


async def owe_edits(conn: AsyncConnection, config: NotifierConfig, alert_id: str, now: datetime) -> int:
    """Owe everybody who was told of an alert its message as it stands now, and give how many there are."""
    facts = await gather(conn, alert_id)
    if facts is None:
        return 0
    key = f"update:{facts.alert.version}"
    receivers = await told(conn, alert_id)
    return await outbox.owe(conn, [_row(config, facts, each, "edit", key, "raised", now) for each in receivers])


async def rewrite(conn: AsyncConnection, config: NotifierConfig, alert_id: str, now: datetime) -> None:
    """Write every stored message of an alert anew, so that what was removed from the ledger is in none of them."""
    facts = await gather(conn, alert_id)
    if facts is None:
        return
    for row in await outbox.of_alert(conn, alert_id):
        old = msgspec.json.decode(row.card, type=AlertCard)
        fresh = card(facts, reader_of(config, row.receiver, facts), now, old.note)
        if row.step_key.startswith(FOLDED):
            fresh = msgspec.structs.replace(fresh, headline=old.headline)
        await outbox.rewrite(conn, row.id, msgspec.json.encode(fresh))


def _row(
    config: NotifierConfig,
    facts: AlertFacts,
    receiver: str,
    kind: OwedKind,
    step_key: str,
    note: Note,
    now: datetime,
    headline: Callable[[str], str] | None = None,
) -> dict[str, Any]:
    written = card(facts, reader_of(config, receiver, facts), now, note)
    if headline is not None:
        written = msgspec.structs.replace(written, headline=headline(written.headline))
    return {
        "alert_id": facts.alert.alert_id,
        "step_key": step_key,
        "receiver": receiver,
        "kind": kind,
        "card": msgspec.json.encode(written),
        "owed_at": now,
        "next_at": now,
    }
