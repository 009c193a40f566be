"""A CRM writes names in many ways; what a record lacks is no conflict, and a handle holds a surname only on its own."""

from datetime import UTC, datetime, timedelta

import pytest

from crm.records import Case, ContactPoint, Customer
from matcher.background import Background
from matcher.clues import ClueReader
from matcher.concepts import shared_concepts
from matcher.facets import FacetReader, Facets
from matcher.identity import NameEvidence, handles
from matcher.mention import MentionText
from matcher.names import shared_names
from matcher.places import shared_places

POSTED = datetime(2026, 11, 20, 12, tzinfo=UTC)
LISTS = (shared_names(), shared_places(), shared_concepts())


def case_of(name: str, *contacts: ContactPoint) -> Facets:
    opened = POSTED - timedelta(days=9)
    customer = Customer("K-1", name, contacts, "Leeds", None, "GB")
    return FacetReader(*LISTS).read(
        Case("C-1", customer, "email", "open", "email-team", opened, opened, None, "Empty can")
    )


def named(customer: str, shown: str | None = None, handle: str = "zz9") -> list[str]:
    """Give the codes of what speaks for or against a poster by name."""
    clues = ClueReader(*LISTS).read(MentionText("no answer", POSTED, "x", handle, shown))
    case = case_of(customer)
    return [reason.code for reason in NameEvidence(shared_names()).compare(clues, case, Background([case], 1))]


def known(handle: str, platform: str, written: str, on: str) -> list[str]:
    """Give the codes of what a handle in the record says of a poster's handle."""
    mention = MentionText("no answer", POSTED, platform, handle)
    case = case_of("Anna Miller", ContactPoint("handle", written, on))
    return [reason.code for reason in handles(mention, ClueReader(*LISTS).read(mention), case)]


@pytest.mark.parametrize(
    ("written", "given", "lasts"),
    [
        ("Harlow, Mark", "mark", ("harlow",)), ("Harlow, Dr. Mark", "mark", ("harlow",)),
        ("van der Berg, Jan", "jan", ("berg",)), ("Mark Harlow, PhD", "mark", ("harlow",)), ("Mark", "mark", ()),
        ("Martin", "martin", ()), ("Ward", "", ("ward",)), ("Harlow", "", ("harlow",)), ("Mr Martin", "", ("martin",)),
        ("Herr Dr. Weber", "", ("weber",)), ("Mme Dupont", "", ("dupont",)), ("Sra. López", "", ("lopez",)),
        ("Senhor Silva", "", ("silva",)), ("Sig.ra Rossi", "", ("rossi",)), ("Dott.ssa Rossi", "", ("rossi",)),
        ("Mevrouw Jansen", "", ("jansen",)), ("De heer Jansen", "", ("jansen",)), ("Dhr. de Vries", "", ("vries",)),
        ("Frau Dipl.-Ing. Weber", "", ("weber",)), ("Mr Mark Harlow", "mark", ("harlow",)),
    ],
)  # fmt: skip
def test_a_records_name_is_read_in_its_parts(written: str, given: str, lasts: tuple[str, ...]) -> None:
    name = shared_names().person(written)
    assert (name.given, name.lasts) == (given, lasts)


@pytest.mark.parametrize(
    ("customer", "code"),
    [
        ("Harlow, Mark", "name_full"), ("Mark", "name_given"), ("Mr Harlow", "name_initial"),
        ("Harlow", "name_initial"), ("M. Harlow", "name_initial"),
    ],
)  # fmt: skip
def test_what_a_record_lacks_is_no_conflict(customer: str, code: str) -> None:
    assert named(customer, "Mark Harlow") == [code]


@pytest.mark.parametrize(
    ("customer", "code"),
    [
        ("Tom", "given_conflict"), ("Mrs Harlow", "name_other_given"), ("T. Harlow", "name_other_given"),
        ("Mr Weiss", "name_conflict"),
    ],
)  # fmt: skip
def test_what_a_record_has_may_still_conflict(customer: str, code: str) -> None:
    assert named(customer, "Mark Harlow") == [code]


@pytest.mark.parametrize(
    ("customer", "shown", "handle", "codes"),
    [
        ("Bernard Oldroyd", "B Oldroyd", "bernard.oldroyd.940", ["name_full"]),
        ("Bernard Oldroyd", "B Oldroyd", "grassman", ["name_initial"]),
    ],
)  # fmt: skip
def test_the_handle_may_spell_out_an_initial(customer: str, shown: str, handle: str, codes: list[str]) -> None:
    assert named(customer, shown, handle=handle) == codes


