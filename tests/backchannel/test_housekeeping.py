"""What linking no longer looks at is taken away, and nothing else."""

from datetime import UTC, datetime, timedelta

import msgspec

from backchannel.housekeeping import HEARD_LATE, Housekeeping
from crm.records import Case, CaseMessage, Customer
from ledger import cases
from ledger.database import Database
from matcher.config import LinkingConfig
from matcher.index import mirror
from tests.backchannel.conftest import HandClock

NOW = datetime(2026, 3, 12, 18, 0, tzinfo=UTC)
KEPT_FOR = LinkingConfig().resolved_for + HEARD_LATE


def a_case(number: int, resolved: timedelta | None = None) -> Case:
    opened = NOW - timedelta(days=400)
    case = Case(
        case_id=f"C-{number}", customer=Customer(f"K-{number}", "Iris Vane", (), "Hull", None, "GB"), channel="email",
        status="open", team="t", opened_at=opened, updated_at=opened, product="Chair",
        messages=(
            CaseMessage(opened, "customer", "It came broken."),
            CaseMessage(opened, "agent", "We have sent you a new chair by courier and refunded the postage."),
        ),
    )  # fmt: skip
    return case if resolved is None else msgspec.structs.replace(case, status="resolved", resolved_at=NOW - resolved)


async def keyed(db: Database) -> set[str]:
    async with db.read() as conn:
        return {case_id for _, _, case_id in await cases.keys_of(conn, [f"C-{n}" for n in range(700)])}


async def test_only_cases_resolved_long_ago_lose_their_keys(database: Database) -> None:
    """An open case keeps its keys however old it is, and so does one that was resolved lately."""
    held = [a_case(0), a_case(1, KEPT_FOR - timedelta(days=1)), a_case(2, KEPT_FOR + timedelta(days=1))]
    async with database.write("test") as conn:
        await mirror(conn, held, NOW)
    keeping = Housekeeping(database, LinkingConfig, HandClock(NOW))
    assert (await keeping.tidy(), await keyed(database)) == (1, {"C-0", "C-1"})
    assert await keeping.tidy() == 0


async def test_more_stale_cases_than_one_transaction_takes_are_all_dealt_with(sqlite_db: Database) -> None:
    async with sqlite_db.write("test") as conn:
        await mirror(conn, [a_case(n, KEPT_FOR + timedelta(days=1)) for n in range(600)], NOW)
    assert await Housekeeping(sqlite_db, LinkingConfig, HandClock(NOW)).tidy() == 600
    assert await keyed(sqlite_db) == set()
