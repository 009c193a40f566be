"""Times that people name are read as intervals of days before the post."""

from datetime import UTC, date, datetime

import pytest

from matcher.folding import words
from matcher.times import TimeClue, times

THURSDAY = datetime(2026, 3, 19, 15, tzinfo=UTC)


def read(text: str) -> list[TimeClue]:
    return times(text, words(text), THURSDAY)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("nine days since I emailed", 9),
        ("Ten days. Nothing.", 10),
        ("a fortnight now", 14),
        ("over a week ago", 9),
        ("Seit fast vier Wochen", 27),
        ("vor zwei Wochen geschrieben", 14),
        ("il y a 15 jours", 15),
        ("hace dos semanas", 14),
        ("há duas semanas", 14),
        ("tre settimane fa", 21),
        ("drie weken geleden", 21),
        ("emailed on Monday", 3),
        ("yesterday", 1),
        ("on the 3rd", 16),
        ("on 11 January", 67),
        ("el 5 de febrero", 42),
    ],
)
def test_a_stated_time_covers_the_day_that_is_meant(text: str, days: int) -> None:
    [clue] = read(text)
    assert clue.low <= days <= clue.high


@pytest.mark.parametrize("text", ["9 days to go", "In zehn Tagen ist er abgelaufen", "within 14 days", "two years old"])
def test_a_time_that_lies_ahead_or_measures_something_else_is_no_age(text: str) -> None:
    assert read(text) == []


def test_a_month_that_is_yet_to_come_is_not_taken_for_the_last_one() -> None:
    assert read("the voucher runs out at the end of April") == []


def test_a_clue_keeps_the_span_that_it_was_read_from() -> None:
    text = "I wrote über two weeks ago"
    [clue] = read(text)
    assert text[clue.start : clue.end] == "two weeks"


def test_a_calendar_date_is_kept_as_a_date() -> None:
    [clue] = read("you came on 02/03")
    assert clue.day == date(2026, 3, 2)


def test_last_monday_may_be_this_week_or_the_one_before_when_that_is_near() -> None:
    [clue] = read("emailed last tuesday")
    assert clue.low < 2 < clue.high
    assert clue.low < 9 < clue.high
