"""A post that names one product speaks against cases about another, as far as it names it."""

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


def about(number: int, name: str | None) -> Facets:
    opened = AT - timedelta(days=number)
    return FacetReader(*LISTS).read(
        Case(
            case_id=f"C-{number}", customer=Customer(f"K-{number}", "Ann Lowe"), channel="email", status="open",
            team="t", opened_at=opened, updated_at=opened, product=name,
            messages=(CaseMessage(opened, "customer", "It broke."),),
        )
    )  # fmt: skip


CASES = [about(n, name) for n, name in enumerate(
    ["Digital piano P2", "Mower Robi 4", "VA mortgage", "FHA mortgage", "Home equity mortgage", "Season pass", None], 1
)]  # fmt: skip
BACKGROUND = Background(CASES, len(CASES))


def clues(text: str) -> PostClues:
    return ClueReader(*LISTS).read(MentionText(text, AT, "x", "owl", None, None, None))


def reasons(text: str, case: Facets) -> list[Reason]:
    found = Topic(clues(text), BACKGROUND).compare(case)
    return [reason for reason in found if reason.code == "product_other"]


def test_another_product_speaks_against_a_case() -> None:
    found = reasons("my Digital piano lost its middle c, @brand", CASES[1])
    assert [reason.code for reason in found] == ["product_other"]
    assert found[0].sentence == 'speaks of "digital piano"; the case is about Mower Robi 4 (against)'
    assert found[0].value == pytest.approx(1.0)


@pytest.mark.parametrize("text", ["my Digital piano lost its middle c", "it broke again", "digital nonsense"])
def test_its_own_product_or_none_does_not(text: str) -> None:
    assert reasons(text, CASES[0]) == []


def test_of_products_that_share_a_word_the_telling_one_decides() -> None:
    text = "why was I charged twice over the FHA mortgage"
    assert [r.code for r in reasons(text, CASES[4])] == ["product_other"]
    assert reasons(text, CASES[3]) == []


def test_a_word_that_many_products_bear_speaks_against_none_of_them() -> None:
    text = "why was I charged twice over my mortgage"
    assert [reasons(text, case) for case in CASES[2:5]] == [[], [], []]
    assert [r.code for r in reasons(text, CASES[0])] == ["product_other"]


def test_a_post_that_names_both_products_speaks_against_neither() -> None:
    text = "neither the season pass nor the digital piano arrived"
    assert reasons(text, CASES[0]) == reasons(text, CASES[5]) == []


def test_a_case_without_a_product_is_about_no_other_one() -> None:
    assert reasons("my Digital piano lost its middle c", CASES[6]) == []
