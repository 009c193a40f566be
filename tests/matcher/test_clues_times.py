"""Times that people name are read as intervals of days before the post."""

from datetime import UTC, date, datetime, timedelta

import pytest

from matcher.folding import words
from matcher.time_clue import TimeClue
from matcher.times import times

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


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("half a month now", 9, 24), ("seit einem halben Monat", 9, 24), ("several weeks", 14, 38),
        ("hace un par de semanas", 8, 22), ("da un paio di settimane", 8, 22), ("há um par de semanas", 8, 22),
        ("une dizaine de jours", 6, 16), ("una decina di giorni", 6, 16), ("plus d'un mois", 30, 55),
        ("een week of drie", 12, 33), ("een dag of tien", 6, 16), ("3 to 5 days", 2, 10), ("10-14 Tage", 8, 28),
        ("Week since I rang you", 5, 9), ("third week of this nonsense", 3, 22), ("terza settimana", 3, 22),
        ("in der dritten Woche", 3, 22), ("the other week", 5, 28), ("seit Wochen", 11, 70), ("for weeks", 11, 70),
        ("depuis des semaines", 11, 70),
    ],
)  # fmt: skip
def test_a_rough_stretch_of_time_leaves_room(text: str, low: float, high: float) -> None:
    [clue] = read(text)
    assert low <= clue.low < clue.high <= high
    assert text.startswith("Week") or not clue.exact


@pytest.mark.parametrize(
    "text", ["the third week of May", "this week since Monday", "within 3 to 5 days", "every other week"]
)
def test_what_is_no_stretch_of_time_gone_by_is_none(text: str) -> None:
    assert [clue for clue in read(text) if clue.code == "age"] == []


@pytest.mark.parametrize(
    "text", ["9 days to go", "In zehn Tagen ist er abgelaufen", "within 14 days", "two years old", "6 wks off the bike"]
)
def test_a_time_that_lies_ahead_or_measures_something_else_is_no_age(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize(
    "text",
    ["waiting 3 weeks. Leave me alone", "nine days. off to the ombudsman", "waited 3 weeks off and on",
     "three weeks worth of emails"],
)  # fmt: skip
def test_an_age_stays_one_whatever_the_next_sentence_begins_with(text: str) -> None:
    assert [clue.code for clue in read(text)] == ["age"]


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


@pytest.mark.parametrize("text", ["she rang on monday week", "since a week last monday", "rang a week ago monday"])
def test_monday_week_is_a_week_before_monday(text: str) -> None:
    days = [clue.day for clue in read(text) if clue.code == "weekday"]
    [monday] = [clue.day for clue in read("she rang on monday") if clue.day]
    assert days == [monday - timedelta(days=7)]


@pytest.mark.parametrize(
    "text",
    ["24/7 support my foot", "2/10, avoid", "1/10 service", "0/10", "5/5", "like 9/11", "1/2 price", "lost 3/4 (1/2)"],
)
def test_a_rating_or_a_fraction_is_no_date(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("emailed on 2/10", date(2025, 10, 2)),
        ("seit 1/3 nichts", date(2026, 3, 1)),
        ("depuis le 1/2", date(2026, 2, 1)),
        ("desde el día 5/2", date(2026, 2, 5)),
        ("emailed 12/3, no reply", date(2026, 3, 12)),
        ("emailed 02/03, no reply", date(2026, 3, 2)),
    ],
)
def test_figures_that_may_be_a_rating_are_a_date_after_a_word_for_it(text: str, day: date) -> None:
    assert [clue.day for clue in read(text)] == [day]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("bought it on 3 April 2024", date(2024, 4, 3)),
        ("bought it April 3rd, 2024", date(2024, 4, 3)),
        ("on 03/04/2024 I wrote", date(2024, 4, 3)),
        ("am 3.4.24 gemailt", date(2024, 4, 3)),
        ("valid until 03/04/2027", date(2027, 4, 3)),
        ("emailed on 2026-03-11", date(2026, 3, 11)),
    ],
)
def test_the_year_of_a_date_is_read(text: str, day: date) -> None:
    assert [clue.day for clue in read(text)] == [day]


