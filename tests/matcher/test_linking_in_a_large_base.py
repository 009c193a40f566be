"""Among many cases the one that the post tells of is still found, and named first."""

from datetime import UTC, datetime, timedelta

import msgspec

from crm.records import Case, CaseMessage, Customer
from ledger.database import Database
from matcher.casebase import Promising
from matcher.concepts import shared_concepts
from matcher.facets import FacetReader, Facets
from matcher.index import facets_of, mirror
from matcher.key_shelf import LARGE
from matcher.linker import Linker
from matcher.mention import MentionText
from matcher.names import shared_names
from matcher.places import shared_places

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


def test_a_case_is_decoded_when_it_is_come_to_and_each_time_from_the_start() -> None:
    """Weighing often ends halfway, and whoever is known already is looked for among all."""
    read: list[bytes] = []

    def facets(record: bytes) -> Facets:
        read.append(record)
        return facets_of(record)

    reader = FacetReader(shared_names(), shared_places(), shared_concepts())
    records = [
        msgspec.json.encode({"facets": msgspec.to_builtins(reader.read(a_case(number, "Iris Vane")))})
        for number in range(3)
    ]
    drawn = Promising(records, facets)
    assert next(iter(drawn)).case_id == "C-00000"
    assert read == records[:1]
    assert [case.case_id for case in drawn] == ["C-00000", "C-00001", "C-00002"]
