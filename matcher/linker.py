"""Whose case is it: reads clues, draws candidates, weighs them and decides."""

import asyncio
from datetime import datetime
from itertools import chain

from ledger.database import Database
from matcher.acquaintances import Acquaintances
from matcher.casebase import CaseBase, Drawn
from matcher.clues import ClueReader, PostClues
from matcher.concepts import Concepts, shared_concepts
from matcher.config import LinkingConfig
from matcher.decision import Decider
from matcher.evidence import Compared, EvidenceWeigher, Rival
from matcher.key_shelf import KeyShelf
from matcher.keys import KeyMaker
from matcher.likeness import Encode, Likeness
from matcher.linking import Linking
from matcher.mention import MentionText
from matcher.model_file import LinkingModel, load
from matcher.names import shared_names
from matcher.places import Places, shared_places

_LONG = 2000  # characters: longer texts, and whole bases, are worked through in a thread; a hop costs more than a post
_LIKENED = 40
_LIKENED_OF_MANY = 8


class Linker:
    """Links mentions to the cases mirrored in one database."""

    def __init__(
        self,
        db: Database,
        config: LinkingConfig | None = None,
        *,
        encode: Encode | None = None,
        model: LinkingModel | None = None,
        shelf: KeyShelf | None = None,
    ) -> None:
        """Read the lists and the weights; the database is first touched by ``link``.

        ``encode`` gives sentence vectors (``Encoder.encode``); without it the likeness of stories is left out.
        ``shelf`` holds the link keys of ``db`` that one linker hands on to the next.
        """
        rules = config or LinkingConfig()
        names = shared_names()
        places = Places(rules.places) if rules.places else shared_places()
        concepts = Concepts(rules.synonyms) if rules.synonyms else shared_concepts()
        weights = model or load()
        self._reader = ClueReader(names, places, concepts)
        self._base = CaseBase(db, rules, KeyMaker(names), shelf)
        self._weigher = EvidenceWeigher(names, places, weights)
        self._acquaintances = Acquaintances(db)
        self._decider = Decider(weights, rules)
        self._likeness = Likeness(encode) if encode else None

    async def load_keys(self, now: datetime) -> None:
        """Load the link keys of a large base before the first mention; else that mention starts it beside its way."""
        await self._base.load_keys(now)

    async def link(self, mention: MentionText, now: datetime) -> Linking | None:
        """Give the decision on a mention, or None where its source's policy seeks no link."""
        if mention.policy == "off":
            return None
        long = len(mention.text) > _LONG
        clues = await asyncio.to_thread(self._reader.read, mention) if long else self._reader.read(mention)
        drawn = await self._base.draw(mention, clues, now)
        many = long or drawn.whole
        weigh = self._weigher.weigh
        total, net = drawn.background.total, self._decider.net
        rival = None if drawn.whole else Rival(self._decider.none(clues), lambda one: net(one, total))
        known = await self._acquaintances.of(mention, now)
        theirs = await self._acquaintances.cases(known, drawn.cases, mention.posted_at) if known else []
        brand = mention.brand.casefold() if mention.brand else ""
        own = (
            case for case in chain(theirs, drawn.cases) if not (case.brand and brand) or case.brand.casefold() == brand
        )
        asked = (mention, clues, own, drawn.background, None, rival, known)
        compared = await asyncio.to_thread(weigh, *asked) if many else weigh(*asked)
        if self._likeness is not None and self._decider.is_open(clues, compared, drawn.background.total):
            compared = await asyncio.to_thread(
                self._weigh_again, self._likeness, mention, clues, drawn, compared, known
            )
        return self._decider.decide(mention, clues, compared, drawn.background.total, drawn.truncated)

    def _weigh_again(
        self,
        likeness: Likeness,
        mention: MentionText,
        clues: PostClues,
        drawn: Drawn,
        compared: list[Compared],
        known: dict[str, str],
    ) -> list[Compared]:
        """Weigh the best again where the decision is open, now with how like their stories are."""
        best = [one.case for one in compared[: _LIKENED if drawn.whole else _LIKENED_OF_MANY]]
        found = likeness.deviations(mention.text, best, drawn.background.sample)
        again = [one.case for one in compared[:_LIKENED]]
        return self._weigher.weigh(mention, clues, again, drawn.background, found, known=known)
