"""How many complaints have a case is read off the probabilities of many decisions."""

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.prevalence import estimated


@given(st.floats(0.05, 0.8), st.floats(0.05, 0.6), st.integers(0, 50))
@settings(max_examples=40, deadline=None)
def test_the_true_share_is_found_whatever_was_assumed(true: float, assumed: float, seed: int) -> None:
    """Where the evidence means what it says: here its log odds are drawn for posts with and without a case."""
    rng = random.Random(seed)
    evidence = [rng.gauss(4.5, 3.0) if rng.random() < true else rng.gauss(-4.5, 3.0) for _ in range(1500)]
    prior = math.log(assumed / (1 - assumed))
    chances = [(1 / (1 + math.exp(-(one + prior))), assumed) for one in evidence]
    assert estimated(chances) == pytest.approx(true, abs=0.06)


def test_decisions_made_under_different_shares_are_taken_together() -> None:
    sure = [(0.999, 0.5)] * 30 + [(0.001, 0.1)] * 70
    assert estimated(sure) == pytest.approx(0.3, abs=0.02)


def test_no_decision_gives_no_estimate() -> None:
    with pytest.raises(ValueError, match="no decision"):
        estimated([])
