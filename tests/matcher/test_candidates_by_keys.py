"""Candidates come from link keys alone: they are found without a name, newest first, and a cut is counted."""

from datetime import UTC, datetime, timedelta

import msgspec

from crm.records import Case, CaseMessage, ContactPoint, Customer
from ledger import cases
from ledger.database import Database
from matcher.background import Background
from matcher.candidates import CAP_PER_KEY, MOST_CANDIDATES, find, rank
from matcher.clues import ClueReader
from matcher.concepts import shared_concepts
from matcher.index import facets_of, mirror
from matcher.key_kinds import KINDS
from matcher.keys import KeyMaker, key
from matcher.mention import MentionText
from matcher.names import shared_names
from matcher.places import shared_places

NOW = datetime(2026, 3, 12, 18, 0, tzinfo=UTC)
READER = ClueReader(shared_names(), shared_places(), shared_concepts())
KEYS = KeyMaker(shared_names())
KEY_OF_VANE = -3870450095814696582


def a_case(number: int, name: str, city: str, told: str, **more: str) -> Case:
    opened = NOW - timedelta(days=1 + number % 40, minutes=number)
    points = (ContactPoint("email", f"{name.split(maxsplit=1)[0].lower()}{number}@post.example"),)
    return Case(
        case_id=f"C-{number:05d}", customer=Customer(f"K-{number}", name, points, city, None, "GB"), channel="email",
        status="open", team="t", opened_at=opened, updated_at=opened, product=more.get("product"),
        reference=more.get("reference"), messages=(CaseMessage(opened, "customer", told),),
    )  # fmt: skip


def a_post(text: str, **profile: str) -> MentionText:
    return MentionText(
        text,
        NOW,
        "x",
        handle=profile.get("handle", "owl_hq"),
        name=profile.get("name"),
        location=profile.get("location"),
    )


async def found_for(db: Database, mention: MentionText, held: list[Case]) -> list[str]:
    async with db.write("test") as conn:
        await mirror(conn, held, NOW)
    async with db.read() as conn:
        sample = [facets_of(record) for _, record in await cases.newest_records(conn, NOW, 400)]
        background = Background(sample, len(sample))
        keys = KEYS.of_post(READER.read(mention), background, NOW)
        return list((await find(conn, keys, NOW, background.total)).case_ids)


def a_crowd(count: int) -> list[Case]:
    names = ("Ann Lowe", "Bob Hart", "Cat Moss", "Dan Finch", "Eve Stone")
    return [
        a_case(n, names[n % 5], "Hull", "Where is my parcel? It is late.", product="Chair")
        for n in range(100, 100 + count)
    ]


async def test_a_post_without_any_name_is_found_by_product_place_and_rare_words(database: Database) -> None:
    clarinet = a_case(1, "Iris Vane", "Leeds", "My clarinet was signed for by a stranger.", product="Next day")
    mention = a_post("somebody has signed for my clarinet and it isn't me", location="Leeds")
    assert (await found_for(database, mention, [clarinet, *a_crowd(60)]))[0] == "C-00001"


async def test_a_nickname_and_a_misspelt_surname_lead_to_the_case(sqlite_db: Database) -> None:
    case = a_case(1, "Elizabeth Threlfall", "York", "It broke.")
    found = await found_for(sqlite_db, a_post("it broke", name="Liz Threlfal"), [case, *a_crowd(60)])
    assert found[0] == "C-00001"


async def test_a_handle_of_initial_and_surname_leads_to_the_case(sqlite_db: Database) -> None:
    case = a_case(1, "Julian Whitcombe", "York", "It broke.")
    found = await found_for(sqlite_db, a_post("hm", handle="jwhitcombe_brews"), [case, *a_crowd(60)])
    assert found[0] == "C-00001"


async def test_a_reference_written_otherwise_leads_to_the_case(sqlite_db: Database) -> None:
    case = a_case(1, "Iris Vane", "York", "It broke.", reference="LM51077")
    for text in ("order LM-51077", "order 51077", "order ending 077"):
        assert (await found_for(sqlite_db, a_post(text), [case, *a_crowd(60)]))[0] == "C-00001"


async def test_a_record_locator_or_its_ending_leads_to_the_case(sqlite_db: Database) -> None:
    case = a_case(1, "Iris Vane", "York", "It broke.", reference="K7RTQX")
    for text in ("K7RTQX any news", "booking ending 7RTQX", "case ending 7-R-T-Q-X"):
        assert (await found_for(sqlite_db, a_post(text), [case, *a_crowd(60)]))[0] == "C-00001"


async def test_a_name_in_another_script_leads_to_the_case(sqlite_db: Database) -> None:
    case = a_case(1, "Yuliia Melnyk", "York", "It broke.")
    found = await found_for(sqlite_db, a_post("hm", name="Юлія Мельник"), [case, *a_crowd(60)])
    assert found[0] == "C-00001"


async def test_a_common_key_gives_its_newest_cases_and_the_cut_is_counted(database: Database) -> None:
    crowd = [a_case(n, "John Smith", "Hull", "Late.") for n in range(CAP_PER_KEY + 20)]
    async with database.write("test") as conn:
        await mirror(conn, crowd, NOW)
    async with database.read() as conn:
        found = await find(conn, {key("last", "smith"): KINDS["last"]}, NOW, len(crowd))
    newest = sorted(crowd, key=lambda case: case.opened_at, reverse=True)[:CAP_PER_KEY]
    assert set(found.case_ids) == {case.case_id for case in newest}
    assert found.truncated == 1


