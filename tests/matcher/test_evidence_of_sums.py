"""Sums of money: the same, about the same, or another; and words that say nothing about the matter."""

from datetime import UTC, datetime, timedelta

import pytest

from crm.records import Case, CaseMessage, Customer
from matcher.background import Background
from matcher.clues import ClueReader, PostClues
from matcher.concepts import shared_concepts
from matcher.facets import FacetReader, Facets
from matcher.matter import Topic
from matcher.mention import MentionText
from matcher.names import shared_names
from matcher.places import shared_places
from matcher.reason import Reason

AT = datetime(2026, 3, 12, 18, 0, tzinfo=UTC)
LISTS = (shared_names(), shared_places(), shared_concepts())


def case_of(number: int, text: str) -> Facets:
    opened = AT - timedelta(days=number)
    messages = (CaseMessage(opened, "customer", text),)
    customer = Customer(f"K-{number}", "Ann Lowe")
    return FacetReader(*LISTS).read(
        Case(f"C-{number}", customer, "email", "open", "t", opened, opened, messages=messages)
    )


CASES = [case_of(1, "The machine cost 389 euro."), case_of(2, "Refund of £61 please."), case_of(3, "It broke.")]
BACKGROUND = Background(CASES, len(CASES))


def clues(text: str, brand: str = "") -> PostClues:
    return ClueReader(*LISTS).read(MentionText(text, AT, "x", "owl", None, None, None, brand=brand))


def sums(text: str, case: Facets) -> list[Reason]:
    return [r for r in Topic(clues(text), BACKGROUND).compare(case) if r.code in {"amount", "amount_other"}]


@pytest.mark.parametrize(("text", "case"), [("almost 400 euro!!", CASES[0]), ("sixty quid off his card", CASES[1])])
def test_a_round_sum_stands_for_one_that_is_nearly_it_and_counts_for_less(text: str, case: Facets) -> None:
    [near] = sums(text, case)
    [same] = sums("389 euro!!" if case is CASES[0] else "£61 off his card", case)
    assert (near.code, same.code) == ("amount", "amount")
    assert 0 < near.value < same.value / 2
    assert "about as much" in near.sentence


def test_a_sum_may_be_several_times_one_of_the_case() -> None:
    breakfasts = case_of(5, "I was charged 4 breakfasts at 19 euro each.")
    [told] = sums("76 euro of toast that was included", breakfasts)
    assert (told.code, told.sentence) == ("amount", "names 76 euro; the case names 4 times 19")
    assert [reason.code for reason in sums("95 euro of toast", breakfasts)] == ["amount_other"]
    assert [reason.code for reason in sums("£100 gone", case_of(6, "2 vouchers of £50"))] == ["amount_other"]


def test_a_sum_that_is_named_twice_counts_once() -> None:
    case = CASES[1]
    assert sums("£61 out. Then another £61 out", case) == sums("£61 out", case)


def test_a_sum_may_be_noted_without_its_currency_but_a_small_number_is_none() -> None:
    noted = case_of(4, "payment 142 came out 2 times, give one back")
    assert [reason.code for reason in sums("£142 out. Then another £142 out", noted)] == ["amount"]
    assert sums("£2 is all they offer", noted) == []
    assert sums("£2024 charged", case_of(6, "since 2024 I wait for the refund")) == []


def test_a_number_is_no_sum_where_the_case_names_its_sums() -> None:
    other = case_of(5, "My 500 Mbit line is slow. I paid £61.")
    assert [reason.code for reason in sums("£500 taken", other)] == ["amount_other"]


@pytest.mark.parametrize("text", ["£64 gone", "50 quid gone", "£63.17 twice, and a £60 voucher", "£59 gone"])
def test_another_sum_speaks_against_a_case(text: str) -> None:
    assert [reason.code for reason in sums(text, CASES[1])] == ["amount_other"]


def test_currencies_and_the_brand_are_no_words_that_post_and_case_share() -> None:
    said = clues("Hundert Euro, 50 pounds, ten quid, a dollar: the North Mill wheel is loose", brand="North Mill").stems
    assert set(said.values()) & {"euro", "pounds", "quid", "dollar", "north", "mill"} == set()
    assert "wheel" in said.values()
    assert "mill" in clues("the North Mill wheel is loose").stems.values()


def test_a_brand_that_is_called_like_a_town_is_no_place() -> None:
    assert [clue.value for clue in clues("Pinecrest leaves me in Leeds", brand="Pinecrest").places] == ["leeds"]
    assert [clue.value for clue in clues("Pinecrest leaves me in Leeds").places] == ["pinecrest", "leeds"]
