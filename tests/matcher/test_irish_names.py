"""A name in Irish and in English is one name; what people make of their names is no other name."""

from datetime import UTC, datetime, timedelta

import pytest

from crm.records import Case, Customer
from matcher.background import Background
from matcher.clues import ClueReader
from matcher.concepts import shared_concepts
from matcher.display_name import shown_name
from matcher.facets import FacetReader, Facets
from matcher.identity import NameEvidence
from matcher.irish import anglicised
from matcher.mention import MentionText
from matcher.names import shared_names
from matcher.places import shared_places

POSTED = datetime(2026, 11, 20, 12, tzinfo=UTC)
LISTS = (shared_names(), shared_places(), shared_concepts())


def case_of(name: str) -> Facets:
    opened = POSTED - timedelta(days=9)
    customer = Customer("K-1", name, (), "Galway", None, "IE")
    return FacetReader(*LISTS).read(Case("C-1", customer, "email", "open", "t", opened, opened, None, "Empty can"))


def codes(shown: str, customer: str, handle: str = "kelpie_9") -> list[str]:
    case = case_of(customer)
    clues = ClueReader(*LISTS).read(MentionText("no answer", POSTED, "x", handle, shown, None, None))
    return [reason.code for reason in NameEvidence(shared_names()).compare(clues, case, Background([case], 1))]


@pytest.mark.parametrize(
    ("irish", "english"),
    [
        ("Caoimhe Ní Dhomhnaill", "Keeva O'Donnell"), ("Caoimhe Ní Dhálaigh", "Caoimhe Daly"),
        ("Seán Ó hAodha", "Sean Hayes"), ("Padraig Mac Cárthaigh", "Patrick McCarthy"),
        ("Niamh Ní Shúilleabháin", "Niamh Sullivan"),
    ],
)  # fmt: skip
def test_a_name_in_irish_is_the_one_on_the_record(irish: str, english: str) -> None:
    assert codes(irish, english) == ["name_full"]
    assert codes(english, irish) == ["name_full"]


def test_another_irish_name_is_another_customer() -> None:
    assert codes("Caoimhe Ní Dhálaigh", "Keeva O'Donnell") == ["name_conflict"]


@pytest.mark.parametrize("name", ["ann lee", "maria de los santos", "o", "ni", "jo mac", "tom o neary"])
def test_other_names_are_left_as_they_are(name: str) -> None:
    assert anglicised(name.split()) == name.split()


@pytest.mark.parametrize(
    ("shown", "customer"),
    [
        ("lolo", "Loïc Berthelier"),
        ("Bella", "Arabella Stone"),
        ("Ma*rij*ke", "Marijke Velde"),
        ("Frieda", "Friederike Nowak"),
    ],
)
def test_what_people_make_of_a_name_is_no_other_name(shown: str, customer: str) -> None:
    assert not {"given_conflict", "name_conflict"} & set(codes(shown, customer))


@pytest.mark.parametrize("shown", ["Marg on Wheels", "Svenja aus'm Pott"])
def test_a_phrase_behind_a_first_name_is_no_surname(shown: str) -> None:
    assert shown_name(shown, shared_names()).lasts == ()


def test_another_first_name_stays_one() -> None:
    assert codes("Mimi", "Loïc Berthelier") == ["given_conflict"]
