"""Acquaintances: posters of whom somebody confirmed an earlier link, and whose customers they are or speak for."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from ledger import handles
from ledger.database import Database
from matcher.facets import Facets
from matcher.folding import fold
from matcher.index import facets_of
from matcher.mention import MentionText

_FRESH_FOR = timedelta(seconds=30)
_MOST_CASES = 20
_SOMEBODY = "other"  # it was confirmed whose case it is, and nothing said that the customer posts


class Acquaintances:
    """What people confirmed of handles, kept in memory and asked of the ledger again every half minute."""

    def __init__(self, db: Database) -> None:
        """Keep the database; nothing is read before the first question."""
        self._db = db
        self._known: dict[tuple[str, str], dict[str, str]] = {}
        self._due: datetime | None = None
        self._said: handles.LastWord = (None, 0, None)

    async def of(self, mention: MentionText, now: datetime) -> dict[str, str]:
        """Give by customer id who the poster of a mention is to that customer: ``self``, or a relation."""
        if not mention.handle:
            return {}
        if self._due is None or now >= self._due:
            self._due = now + _FRESH_FOR
            await self._read()
        return self._known.get((mention.platform, _plain(mention.handle)), {})

    async def cases(self, known: dict[str, str], drawn: Iterable[Facets], before: datetime) -> list[Facets]:
        """Give the unresolved cases of the customers of whom something is known that were not drawn by their keys."""
        if not known:
            return []
        async with self._db.read() as conn:
            rows = await handles.records_of(conn, sorted(known), before, _MOST_CASES)
        there = {case.case_id for case in drawn}
        return [facets_of(record) for case_id, record in rows if case_id not in there]

    async def _read(self) -> None:
        async with self._db.read() as conn:
            said = await handles.last_word(conn)
            if said == self._said:
                return
            rows = await handles.confirmed(conn)
        known: dict[tuple[str, str], dict[str, str]] = {}
        for row in rows:
            handle = _plain((row.author or {}).get("handle") or "")
            if handle:
                known.setdefault((row.platform, handle), {})[row.customer_id] = row.relation or _SOMEBODY
        self._known, self._said = known, said


def _plain(handle: str) -> str:
    """Give a handle in the spelling in which a platform holds it for the same."""
    return fold(handle).strip().removeprefix("@").removeprefix("u/")
