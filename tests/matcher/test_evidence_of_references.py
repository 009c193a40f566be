"""A reference speaks for the case that is kept under it, and a figure that is none speaks for no case."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from crm.records import Case, CaseMessage, ContactPoint, Customer
from matcher.clues import ClueReader
from matcher.concepts import shared_concepts
from matcher.facets import FacetReader, Facets
from matcher.identity import numbers
from matcher.mention import MentionText
from matcher.names import shared_names
from matcher.places import shared_places

AT = datetime(2026, 3, 12, 18, 0, tzinfo=UTC)
LISTS = (shared_names(), shared_places(), shared_concepts())
READER, FACETS = ClueReader(*LISTS), FacetReader(*LISTS)


def opened(told: str, reference: str | None = None) -> Facets:
    at = AT - timedelta(days=9)
    customer = Customer("K-1", "Anna Weiss", (ContactPoint("phone", "+447700900123"),), "Leeds", None, "GB")
    return FACETS.read(Case(
        case_id="C-1", customer=customer, channel="email", status="open", team="t", opened_at=at,
        updated_at=at, reference=reference, messages=(CaseMessage(at, "customer", told),),
    ))  # fmt: skip


def compared(post: str, told: str, reference: str | None = None) -> set[str]:
    mention = MentionText(post, AT, "x", "owl_hq", None, None, None)
    return {reason.code for reason in numbers(READER.read(mention), opened(told, reference))}


@pytest.mark.parametrize(
    ("post", "told"),
    [
        ("waiting on 1500 euros from you", "You owe me 1500 euros for the tour."),
        ("my RTX4070 died", "My RTX4070 makes a buzzing noise."),
        ("Hier in 10115 wird nie geliefert", "Mein Paket nach 10115 Berlin kam nie an."),
        ("you took £12345.71", "I was billed £12345.67."),
    ],
)
def test_a_figure_in_both_texts_that_is_no_reference_says_nothing(post: str, told: str) -> None:
    assert compared(post, told) == set()


def test_a_wait_for_money_gives_no_ending_of_a_reference() -> None:
    assert compared("Ich warte immer noch auf 250 Euro", "Die Erstattung fehlt.", "77250") == set()


def test_the_year_in_which_a_contract_ends_is_no_ending_of_a_reference() -> None:
    assert compared("my contract ends in 2026", "My broadband is slow.", "BW-118-2026") == set()


def test_the_customers_own_telephone_number_speaks_for_the_case_and_not_against_it() -> None:
    assert compared("Ring me on 07700 900123", "The can was empty.", "LM-51077") == {"phone_exact"}


def test_a_short_code_is_a_reference_where_the_case_is_kept_under_it() -> None:
    assert compared("FN-2041, any news?", "The lamp flickers.", "FN-2041") == {"reference_exact"}
    assert compared("FN-2041, any news?", "The lamp flickers.", "FN-2042") == set()


def test_a_reference_of_another_case_speaks_against_this_one() -> None:
    assert compared("order LM-51077, any news?", "The lamp flickers.", "LM-51078") == {"reference_other"}


@pytest.mark.parametrize(
    ("post", "code"),
    [
        ("K7RTQX, still no bag", "reference_exact"),
        ("booking ending T-Q-X-4, day 22", "reference_other"),
        ("booking ending 7RTQX, day 22", "reference_ending"),
    ],
)
def test_a_record_locator_is_a_reference_of_its_case_however_few_its_digits(post: str, code: str) -> None:
    assert compared(post, "My bag is lost.", "K7RTQX") == {code}


def test_a_reference_in_the_post_that_is_answered_tells_half_as_much() -> None:
    case = opened("The tour was cancelled.", "BW-118-20417")
    answer = MentionText(
        "same here, nobody answers", AT, "x", "owl_hq", None, None, None, context="BW-118-20417, day 9"
    )
    own = msgspec.structs.replace(answer, text=f"{answer.text} BW-118-20417", context=None)
    told = [{r.code: r.value for r in numbers(READER.read(post), case)} for post in (answer, own)]
    assert told == [{"reference_exact": 0.5}, {"reference_exact": 1.0}]


def test_a_reference_of_another_case_in_the_post_that_is_answered_says_nothing() -> None:
    answer = MentionText("same here", AT, "x", "owl_hq", None, None, None, context="order 99863, day 9")
    assert numbers(READER.read(answer), opened("The tour was cancelled.", "BW-118-20417")) == []


def test_whoever_answers_an_email_is_nobody_of_the_case() -> None:
    at = AT - timedelta(days=9)
    asked = CaseMessage(at, "customer", "My wife Priya opened the box.")
    answered = CaseMessage(at + timedelta(hours=1), "agent", "Sorry to hear that! Yours, Sarah")
    case = Case(
        case_id="C-1", customer=Customer("K-1", "Anna Weiss", (), "Leeds", None, "GB"), channel="email", status="open",
        team="t", opened_at=at, updated_at=at, messages=(asked, answered),
    )  # fmt: skip
    assert FACETS.read(case).people == ("priya",)
