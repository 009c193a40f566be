"""A batch is judged at once, and only its complaints are linked."""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
import pytest

from matcher.assess import HURRIED_FROM, Assessor
from matcher.linking import Candidate, Linking, Thresholds
from matcher.mention import MentionText

NOW = datetime(2026, 3, 12, tzinfo=UTC)


class Saying(msgspec.Struct, frozen=True):
    complaint: bool
    probability: float = 0.0
    cannot_tell: bool = False

    def upheld(self, case_id: str) -> "Saying":
        return Saying(True, self.probability)


class JudgeByWord:
    """Takes every text that holds "awful" for a complaint, and remembers the batches."""

    def __init__(self) -> None:
        self.batches: list[Sequence[str]] = []
        self.hurried: list[bool] = []

    def judge(
        self,
        texts: Sequence[str],
        contexts: Sequence[str | None],
        langs: Sequence[str | None],
        brands: Sequence[str | None],
        *,
        hurried: bool = False,
    ) -> list[Saying]:
        self.batches.append(texts)
        self.hurried.append(hurried)
        return [Saying("awful" in text, 0.9 if "awful" in text else 0.001) for text in texts]


class Doubting(JudgeByWord):
    """Takes nothing for a complaint, but is in doubt about it."""

    def judge(self, texts: Sequence[str], *rest: object, **more: object) -> list[Saying]:  # type: ignore[override]
        return [Saying(False, 0.4) for _ in texts]


class LinkerThatCounts:
    """Links nothing and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def link(self, mention: MentionText, now: datetime) -> Linking | None:
        self.asked.append(mention.text)
        return Linking("unlinked", (), 1.0, 0.2, Thresholds(0.9, 0.3))


def a_mention(text: str) -> MentionText:
    return MentionText(text, NOW, "x")


async def test_a_batch_is_judged_in_one_call_and_only_complaints_are_linked() -> None:
    judge, linker = JudgeByWord(), LinkerThatCounts()
    found = await Assessor(judge, linker).assess([a_mention("lovely"), a_mention("awful"), a_mention("fine")], NOW)
    assert judge.batches == [("lovely", "awful", "fine")]
    assert linker.asked == ["awful"]
    assert [one.linking is not None for one in found] == [False, True, False]


async def test_a_doubtful_post_is_held_against_the_cases_but_no_link_makes_it_no_complaint() -> None:
    linker = LinkerThatCounts()
    [found] = await Assessor(Doubting(), linker).assess([a_mention("hm")], NOW)
    assert linker.asked == ["hm"]
    assert (found.verdict.complaint, found.linking) == (False, None)
    assert found.considered is not None, "what it was held against is kept, to be explained"


async def test_a_doubtful_post_that_surely_fits_two_cases_alike_is_a_complaint() -> None:
    class Between(LinkerThatCounts):
        async def link(self, mention: MentionText, now: datetime) -> Linking | None:
            none = 0.05 if "both" in mention.text else 0.5
            return Linking("possible", (Candidate("C-1", 0.5), Candidate("C-2", 0.4)), none, 0.2, Thresholds(0.9, 0.3))

    both, either = await Assessor(Doubting(), Between()).assess([a_mention("both of them"), a_mention("hm")], NOW)
    assert (both.verdict.complaint, both.linking is not None) == (True, True)
    assert (either.verdict.complaint, either.linking) == (False, None)


@pytest.mark.parametrize(("none", "asked"), [(0.2, True), (0.3, False)])
async def test_a_doubtful_post_that_likely_fits_a_case_is_asked_about(none: float, asked: bool) -> None:
    class Likely(LinkerThatCounts):
        async def link(self, mention: MentionText, now: datetime) -> Linking | None:
            return Linking("possible", (Candidate("C-1", 0.5),), none, 0.2, Thresholds(0.9, 0.3))

    [found] = await Assessor(Doubting(), Likely()).assess([a_mention("hm")], NOW)
    assert (found.verdict.complaint, found.linking is not None) == (asked, asked)


async def test_a_post_that_names_a_reference_is_held_against_the_cases_however_mild_it_reads() -> None:
    judge, linker = JudgeByWord(), LinkerThatCounts()
    batch = [a_mention("case LM-48213 please"), a_mention("fine weather"), a_mention("since 2019 at £1200")]
    await Assessor(judge, linker).assess(batch, NOW)
    assert linker.asked == ["case LM-48213 please"]


async def test_who_says_that_all_is_sorted_complains_of_nothing_though_the_case_is_theirs() -> None:
    class Sure(LinkerThatCounts):
        async def link(self, mention: MentionText, now: datetime) -> Linking | None:
            said = {"settled": 1.0} if "sorted" in mention.text else {}
            return Linking("link", (Candidate("C-1", 0.99),), 0.01, 0.2, Thresholds(0.9, 0.3), post_features=said)

    batch = [a_mention("LM-48213 all sorted, thank you"), a_mention("LM-48213 still the same")]
    thanks, waits = await Assessor(JudgeByWord(), Sure()).assess(batch, NOW)
    assert (thanks.verdict.complaint, thanks.linking) == (False, None)
    assert waits.verdict.complaint


@pytest.mark.parametrize(
    ("probability", "cannot_tell", "features", "decision"),
    [
        (0.2, False, {}, "possible"),
        (0.4, False, {}, "link"),
        (0.2, True, {}, "link"),
        (0.2, False, {"reference_exact": 1.0}, "link"),
    ],
)
async def test_a_post_that_hardly_complains_is_asked_about_however_well_a_case_fits(
    probability: float, cannot_tell: bool, features: dict[str, float], decision: str
) -> None:
    """Unless it gives the case's number, or its language is one that the model cannot judge."""

    class Mild(JudgeByWord):
        def judge(self, texts: Sequence[str], *rest: object, **more: object) -> list[Saying]:  # type: ignore[override]
            return [Saying(False, probability, cannot_tell) for _ in texts]

    class Sure(LinkerThatCounts):
        async def link(self, mention: MentionText, now: datetime) -> Linking | None:
            return Linking("link", (Candidate("C-1", 0.99, features=features),), 0.01, 0.2, Thresholds(0.9, 0.3))

    [found] = await Assessor(Mild(), Sure()).assess([a_mention("hm")], NOW)
    assert found.verdict.complaint
    assert found.linking is not None
    assert (found.linking.decision, found.linking.mild) == (decision, decision == "possible")


async def test_where_the_verdict_cannot_tell_the_cases_are_asked_whatever_its_probability() -> None:
    class Puzzled(JudgeByWord):
        def judge(self, texts: Sequence[str], *rest: object, **more: object) -> list[Saying]:  # type: ignore[override]
            return [Saying(False, 0.001, cannot_tell=True) for _ in texts]

    linker = LinkerThatCounts()
    [found] = await Assessor(Puzzled(), linker).assess([a_mention("荷物が届かない")], NOW)
    assert linker.asked == ["荷物が届かない"]
    assert (found.verdict.complaint, found.linking) == (False, None)


async def test_an_empty_batch_asks_nobody() -> None:
    judge, linker = JudgeByWord(), LinkerThatCounts()
    assert await Assessor(judge, linker).assess([], NOW) == []
    assert (judge.batches, linker.asked) == ([], [])


async def test_posts_are_judged_in_haste_only_when_many_come_at_once() -> None:
    judge = JudgeByWord()
    assessor = Assessor(judge, LinkerThatCounts())
    await assessor.assess([a_mention("hm")] * (HURRIED_FROM - 1), NOW)
    await assessor.assess([a_mention("hm")] * HURRIED_FROM, NOW)
    assert judge.hurried == [False, True]
