"""Link keys held in memory find what the table finds, and what was mirrored, changed or dropped since."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.records import Case, CaseMessage, Customer
from ledger import cases
from ledger.database import Database
from matcher.candidates import CAP_PER_KEY, find
from matcher.index import mirror
from matcher.key_columns import ColumnMaker
from matcher.key_index import KeyIndex
from matcher.key_kinds import KINDS
from matcher.key_shelf import LARGE, KeyShelf
from matcher.keys import PostKeys, key
from matcher.linker import Linker

NOW = datetime(2026, 3, 12, 18, 0, tzinfo=UTC)
VANE: PostKeys = {key("last", "vane"): KINDS["last"]}


def a_case(number: int, name: str = "Iris Vane") -> Case:
    opened = NOW - timedelta(days=1, minutes=number)
    return Case(
        case_id=f"C-{number:05d}", customer=Customer(f"K-{number}", name, (), "Hull", None, "GB"), channel="email",
        status="open", team="t", opened_at=opened, updated_at=opened, product="Chair",
        messages=(CaseMessage(opened, "customer", "My clarinet was signed for by a stranger."),),
    )  # fmt: skip


async def hold(db: Database, held: list[Case], at: datetime = NOW) -> None:
    async with db.write("test") as conn:
        await mirror(conn, held, at)


@pytest.fixture
async def shelf(sqlite_db: Database) -> KeyShelf:
    await hold(sqlite_db, [a_case(1), a_case(2, "Tom Moss")])
    shelf = KeyShelf(sqlite_db, look_again=0.0)
    await shelf.load(NOW)
    return shelf


async def found(shelf: KeyShelf, keys: PostKeys = VANE, before: datetime = NOW) -> list[str]:
    return list((await shelf.find(keys, before, 1000, NOW)).case_ids)


async def test_memory_finds_what_the_table_finds(database: Database) -> None:
    await hold(database, [a_case(n, ("Iris Vane", "Tom Moss", "Ann Vane")[n % 3]) for n in range(30)])
    shelf = KeyShelf(database)
    await shelf.load(NOW)
    keys = {
        key(*one): KINDS[one[0]] for one in (("last", "vane"), ("given", "iris"), ("product town", "chair", "hull"))
    }
    async with database.read() as conn:
        in_table = await find(conn, keys, NOW, 1000)
    in_memory = await shelf.find(keys, NOW, 1000, NOW)
    assert set(in_memory.case_ids) == set(in_table.case_ids)
    assert in_memory.scores == pytest.approx(in_table.scores)


async def test_a_base_that_is_not_loaded_yet_is_looked_up_in_the_table(sqlite_db: Database) -> None:
    await hold(sqlite_db, [a_case(1)])
    assert await found(KeyShelf(sqlite_db)) == ["C-00001"]


async def test_a_case_mirrored_after_loading_is_found(shelf: KeyShelf, sqlite_db: Database) -> None:
    await hold(sqlite_db, [a_case(3)], NOW + timedelta(seconds=5))
    assert set(await found(shelf)) == {"C-00001", "C-00003"}


async def test_a_transaction_committed_late_with_an_earlier_time_is_seen(shelf: KeyShelf, sqlite_db: Database) -> None:
    await hold(sqlite_db, [a_case(3)], NOW + timedelta(seconds=5))
    await found(shelf)
    await hold(sqlite_db, [a_case(4)], NOW + timedelta(seconds=1))
    assert "C-00004" in await found(shelf)


async def test_a_case_that_changes_often_takes_no_other_cases_place(shelf: KeyShelf, sqlite_db: Database) -> None:
    """Each copy of a case that was mirrored again since loading would else stand among the best in its own right."""
    namesakes = [a_case(n) for n in range(3, 40)]
    await hold(sqlite_db, namesakes, NOW + timedelta(seconds=1))
    before = set(await found(shelf))
    for second in range(2, 62):
        await hold(sqlite_db, [namesakes[0]], NOW + timedelta(seconds=second))
        after = await found(shelf)
    assert before == set(after) == {"C-00001", *(case.case_id for case in namesakes)}


async def test_a_case_whose_name_was_corrected_is_found_by_the_new_one_alone(
    shelf: KeyShelf, sqlite_db: Database
) -> None:
    await hold(sqlite_db, [a_case(1, "Iris Lund")], NOW + timedelta(seconds=5))
    assert await found(shelf) == []
    assert await found(shelf, {key("last", "lund"): KINDS["last"]}) == ["C-00001"]


async def test_cases_opened_after_the_post_are_not_found_in_memory(shelf: KeyShelf, sqlite_db: Database) -> None:
    await hold(sqlite_db, [a_case(0)], NOW + timedelta(seconds=5))
    assert await found(shelf, before=a_case(1).opened_at + timedelta(seconds=1)) == ["C-00001"]


async def test_a_dropped_case_has_no_record_to_compare(shelf: KeyShelf, sqlite_db: Database) -> None:
    async with sqlite_db.write("test") as conn:
        await cases.forget(conn, ["C-00001"])
    assert await cases.records_alone(sqlite_db, await found(shelf)) == []


def an_index(rows: list[tuple[int, int, str]]) -> KeyIndex:
    """Give an index of (key, opened, case id), made of a few cases at a time."""
    opened = {case_id: at for _, at, case_id in rows}
    keyed = [(one, at, ",".join(str(key) for key, _, case_id in rows if case_id == one)) for one, at in opened.items()]
    maker = ColumnMaker()
    for start in range(0, len(keyed), 7):
        maker.add(keyed[start : start + 7])
    return KeyIndex(maker.finish())


def test_a_common_key_gives_its_newest_cases_in_memory_and_the_cut_is_counted() -> None:
    rows = [(1, n, f"C-{n}") for n in range(CAP_PER_KEY + 20)]
    cut = an_index(rows).find({1: KINDS["last"]}, NOW, 1000)
    assert set(cut.case_ids) == {case_id for _, _, case_id in rows[20:]}
    assert cut.truncated == 1


def test_a_case_beyond_the_cut_of_a_common_key_still_scores_by_it() -> None:
    rows = sorted([(1, n, f"C-{n}") for n in range(CAP_PER_KEY + 20)] + [(2, 0, "C-0")])
    both = an_index(rows).find(dict.fromkeys((1, 2), KINDS["last"]), NOW, 10_000)
    alone = an_index(rows).find({2: KINDS["last"]}, NOW, 10_000)
    assert both.scores["C-0"] > alone.scores["C-0"]


def test_an_empty_base_names_nobody() -> None:
    assert an_index([]).find(VANE, NOW, 1).case_ids == ()


@given(st.sets(st.tuples(st.integers(-5, 5), st.integers(0, 40)), max_size=60), st.integers(-5, 5))
def test_every_case_of_a_key_is_named_and_no_other(entries: set[tuple[int, int]], wanted: int) -> None:
    index = an_index(sorted((number, case, f"C-{case}") for number, case in entries))
    named = index.find({wanted: KINDS["last"]}, NOW, 100).case_ids
    again = index.find({wanted: KINDS["last"]}, NOW, 100)
    assert set(named) == {f"C-{case}" for number, case in entries if number == wanted}
    assert again.scores == index.find({wanted: KINDS["last"]}, NOW, 100).scores


async def test_a_small_base_is_not_loaded_beforehand_and_a_large_one_is(sqlite_db: Database) -> None:
    """Giving up at the end of the service leaves no task behind, whatever has been loaded by then."""
    await hold(sqlite_db, [a_case(n) for n in range(LARGE)])
    small = KeyShelf(sqlite_db)
    await small.expect(NOW)
    assert not small.loading
    await hold(sqlite_db, [a_case(LARGE)])
    large = KeyShelf(sqlite_db)
    await large.expect(NOW)
    assert large.loading
    await large.close()
    assert not large.loading


async def test_loaded_keys_are_handed_from_one_linker_to_the_next(sqlite_db: Database) -> None:
    """A reload makes a new linker, which must not have to read a million keys again."""
    await hold(sqlite_db, [a_case(n) for n in range(LARGE + 1)])
    shelf = KeyShelf(sqlite_db)
    await Linker(sqlite_db, shelf=shelf).load_keys(NOW)
    held = shelf.held
    await Linker(sqlite_db, shelf=shelf).load_keys(NOW)
    assert held is not None
    assert shelf.held is held