@pytest.mark.parametrize(
    ("customer", "shown", "handle", "codes"),
    [
        ("Renate Sommer", "Renate", "renate_s52", ["name_given", "handle_given", "handle_letter"]),
        ("Renate Dietrich", "Renate", "renate_s52", ["name_given", "handle_given", "handle_letter_other"]),
        ("Nicholas Sommer", None, "nick.s", ["handle_given", "handle_letter"]),
        ("Renate Dietrich", "Renate Dietrich", "renate_s52", ["name_full"]),
        ("Moritz Sommer", "Renate", "renate_s52", ["given_conflict"]),
    ],
)  # fmt: skip
def test_the_letter_behind_a_first_name_is_mostly_a_surnames(
    customer: str, shown: str | None, handle: str, codes: list[str]
) -> None:
    assert named(customer, shown, handle=handle) == codes


@pytest.mark.parametrize(
    ("customer", "shown", "codes"),
    [
        ("Camille Rouvier", "Cam", ["name_given"]),
        ("Paula Meyer", "Paul", ["given_conflict"]), ("Camille Rouvier", "Ca", []),
        ("Camille Rouvier", "Tom", ["given_conflict"]),
    ],
)  # fmt: skip
def test_a_name_cut_short_is_no_conflict(customer: str, shown: str, codes: list[str]) -> None:
    assert named(customer, shown) == codes


@pytest.mark.parametrize(
    ("customer", "handle", "codes"),
    [
        ("Camille Rouvier", "camrouv", ["handle_initial"]), ("Nuria Belda", "nuri_bel", ["handle_initial"]),
        ("Camille Rouvier", "carouv", []), ("Camille Rouvier", "camro", []), ("Camille Rouvier", "camrover", []),
    ],
)  # fmt: skip
def test_both_names_cut_short_make_a_handle(customer: str, handle: str, codes: list[str]) -> None:
    assert named(customer, handle=handle) == codes


@pytest.mark.parametrize(
    ("customer", "handle"),
    [
        ("Sue Ward", "edwardtt"), ("Sue Ward", "edward92"), ("Sue Ward", "wardrobe_fan"), ("Sue Ward", "steward"),
        ("Sue Ward", "hayward"), ("Ana Martin", "jmartinez"), ("Kate Brown", "browniecake"),
    ],
)  # fmt: skip
def test_a_surname_inside_another_word_is_not_in_the_handle(customer: str, handle: str) -> None:
    assert named(customer, handle=handle) == []


@pytest.mark.parametrize(
    ("customer", "handle", "code"),
    [
        ("Sue Ward", "ward1980", "handle_last"), ("Sue Ward", "sue_ward9", "handle_full"),
        ("Sue Ward", "sward", "handle_initial"), ("Sue Ward", "theward", "handle_last"),
        ("Jo Whitcombe", "jwhitcombe", "handle_initial"), ("Tom Okafor", "tomokafor", "handle_last"),
        ("Marie Peloquin", "ppeloquin16", "handle_last"), ("Jan van Dijk", "jvandijk", "handle_last"),
        ("Kate Brown", "sophiebrown", "handle_last"), ("Sean O'Brien", "seanobrien", "handle_full"),
    ],
)  # fmt: skip
def test_a_surname_that_stands_on_its_own_is_in_the_handle(customer: str, handle: str, code: str) -> None:
    assert named(customer, handle=handle) == [code]


@pytest.mark.parametrize(("handle", "written"), [("anna", "anna.miller"), ("anna.miller", "anna")])
def test_a_dot_ends_no_handle_outside_bluesky(handle: str, written: str) -> None:
    assert known(handle, "x", written, "instagram") == []


@pytest.mark.parametrize(
    ("handle", "platform", "written", "on", "code"),
    [
        ("anna.miller", "instagram", "anna.miller", "instagram", "handle_known"),
        ("ann_b", "reddit", "u/ann_b", "reddit", "handle_known"),
        ("ann_b", "reddit", "/u/ann_b", "reddit", "handle_known"),
        ("u/ann_b", "reddit", "@ann_b", "x", "handle_elsewhere"),
        ("anna", "x", "anna.bsky.social", "bluesky", "handle_elsewhere"),
        ("anna.bsky.social", "bluesky", "anna.bsky.social", "bluesky", "handle_known"),
    ],
)
def test_a_records_handle_is_known_without_its_platforms_marks(
    handle: str, platform: str, written: str, on: str, code: str
) -> None:
    assert known(handle, platform, written, on) == [code]