async def test_a_list_that_is_just_full_is_not_cut(database: Database) -> None:
    crowd = [a_case(n, "John Smith", "Hull", "Late.") for n in range(CAP_PER_KEY)]
    async with database.write("test") as conn:
        await mirror(conn, crowd, NOW)
    async with database.read() as conn:
        found = await find(conn, {key("last", "smith"): KINDS["last"]}, NOW, len(crowd))
    assert (len(found.case_ids), found.truncated) == (CAP_PER_KEY, 0)


def test_keys_whose_cases_find_no_place_are_counted() -> None:
    """More candidates than are ranked: four keys of 290 cases, of which the last one finds but 130 places."""
    entries = [(number, f"C-{number}-{n}") for number in range(4) for n in range(290)]
    found = rank(entries, dict.fromkeys(range(4), KINDS["given town"]), 100_000)
    assert (len(found.case_ids), found.truncated) == (MOST_CANDIDATES, 1)


async def test_a_relative_with_a_common_surname_is_found_by_what_happened(database: Database) -> None:
    wife = msgspec.structs.replace(
        a_case(1, "Olga Smith", "Truro", "My clarinet leaks.", product="Clarinet"), opened_at=NOW - timedelta(days=90)
    )
    crowd = [a_case(n, "John Smith", "Hull", "Late.") for n in range(100, 100 + 2 * CAP_PER_KEY)]
    crowd += [
        msgspec.structs.replace(one, opened_at=one.opened_at - timedelta(days=60))
        for n in range(1000, 1000 + CAP_PER_KEY)
        for one in [a_case(n, "Eve Stone", "Hull", "My clarinet leaks.", product="Clarinet")]
    ]
    mention = a_post("my wife's clarinet leaks", name="Bob Smith")
    assert (await found_for(database, mention, [wife, *crowd]))[0] == "C-00001"


async def test_cases_opened_after_the_post_are_not_found(sqlite_db: Database) -> None:
    case = a_case(0, "Iris Vane", "York", "It broke.")
    async with sqlite_db.write("test") as conn:
        await mirror(conn, [case], NOW)
    async with sqlite_db.read() as conn:
        found = await find(conn, {key("last", "vane"): KINDS["last"]}, case.opened_at - timedelta(seconds=5), 1)
    assert found.case_ids == ()


async def test_mirroring_again_replaces_the_keys_of_a_case(sqlite_db: Database) -> None:
    async with sqlite_db.write("test") as conn:
        await mirror(conn, [a_case(1, "Iris Vane", "York", "It broke.")], NOW)
        await mirror(conn, [a_case(1, "Iris Lund", "York", "It broke.")], NOW)
    async with sqlite_db.read() as conn:
        assert await cases.with_keys(conn, [key("last", "vane")], NOW, 10) == []
        assert len(await cases.with_keys(conn, [key("last", "lund")], NOW, 10)) == 1


async def test_keys_of_cases_resolved_long_ago_can_be_dropped(sqlite_db: Database) -> None:
    answered = CaseMessage(NOW, "agent", "We sent a new one by courier on Tuesday and refunded the postage.")
    over = msgspec.structs.replace(
        a_case(1, "Iris Vane", "York", "It broke."), status="resolved", resolved_at=NOW - timedelta(days=200)
    )
    over = msgspec.structs.replace(over, messages=(*over.messages, answered))
    async with sqlite_db.write("test") as conn:
        await mirror(conn, [over, a_case(2, "Iris Vane", "York", "It broke.")], NOW)
        assert list(await cases.stale(conn, NOW - timedelta(days=120), 10)) == ["C-00001"]
        assert await cases.drop_stale_keys(conn, ["C-00001", "C-00002"], NOW - timedelta(days=120)) > 0
        assert list(await cases.stale(conn, NOW - timedelta(days=120), 10)) == []
        assert [case_id for _, case_id in await cases.with_keys(conn, [key("last", "vane")], NOW, 10)] == ["C-00002"]


def test_a_rare_key_outranks_a_common_one() -> None:
    entries = [(1, f"C-{n}") for n in range(200)] + [(2, "C-7")]
    found = rank(entries, dict.fromkeys((1, 2), KINDS["last"]), 1000)
    assert found.case_ids[0] == "C-7"


def test_keys_are_the_same_on_every_machine() -> None:
    assert key("last", "vane") == KEY_OF_VANE


def test_a_story_that_many_tell_does_not_outrank_a_name() -> None:
    told = dict.fromkeys(range(10, 40), KINDS["stem"])
    entries = [(number, f"C-{n}") for number in told for n in range(50)] + [(1, "C-900"), (2, "C-900")]
    named = {1: KINDS["last"], 2: KINDS["given"]}
    assert rank(entries, {**named, **told}, 10_000).case_ids[0] == "C-900"


async def test_a_post_without_any_name_is_found_by_town_and_week(database: Database) -> None:
    """Nothing but where and when: told in other words, as people do."""
    case = a_case(8, "Iris Vane", "Derry", "Stuhl kam zerbrochen an.")
    mention = a_post("a week now and not a peep out of them", location="Derry")
    assert (await found_for(database, mention, [case, *a_crowd(60)]))[0] == "C-00008"


def test_of_the_short_forms_of_one_name_the_rarest_counts_once() -> None:
    entries = [(1, "C-1"), (2, "C-1"), (3, "C-2"), *((n, f"C-{10 + i}") for n in (1, 2, 3) for i in range(9))]
    found = rank(entries, {1: KINDS["given"], 2: KINDS["given"], 3: KINDS["given"]}, 10_000)
    assert found.scores["C-1"] == found.scores["C-2"]
