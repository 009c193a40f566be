"""From a batch of mentions to assessments: is each a complaint, and if so, whose case is it."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Generic, Protocol, TypeVar

import msgspec

from matcher.linking import Linking
from matcher.mention import MentionText


class Judgement(Protocol):
    """What a complaint decision says of one text."""

    @property
    def complaint(self) -> bool:
        """Whether the text is a complaint."""
        ...


V = TypeVar("V", bound=Judgement)
V_co = TypeVar("V_co", bound=Judgement, covariant=True)


class ComplaintJudge(Protocol[V_co]):
    """Decides which texts are complaints. It works on the CPU, so it is called in a worker thread."""

    def judge(
        self,
        texts: Sequence[str],
        contexts: Sequence[str | None],
        langs: Sequence[str | None],
        brands: Sequence[str | None],
    ) -> Sequence[V_co]:
        """Give one verdict per text, in their order."""
        ...


class CaseLinker(Protocol):
    """Finds whose case a complaint is about."""

    async def link(self, mention: MentionText, now: datetime) -> Linking | None:
        """Give the decision, or None where the source's policy is to seek no link."""
        ...


class Assessment(msgspec.Struct, Generic[V], frozen=True):
    """The verdict on one mention; ``linking`` is None for what is no complaint, or where no link is sought."""

    verdict: V
    linking: Linking | None = None


class Assessor(Generic[V]):
    """Judges a batch at once, then links the complaints among them."""

    def __init__(self, judge: ComplaintJudge[V], linker: CaseLinker) -> None:
        self._judge = judge
        self._linker = linker

    async def assess(self, batch: Sequence[MentionText], now: datetime) -> list[Assessment[V]]:
        """Give one assessment per mention, in their order; no transaction is open meanwhile."""
        if not batch:
            return []
        texts, contexts, langs, brands = zip(*((m.text, m.context, m.lang, m.brand) for m in batch), strict=True)
        verdicts = await asyncio.to_thread(self._judge.judge, texts, contexts, langs, brands)
        return [await self._one(mention, verdict, now) for mention, verdict in zip(batch, verdicts, strict=True)]

    async def _one(self, mention: MentionText, verdict: V, now: datetime) -> Assessment[V]:
        linking = await self._linker.link(mention, now) if verdict.complaint else None
        return Assessment(verdict, linking)
