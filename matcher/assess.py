"""From a batch of mentions to assessments: is each a complaint, and if so, whose case is it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Generic, Protocol, Self, TypeVar

import msgspec

from matcher.aside import aside
from matcher.linking import Linking
from matcher.mention import MentionText
from matcher.references import references

DOUBTFUL = 0.05
"""From which probability a post that is not taken for a complaint is still held against the unresolved cases."""

MILD = 0.3
"""Below which probability of being a complaint a post that fits a case is asked about, and never asserted to be of it.

When linking first met nine hand-written sets, 3 of 8 such links were right, and 244 of 258 others.
"""

OF_A_CASE = 0.75
"""From which probability that a post is of some case it raises an alert, even if it does not read as a complaint.

On 26 hand-written sets 8 complaints more are asked about than at .85, and 3 harmless posts more.
"""

HURRIED_FROM = 24
"""From how many posts in a batch on none is read twice: more come than can be judged with leisure."""


class Judgement(Protocol):
    """What a complaint decision says of one text."""

    @property
    def complaint(self) -> bool:
        """Whether the text is a complaint."""
        ...

    @property
    def probability(self) -> float:
        """How probably it is one."""
        ...

    @property
    def cannot_tell(self) -> bool:
        """Whether ``probability`` says nothing."""
        ...

    def upheld(self, case_id: str) -> Self:
        """Give the same judgement, taken for a complaint because an unresolved case fits it."""
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
        *,
        hurried: bool = False,
    ) -> Sequence[V_co]:
        """Give one verdict per text, in their order; where it is ``hurried``, by the quickest way."""
        ...


class CaseLinker(Protocol):
    """Finds whose case a complaint is about."""

    async def link(self, mention: MentionText, now: datetime) -> Linking | None:
        """Give the decision, or None where the source's policy is to seek no link."""
        ...


class Assessment(msgspec.Struct, Generic[V], frozen=True):
    """The verdict on one mention; ``linking`` is None for what is no complaint, or where no link is sought.

    ``considered`` is what a doubtful post, which remains no complaint, was held against in vain: for explaining only.
    """

    verdict: V
    linking: Linking | None = None
    considered: Linking | None = None


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
        hurried = len(batch) >= HURRIED_FROM
        verdicts = await aside(self._judge.judge, texts, contexts, langs, brands, hurried=hurried)
        return [await self._one(mention, verdict, now) for mention, verdict in zip(batch, verdicts, strict=True)]

    async def _one(self, mention: MentionText, verdict: V, now: datetime) -> Assessment[V]:
        """Link what is a complaint; and what may be one is one if it surely belongs to an unresolved case.

        A post of a case's owner about something else shares no matter with the case, and is not linked that surely.
        Who says that all is sorted, with the number of the case or not, complains of nothing.
        """
        if not verdict.complaint and not _may_be_of_a_case(mention, verdict):
            return Assessment(verdict)
        linking = await self._linker.link(mention, now)
        if verdict.complaint:
            return Assessment(verdict, linking)
        if linking is None or not surely_of_a_case(linking) or "settled" in linking.post_features:
            return Assessment(verdict, considered=linking)
        linking = linking.to_be_asked() if _reads_mildly(verdict, linking) else linking
        return Assessment(verdict.upheld(linking.candidates[0].case_id), linking)


def _may_be_of_a_case(mention: MentionText, verdict: Judgement) -> bool:
    """Whether what is not taken for a complaint is still held against the cases: a reference settles more than words.

    Where the verdict cannot tell, the cases alone can.
    """
    return verdict.cannot_tell or verdict.probability >= DOUBTFUL or bool(references(mention.text))


def _reads_mildly(verdict: Judgement, linking: Linking) -> bool:
    """Whether a post hardly complains, by a verdict that can tell, and does not give the number of the case either."""
    named = any("reference_exact" in one.features for one in linking.candidates)
    return verdict.probability < MILD and not verdict.cannot_tell and not named


def surely_of_a_case(linking: Linking) -> bool:
    """Whether a post belongs to an unresolved case, be it one or one of several that fit alike.

    Such a post raises an alert whatever the threshold of its brand.
    """
    asked = linking.decision == "possible" and 1.0 - linking.none_probability >= OF_A_CASE
    return linking.decision == "link" or asked
