"""Times that a price, a pace or a long custom is counted by are no age, nor is one that is denied."""

from datetime import UTC, datetime

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
        "£12.99 a month", "£1200 a month", "30€ a month", "30 euros a month", "twenty quid a week", "50p a day",
        "eighty-five a day", "£5/month", "10€/Monat", "9,99 € pro Monat", "5 euros al mes", "10 par mois", "12 p/m",
        "3 times a week", "twice a week", "24 hours a day, 7 days a week", "5 days/week", "5 jours par semaine",
        "5 Tage die Woche", "24 horas al día", "cada dos semanas", "toutes les deux semaines", "ogni due settimane",
    ],
)  # fmt: skip
def test_what_a_price_or_a_pace_is_counted_by_is_no_age(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize(
    "text",
    ["paid £30 a week ago", "rang 3 times a week ago", "I bought two, a week now", "bought two a week later",
     "£40, a week and nothing", "it was due a week"],
)  # fmt: skip
def test_a_week_behind_a_sum_or_a_count_may_still_be_an_age(text: str) -> None:
    assert [(clue.code, clue.value) for clue in read(text)] == [("age", "a week")]


@pytest.mark.parametrize(
    "text",
    ["been a customer for 11 years", "been a customer for over 11 months", "I've been with you for 18 months",
     "we've been customers for 9 months", "loyal customer of 20 months", "8 months a customer", "Kunde seit 8 Jahren",
     "Kundin seit über 8 Monaten", "client depuis 6 mois", "cliente desde hace 8 meses", "cliente da 8 mesi",
     "cliente há 8 meses", "klant sinds 8 maanden", "never once in eight months as a customer",
     "never once in three years as a customer"],
)  # fmt: skip
def test_a_long_custom_is_no_age(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize(
    "text",
    ["you ignore this customer for three months", "my phone has been with you for three months",
     "waited three months. Customer service is dead", "three months a member of staff lied"],
)  # fmt: skip
def test_a_long_wait_is_no_custom(text: str) -> None:
    assert [(clue.code, clue.value) for clue in read(text)] == [("age", "three months")]


@pytest.mark.parametrize("text", ["you said two days, not two weeks", "not a week goes by", "nicht zwei Wochen"])
def test_a_time_that_is_denied_is_no_age(text: str) -> None:
    assert all(clue.value == "two days" for clue in read(text))


@pytest.mark.parametrize("text", ["not two weeks ago I emailed", "not even two weeks"])
def test_not_two_weeks_ago_is_less_than_two_weeks(text: str) -> None:
    [clue] = read(text)
    assert clue.low < 12 < clue.high < 15


def test_not_in_the_sentence_before_denies_nothing() -> None:
    assert [clue.value for clue in read("I think not. Two weeks now")] == ["two weeks"]
