"""Rows for the ledger, and a transaction to record them."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from ledger import mentions
from ledger.database import Database

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


async def record(database: Database, *rows: Mapping[str, Any]) -> int:
    """Record mentions in a transaction of their own."""
    async with database.write("test") as conn:
        return await mentions.record(conn, list(rows))
