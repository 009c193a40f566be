"""Among many cases the one that the post tells of is still found, and named first."""

from datetime import UTC, datetime, timedelta

from crm.records import Case, CaseMessage, Customer
from ledger.database import Database
from matcher.index import mirror
from matcher.key_shelf import LARGE
from matcher.linker import Linker
from matcher.mention import MentionText

NOW = datetime(2026, 3, 12, 18, 0, tzinfo=UTC)
POST = MentionText(
    "@norvik still no answer about my clarinet that was signed for by a stranger", NOW, "x", "irisvane", "Iris Vane",
    location="Hull", lang="en", policy="auto",
)  # fmt: skip


def a_case(number: int, name: str) -> Case:
    opened = NOW - timedelta(days=9, minutes=number)
    return Case(
        case_id=f"C-{number:05d}", customer=Customer(f"K-{number}", name, (), "Hull", None, "GB"), channel="email",
        status="open", team="t", opened_at=opened, updated_at=opened, product="Clarinet",
        messages=(CaseMessage(opened, "customer", "My clarinet was signed for by a stranger."),),
    )  # fmt: skip


async def test_the_most_promising_case_is_weighed_first_wherever_it_stands_in_the_table(sqlite_db: Database) -> None:
    """All cases tell one story in one town; the poster's own comes last by its id, and weighing may stop early."""
    crowd = [a_case(number, f"{first} Moss") for number, first in enumerate(["Tom", "Ann", "Raj"] * LARGE)][
        : LARGE + 50
    ]
    async with sqlite_db.write("test") as conn:
        await mirror(conn, [*crowd, a_case(90_000, "Iris Vane")], NOW)
    linking = await Linker(sqlite_db).link(POST, NOW)
    assert linking is not None
    assert next(one.case_id for one in (*linking.candidates, *linking.rejected)) == "C-90000"
    assert linking.compared < 40
