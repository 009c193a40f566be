"""CSV and JSONL become cases and customers of the embedded CRM, on both kinds of database."""

from datetime import timedelta, timezone
from pathlib import Path

import pytest

from crm.importer import import_folder
from crm.records import Case, CaseMessage, ContactPoint, Customer
from crm.sources.embedded import EmbeddedCrm
from ledger.database import Database
from tests.crm.import_files import ANN, CASE, at, changes, told, write_csv, write_jsonl


async def test_jsonl_with_nested_messages_is_imported_whole(
    tmp_path: Path, database: Database, crm: EmbeddedCrm
) -> None:
    report = await import_folder(database.engine, write_jsonl(tmp_path, customers=[ANN], cases=[CASE]))
    assert (report.written, told(report), report.cases.new, report.customers.new) == (True, [], 1, 1)
    assert await crm.case("C-1") == Case(
        case_id="C-1",
        customer=Customer(
            "K-1",
            "Ann Ex\u2028ample",
            (
                ContactPoint("email", "ann@mail.example"),
                ContactPoint("email", "ann@work.example"),
                ContactPoint("phone", "+447700900647"),
                ContactPoint("handle", "ann_ex", "x"),
            ),
            city="Leeds",
            region="Yorkshire",
            country="GB",
        ),
        channel="email",
        status="open",
        team="email-care",
        opened_at=at(1),
        updated_at=at(2),
        subject="Empty can",
        product="Pale 12-pack",
        reference="LM1",
        messages=(CaseMessage(at(1), "customer", "My can was empty."),),
    )


async def test_csv_says_the_same_as_jsonl(tmp_path: Path, database: Database, crm: EmbeddedCrm) -> None:
    write_csv(
        tmp_path,
        customers="customer_id,name,emails,phones,handles,city,region,country,household_id\n"
        'K-1,"Ann Ex\u2028ample",ann@mail.example; ann@work.example,+447700900647,x: @ann_ex,Leeds,Yorkshire,gb,\n',
        cases="case_id,customer_id,channel,status,team,opened_at,updated_at,resolved_at,subject,product,reference\n"
        "C-1,K-1,email,open,email-care,2026-03-01T09:00:00Z,2026-03-02 10:00:00+01:00,,Empty can,Pale 12-pack,LM1\n",
        messages='case_id,at,author,text\nC-1,2026-03-01T09:00:00Z,customer,"My can was empty."\n',
    )
    report = await import_folder(database.engine, tmp_path)
    assert told(report) == []
    seen = (await changes(crm))[-1].cursor
    (other := tmp_path / "other").mkdir()
    again = await import_folder(database.engine, write_jsonl(other, customers=[ANN], cases=[CASE]))
    assert (again.cases.unchanged, again.customers.unchanged) == (1, 1)
    assert await changes(crm, seen) == []


@pytest.mark.parametrize("separator", [";", "\t"])
async def test_csv_as_excel_writes_it_is_understood(tmp_path: Path, database: Database, separator: str) -> None:
    content = f"\ufeffcustomer_id{separator}name\r\nK-1{separator}Ann\r\nK-2{separator}Bob\r\n"
    (tmp_path / "customers.csv").write_bytes(content.encode())
    report = await import_folder(database.engine, tmp_path)
    assert (told(report), report.customers.new) == ([], 2)


async def test_importing_again_changes_nothing_and_moves_no_cursor(
    tmp_path: Path, database: Database, crm: EmbeddedCrm
) -> None:
    write_jsonl(tmp_path, customers=[ANN], cases=[CASE])
    await import_folder(database.engine, tmp_path)
    cursor = (await changes(crm))[-1].cursor
    again = await import_folder(database.engine, tmp_path)
    assert (again.cases.unchanged, again.cases.changed, again.cases.new) == (1, 0, 0)
    assert await changes(crm, cursor) == []


async def test_only_what_changed_is_a_change(tmp_path: Path, database: Database, crm: EmbeddedCrm) -> None:
    others = [CASE | {"case_id": f"C-{n}", "reference": f"LM{n}"} for n in range(2, 6)]
    await import_folder(database.engine, write_jsonl(tmp_path, customers=[ANN], cases=[CASE, *others]))
    cursor = (await changes(crm))[-1].cursor
    resolved = CASE | {"status": "resolved", "resolved_at": "2026-03-05T09:00:00Z"}
    report = await import_folder(database.engine, write_jsonl(tmp_path, cases=[resolved, *others]))
    assert (report.cases.changed, report.cases.unchanged) == (1, 4)
    [change] = await changes(crm, cursor)
    assert change.case is not None
    assert (change.case_id, change.case.status, change.case.resolved_at) == ("C-1", "resolved", at(5))


