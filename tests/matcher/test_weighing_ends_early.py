"""Of many cases in the order of their promise, weighing ends after several in a row that have no chance."""

from datetime import UTC, datetime, timedelta

from crm.records import Case, CaseMessage, Customer
from matcher.background import Background
from matcher.clues import ClueReader
from matcher.concepts import shared_concepts
from matcher.config import LinkingConfig
from matcher.decision import Decider
from matcher.evidence import Compared, EvidenceWeigher, Rival
from matcher.facets import FacetReader, Facets
from matcher.mention import MentionText
from matcher.model_file import load
from matcher.names import shared_names
from matcher.places import shared_places

AT = datetime(2026, 3, 12, 18, 0, tzinfo=UTC)
LISTS = (shared_names(), shared_places(), shared_concepts())
MODEL = load()
POST = MentionText(
    "emailed you nine days ago about the kettle that leaks on the worktop", AT, "x", "nina_brook", "Nina Brook", None,
    "Leeds",
)  # fmt: skip


def facets(number: int, name: str, told: str, city: str) -> Facets:
    opened = AT - timedelta(days=9)
    return FacetReader(*LISTS).read(
        Case(
            case_id=f"C-{number}", customer=Customer(f"K-{number}", name, (), city, None, "GB"), channel="email",
            status="open", team="t", opened_at=opened, updated_at=opened,
            messages=(CaseMessage(opened, "customer", told),),
        )
    )  # fmt: skip


RIGHT = facets(1, "Nina Brook", "The kettle leaks on the worktop, please help.", "Leeds")
HOPELESS = [facets(n, "Ann Lowe", "Please change my address.", "Hull") for n in range(10, 40)]


def compared(cases: list[Facets]) -> list[Compared]:
    clues = ClueReader(*LISTS).read(POST)
    background = Background([RIGHT, *HOPELESS], 31)
    decider = Decider(MODEL, LinkingConfig())
    rival = Rival(decider.none(clues), lambda one: decider.net(one, 31))
    return EvidenceWeigher(LISTS[0], LISTS[1], MODEL).weigh(POST, clues, cases, background, rival=rival)


def test_weighing_ends_where_nothing_has_a_chance_any_more() -> None:
    found = compared([RIGHT, *HOPELESS])
    assert found[0].case.case_id == "C-1"
    assert len(found) == 13


def test_a_case_with_a_chance_keeps_it_going() -> None:
    found = compared([*HOPELESS[:7], RIGHT, *HOPELESS[7:]])
    assert found[0].case.case_id == "C-1"
    assert len(found) == 20


def test_a_short_list_is_weighed_to_its_end() -> None:
    assert len(compared(HOPELESS[:5])) == 5
