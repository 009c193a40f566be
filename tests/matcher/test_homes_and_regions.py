"""A profile's home is a town: regions, countries, pronouns and signs never speak against a customer's town."""

from datetime import UTC, datetime, timedelta

import pytest

from crm.records import Case, Customer
from matcher.background import Background
from matcher.clues import ClueReader
from matcher.concepts import shared_concepts
from matcher.facets import FacetReader, Facets
from matcher.folding import words
from matcher.locality import LocalityEvidence
from matcher.mention import MentionText
from matcher.names import shared_names
from matcher.places import shared_places
from matcher.reason import Reason
from matcher.surroundings import shared_surroundings

POSTED = datetime(2026, 11, 20, 12, tzinfo=UTC)
LISTS = (shared_names(), shared_places(), shared_concepts())


def case_of(city: str | None, region: str | None = None) -> Facets:
    opened = POSTED - timedelta(days=9)
    customer = Customer("K-1", "Mark Harlow", (), city, region, "GB")
    return FacetReader(*LISTS).read(
        Case("C-1", customer, "email", "open", "email-team", opened, opened, None, "Empty can")
    )


def told(case: Facets, location: str = "", text: str = "no answer") -> list[Reason]:
    mention = MentionText(text, POSTED, "x", "jess_h", None, None, location)
    clues = ClueReader(*LISTS).read(mention)
    return LocalityEvidence(shared_places()).compare(clues, case, Background([case], 1))


@pytest.mark.parametrize(
    "location",
    [
        "she/her", "él/ella", "🌍", "🌍 Earth", "Yorkshire", "West Yorkshire, UK", "Canada", "Australia", "Co. Kerry",
        "Ohio", "Bayern", "NRW", "Île-de-France", "Andalucía", "Comunidad de Madrid", "Lombardia", "Noord-Holland",
        "Minho", "South of France", "somewhere over the rainbow", "Norfolk", "Notts", "WA",
    ],
)  # fmt: skip
def test_what_is_no_town_never_counts_against_one(location: str) -> None:
    assert [
        reason for reason in told(case_of("Leeds"), location) if reason.code not in {"home_same", "home_region"}
    ] == []


@pytest.mark.parametrize(
    ("location", "city", "codes"),
    [
        ("Vermont", "Boston", ["home_other"]), ("Massachusetts", "Boston", []), ("Scotland", "Leeds", ["home_other"]),
        ("Bavaria", "Hamburg", ["home_other"]), ("Bavaria", "Munich", []), ("Ontario", "Cambridge", []),
        ("Ontario", "Boston", []),
    ],
)  # fmt: skip
def test_another_state_of_the_same_country_counts_against_a_town(location: str, city: str, codes: list[str]) -> None:
    assert [reason.code for reason in told(case_of(city), location) if reason.code != "home_region"] == codes


@pytest.mark.parametrize("location", ["York", "Leicester, Leics", "Exeter, Devon", "Hull & London", "he/him | York"])
def test_another_town_still_counts_against_the_customers(location: str) -> None:
    assert [reason.code for reason in told(case_of("Leeds"), location)] == ["home_other"]


@pytest.mark.parametrize(
    ("location", "city"),
    [
        ("Leeds, UK", "Leeds"), ("Hull & London", "London"), ("Notts", "Nottingham"), ("Devon", "Exeter"),
        ("County Cork", "Cork"), ("she/her | Leeds 💙", "Leeds"), ("Hamburg", "Hamburg"), ("Wexford", "Wexford"),
        ("Little Snoring", "Little Snoring"),
    ],
)  # fmt: skip
def test_the_customers_own_town_is_known(location: str, city: str) -> None:
    assert [reason.code for reason in told(case_of(city), location)] == ["home_same"]


def test_a_place_without_letters_meets_no_record_without_a_town() -> None:
    assert told(case_of(None, "Kent"), "🌍") == []


def test_a_town_does_not_count_against_a_record_without_one() -> None:
    assert told(case_of(None, "Kent"), "Maidstone") == []


def test_the_customers_region_counts_for_the_case() -> None:
    found = told(case_of(None, "Kent"), "Kent")
    assert [(reason.code, reason.sentence) for reason in found] == [
        ("home_region", "posts from Kent; the customer lives in Kent, in the same region")
    ]


def test_a_pronoun_is_no_part_of_a_region() -> None:
    assert told(case_of("Watford", "Hertfordshire"), "she/her") == []


def test_a_region_that_a_text_names_does_not_count_against_a_town() -> None:
    assert told(case_of("Plymouth"), text="been waiting in Devon for nine days") == []


@pytest.mark.parametrize("town", ["King's Lynn", "München", "Stoke-on-Trent", "L'Aquila"])
def test_a_town_is_shown_as_the_gazetteer_writes_it(town: str) -> None:
    assert told(case_of(town), town)[0].sentence == f"posts from {town}; the customer lives in {town}"


def test_a_name_that_is_not_listed_gets_no_capital_after_an_apostrophe() -> None:
    assert shared_places().shown("bishop's nowhere") == "Bishop's Nowhere"


@pytest.mark.parametrize(
    ("location", "text"),
    [("Calder Valley", "no answer"), ("", "half of the calder valley is without, still no answer")],
)
def test_an_area_speaks_for_its_towns_and_against_none(location: str, text: str) -> None:
    [reason] = told(case_of("Hebden Bridge"), location, text)
    assert reason.code == ("home_same" if location else "text_town")
    assert reason.sentence.endswith("Calder Valley; the customer lives in Hebden Bridge")
    assert told(case_of("Leeds"), location, text) == []


