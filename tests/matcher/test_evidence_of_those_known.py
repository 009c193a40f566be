"""What the company knows of a poster counts: a handle that somebody confirmed, and who shares a household."""

from datetime import UTC, datetime, timedelta

import msgspec
from sqlalchemy import select, update

from crm.records import Case, CaseMessage, Customer
from ledger import links, mentions
from ledger.database import Database
from ledger.tables import mentions as mention_rows
from matcher.config import LinkingConfig
from matcher.index import mirror
from matcher.linker import Linker
from matcher.linking import Linking
from matcher.mention import MentionText

POSTED = datetime(2026, 3, 12, 18, 0, tzinfo=UTC)


def a_case(number: int, name: str, told: str, *, days: float = 9, household: str | None = None) -> Case:
    """An open case that came by e-mail, of a customer in Leeds."""
    opened = POSTED - timedelta(days=days)
    return Case(
        case_id=f"C-{number}",
        customer=Customer(f"K-{number}", name, (), "Leeds", None, "GB", household_id=household),
        channel="email",
        status="open",
        team="email-team",
        opened_at=opened,
        updated_at=opened,
        messages=(CaseMessage(opened, "customer", told),),
    )


KETTLE = a_case(1, "Mark Ellery", "The kettle leaks on the worktop.")
OTHERS = [
    a_case(2, "Joan Pickford", "My delivery is a week late, where is it?"),
    a_case(3, "Imran Sheikh", "Two bottles were smashed in the box.", days=12),
    a_case(4, "Helen Marsh", "Please change the address on my account.", days=15),
    a_case(5, "Cal Frost", "The lamp flickers.", days=6),
]
OWL = MentionText(
    "the kettle still leaks @harbour, nine days now", POSTED, "x", "Grumpy_Owl", "owl", location="Leeds", policy="auto"
)


async def told(db: Database, mention: MentionText, cases: list[Case]) -> Linking:
    """Mirror cases and link a mention by a linker of its own."""
    async with db.write("test") as conn:
        await mirror(conn, cases, POSTED)
    found = await Linker(db, LinkingConfig()).link(mention, POSTED)
    assert found is not None
    return found


async def confirm(
    db: Database, case_id: str, relation: str | None, *, handle: str = "grumpy_owl", native_id: str = "1"
) -> int:
    """Let somebody confirm that an earlier post by a handle was about a case; gives the post's mention."""
    row = {
        "source": "x", "native_id": native_id, "platform": "x", "rules": [], "text": "", "author": {"handle": handle},
        "reach": {}, "posted_at": POSTED, "received_at": POSTED,
    }  # fmt: skip
    link = {
        "case_id": case_id, "rank": 0, "probability": 0.9, "evidence": [], "basis": [], "relation": relation,
        "mode": "auto", "model": "m", "made_at": POSTED,
    }  # fmt: skip
    async with db.write("test") as conn:
        await mentions.record(conn, [row])
        asked = select(mention_rows.c.id).where(mention_rows.c.native_id == native_id)
        mention_id = int((await conn.execute(asked)).scalar_one())
        await links.record(conn, [{**link, "mention_id": mention_id}])
        await links.judge(conn, mention_id, case_id, state=links.CONFIRMED, by="slack:U1", now=POSTED)
    return mention_id


def codes(found: Linking, case_id: str) -> set[str]:
    """The reasons for and against a case."""
    every = {candidate.case_id: candidate for candidate in (*found.candidates, *found.rejected)}
    return {evidence.code for evidence in every[case_id].evidence} if case_id in every else set()


async def test_a_handle_that_was_confirmed_speaks_for_its_customers_cases(sqlite_db: Database) -> None:
    """Once somebody has confirmed whose post it was, the next post by the same handle is that customer's."""
    before = await told(sqlite_db, OWL, [KETTLE, *OTHERS])
    await confirm(sqlite_db, "C-1", "self")
    after = await told(sqlite_db, OWL, [KETTLE, *OTHERS])
    assert "handle_confirmed" not in codes(before, "C-1")
    assert "handle_confirmed" in codes(after, "C-1")
    assert after.none_probability < before.none_probability / 5
    assert after.candidates[0].case_id == "C-1"
    assert "confirmed by your team" in after.basis
    assert "confirmed by your team" not in before.basis
    assert after.candidates[0].relation == "self"


async def test_a_handle_that_posted_for_somebody_does_so_again(sqlite_db: Database) -> None:
    """Where the confirmed link was by a wife, the next post is taken for hers, not for the customer's own."""
    await confirm(sqlite_db, "C-1", "spouse")
    found = await told(sqlite_db, OWL, [KETTLE, *OTHERS])
    assert "kin_confirmed" in codes(found, "C-1")
    assert found.candidates[0].relation == "spouse"