def test_the_year_of_a_month_is_read() -> None:
    [clue] = read("bought in April 2024")
    assert clue.low <= (THURSDAY.date() - date(2024, 4, 15)).days <= clue.high


@pytest.mark.parametrize("text", ["am 3.3. gemailt", "Seit dem 3.3. nichts", "Montag, 3.3.", "gemailt 03.03., nix"])
def test_a_german_date_is_read_by_the_full_stop_behind_it(text: str) -> None:
    assert date(2026, 3, 3) in [clue.day for clue in read(text)]


@pytest.mark.parametrize("text", ["rated 4.5. Never again", "paid £3.10. Never again", "on 1.2.3 it broke"])
def test_a_decimal_at_the_end_of_a_sentence_is_no_date(text: str) -> None:
    assert read(text) == []


def test_the_month_comes_first_only_where_that_alone_makes_a_date() -> None:
    assert [clue.day for clue in read("emailed 2/27")] == [date(2026, 2, 27)]
    assert [clue.day for clue in read("emailed 02/03")] == [date(2026, 3, 2)]
    assert read("emailed 32/13") == []


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("emailed 2.5 weeks ago", 17.5),
        ("vor 2,5 Wochen", 17.5),
        ("waited twenty one days", 21),
        ("waited twenty-one days", 21),
        ("il y a vingt et un jours", 21),
        ("il y a dix-sept jours", 17),
        ("hace treinta y cinco días", 35),
        ("emailed 3wks ago", 21),
        ("emailed 3 wks ago", 21),
        ("emailed 2mths ago", 61),
        ("10days and nothing", 10),
        ("2.5wks ago", 17.5),
    ],
)
def test_an_amount_of_time_is_read_whole(text: str, days: float) -> None:
    [clue] = read(text)
    assert clue.low <= days <= clue.high <= days * 1.4


def test_what_lies_ahead_in_several_words_is_no_age() -> None:
    assert read("you refund me in twenty one days") == []


def test_a_decimal_keeps_its_words_and_span() -> None:
    [clue] = read("über 2.5 weeks")
    assert (clue.value, clue.start, clue.end) == ("2.5 weeks", 5, 14)


@pytest.mark.parametrize("text", ["Hier geht nichts, die Dose war leer", "Hier werkt niets", "hier"])
def test_the_german_and_dutch_word_for_here_is_not_yesterday(text: str) -> None:
    assert read(text) == []


def test_the_french_word_for_yesterday_is_read() -> None:
    [clue] = read("Je vous ai écrit hier, toujours rien")
    assert clue.day == date(2026, 3, 18)


@pytest.mark.parametrize(("lang", "count"), [("fr", 1), ("fr-CA", 1), ("de", 0), ("nl", 0), ("und", 0)])
def test_the_language_of_a_post_says_what_hier_means(lang: str, count: int) -> None:
    assert len(times("Mail hier", words("Mail hier"), THURSDAY, lang=lang)) == count


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "part",
    ["hier ", "twenty one ", "3/4 ", "on 3.10. ", "2.5 weeks ", "9", "3wks", "20/", "Monday 2nd ", "lundi 2 mars ",
     "customer for ", "customer for 3 months ", "a week and a half ", "½ ", "1/2 ", "£5 a week ", "na segunda "],
)  # fmt: skip
def test_a_long_text_is_read_in_a_moment(part: str) -> None:
    """What grows with the square of the length would take minutes."""
    read(part * (100_000 // len(part)))


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Day 12 of no broadband", 12),
        ("day four of black tea", 4),
        ("Día trece sin el chal", 13),
        ("Tag 9 ohne Internet", 9),
        ("Week 3 of waiting", 21),
        ("jour 12 sans eau", 12),
        ("@norvik Day 9. Nothing.", 9),
    ],
)
def test_counted_days_say_when_it_began_and_contact_may_be_later(text: str, days: int) -> None:
    [clue] = read(text)
    assert clue.low < days / 2
    assert days <= clue.high <= days + 1
    assert not clue.exact


