"""What the likeness of two stories is called agrees with its sign."""

import pytest

from matcher.matter import likeness


@pytest.mark.parametrize(
    ("deviation", "says"),
    [(2.5, "much the same story"), (0.6, "a little like the case's"), (0.0, "(against)"), (-0.8, "(against)")],
)
def test_a_story_that_speaks_for_a_case_is_never_called_against_it(deviation: float, says: str) -> None:
    [reason] = likeness(deviation)
    assert says in reason.sentence
    assert (reason.value > 0) == ("(against)" not in reason.sentence)


def test_without_a_comparison_nothing_is_said() -> None:
    assert likeness(None) == []
