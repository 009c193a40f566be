"""Weekdays that people name are read as the day that is meant, once."""

from datetime import UTC, date, datetime

import pytest

from matcher.folding import words
from matcher.time_clue import TimeClue
from matcher.times import times

THURSDAY = datetime(2026, 3, 19, 15, tzinfo=UTC)


def read(text: str) -> list[TimeClue]:
    return times(text, words(text), THURSDAY)


@pytest.mark.parametrize(
    "text",
    [
        "on Monday 2nd they came",
        "on Monday the 2nd",
        "on Mon 2 March",
        "on Mon. 2 March",
        "on Monday, 2 March",
        "on Monday (2 March)",
        "2 March (Monday)",
        "Monday 02/03, nobody",
        "lundi 2 mars",
        "Montag, 2. März",
        "am Montag, den 2.3. gemailt",
        "el lunes, 2 de marzo",
        "lunedì 2 marzo",
        "maandag 2 maart",
        "segunda, 2 de março",
        "segunda-feira, 2 de março",
    ],
)
def test_a_weekday_beside_its_date_is_not_read_a_second_time(text: str) -> None:
    assert [(clue.code, clue.day) for clue in read(text)] == [("date", date(2026, 3, 2))]


@pytest.mark.parametrize("text", ["on 5 March. Monday they rang", "on 5 March, Monday too", "Monday and 5 March"])
def test_a_weekday_that_a_date_does_not_mean_stays_one(text: str) -> None:
    assert sorted(str(clue.day) for clue in read(text)) == ["2026-03-05", "2026-03-16"]


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("on Monday 9th", [date(2026, 3, 9)]),
        ("on Friday 13th", [date(2026, 3, 13)]),
        ("on Tuesday 2nd", []),
        ("by Friday 27th", []),
        ("mon 2nd colis", []),
        ("on Monday 2nd attempt failed", [date(2026, 3, 16)]),
        ("engineer was coming on the 1st", [date(2026, 3, 1)]),
    ],
)
def test_a_weekday_and_an_ordinal_name_the_last_day_that_is_both(text: str, days: list[date]) -> None:
    assert [clue.day for clue in read(text)] == days


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("two Mondays ago", date(2026, 3, 9)),
        ("a couple of Mondays ago", date(2026, 3, 9)),
        ("three Fridays back", date(2026, 2, 27)),
        ("two Thursdays ago", date(2026, 3, 5)),
        ("vor zwei Montagen", date(2026, 3, 9)),
        ("il y a deux lundis", date(2026, 3, 9)),
        ("hace dos lunes", date(2026, 3, 9)),
        ("due lunedì fa", date(2026, 3, 9)),
        ("há duas segundas-feiras", date(2026, 3, 9)),
        ("twee maandagen geleden", date(2026, 3, 9)),
    ],
)
def test_so_many_mondays_ago_counts_back_from_the_last(text: str, day: date) -> None:
    assert [clue.day for clue in read(text)] == [day]


@pytest.mark.parametrize("text", ["bought on Black Friday", "a Black-Friday deal", "Cyber Monday"])
def test_black_friday_is_a_day_of_november(text: str) -> None:
    [clue] = read(text)
    assert clue.code == "festival"
    assert clue.low < (THURSDAY.date() - date(2025, 11, 28)).days < clue.high


def test_black_in_the_sentence_before_makes_no_black_friday() -> None:
    assert [clue.day for clue in read("I ordered black. Friday it came in red")] == [date(2026, 3, 13)]


def test_the_year_of_a_festival_is_read() -> None:
    [clue] = read("bought on Black Friday 2024")
    assert clue.low < (THURSDAY.date() - date(2024, 11, 29)).days < clue.high


@pytest.mark.parametrize(
    "text",
    ["Good Friday", "on Easter Monday", "Viernes Santo", "sexta-feira santa", "Happy Monday everyone", "Happy Mondays",
     "Taco Tuesday", "a Sheffield Wednesday fan", "the Sunday Times", "every Monday", "closed on Mondays",
     "two Mondays running", "lundi prochain", "el lunes que viene"],
)  # fmt: skip
def test_a_weekday_in_a_name_or_a_habit_or_ahead_is_no_past_day(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize("text", ["am Freitagabend", "Freitagnachmittag", "vrijdagavond", "Friday night"])
def test_a_part_of_a_weekday_is_that_weekday(text: str) -> None:
    assert [clue.day for clue in read(text)] == [date(2026, 3, 13)]


@pytest.mark.parametrize(
    "text", ["segunda-feira", "na segunda", "desde segunda-feira", "na segunda liguei e nada", "desde a segunda, nada"]
)
def test_a_portuguese_weekday_is_read_by_the_words_beside_it(text: str) -> None:
    assert [clue.day for clue in read(text)] == [date(2026, 3, 16)]


def test_a_portuguese_weekday_that_is_past_is_read() -> None:
    [clue] = read("sexta passada")
    assert clue.low < 6 < clue.high


@pytest.mark.parametrize(
    "text",
    ["pela segunda vez", "na segunda tentativa", "na terça parte", "na quinta avenida", "a quarta chamada",
     "de segunda a sexta-feira", "na próxima segunda-feira"],
)  # fmt: skip
def test_a_portuguese_ordinal_is_no_weekday(text: str) -> None:
    assert read(text) == []
