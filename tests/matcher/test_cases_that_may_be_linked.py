"""Which cases a post may be linked to: every one that still waits, however the CRM spells or closed it."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from crm.records import Case, CaseMessage, Customer
from ledger.database import Database
from matcher.concepts import shared_concepts
from matcher.config import LinkingConfig
from matcher.facets import FacetReader
from matcher.index import mirror
from matcher.linker import Linker
from matcher.linking import Linking
from matcher.mention import MentionText
from matcher.names import shared_names
from matcher.places import shared_places
from matcher.sensitive import may_be_named

POSTED = datetime(2026, 3, 12, 18, 0, tzinfo=UTC)
FACETS = FacetReader(shared_names(), shared_places(), shared_concepts())
PROMISE = "Thank you for your message. We will look into it."
POST = MentionText(
    "my clarinet leaks, emailed nine days ago and heard nothing", POSTED, "x", "markharlow", "Mark Harlow",
    location="Leeds", brand="Brackwater", policy="auto",
)  # fmt: skip


def a_case(number: int, name: str, told: str, *, days: float = 9, brand: str = "") -> Case:
    opened = POSTED - timedelta(days=days)
    return Case(
        case_id=f"C-{number}", customer=Customer(f"K-{number}", name, (), "Leeds", None, "GB"), channel="email",
        status="open", team="e-mail", opened_at=opened, updated_at=opened, brand=brand or None,
        messages=(CaseMessage(opened, "customer", told),),
    )  # fmt: skip


def closed(case: Case, answer: str, *, after: float = 1.0) -> Case:
    at = case.opened_at + timedelta(days=after)
    messages = (*case.messages, CaseMessage(at, "agent", answer))
    return msgspec.structs.replace(case, status="closed", updated_at=at, resolved_at=at, messages=messages)


CLARINET = a_case(1, "Mark Harlow", "My clarinet leaks at the third key.")
CROWD = [a_case(n, f"Joan Pick{n}ford", "My delivery is a week late, where is it?", days=n) for n in range(2, 9)]


async def told(db: Database, *cases: Case, mention: MentionText = POST) -> Linking:
    async with db.write("test") as conn:
        await mirror(conn, [*cases, *CROWD], POSTED)
    found = await Linker(db, LinkingConfig()).link(mention, POSTED)
    assert found is not None
    return found


async def test_a_case_that_was_closed_without_an_answer_is_linked(database: Database) -> None:
    found = await told(database, closed(CLARINET, PROMISE))
    assert (found.decision, found.candidates[0].case_id) == ("link", "C-1")


async def test_a_case_that_was_answered_before_the_post_is_not(database: Database) -> None:
    found = await told(database, closed(CLARINET, "A new clarinet left our warehouse on Monday."))
    assert found.decision == "unlinked"


async def test_an_old_unresolved_case_is_compared_beside_many_resolved_ones(sqlite_db: Database) -> None:
    old = msgspec.structs.replace(
        CLARINET, opened_at=POSTED - timedelta(days=30), updated_at=POSTED - timedelta(days=30)
    )
    lately = [closed(a_case(n, "Ann Lowe", "Late.", days=5), "It was delivered on Friday.") for n in range(100, 2000)]
    found = await told(sqlite_db, old, *lately)
    assert found.candidates[0].case_id == "C-1"


async def test_a_brand_is_the_same_in_small_letters(sqlite_db: Database) -> None:
    named = msgspec.structs.replace(CLARINET, brand="brackwater")
    assert (await told(sqlite_db, named)).decision == "link"
    other = msgspec.structs.replace(CLARINET, brand="Harbour")
    assert (await told(sqlite_db, other)).decision == "unlinked"


async def test_nobody_is_taken_for_the_customer_without_a_sign(sqlite_db: Database) -> None:
    nameless = msgspec.structs.replace(POST, handle="moonpixel77", name="moon 🌙")
    best = (await told(sqlite_db, CLARINET, mention=nameless)).candidates[0]
    assert (best.relation, best.mode) == (None, "review")
    named = (await told(sqlite_db, CLARINET)).candidates[0]
    assert (named.relation, named.mode) == ("self", "auto")


async def test_another_name_that_quotes_the_number_of_a_case_is_not_taken_for_the_customer(sqlite_db: Database) -> None:
    numbered = msgspec.structs.replace(CLARINET, reference="BW-48213")
    other = msgspec.structs.replace(
        POST, text="my clarinet leaks, order BW-48213, still nothing", handle="jess_s", name="Jess Smith"
    )
    best = (await told(sqlite_db, numbered, mention=other)).candidates[0]
    assert best.relation != "self"
    assert best.mode == "review"


@pytest.mark.parametrize(
    ("name", "told_", "gender"),
    [
        ("Mark Harlow", "Did I miss a call? Regards, Mark", "m"),
        ("Mark Harlow", "Ms Kelly Baker wrote to me.", "m"),
        ("Mark Harlow", "Meine Frau und ich warten.", "m"),
        ("Mrs Robin Harlow", "The kettle leaks.", "f"),
        ("R. Harlow", "Mrs Harlow rang about the kettle.", "f"),
    ],
)
def test_a_gender_is_told_by_the_name_and_by_an_address_before_it(name: str, told_: str, gender: str) -> None:
    assert FACETS.read(a_case(1, name, told_)).gender == gender


async def test_no_reason_labels_health_money_or_faith(sqlite_db: Database) -> None:
    said = "My wife is pregnant and in a wheelchair, and the loan for the clarinet was cancelled."
    case = msgspec.structs.replace(CLARINET, messages=(CaseMessage(CLARINET.opened_at, "customer", said),))
    post = msgspec.structs.replace(POST, text="pregnant, wheelchair, loan cancelled, clarinet leaks. @harbour?")
    sentences = [one.sentence for one in (await told(sqlite_db, case, mention=post)).candidates[0].evidence]
    about = next(one for one in sentences if one.startswith("both are about"))
    assert "cancel" in about
    assert not any(word in said for said in sentences for word in ("pregnant", "disabled", "loan", "wheelchair"))
    assert any("clarinet" in said for said in sentences)


@pytest.mark.parametrize(
    "word", ["cancer", "dementia", "bailiffs", "Schulden", "embarazada", "ziekenhuis", "diabetic", "GP"]
)
def test_words_of_health_and_money_troubles_are_not_named(word: str) -> None:
    assert not may_be_named(word)


@pytest.mark.parametrize("word", ["terminal", "kettle", "sucht", "Pfand", "debit", "parole", "renter", "delivery"])
def test_ordinary_words_are(word: str) -> None:
    assert may_be_named(word)
