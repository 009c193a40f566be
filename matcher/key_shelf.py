"""Keeps the link keys of a large case base in memory, beside the table that remains the truth."""

import asyncio
from collections import defaultdict
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger import cases
from ledger.database import Database
from matcher.candidates import Found, counted, find
from matcher.key_columns import ColumnMaker
from matcher.key_index import KeyIndex
from matcher.keys import PostKeys

log = structlog.get_logger(__name__)

LARGE = 600
"""Up to so many unresolved cases all are compared, and no keys are needed."""
_CASES_AT_ONCE = 1_000
_LOOK_AGAIN = 1.0
_OVERLAP = timedelta(seconds=60)
_MOST_BESIDE = 50_000
_MOST_NAMED = 48

Mirrored = tuple[str, datetime]


class KeyShelf:
    """Looks keys up in memory once they are loaded, and in the table until then.

    Every second at most (``look_again``) it asks what was mirrored since. Transactions may be committed in another
    order than that of the times that they carry, so it looks back a minute each time.
    """

    def __init__(self, db: Database, *, look_again: float = _LOOK_AGAIN) -> None:
        """Keep the database; the keys are loaded at the first look-up in a large base, or when it is said."""
        self._db = db
        self._look_again = look_again
        self._index: KeyIndex | None = None
        self._known: set[Mirrored] = set()
        self._loading: asyncio.Task[None] | None = None
        self._asked = 0.0

    async def find(self, keys: PostKeys, before: datetime, total: int, now: datetime) -> Found:
        """Rank the cases that the keys name, the most promising first; ``now`` is the time of looking."""
        if self._index is None:
            self._load_soon(now)
            async with self._db.read() as conn:
                return await find(conn, keys, before, total)
        clock = asyncio.get_running_loop().time()
        if clock - self._asked >= self._look_again:
            self._asked = clock
            async with self._db.read() as conn:
                await self._catch_up(conn, self._index, now)
        return counted(self._index.find(keys, before, total, _MOST_NAMED))

    @property
    def held(self) -> KeyIndex | None:
        """The keys in memory, or None."""
        return self._index

    @property
    def loading(self) -> bool:
        """Whether keys are being loaded."""
        return self._loading is not None and not self._loading.done()

    async def expect(self, now: datetime) -> None:
        """Begin to load the keys of a large base before the first mention comes, and don't wait for the end of it."""
        if self._index is None and await self._large():
            self._load_soon(now)

    async def load_if_large(self, now: datetime) -> None:
        """Load the keys of a large base, and wait until they are in use."""
        if self._index is None and await self._large():
            await self.load(now)

    async def close(self) -> None:
        """Give up loading."""
        if self._loading is not None and self.loading:
            self._loading.cancel()
            await asyncio.wait({self._loading})

    async def load(self, now: datetime) -> None:
        """Read the keys and use them from now on."""
        async with self._db.read() as conn:
            known = await self._mirrored_lately(conn, now)
        index = await self.read()
        self._index, self._known, self._asked = index, known, 0.0
        log.info("link keys loaded", cases=index.size, keys=index.keys)

    async def read(self) -> KeyIndex:
        """Read the keys of all cases, a piece at a time."""
        maker, last = ColumnMaker(), ""
        while True:
            async with self._db.read() as conn:
                rows = await cases.keyed_after(conn, last, _CASES_AT_ONCE)
            if not rows:
                break
            await asyncio.to_thread(maker.add, rows)
            last = rows[-1][0]
        return KeyIndex(await asyncio.to_thread(maker.finish))

    async def _large(self) -> bool:
        async with self._db.read() as conn:
            return await cases.count_unresolved_up_to(conn, LARGE + 1) > LARGE

    def _load_soon(self, now: datetime) -> None:
        if not self.loading:
            self._loading = asyncio.create_task(self._try_to_load(now), name="load link keys")

    async def _try_to_load(self, now: datetime) -> None:
        try:
            await self.load(now)
        except (SQLAlchemyError, ValueError) as error:  # the driver raises ValueError when the database was closed
            log.warning("link keys not loaded; they are looked up in the database", reason=type(error).__name__)

    async def _catch_up(self, conn: AsyncConnection, index: KeyIndex, now: datetime) -> None:
        """Take in what was mirrored since; where that has become much, load all again meanwhile."""
        lately = await self._mirrored_lately(conn, now)
        fresh = [case_id for case_id, _ in lately - self._known]
        self._known = lately
        held: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for key, opened, case_id in await cases.keys_of(conn, fresh):
            held[case_id].append((key, opened))
        for case_id in fresh:
            own = held[case_id]
            index.put(case_id, own[0][1] if own else 0, [key for key, _ in own])
        if index.later > _MOST_BESIDE:
            self._load_soon(now)

    async def _mirrored_lately(self, conn: AsyncConnection, now: datetime) -> set[Mirrored]:
        newest = max((at for _, at in self._known), default=now)
        return {(case_id, at) for case_id, at in await cases.mirrored_since(conn, max(newest, now) - _OVERLAP)}
