"""Whose case is it: reads clues, finds candidates, weighs them and decides."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from ledger import cases
from ledger.database import Database
from matcher.background import Background
from matcher.candidates import find
from matcher.clues import ClueReader, PostClues
from matcher.concepts import Concepts, shared_concepts
from matcher.config import LinkingConfig
from matcher.decision import Decider
from matcher.evidence import Compared, EvidenceWeigher
from matcher.facets import Facets
from matcher.index import facets_of
from matcher.keys import KeyMaker
from matcher.likeness import Encode, Likeness
from matcher.linking import Linking
from matcher.mention import MentionText
from matcher.model_file import LinkingModel, load
from matcher.names import shared_names
from matcher.places import Places, shared_places

_SAMPLE = 500
_COMPARE_ALL = 600
_COMPARE_BEST = 80
_LIKENED = 40
_FRESH_FOR = timedelta(minutes=10)


class Linker:
    """Links mentions to the cases mirrored in one database."""

    def __init__(
        self,
        db: Database,
        config: LinkingConfig | None = None,
        *,
        encode: Encode | None = None,
        model: LinkingModel | None = None,
    ) -> None:
        """Read the lists and the weights; the database is first touched by ``link``.

        ``encode`` gives sentence vectors (``Encoder.encode``); without it the likeness of stories is left out.
        """
        self._db = db
        self._config = config or LinkingConfig()
        self._model = model or load()
        names = shared_names()
        places = Places(self._config.places) if self._config.places else shared_places()
        concepts = Concepts(self._config.synonyms) if self._config.synonyms else shared_concepts()
        self._reader = ClueReader(names, places, concepts)
        self._keys = KeyMaker(names)
        self._weigher = EvidenceWeigher(names, places, self._model)
        self._decider = Decider(self._model, self._config)
        self._likeness = Likeness(encode) if encode else None
        self._background: Background | None = None
        self._background_until: datetime | None = None

    async def link(self, mention: MentionText, now: datetime) -> Linking | None:
        """Give the decision on a mention, or None where its source's policy seeks no link."""
        if mention.policy == "off":
            return None
        background = await self._current_background(mention.posted_at, now)
        clues = await asyncio.to_thread(self._reader.read, mention)
        found, truncated = await self._candidates(mention, clues, background)
        return await asyncio.to_thread(self._decide, mention, clues, found, background, truncated)

    def _decide(
        self, mention: MentionText, clues: PostClues, found: Sequence[Facets], background: Background, truncated: int
    ) -> Linking:
        compared = self.weigh(mention, clues, found, background)
        return self._decider.decide(mention, clues, compared, background.total, truncated)

    def weigh(
        self, mention: MentionText, clues: PostClues, found: Sequence[Facets], background: Background
    ) -> list[Compared]:
        """Give the candidates weighed, best first."""
        own = [case for case in found if not (case.brand and mention.brand) or case.brand == mention.brand]
        compared = self._weigher.weigh(mention, clues, own, background)
        if self._likeness is None:
            return compared
        best = [one.case for one in compared[:_LIKENED]]
        likeness = self._likeness.deviations(mention.text, best, background.sample)
        return self._weigher.weigh(mention, clues, best, background, likeness)

    async def _candidates(
        self, mention: MentionText, clues: PostClues, background: Background
    ) -> tuple[list[Facets], int]:
        before = mention.posted_at + self._config.clock_skew
        async with self._db.read() as conn:
            if background.total <= _COMPARE_ALL:
                since = mention.posted_at - self._config.resolved_for
                rows = await cases.newest_records(conn, before, 2 * _COMPARE_ALL, resolved_since=since)
                return [facets_of(record) for _, record in rows], 0
            keys = self._keys.of_post(clues, background)
            found = await find(conn, keys, before, background.total)
            rows = await cases.records(conn, found.case_ids[:_COMPARE_BEST])
        return [facets_of(record) for _, record in rows], found.truncated

    async def _current_background(self, at: datetime, now: datetime) -> Background:
        """Give the background of the case base, counted again when it has grown stale."""
        if self._background is None or self._background_until is None or now >= self._background_until:
            async with self._db.read() as conn:
                total = await cases.count_unresolved(conn)
                rows = await cases.newest_records(conn, max(at, now), _SAMPLE)
            sample = await asyncio.to_thread(lambda: [facets_of(record) for _, record in rows])
            self._background = Background(sample, total)
            self._background_until = now + _FRESH_FOR
        return self._background
