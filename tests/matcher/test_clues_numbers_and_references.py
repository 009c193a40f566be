"""References, sums and counts are read in the spellings that people use."""

import pytest

from matcher.folding import words
from matcher.numbers import amounts, counts
from matcher.references import emails, endings, phones, references


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("order LM-51077 please", "lm51077"),
        ("reference 21063, a month", "21063"),
        ("code GV-7901-AA", "gv7901aa"),
        ("Ticket 20679: closed", "20679"),
        ("Bestellnummer 448812", "448812"),
    ],
)
def test_a_reference_is_read_in_one_spelling(text: str, value: str) -> None:
    assert value in [clue.value for clue in references(text)]


@pytest.mark.parametrize("text", ["440ml in January", "back in 2024", "£5000 a year", "5L of it", "the 21st"])
def test_measures_years_and_prices_are_no_references(text: str) -> None:
    assert references(text) == []


def test_the_last_digits_of_a_reference_are_read() -> None:
    assert [clue.value for clue in endings("order ending 664, when")] == ["664"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("£38.50", "38.5"),
        ("45 quid", "45"),
        ("1.234,50 €", "1234.5"),
        ("fifty quid", "50"),
        ("a tenner", "10"),
        ("23 €", "23"),
    ],
)
def test_a_sum_of_money_is_read_as_a_plain_decimal(text: str, value: str) -> None:
    assert [clue.value for clue in amounts(text, words(text))] == [value]


def test_counts_are_read_from_words_and_figures_but_not_from_articles() -> None:
    found = words("nine bottles of 24, and one of a kind")
    assert [clue.value for clue in counts(found, set())] == ["9", "24"]


def test_addresses_and_telephone_numbers_are_read() -> None:
    assert [clue.value for clue in emails("write to Jo.Lee@Post.example.")] == ["jo.lee@post.example"]
    assert [clue.value for clue in phones("ring 07700 900123", "GB")] == ["+447700900123"]
