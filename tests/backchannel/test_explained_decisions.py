"""The explanation leads from the prior over each reason to the odds, and names the rule that decided."""

import math
from itertools import pairwise

import pytest

from backchannel.explanation import came_to, waterfall
from matcher.linking import Candidate, Evidence, Linking, Outcome, Thresholds

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
        (decided("unlinked", rejected=0.2), "do not reach 40%"),
        (decided("unlinked", rejected=0.7), "speaks of another matter"),
    ],
)
def test_the_rule_that_decided_is_named(linking: Linking, says: str) -> None:
    """Every outcome has its sentence."""
    assert says in came_to(linking)
