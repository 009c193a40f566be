"""Importing CSV and JSONL into the embedded CRM, on both kinds of database."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from crm.importer import ImportReport, import_folder
from crm.records import Case, CaseMessage, ContactPoint, Customer
from crm.source import CaseChange
from crm.sources.embedded import EmbeddedCrm
from ledger.database import Database

ANN = {
    "customer_id": "K-1",
    "name": "Ann Ex\u2028ample",
    "emails": ["ann@mail.example", "ann@work.example"],
    "phones": ["+447700900647"],
    "handles": {"x": "@ann_ex"},
    "city": "Leeds",
    "region": "Yorkshire",
    "country": "GB",
    "household_id": None,
}
CASE = {
    "case_id": "C-1",
    "customer_id": "K-1",
    "channel": "email",
    "status": "open",
    "team": "email-care",
    "opened_at": "2026-03-01T09:00:00Z",
    "updated_at": "2026-03-02T09:00:00Z",
    "resolved_at": None,
    "subject": "Empty can",
    "product": "Pale 12-pack",
    "reference": "LM1",
    "messages": [{"at": "2026-03-01T09:00:00Z", "author": "customer", "text": "My can was empty."}],
}


def at(day: int, hour: int = 9) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=UTC)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    yield opened
    await opened.close()


@pytest.fixture
def crm(database: Database) -> EmbeddedCrm:
    return EmbeddedCrm(database.engine)


def write_jsonl(folder: Path, **files: list[dict[str, Any]]) -> Path:
    for kind, records in files.items():
        lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
        (folder / f"{kind}.jsonl").write_text(lines, "utf-8")
    return folder


def write_csv(folder: Path, **files: str) -> Path:
    for kind, content in files.items():
        (folder / f"{kind}.csv").write_text(content, "utf-8")
    return folder


async def changes(crm: EmbeddedCrm, cursor: str | None = None) -> list[CaseChange]:
    return [change async for change in crm.changes(cursor)]


def told(report: ImportReport) -> list[str]:
    return [str(problem) for problem in report.problems]


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


async def test_every_problem_names_file_line_and_column_and_the_rest_is_imported(
    tmp_path: Path, database: Database, crm: EmbeddedCrm
) -> None:
    write_csv(
        tmp_path,
        customers="customer_id,name,country,emial\nK-1,Ann,GB,\nK-2,,Britain,\n",
        cases="case_id,customer_id,channel,status,team,opened_at,resolved_at,colour\n"
        'C-1,K-1,"email",open,"email\ncare",2026-03-01T09:00:00Z,,red\n'
        "C-2,K-1,letter,opne,email-care,yesterday,,\n"
        "C-3,K-2,email,open,email-care,2026-03-01T09:00:00Z,,\n"
        "C-4,K-1,email,open,email-care,2026-03-01 09:00,,\n"
        "C-5,K-1,email,closed,email-care,2026-03-02T09:00:00Z,2026-03-01T09:00:00Z,\n"
        "C-1,K-1,email,open,email-care,2026-03-01T09:00:00Z,,\n"
        "C-6,K-1,email\n",
        messages="case_id,at,author,text\nC-1,2026-03-01T09:00:00Z,client,Hi\nC-9,2026-03-01T09:00:00Z,agent,Hi\n",
    )
    report = await import_folder(database.engine, tmp_path)
    assert told(report) == [
        "customers.csv:1: emial: no such column; did you mean 'emails'?",
        "customers.csv:3: country: 'Britain' is no country: write its two letters, such as GB",
        "customers.csv:3: name: this must not be empty",
        "cases.csv:4: opened_at: 'yesterday' is no time: write it as 2026-03-01T14:50:00Z",
        "cases.csv:4: channel: 'letter' is none of email, phone, chat, in_person, partner",
        "cases.csv:4: status: 'opne' is none of open, pending, resolved, closed; did you mean 'open'?",
        "cases.csv:6: opened_at: '2026-03-01 09:00' names no time zone: write it as 2026-03-01T14:50:00Z",
        "cases.csv:7: resolved_at: this lies before opened_at",
        "cases.csv:8: case_id: 'C-1' is here twice: the first is kept",
        "cases.csv:9: 3 values where the header names 8 columns",
        "messages.csv:2: author: 'client' is none of customer, agent, system",
        "cases.csv:5: customer_id: no customer 'K-2' in the files, nor in the CRM",
        "messages.csv:3: case_id: no case 'C-9' in the files, nor in the CRM",
    ]
    assert [str(note) for note in report.notes] == ["cases.csv:1: colour: no such column: ignored"]
    assert (report.written, report.customers.new, report.cases.new) == (True, 1, 1)
    kept = await crm.case("C-1")
    assert kept is not None
    assert (kept.team, kept.messages) == ("email\ncare", ())


async def test_jsonl_problems_name_the_line_and_the_place_inside_it(tmp_path: Path, database: Database) -> None:
    bad = CASE | {"case_id": "C-2", "messages": [{"at": "2026-03-01", "author": "agent", "text": ""}]}
    wrong = CASE | {"case_id": "C-3", "subject": ["a"], "messages": "none"}
    write_jsonl(tmp_path, customers=[ANN | {"emails": "a@b.example", "phones": [1]}], cases=[CASE, bad, wrong])
    with (tmp_path / "cases.jsonl").open("a") as file:
        file.write("{torn\n\n[1]\n")
    report = await import_folder(database.engine, tmp_path)
    assert told(report)[:6] == [
        "customers.jsonl:1: phones: each entry must be a text",
        "cases.jsonl:2: messages[0].at: '2026-03-01' names no time zone: write it as 2026-03-01T14:50:00Z",
        "cases.jsonl:2: messages[0].text: this must not be empty",
        "cases.jsonl:3: messages: this must be a list of {at, author, text}",
        "cases.jsonl:3: subject: a list where a text belongs",
        "cases.jsonl:4: this is no JSON object: JSON is malformed: object keys must be strings (byte 1)",
    ]
    assert "cases.jsonl:6: this is no JSON object" in told(report)[6]
    assert report.cases.new == 0, "the only sound case belongs to a customer that was left out"


async def test_strict_imports_nothing_where_anything_is_wrong(
    tmp_path: Path, database: Database, crm: EmbeddedCrm
) -> None:
    bad = CASE | {"case_id": "C-2", "status": "opne"}
    report = await import_folder(
        database.engine, write_jsonl(tmp_path, customers=[ANN], cases=[CASE, bad]), strict=True
    )
    assert not report.written
    assert len(report.problems) == 1
    assert await crm.case("C-1") is None


async def test_strict_imports_all_where_nothing_is_wrong(tmp_path: Path, database: Database, crm: EmbeddedCrm) -> None:
    await import_folder(database.engine, write_jsonl(tmp_path, customers=[ANN], cases=[CASE]), strict=True)
    assert await crm.case("C-1") is not None


async def test_a_file_in_another_encoding_is_a_problem_with_its_line(tmp_path: Path, database: Database) -> None:
    (tmp_path / "customers.csv").write_bytes("customer_id,name\nK-1,Ann\nK-2,Jürgen\n".encode("cp1252"))
    report = await import_folder(database.engine, tmp_path)
    assert told(report) == ["customers.csv:3: this is not UTF-8: save the file as CSV UTF-8"]


async def test_a_missing_column_is_named_with_the_likely_one(tmp_path: Path, database: Database) -> None:
    write_csv(tmp_path, customers="customerid,name\nK-1,Ann\n")
    report = await import_folder(database.engine, tmp_path)
    assert "customers.csv:1: customer_id: the column is missing; did you mean 'customerid'?" in told(report)


async def test_a_quote_left_open_is_a_problem(tmp_path: Path, database: Database) -> None:
    write_csv(tmp_path, customers='customer_id,name\nK-1,Ann\nK-2,"Bob\n')
    report = await import_folder(database.engine, tmp_path)
    assert [problem.file for problem in report.problems] == ["customers.csv"]
    assert "check the quotes" in told(report)[0]
    assert report.customers.new == 1


async def test_an_empty_folder_and_a_file_in_both_shapes_are_problems(tmp_path: Path, database: Database) -> None:
    assert "no customers.csv" in told(await import_folder(database.engine, tmp_path))[0]
    write_jsonl(tmp_path, customers=[ANN])
    write_csv(tmp_path, customers="customer_id,name\n")
    assert "keep only one" in told(await import_folder(database.engine, tmp_path))[0]


async def test_a_nul_character_is_a_problem(tmp_path: Path, database: Database) -> None:
    report = await import_folder(database.engine, write_jsonl(tmp_path, customers=[ANN | {"name": "A\x00n"}]))
    assert told(report)[0].startswith("customers.jsonl:1: name: a NUL character")


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
