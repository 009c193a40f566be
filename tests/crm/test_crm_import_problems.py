"""What is wrong in imported CSV and JSONL is told with file, line and column, on both kinds of database."""

from pathlib import Path

from crm.importer import import_folder
from crm.sources.embedded import EmbeddedCrm
from ledger.database import Database
from tests.crm.import_files import ANN, CASE, told, write_csv, write_jsonl


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