def test_an_area_says_less_than_a_town_of_it() -> None:
    [area], [town] = told(case_of("Halifax"), "Calder Valley"), told(case_of("Halifax"), "Halifax")
    assert 0 < area.value < town.value


def test_a_club_in_a_profile_speaks_for_its_town() -> None:
    mention = MentionText("no answer", POSTED, "x", "ken", None, "Turf Moor, Bob Lord lower. Retired", None)
    clues = ClueReader(*LISTS).read(mention)
    assert clues.nearby == ("burnley",)
    case = case_of("Burnley")
    [reason] = LocalityEvidence(shared_places()).compare(clues, case, Background([case], 1))
    assert reason.code == "home_same"


def test_words_that_are_no_towns_are_not_read_as_such() -> None:
    assert told(case_of("Leeds"), "", "sent off to University with a flat Tyre and a Mile to walk") == []


@pytest.mark.parametrize(
    ("location", "city"),
    [("Leeds, West Yorkshire", "Bradford"), ("Essen, Ruhrgebiet", "Bochum"), ("London UK", "Leeds"),
     ("Galway City", "Leeds"), ("Manchester | Kopite", "Liverpool")],
)  # fmt: skip
def test_a_town_says_more_than_the_area_beside_it(location: str, city: str) -> None:
    assert [reason.code for reason in told(case_of(city), location)] == ["home_other"]


@pytest.mark.parametrize(
    ("location", "city", "km"),
    [("Wallsend", "Newcastle", 6), ("Oadby", "Leicester", 5), ("Darwen", "Blackburn", 6), ("Ossett", "Wakefield", 5)],
)
def test_a_town_or_part_of_one_beside_the_customers_speaks_for_the_case(location: str, city: str, km: int) -> None:
    assert [(reason.code, reason.sentence) for reason in told(case_of(city), location)] == [
        ("home_region", f"posts from {location}; the customer lives in {city}, {km} km away")
    ]


def test_a_town_around_the_customers_hardly_counts_against_it() -> None:
    [near], [far] = told(case_of("Leeds"), "Bradford"), told(case_of("Leeds"), "York")
    assert (near.code, far.code) == ("home_other", "home_other")
    assert 0 < near.value < 0.5 * far.value


def test_towns_of_a_name_in_another_country_are_not_meant() -> None:
    """Dartmouth and Halifax in Nova Scotia lie beside each other, those in England 393 km apart."""
    apart = shared_surroundings().apart
    assert apart("dartmouth", "halifax", "CA") < 5 < 300 < apart("dartmouth", "halifax", "GB")


def test_a_place_text_names_beside_the_customers_town_does_not_count_against_it() -> None:
    assert told(case_of("Newcastle"), text="neither the shop in Wallsend nor the one in Jarrow") == []


@pytest.mark.parametrize(
    ("location", "city"),
    [
        ("Powys", "Sydney"),
        ("South Jersey", "London"),
        ("Oostende", "Knokke-Heist"),
        ("Burnley FC", "Leeds"),
        ("SC Freiburg", "Leeds"),
    ],
)
def test_an_area_holds_no_town_abroad_a_town_no_other_and_clubs_oppose_none(location: str, city: str) -> None:
    assert told(case_of(city), location) == []


def test_an_area_in_the_region_of_the_record_says_at_least_as_much_as_the_region() -> None:
    [reason] = told(case_of("Lisburn", "Northern Ireland"), "Northern Ireland")
    assert (reason.code, reason.value >= 1.0) == ("home_same", True)


@pytest.mark.parametrize("location", ["Sunny Fife", "Fife lad", "Fife"])
def test_a_short_name_of_an_area_is_found_in_a_location(location: str) -> None:
    assert [reason.code for reason in told(case_of("Kirkcaldy"), location)] == ["home_same"]


def test_an_area_with_a_hyphen_is_found_in_a_profile() -> None:
    mention = MentionText("no answer", POSTED, "x", "ken", None, "Rhein-Main-Gebiet, Papa", None)
    assert "mainz" in ClueReader(*LISTS).read(mention).nearby


@pytest.mark.parametrize(("code", "town"), [("0121", "birmingham"), ("0161", "manchester"), ("0221", "koln")])
def test_a_dialling_code_in_a_profile_speaks_for_its_town(code: str, town: str) -> None:
    places = shared_places()
    [area] = places.of_location(code)
    assert places.town(town) in places.within(area)
    assert places.named(words(f"I rang {code} 496 0000")) == []


def test_a_place_that_the_text_names_too_is_where_it_happened_and_no_tie_to_the_customer() -> None:
    """Whoever lives beside the hotel of which post and case tell is no more its guest from Leeds for that."""
    opened = POSTED - timedelta(days=9)
    spa = FacetReader(*LISTS).read(Case(
        "C-1", Customer("K-1", "Mark Harlow", (), "Leeds", None, "GB"), "email", "open", "t", opened, opened,
        subject="Spa in York",
    ))  # fmt: skip
    codes = [{r.code for r in told(spa, "York", text)} for text in ("the spa is cold", "the spa in York is cold")]
    assert codes == [{"home_in_case"}, {"text_place", "home_other"}]
