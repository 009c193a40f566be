"""Given names of many countries are known as such, ordinary words are not; a rare short one may stand for a longer."""

from datetime import UTC, datetime, timedelta

import pytest

from crm.records import Case, Customer
from matcher.background import Background
from matcher.clues import ClueReader
from matcher.concepts import shared_concepts
from matcher.facets import FacetReader
from matcher.folding import fold
from matcher.identity import NameEvidence
from matcher.kinship import KinshipEvidence
from matcher.mention import MentionText
from matcher.names import shared_names
from matcher.places import shared_places

NAMES = shared_names()
LISTS = (NAMES, shared_places(), shared_concepts())
AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


def said_by_name(shown: str, customer: str) -> list[str]:
    clues = ClueReader(*LISTS).read(MentionText("no answer", AT, "x", "zz9", shown))
    opened = AT - timedelta(days=9)
    case = FacetReader(*LISTS).read(
        Case(
            "C-1", Customer("K-1", customer, (), "Leeds", None, "GB"), "email", "open", "t", opened, opened, None, "Can"
        )
    )
    return [reason.code for reason in NameEvidence(NAMES).compare(clues, case, Background([case], 1))]


@pytest.mark.parametrize(
    "name",
    ["Anaïs", "Corentin", "Sieglinde", "Hauke", "Ainhoa", "Jordi", "Concetta", "Calogero", "Deolinda", "Gonçalo",
     "Annemiek", "Douwe", "Gwenllian", "Tadhg", "Wojciech", "Zdzisława", "Chiamaka", "Ousmane", "Harpreet", "Karthik",
     "Büşra", "Serkan", "Luminița", "Nadiia", "Mykola", "Ragnhild", "Stavroula", "Vendula", "Zsófia", "Yukiko"],
)  # fmt: skip
def test_a_given_name_is_known(name: str) -> None:
    assert NAMES.is_given(fold(name))


@pytest.mark.parametrize(
    "word", ["can", "joke", "lies", "nino", "anni", "malo", "graça", "sante", "edit", "tone", "rien"]
)
def test_an_ordinary_word_of_one_of_the_languages_is_none(word: str) -> None:
    assert not NAMES.is_given(fold(word))


@pytest.mark.parametrize(
    ("shown", "customer", "codes"),
    [
        ("Anaïs", "Corentin Brun", ["given_conflict"]), ("Anaïs", "Anaïs Brun", ["name_given"]),
        ("Joss", "Jocelyn Pemberton", ["name_given"]), ("Nuri", "Nuria Belda", ["name_given"]),
        ("Ott", "Ottavia Belda", []),
        ("Paul", "Paula Meyer", ["given_conflict"]),
        ("marjo op pad", "Marjolein Visser", []), ("Kopf mit Hut", "Anna Blum", []),
    ],
)  # fmt: skip
def test_a_first_name_speaks_for_or_against_a_customer(shown: str, customer: str, codes: list[str]) -> None:
    assert said_by_name(shown, customer) == codes


def test_a_cousin_may_be_a_man_or_a_woman() -> None:
    clues = ClueReader(*LISTS).read(MentionText("my cousin's been onto you since the tenth", AT, "x", "zz9"))
    assert [(clue.relation, clue.gender) for clue in clues.relations] == [("relative", "")]


def test_the_posters_own_first_name_in_the_handle_is_no_surname() -> None:
    clues = ClueReader(*LISTS).read(MentionText("no answer", AT, "x", "tomas_m53", "Tomás"))
    opened = AT - timedelta(days=9)
    customer = Customer("K-1", "Glenn Tomas", (), "Leeds", None, "GB")
    case = FacetReader(*LISTS).read(Case("C-1", customer, "email", "open", "t", opened, opened, None, "Can"))
    evidence = NameEvidence(NAMES)
    assert "handle_last" not in [one.code for one in evidence.compare(clues, case, Background([case], 1))]
    kin = KinshipEvidence(NAMES, evidence).compare(None, clues, case, Background([case], 1))
    assert [one.code for one in kin] == []