async def test_whose_case_it_was_does_not_say_that_the_customer_posted(sqlite_db: Database) -> None:
    """Where nothing told who the poster is, a confirmation ties the handle to the customer, as somebody of theirs."""
    await confirm(sqlite_db, "C-1", None)
    found = await told(sqlite_db, OWL, [KETTLE, *OTHERS])
    assert "kin_confirmed" in codes(found, "C-1")
    assert "handle_confirmed" not in codes(found, "C-1")
    assert found.candidates[0].mode == "review"


async def test_what_was_confirmed_of_another_handle_or_refused_says_nothing(sqlite_db: Database) -> None:
    """Another handle is another poster, and a refused link ties nobody to anything."""
    await confirm(sqlite_db, "C-1", "self", handle="another_owl")
    refused = await confirm(sqlite_db, "C-1", "self", native_id="2")
    async with sqlite_db.write("test") as conn:
        await links.judge(conn, refused, "C-1", state=links.REFUSED, by="slack:U1", now=POSTED)
    assert "handle_confirmed" not in codes(await told(sqlite_db, OWL, [KETTLE, *OTHERS]), "C-1")


async def test_a_removed_post_ties_its_handle_to_nobody(sqlite_db: Database) -> None:
    """What its author has deleted is not held against their next post."""
    mention_id = await confirm(sqlite_db, "C-1", "self")
    async with sqlite_db.write("test") as conn:
        await conn.execute(
            update(mention_rows).where(mention_rows.c.id == mention_id).values(removed_at=POSTED, author={})
        )
    assert "handle_confirmed" not in codes(await told(sqlite_db, OWL, [KETTLE, *OTHERS]), "C-1")


async def test_a_running_linker_hears_of_a_confirmation(sqlite_db: Database) -> None:
    """Half a minute later it has asked again."""
    async with sqlite_db.write("test") as conn:
        await mirror(conn, [KETTLE, *OTHERS], POSTED)
    linker = Linker(sqlite_db, LinkingConfig())
    first = await linker.link(OWL, POSTED)
    await confirm(sqlite_db, "C-1", "self")
    later = await linker.link(OWL, POSTED + timedelta(minutes=1))
    assert first is not None
    assert later is not None
    assert "handle_confirmed" not in codes(first, "C-1")
    assert "handle_confirmed" in codes(later, "C-1")


async def test_a_running_linker_hears_that_the_post_was_removed(sqlite_db: Database) -> None:
    """What its author has taken back ties the handle to nobody half a minute later."""
    async with sqlite_db.write("test") as conn:
        await mirror(conn, [KETTLE, *OTHERS], POSTED)
    linker = Linker(sqlite_db, LinkingConfig())
    mention_id = await confirm(sqlite_db, "C-1", "self")
    first = await linker.link(OWL, POSTED)
    async with sqlite_db.write("test") as conn:
        await conn.execute(update(mention_rows).where(mention_rows.c.id == mention_id).values(removed_at=POSTED))
    later = await linker.link(OWL, POSTED + timedelta(minutes=1))
    assert first is not None
    assert later is not None
    assert "handle_confirmed" in codes(first, "C-1")
    assert "handle_confirmed" not in codes(later, "C-1")


async def test_a_confirmed_handle_finds_cases_that_share_no_key_with_the_post(sqlite_db: Database) -> None:
    """In a base too large to be compared whole, the cases of a known poster's customer are compared all the same."""
    plain = msgspec.structs.replace(OWL, text="nine days and no word from @harbour", location=None)
    crowd = [a_case(n, f"Pat Mo{n}", "Where is my parcel?", days=3 + n / 100) for n in range(100, 760)]
    await confirm(sqlite_db, "C-1", "self")
    found = await told(sqlite_db, plain, [KETTLE, *crowd])
    assert "handle_confirmed" in codes(found, "C-1")


async def test_somebody_of_the_customers_household_is_nearer_than_a_stranger(sqlite_db: Database) -> None:
    """A post by another customer of the household counts for the case, and a like customer elsewhere gains nothing."""
    wife = a_case(6, "Sophie Lund", "Please send me an invoice.", days=20, household="H-1")
    post = MentionText(
        "my husband told @harbour about the kettle that leaks, nine days ago", POSTED, "x", "sophielund",
        "Sophie Lund", location="Leeds", policy="auto",
    )  # fmt: skip
    alone = await told(sqlite_db, post, [KETTLE, wife, *OTHERS])
    together = msgspec.structs.replace(
        KETTLE, customer=msgspec.structs.replace(KETTLE.customer, household_id="H-1"), updated_at=POSTED
    )
    beside = await told(sqlite_db, post, [together, wife, *OTHERS])
    assert "kin_household" not in codes(alone, "C-1")
    assert "kin_household" in codes(beside, "C-1")
    assert beside.none_probability < alone.none_probability
    sentences = [evidence.sentence for evidence in beside.candidates[0].evidence]
    assert "the poster may be Sophie Lund, of one household with the customer, Mark Ellery" in sentences
