"""A time that a text names."""

from datetime import date

from matcher.clue import Clue
from matcher.folding import Word


class TimeClue(Clue, frozen=True, kw_only=True):
    """A time between ``low`` and ``high`` days before the post; below 0 it lies ahead.

    ``exact`` is False where the words leave room ("about", "a couple of weeks"); ``day`` is set for a calendar date.
    """

    low: float
    high: float
    exact: bool = True
    day: date | None = None


def time_said(
    found: list[Word], first: int, last: int, low: float, high: float, *, code: str, exact: bool = True,
    day: date | None = None,
) -> TimeClue:  # fmt: skip
    """Give the clue that the words from ``first`` to ``last`` name."""
    first = max(0, first)
    said = " ".join(word.text for word in found[first : last + 1])
    return TimeClue(code, said, found[first].start, found[last].end, low=low, high=high, exact=exact, day=day)
