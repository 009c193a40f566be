"""References, sums and counts are read in the spellings that people use."""

import pytest

from matcher.clues import content_words
from matcher.folding import words
from matcher.numbers import amounts, counts
from matcher.references import codes, emails, endings, phones, references


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("order LM-51077 please", "lm51077"),
        ("reference 21063, a month", "21063"),
        ("code GV-7901-AA", "gv7901aa"),
        ("Ticket 20679: closed", "20679"),
        ("Bestellnummer 448812", "448812"),
        ("réf 20-88431", "2088431"),
        ("mon dossier 2291-K", "2291k"),
        ("order RTX4070", "rtx4070"),
        ("order no.1234", "1234"),
        ("5107712, any news?", "5107712"),
    ],
)
def test_a_reference_is_read_in_one_spelling(text: str, value: str) -> None:
    assert value in [clue.value for clue in references(text)]


@pytest.mark.parametrize("text", ["440ml in January", "back in 2024", "£5000 a year", "5L of it", "the 21st"])
def test_measures_years_and_prices_are_no_references(text: str) -> None:
    assert references(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "you owe me 1500 euros",
        "a claim of 15000 €",
        "£12345.67",
        "EUR 15000",
        "12345,67 too much",
        "my order 1500 euros",
    ],
)
def test_a_sum_of_money_is_no_reference(text: str) -> None:
    assert references(text) == []


@pytest.mark.parametrize(
    "text",
    ["Hier in 10115 Berlin", "D-10115 Berlin", "1011 AB Amsterdam", "since 20261103", "on 2026-11-03", "150000 miles",
     "Ring me on 07700 900123", "06 12 34 56 78", "tel. 333 1234567", "llámame al 612345678", "+44 7700 900123"],
)  # fmt: skip
def test_postcodes_dates_distances_and_telephone_numbers_are_no_references(text: str) -> None:
    assert references(text) == []


@pytest.mark.parametrize("text", ["my RTX4070 died", "the F300 leaks", "WH-1000 headphones", "a flight, AL2281"])
def test_a_short_code_may_be_a_model_and_is_a_reference_only_where_a_case_has_it(text: str) -> None:
    assert references(text) == []
    assert len(codes(text)) == 1


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "hostile",
    [
        "9" * 100_000 + "@",
        "a-" * 50_000,
        "order ending " + "A-" * 50_000 + "1",
        "A1" * 50_000,
        "123-" * 25_000 + "@",
        "ring me on " * 9_000,
    ],
)
def test_figures_without_end_are_read_in_time(hostile: str) -> None:
    """What grows with the square of the length would take minutes."""
    references(hostile), codes(hostile), endings(hostile)


@pytest.mark.parametrize(
    "text",
    ["Ich warte immer noch auf 250 Euro", "my contract ends in 2026", "my order depends on 300", "order ends in 2026",
     "the offer on my order ends in 300 minutes", "you charged my card ending 4421", "Karte endet auf 4421"],
)  # fmt: skip
def test_what_a_wait_a_contract_or_an_offer_ends_in_is_no_reference(text: str) -> None:
    assert endings(text) == []


@pytest.mark.parametrize(
    "text",
    ["Bestellung endet auf 664", "commande finissant par 664", "pedido que termina en 664", "ordine finisce con 664",
     "encomenda terminada em 664", "bestelling eindigend op 664"],
)  # fmt: skip
def test_endings_are_read_beside_the_word_for_a_record(text: str) -> None:
    assert [clue.value for clue in endings(text)] == ["664"]


@pytest.mark.parametrize(
    ("text", "ending"),
    [("case ending 07QK. it's in the name", "07qk"), ("case ending W-C-8-N, day 22", "wc8n"),
     ("Buchung endet auf X4T", "x4t")],
)  # fmt: skip
def test_an_ending_may_hold_letters_where_they_are_capitals(text: str, ending: str) -> None:
    assert [clue.value for clue in endings(text)] == [ending]


@pytest.mark.parametrize(
    "text", ["booking ends 8pm", "the order ends 3rd", "my booking ends SOON", "ticket ends in a WEEK"]
)
def test_an_hour_or_a_shout_is_no_ending(text: str) -> None:
    assert endings(text) == []


