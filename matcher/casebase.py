"""The case base as linking reads it: candidates with their facets, and the background they stand out from."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

import msgspec
import structlog
from sqlalchemy.exc import SQLAlchemyError

from ledger import cases
from ledger.database import Database
from matcher.background import Background
from matcher.clues import PostClues
from matcher.config import LinkingConfig
from matcher.facets import Facets
from matcher.index import facets_of
from matcher.key_shelf import LARGE, KeyShelf
from matcher.keys import KeyMaker
from matcher.mention import MentionText

log = structlog.get_logger(__name__)

_SAMPLE = 400
_MOST_RESOLVED = 2 * LARGE  # of those that compete in a base that is compared whole
COMPARE_BEST = 40
_KEPT = 4000
_FRESH_FOR = timedelta(minutes=10)


class Promising:
    """Cases in the order of their promise, each decoded when it is come to: weighing often ends halfway."""

    def __init__(self, records: Sequence[bytes], facets: Callable[[bytes], Facets]) -> None:
        """Take the records and what decodes one."""
        self._records = records
        self._facets = facets

    def __iter__(self) -> Iterator[Facets]:
        """Decode one after the other."""
        return map(self._facets, self._records)


class Drawn(msgspec.Struct, frozen=True):
    """What was drawn for one mention: the ``whole`` base, or its best by keys, the most promising first.

    ``truncated`` counts keys whose list of cases was cut.
    """

    cases: Iterable[Facets]
    background: Background
    whole: bool
    truncated: int = 0


class CaseBase:
    """Draws the cases that are worth comparing. A small base is compared whole, a large one by its link keys."""

    def __init__(self, db: Database, config: LinkingConfig, keys: KeyMaker, shelf: KeyShelf | None = None) -> None:
        """Keep the database; nothing is read before the first draw. ``shelf`` holds keys that are loaded already."""
        self._db = db
        self._config = config
        self._keys = keys
        self._decoded: OrderedDict[bytes, Facets] = OrderedDict()
        self._small: tuple[int, Background] | None = None
        self._large: tuple[datetime, Background] | None = None
        self._counting: asyncio.Task[None] | None = None
        self._shelf = shelf or KeyShelf(db)

    async def load_keys(self, now: datetime) -> None:
        """Load the link keys before the first mention comes, where the base is large."""
        await self._shelf.load_if_large(now)

    async def draw(self, mention: MentionText, clues: PostClues, now: datetime) -> Drawn:
        """Give the cases to compare with a mention, as of its time."""
        before = mention.posted_at + self._config.clock_skew
        background = self._large_at(now)
        if background is None:
            async with self._db.read() as conn:
                if await cases.count_unresolved_up_to(conn, LARGE + 1) <= LARGE:
                    since = mention.posted_at - self._config.resolved_for
                    rows = await cases.newest_records(conn, before, LARGE + 1)
                    over = await cases.newest_resolved(conn, before, _MOST_RESOLVED, since=since)
                    if len(over) == _MOST_RESOLVED:
                        log.info("older resolved cases not compared", kept=_MOST_RESOLVED)
                    return self._whole([record for _, record in (*rows, *over)], mention)
            background = await self._count(now)
        keys = self._keys.of_post(clues, background, mention.posted_at)
        found = await self._shelf.find(keys, before, background.total, now)
        best = found.case_ids[:COMPARE_BEST]
        records = dict(await cases.records_alone(self._db, best))
        held = Promising([records[case_id] for case_id in best if case_id in records], self._facets)
        return Drawn(held, background, whole=False, truncated=found.truncated)

    def _whole(self, records: Sequence[bytes], mention: MentionText) -> Drawn:
        every = [self._facets(record) for record in records]
        at = mention.posted_at.timestamp()
        unresolved = [facets for facets in every if facets.resolved is None or facets.resolved > at]
        known = hash(tuple((facets.case_id, facets.updated, len(facets.text)) for facets in unresolved))
        if self._small is None or self._small[0] != known:
            self._small = known, Background(unresolved, len(unresolved))
        return Drawn(every, self._small[1], whole=True)

    def _large_at(self, now: datetime) -> Background | None:
        """Give the background of a large base. It is counted again every ten minutes; no mention waits for that."""
        if self._large is None:
            return None
        due, background = self._large
        if now >= due and (self._counting is None or self._counting.done()):
            self._counting = asyncio.create_task(self._count_again(now), name="count the case base")
        return background

    async def _count_again(self, now: datetime) -> None:
        try:
            await self._count(now)
        except (SQLAlchemyError, ValueError) as error:  # the driver raises ValueError when the database was closed
            log.warning("case base not counted again", reason=type(error).__name__)

    async def _count(self, now: datetime) -> Background:
        async with self._db.read() as conn:
            total = await cases.count_unresolved(conn)
            rows = await cases.newest_records(conn, now + self._config.clock_skew, _SAMPLE)
        background = Background([self._facets(record) for _, record in rows], total)
        self._large = (now + _FRESH_FOR, background) if total > LARGE else None
        return background

    def _facets(self, record: bytes) -> Facets:
        known = self._decoded.get(record)
        if known is None:
            known = self._decoded[record] = facets_of(record)
            if len(self._decoded) > _KEPT:
                self._decoded.popitem(last=False)
        return known