@pytest.mark.parametrize(
    "text",
    [
        "day two of the festival",
        "cheguei na hora, a hora certa",
        "keine zwei Wochen mehr bis zur Abgabe",
        "the 3rd day in a row",
        "on the 2nd attempt",
        "every day 20 minutes late this train",
        "this week 3 parcels went missing",
        "jeden Tag 10 Minuten zu spät",
        "el día 15 me cobraron dos veces",
        "entrega prevista dia 28",
        "Levering staat gepland in week 20",
        "Guten Tag, 5 Anrufe und keine Antwort",
    ],
)
def test_what_lies_ahead_or_is_no_stretch_of_time_is_no_age(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize(
    "text",
    ["la semaine dernière", "la semana pasada", "la settimana scorsa", "a semana passada", "semana passada",
     "vorige week", "letzte Woche"],
)  # fmt: skip
def test_last_week_is_read_wherever_the_word_for_last_stands(text: str) -> None:
    [clue] = read(text)
    assert (clue.code, clue.low, clue.high) == ("age_last", 3.5, pytest.approx(13.3))


@pytest.mark.parametrize(
    "text", ["el mes pasado", "le mois dernier", "vorigen Monat", "il mese scorso", "o mês passado", "vorige maand"]
)
def test_last_month_is_read_wherever_the_word_for_last_stands(text: str) -> None:
    [clue] = read(text)
    assert (clue.code, clue.low, clue.high) == ("age_last", pytest.approx(15.2), pytest.approx(57.76))


@pytest.mark.parametrize(
    "text",
    ["the day before yesterday", "Mail avant-hier", "écrit avant hier", "anteayer", "antes de ayer", "anteontem",
     "vorgestern", "eergisteren", "l'altro ieri", "l’altro ieri", "altroieri", "ieri l'altro"],
)  # fmt: skip
def test_the_day_before_yesterday_is_not_yesterday(text: str) -> None:
    assert [clue.day for clue in read(text)] == [date(2026, 3, 17)]


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("two and a half weeks", 17.5),
        ("two-and-a-half weeks ago", 17.5),
        ("2½ weeks ago", 17.5),
        ("3 1/2 weeks ago", 24.5),
        ("a month and a half", 45.6),
        ("vor zweieinhalb Wochen", 17.5),
        ("seit anderthalb Monaten", 45.6),
        ("deux semaines et demie", 17.5),
        ("un mois et demi", 45.6),
        ("dos semanas y media", 17.5),
        ("hace mes y medio", 45.6),
        ("duas semanas e meia", 17.5),
        ("due settimane e mezzo", 17.5),
        ("anderhalve week", 10.5),
        ("twee en een halve week", 17.5),
    ],
)
def test_a_half_more_is_read(text: str, days: float) -> None:
    [clue] = read(text)
    assert clue.low <= days <= clue.high <= days * 1.25


@pytest.mark.parametrize("text", ["size a½ weeks", "½", "1/2 weeks/2"])
def test_a_half_that_belongs_to_no_number_does_no_harm(text: str) -> None:
    assert all(clue.low >= 0 for clue in read(text))


def test_a_half_more_that_lies_ahead_is_no_age() -> None:
    assert read("in two and a half weeks") == read("two weeks and a half to go") == []


@pytest.mark.parametrize("text", ["emailed 3/14", "emailed 03/14/2026", "bought 3/14/26"])
def test_an_american_date_is_read_where_the_other_order_is_impossible(text: str) -> None:
    assert [clue.day for clue in read(text)] == [date(2026, 3, 14)]


@pytest.mark.parametrize(
    "text",
    ["I wrote the week before last", "vorletzte Woche geschrieben", "la semana antepasada", "na semana retrasada"],
)
def test_the_week_before_last_is_two_weeks_ago_or_nearly_so(text: str) -> None:
    [clue] = read(text)
    assert (clue.code, round(clue.low, 1), round(clue.high, 1)) == ("age_last", 6.3, 20.3)


def test_weeks_before_last_christmas_are_another_time() -> None:
    assert "age_last" not in [clue.code for clue in read("two weeks before last Christmas")]