async def test_a_new_message_is_a_change_of_its_case(tmp_path: Path, database: Database, crm: EmbeddedCrm) -> None:
    await import_folder(database.engine, write_jsonl(tmp_path, customers=[ANN], cases=[CASE]))
    cursor = (await changes(crm))[-1].cursor
    late = {"at": "2026-03-03T09:00:00Z", "author": "agent", "text": "Refunded."}
    longer = CASE | {"messages": [late, *CASE["messages"]]}
    await import_folder(database.engine, write_jsonl(tmp_path, cases=[longer]))
    [change] = await changes(crm, cursor)
    assert change.case is not None
    assert [message.author for message in change.case.messages] == ["customer", "agent"], "in the order of time"


async def test_a_changed_customer_changes_all_cases_of_that_customer(
    tmp_path: Path, database: Database, crm: EmbeddedCrm
) -> None:
    second = CASE | {"case_id": "C-2", "reference": "LM2"}
    await import_folder(database.engine, write_jsonl(tmp_path, customers=[ANN], cases=[CASE, second]))
    cursor = (await changes(crm))[-1].cursor
    moved = ANN | {"city": "York", "emails": []}
    await import_folder(database.engine, write_jsonl(tmp_path, customers=[moved], cases=[CASE, second]))
    found = await changes(crm, cursor)
    assert [change.case_id for change in found] == ["C-1", "C-2"]
    assert all(change.case and change.case.customer.city == "York" for change in found)
    assert found[0].case is not None
    assert [point.kind for point in found[0].case.customer.contacts] == ["phone", "handle"]


async def test_cases_without_a_word_on_messages_keep_what_was_said(
    tmp_path: Path, database: Database, crm: EmbeddedCrm
) -> None:
    await import_folder(database.engine, write_jsonl(tmp_path, customers=[ANN], cases=[CASE]))
    silent = {key: value for key, value in CASE.items() if key != "messages"} | {"status": "pending"}
    await import_folder(database.engine, write_jsonl(tmp_path, cases=[silent]))
    kept = await crm.case("C-1")
    assert kept is not None
    assert (kept.status, len(kept.messages)) == ("pending", 1)


async def test_messages_alone_are_taken_into_cases_that_the_crm_knows(
    tmp_path: Path, database: Database, crm: EmbeddedCrm
) -> None:
    await import_folder(database.engine, write_jsonl(tmp_path, customers=[ANN], cases=[CASE]))
    (tmp_path / "cases.jsonl").unlink()
    write_csv(tmp_path, messages="case_id,at,author,text\nC-1,2026-03-04T09:00:00Z,agent,Refunded.\n")
    report = await import_folder(database.engine, tmp_path)
    assert (told(report), report.cases.changed) == ([], 1)
    found = await crm.case("C-1")
    assert found is not None
    assert [message.text for message in found.messages] == ["Refunded."]


async def test_a_zone_is_taken_for_times_that_name_none(tmp_path: Path, database: Database, crm: EmbeddedCrm) -> None:
    local = CASE | {"opened_at": "2026-03-01 09:00", "updated_at": None, "messages": []}
    zone = timezone(timedelta(hours=2))
    report = await import_folder(database.engine, write_jsonl(tmp_path, customers=[ANN], cases=[local]), zone=zone)
    assert told(report) == []
    case = await crm.case("C-1")
    assert case is not None
    assert case.opened_at == case.updated_at == at(1, 7)


async def test_progress_counts_up_to_the_total_in_batches(tmp_path: Path, database: Database) -> None:
    many = [CASE | {"case_id": f"C-{n}"} for n in range(1200)]
    steps: list[tuple[str, int, int]] = []
    await import_folder(
        database.engine,
        write_jsonl(tmp_path, customers=[ANN], cases=many),
        lambda stage, done, total: steps.append((stage, done, total)),
    )
    assert steps == [("customers", 1, 1), ("cases", 500, 1200), ("cases", 1000, 1200), ("cases", 1200, 1200)]