def test_record_locators_of_bookings_are_codes() -> None:
    assert [clue.value for clue in codes("K7RTQX still nothing. NOTHING")] == ["k7rtqx"]
    assert [clue.value for clue in codes("booking ref KWRTQX. WHERE IS IT")] == ["kwrtqx"]


def test_the_last_digits_of_a_reference_are_read() -> None:
    assert [clue.value for clue in endings("order ending 664, when")] == ["664"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("£38.50", "38.50"),
        ("45 quid", "45"),
        ("1.234,50 €", "1234.50"),
        ("fifty quid", "50"),
        ("a tenner", "10"),
        ("23 €", "23"),
    ],
)
def test_a_sum_of_money_is_read_as_a_plain_decimal(text: str, value: str) -> None:
    assert [clue.value for clue in amounts(text, words(text))] == [value]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("£12345.67", "£12345.71", False),
        ("£1234567", "£1234568", False),
        ("£38.5", "38,50 €", True),
        ("£40", "40.00 €", True),
    ],
)
def test_sums_are_equal_only_to_the_cent(one: str, other: str, same: bool) -> None:
    [first], [second] = (amounts(text, words(text)) for text in (one, other))
    assert (first.value == second.value) is same


def test_a_whole_sum_is_written_out_without_decimals() -> None:
    assert [clue.value for clue in amounts("cost $1234567", [])] == ["1234567"]


@pytest.mark.parametrize(
    ("text", "value"),
    [("twenty-five quid", "25"), ("five hundred pounds", "500"), ("vingt et un euros", "21"), ("dix euros", "10")],
)
def test_a_sum_in_several_words_is_read_whole(text: str, value: str) -> None:
    assert [clue.value for clue in amounts(text, words(text))] == [value]


def test_counts_are_read_from_words_and_figures_but_not_from_articles() -> None:
    found = words("nine bottles of 24, and one of a kind")
    assert [clue.value for clue in counts(found, set())] == ["9", "24"]


def test_addresses_and_telephone_numbers_are_read() -> None:
    assert [clue.value for clue in emails("write to Jo.Lee@Post.example.")] == ["jo.lee@post.example"]
    assert [clue.value for clue in phones("ring 07700 900123", "GB")] == ["+447700900123"]
    assert [clue.value for clue in phones("ring 07700 900123", None)] == ["07700900123"]


@pytest.mark.parametrize(
    "text", ["Once it is through your door", "the refund due", "au dos de la boîte", "in Sept", "to seize it"]
)
def test_words_of_another_language_are_no_counts(text: str) -> None:
    assert counts(words(text), set()) == []


def test_numbers_are_not_compared_as_words_too() -> None:
    assert (
        set(content_words(words("dos ventanillas, twelve headsets, Elf und drei Kisten"))) & {"dos", "twelv", "drei"}
        == set()
    )


@pytest.mark.parametrize(
    ("text", "sum_"),
    [
        ("19,40 wollte der Bote", "19.40"),
        ("charged me 48.50 twice", "48.50"),
        ("sessanta sterline", "60"),
        ("64 balles", "64"),
    ],
)
def test_cents_make_a_sum_without_a_currency(text: str, sum_: str) -> None:
    assert [clue.value for clue in amounts(text, words(text))] == [sum_]


@pytest.mark.parametrize(
    "text",
    [
        "um 19,40 Uhr",
        "since 7.30",
        "at 19.40 nobody came",
        "a 12.50 kg bag",
        "4,50 m long",
        "version 2.34.56",
        "Am 28.02. bestellt",
        "um 14,30",
        "iOS 26.30",
        "38,50 Grad",
    ],
)
def test_an_hour_or_a_measure_is_no_sum(text: str) -> None:
    assert amounts(text, words(text)) == []


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("eighty-five a day", ["85"]),
        ("a hundred and ten miles", ["110"]),
        ("two hundred and forty five of them", ["245"]),
        ("five hundred", ["500"]),
        ("nine or ten", ["9", "10"]),
        ("my hundred and eighty odd euro", []),
        ("room 12, table forty", ["12", "40"]),
        ("cinquante deux messages", ["52"]),
    ],
)
def test_a_number_in_several_words_is_one_count(text: str, values: list[str]) -> None:
    assert [clue.value for clue in counts(words(text), set())] == values
