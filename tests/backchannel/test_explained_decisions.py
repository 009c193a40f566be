"""The explanation leads from the prior over each reason to the odds, and names the rule that decided."""

import math
from io import StringIO
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from rich.console import Console

from backchannel.commands.explain import show
from backchannel.explanation import Explanation, came_to, explain, waterfall
from ledger.database import Database
from matcher.assess import Assessment
from matcher.config import LinkingConfig
from matcher.index import mirror
from matcher.linker import Linker
from matcher.linking import Candidate, Evidence, Linking, Outcome, Thresholds
from matcher.mention import MentionText
from matcher.verdict import Verdict, Word
from tests.notifier.desk import NOON, a_case

CAN = "one can of my Pale Ale multipack was empty, told them nine days ago and heard nothing"
REASONS = (Evidence("words", 4.0, "tells the same story"), Evidence("city", -1.5, "lives elsewhere (against)"))


def decided(decision: Outcome, *shown: float, rejected: float = 0.01, none: float = 0.1) -> Linking:
    """Give a decision that shows cases of these probabilities."""
    candidates = tuple(Candidate(f"C{n}", chance, REASONS) for n, chance in enumerate(shown))
    return Linking(decision, candidates, none, 0.2, Thresholds(0.85, 0.4), rejected=(Candidate("R", rejected),))


def test_the_waterfall_ends_at_the_odds_of_the_case() -> None:
    """What no reason tells was there before: the prior, spread over all cases."""
    linking = decided("link", 0.9)
    bars = waterfall(linking.candidates[0], linking)
    assert [bar.sentence for bar in bars] == [
        "what held before: 20% of complaints have a case, and it could be any",
        "tells the same story",
        "lives elsewhere (against)",
    ]
    assert bars[-1].end == pytest.approx(math.log(0.9 / 0.1), abs=1e-3)
    assert all(after.start == before.end for before, after in pairwise(bars))


def test_certainty_and_impossibility_have_a_waterfall_too() -> None:
    """A probability that was rounded to nothing is no endless bar."""
    linking = decided("link", 1.0, rejected=0.0, none=0.0)
    for candidate in (*linking.candidates, *linking.rejected):
        assert all(math.isfinite(bar.end) for bar in waterfall(candidate, linking))


@pytest.mark.parametrize(
    ("linking", "says"),
    [
        (decided("link", 0.9), "One case reaches 85%"),
        (decided("possible", 0.5, 0.3), "No case reaches 85% alone"),
        (decided("possible", 0.9, 0.05), "likely enough, but too little speaks for it alone"),
        (decided("link", 0.9).to_be_asked(), "One case reaches 85%, but the post hardly reads as a complaint"),
        (decided("unlinked", rejected=0.2), "do not reach 40%"),
        (decided("unlinked", rejected=0.7), "speaks of another matter"),
    ],
)
def test_the_rule_that_decided_is_named(linking: Linking, says: str) -> None:
    """Every outcome has its sentence."""
    assert says in came_to(linking)


async def test_a_case_of_a_channel_that_is_not_linked_is_named_as_the_cause(sqlite_db: Database) -> None:
    """The rule forbade the case that the post is about; the post spoke of nothing else."""
    case = a_case(channel="chat")
    async with sqlite_db.write("test") as conn:
        await mirror(conn, [case], NOON)
    post = MentionText(CAN, NOON, "x", "markharlow", "Mark Harlow", location="Leeds", policy="auto")
    found = await Linker(sqlite_db, LinkingConfig()).link(post, NOON)
    assert found is not None
    assert (found.decision, found.rejected[0].probability > found.thresholds.possible) == ("unlinked", True)
    assert came_to(found) == "The case that fits best came by chat, which is not linked: none is offered."


def test_a_resolved_case_is_named_as_the_cause() -> None:
    over = Candidate("R", 0.9, differs="was resolved before the post", resolved=True)
    linking = msgspec.structs.replace(decided("unlinked"), rejected=(over, Candidate("S", 0.02)))
    assert "fits best was resolved before the post" in came_to(linking)


async def test_a_post_that_is_no_complaint_shows_which_cases_it_was_held_against(sqlite_db: Database) -> None:
    """Who asks why nobody was told sees that a case was near, and why it did not decide."""
    considered = decided("possible", 0.5, 0.1)
    kept = msgspec.to_builtins(Assessment(NO_GRIPE, considered=considered))
    async with sqlite_db.read() as conn:
        story = await explain(conn, a_row(kept))
    assert [(one.candidate.case_id, one.shown) for one in story.candidates] == [
        ("C0", False),
        ("C1", False),
        ("R", False),
    ]
    told = printed(story)
    assert "Whose case could it be?" in told
    assert "50% case C0 turned down" in told
    assert "it belongs to none so surely, and nobody is told" in told


def test_a_post_that_says_all_is_settled_is_told_so() -> None:
    linking = msgspec.structs.replace(decided("link", 0.9), post_features={"settled": 1.0})
    assert came_to(linking, considered=True).endswith("says that the matter is settled: nobody is told.")


def a_row(assessment: object = None) -> Any:
    """Give what stands in for a row of mentions."""
    return SimpleNamespace(
        id=1, platform="x", posted_at=NOON, author={}, text="?", lang=None, url="", rules=(), outcome="", state="new",
        assessment=assessment,
    )  # fmt: skip


def printed(story: Explanation) -> str:
    """Give what the command prints."""
    out = Console(width=200, file=StringIO())
    show(story, (), out)
    assert isinstance(out.file, StringIO)
    return out.file.getvalue()


def shown(verdict: Verdict) -> str:
    """Give what the command prints of a post with this verdict."""
    return printed(Explanation(a_row(), verdict, None, (), (), None))


GRIPE = Verdict(True, 0.51, "delivery", 0.62, True, (Word("never", 1.5),), "en", "It reads so.", threshold=0.5)
NO_GRIPE = msgspec.structs.replace(GRIPE, complaint=False, probability=0.34)


def test_the_command_tells_how_severe_a_post_is_and_whether_it_needs_a_reply() -> None:
    told = shown(GRIPE)
    assert "yes (51%, a complaint from 50% on, en, model builtin)" in told
    assert "severity 62%, a reply is needed" in told
    assert "never +1.50" in told
    assert "nobody is asked for an answer" in shown(msgspec.structs.replace(GRIPE, needs_reply=False))


def test_a_verdict_that_cannot_tell_is_shown_without_numbers() -> None:
    told = shown(msgspec.structs.replace(GRIPE, cannot_tell=True, lang="und", words=()))
    assert "cannot tell: it counts as a complaint (model builtin)" in told
    assert "%" not in told
    assert "reply" not in told


def test_words_kept_with_a_custom_model_are_not_said_to_have_decided() -> None:
    assert "never" not in shown(msgspec.structs.replace(GRIPE, model="acme/gripes"))
