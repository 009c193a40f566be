"""The matcher's side of the mirror: facets and link keys of cases, written in the caller's transaction."""

import asyncio
from collections import deque
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from crm.records import Case
from crm.standing import unresolved
from ledger import cases as ledger_cases
from ledger.cases import PRODUCT_LENGTH
from matcher.background import Background
from matcher.concepts import shared_concepts
from matcher.facets import FacetReader, Facets
from matcher.keys import KeyMaker
from matcher.names import shared_names
from matcher.places import shared_places

READER = 2
"""Which version of facets and keys this is. Raise it with each change of either: mirrored cases are then read again."""
_NEIGHBOURS = 100
_STALE = 20


class MirroredCase(Case, frozen=True, kw_only=True):
    """A case as the ledger keeps it: the CRM's record, and what it offers to be recognised by.

    It is kept as JSON; who needs the case alone decodes the same bytes as ``Case``.
    """

    facets: Facets


class _FacetsOnly(msgspec.Struct, frozen=True):
    facets: Facets


class Prepared(msgspec.Struct, frozen=True):
    """Rows and keys that are ready to be written."""

    rows: list[dict[str, Any]]
    keys: dict[str, set[int]]


class CaseIndexer:
    """Prepares cases for the mirror; it works on the CPU only."""

    def __init__(self, reader: FacetReader, keys: KeyMaker) -> None:
        """Keep the readers."""
        self._reader = reader
        self._keys = keys
        self._latest: deque[Facets] = deque(maxlen=_NEIGHBOURS)
        self._background: Background | None = None
        self._since = 0

    def lacks(self, changed: Sequence[Case]) -> int:
        """Give how many neighbours ``prepare`` needs beside these cases and those that it prepared lately."""
        return max(_NEIGHBOURS - len(changed) - len(self._latest), 0)

    def prepare(self, changed: Sequence[Case], now: datetime, neighbours: Sequence[bytes] = ()) -> Prepared:
        """Give the rows and keys of changed cases.

        ``neighbours`` are records that say, with the cases prepared lately, which words are rare.
        """
        facets = {case.case_id: self._reader.read(case) for case in changed}
        background = self._background_of([*facets.values()], neighbours)
        keys = {case_id: self._keys.of_case(facet, background) for case_id, facet in facets.items()}
        return Prepared([_row(case, facets[case.case_id], now) for case in changed], keys)

    def _background_of(self, fresh: Sequence[Facets], neighbours: Sequence[bytes]) -> Background:
        """Say which words are rare. For single cases in a row that is counted again after some: it hardly changes."""
        self._since += len(fresh)
        if self._background is None or neighbours or self._since > _STALE:
            known = [*fresh, *(facets_of(record) for record in neighbours), *self._latest]
            self._background, self._since = Background(known, 0), 0
        self._latest.extend(fresh)
        return self._background


def indexer() -> CaseIndexer:
    """Give an indexer over the shipped lists."""
    names = shared_names()
    return CaseIndexer(FacetReader(names, shared_places(), shared_concepts()), KeyMaker(names))


async def mirror(
    conn: AsyncConnection, changed: Sequence[Case], now: datetime, using: CaseIndexer | None = None
) -> None:
    """Mirror cases and their keys in the caller's transaction. Facets are read in a worker thread."""
    prepare = using or indexer()
    beside = await neighbours(conn, prepare, changed, now)
    prepared = await asyncio.to_thread(prepare.prepare, changed, now, beside)
    await ledger_cases.mirror(conn, prepared.rows, prepared.keys)


async def neighbours(conn: AsyncConnection, using: CaseIndexer, changed: Sequence[Case], now: datetime) -> list[bytes]:
    """Read the records that ``prepare`` lacks to know which words are rare: some after a start, later none."""
    lacking = using.lacks(changed)
    rows = await ledger_cases.newest_records(conn, now, lacking) if lacking else ()
    return [record for _, record in rows]


def facets_of(record: bytes) -> Facets:
    """Give the facets that a mirrored record holds."""
    return msgspec.json.decode(record, type=_FacetsOnly).facets


def case_of(record: bytes) -> Case:
    """Give the CRM's case that a mirrored record holds."""
    return msgspec.json.decode(record, type=Case)


def _row(case: Case, facets: Facets, now: datetime) -> dict[str, Any]:
    fields = {name: getattr(case, name) for name in case.__struct_fields__}
    record = msgspec.json.encode(MirroredCase(**fields, facets=facets))
    return {
        "case_id": case.case_id,
        "customer_id": case.customer.customer_id,
        "brand": case.brand,
        "channel": case.channel,
        "team": case.team,
        "product": case.product[:PRODUCT_LENGTH] if case.product else None,
        "unresolved": unresolved(case, now),
        "opened_at": case.opened_at,
        "updated_at": case.updated_at,
        "resolved_at": case.resolved_at or (None if unresolved(case, now) else case.updated_at),
        "record": record,
        "mirrored_at": now,
        "reader": READER,
    }
