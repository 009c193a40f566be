"""After an update the mirrored cases are read again, a few at a time; what changes meanwhile is not overwritten."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

import msgspec
from sqlalchemy import update

from backchannel.housekeeping import HEARD_LATE
from backchannel.rereading import AT_ONCE, Rereading
from crm.records import Case, CaseMessage, Customer
from ledger import cases
from ledger.database import Database
from ledger.tables import cases as table
from matcher.config import LinkingConfig
from matcher.index import READER, facets_of, indexer, mirror
from matcher.keys import key
from tests.backchannel.conftest import HandClock

NOW = datetime(2026, 3, 12, 18, 0, tzinfo=UTC)
READ_SO = (2, "aa86")
LONG_OVER = LinkingConfig().resolved_for + HEARD_LATE + timedelta(days=1)


def a_case(number: int, name: str = "Iris Vane", told: str = "My clarinet came broken, it cost £48.50.") -> Case:
    opened = NOW - timedelta(days=9, minutes=number)
    return Case(
        case_id=f"C-{number:05d}", customer=Customer(f"K-{number}", name, (), "Hull", None, "GB"), channel="email",
        status="open", team="t", opened_at=opened, updated_at=opened, product="Clarinet",
        reference=f"LM{5100 + number}", messages=(CaseMessage(opened, "customer", told),),
    )  # fmt: skip


async def hold_as_of_old(db: Database, held: list[Case]) -> None:
    """Mirror cases as a version before this one left them: with no key of today's, and its own number."""
    async with db.write("test") as conn:
        await mirror(conn, held, NOW)
        await conn.execute(update(table).values(reader=0))
        await conn.exec_driver_sql("DELETE FROM link_keys")


async def keyed(db: Database, last: str = "vane") -> set[str]:
    async with db.read() as conn:
        return {case_id for _, case_id in await cases.with_keys(conn, [key("last", last)], NOW, 1000)}


def rereading(db: Database) -> Rereading:
    return Rereading(db, LinkingConfig, HandClock(NOW))


async def test_cases_that_an_older_version_read_are_read_again(database: Database) -> None:
    await hold_as_of_old(database, [a_case(n) for n in range(AT_ONCE + 7)])
    again = rereading(database)
    assert [await again.some(), await again.some(), await again.some()] == [AT_ONCE, 7, 0]
    assert len(await keyed(database)) == AT_ONCE + 7


async def test_what_this_version_has_read_stays(database: Database) -> None:
    async with database.write("test") as conn:
        await mirror(conn, [a_case(1)], NOW)
    assert await rereading(database).some() == 0


async def test_a_case_over_for_long_gets_no_keys_again(database: Database) -> None:
    answer = CaseMessage(NOW, "agent", "We have sent you a new clarinet by courier and refunded the postage.")
    over = msgspec.structs.replace(
        a_case(1), status="resolved", resolved_at=NOW - LONG_OVER, messages=(*a_case(1).messages, answer)
    )
    await hold_as_of_old(database, [over, a_case(2)])
    again = rereading(database)
    assert [await again.some(), await again.some()] == [2, 0]
    assert await keyed(database) == {"C-00002"}


async def test_a_case_mirrored_meanwhile_keeps_what_was_mirrored(database: Database) -> None:
    """The CRM's newer word comes between reading and writing: it stands."""
    await hold_as_of_old(database, [a_case(1), a_case(2)])
    again = rereading(database)
    read = await again.read()
    async with database.write("test") as conn:
        await mirror(conn, [a_case(1, "Iris Lund")], NOW + timedelta(seconds=1))
    await again.write(read)
    assert (await keyed(database), await keyed(database, "lund")) == ({"C-00002"}, {"C-00001"})


async def test_a_case_that_left_the_crm_meanwhile_does_not_come_back(database: Database) -> None:
    await hold_as_of_old(database, [a_case(1), a_case(2)])
    again = rereading(database)
    read = await again.read()
    async with database.write("test") as conn:
        await cases.forget(conn, ["C-00001"])
    await again.write(read)
    assert await keyed(database) == {"C-00002"}


async def test_the_mirrored_case_itself_is_unchanged(sqlite_db: Database) -> None:
    await hold_as_of_old(sqlite_db, [a_case(1)])
    async with sqlite_db.read() as conn:
        [(_, before)] = await cases.records(conn, ["C-00001"])
    await rereading(sqlite_db).some()
    async with sqlite_db.read() as conn:
        [(_, after)] = await cases.records(conn, ["C-00001"])
    assert (before, facets_of(before)) == (after, facets_of(after))


def test_whoever_changes_what_is_read_of_cases_raises_the_readers_version() -> None:
    """Else the cases mirrored before an update keep what was read then until they change.

    Where this fails, raise ``matcher.index.READER`` and write down both anew.
    """
    told = (
        "Hi, my daughter Ana ordered two clarinets for £48.50 on Monday, order LM51077. One leaks. Call 01632 960123."
    )
    prepared = indexer().prepare([a_case(1), a_case(2, "José Ortiz-Vega", told)], NOW)
    read = [prepared.rows[n]["record"] for n in (0, 1)]
    keys = [sorted(prepared.keys[case_id]) for case_id in ("C-00001", "C-00002")]
    facets = [msgspec.to_builtins(facets_of(one), order="deterministic") for one in read]
    digest = sha256(msgspec.json.encode([facets, keys], order="deterministic")).hexdigest()
    assert (READER, digest[:4]) == READ_SO
