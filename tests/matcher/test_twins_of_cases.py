"""Twins are cases of one kind: of one product a little in common is enough, else they must tell much the same."""

from datetime import UTC, datetime

import pytest

from crm.records import Case, CaseMessage, Customer
from matcher.concepts import shared_concepts
from matcher.facets import FacetReader, Facets
from matcher.names import shared_names
from matcher.places import shared_places
from matcher.twins import may_be_kin, twins

AT = datetime(2026, 3, 12, 18, 0, tzinfo=UTC)
READER = FacetReader(shared_names(), shared_places(), shared_concepts())


def case_of(text: str, product: str | None = None, owner: tuple[str, str] = ("K-1", "Ann Lowe")) -> Facets:
    messages = (CaseMessage(AT, "customer", text),)
    case = Case("C-1", Customer(*owner), "email", "open", "t", AT, AT, messages=messages, product=product)
    return READER.read(case)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("My refund was cancelled, the flight too.", "flt cxl, rfnd requested"),
        ("Charged twice for the subscription.", "Doppelt berechnet, das Abo."),
    ],
)
def test_the_same_kind_of_trouble_makes_twins_in_any_wording_and_language(one: str, other: str) -> None:
    assert twins(case_of(one), case_of(other))


def test_of_one_product_less_in_common_is_enough() -> None:
    leak, stain = "It leaks, and the engineer did not come, no refund", "It leaks all over the carpet, birthday ruined"
    assert twins(case_of(leak, "Kettle K2"), case_of(stain, "Kettle K2"))
    assert not twins(case_of(leak, "Kettle K2"), case_of(stain, "Washer W9"))


def test_cases_that_name_one_sum_are_twins_however_they_tell_of_it() -> None:
    customs, fee = "Der Bote wollte 19,40 € Zoll, obwohl alles inklusive war.", "19,40 Euro an der Haustür kassiert."
    assert twins(case_of(customs), case_of(fee))
    assert not twins(case_of(customs), case_of("21,40 Euro an der Haustür kassiert."))


def test_cases_that_share_no_concept_are_no_twins_even_of_one_product() -> None:
    assert not twins(case_of("It was rude of your driver", "K2"), case_of("The invoice is wrong", "K2"))
    assert not twins(case_of("hm"), case_of("ah"))


@pytest.mark.parametrize(
    ("one", "other", "kin"),
    [
        (("K-1", "Nina Brook"), ("K-2", "Omar Lund"), False),
        (("K-1", "Nina Brook"), ("K-2", "Omar Brook"), True),
        (("K-1", "Nina Müller"), ("K-1", "Nina Mueller"), True),
        (("K-1", "Nina Müller"), ("K-2", "Omar Mueller"), True),
        (("K-1", "Nina"), ("K-2", "Omar Lund"), True),
        (("K-1", ""), ("K-1", ""), True),
    ],
)
def test_customers_may_be_kin_unless_their_surnames_tell_them_apart(
    one: tuple[str, str], other: tuple[str, str], kin: bool
) -> None:
    assert may_be_kin(case_of("It leaks", owner=one), case_of("It leaks", owner=other)) is kin
