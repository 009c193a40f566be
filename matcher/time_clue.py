"""A time that a text names."""

from datetime import date

from matcher.clue import Clue


class TimeClue(Clue, frozen=True, kw_only=True):
    """A time between ``low`` and ``high`` days before the post; below 0 it lies ahead.

    ``exact`` is False where the words leave room ("about", "a couple of weeks"); ``day`` is set for a calendar date.
    """

    low: float
    high: float
    exact: bool = True
    day: date | None = None
