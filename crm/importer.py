"""Fills the embedded CRM from a folder of CSV or JSONL files."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from itertools import islice
from pathlib import Path
from typing import TypeVar

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from crm import shelf
from crm.import_files import Problem
from crm.import_records import Parsed, parse
from crm.records import Case, Customer

_BATCH = 500

_Record = TypeVar("_Record")

Progress = Callable[[str, int, int], None]
"""Told what is being written (``customers`` or ``cases``), how many are done, and how many there are."""


@dataclass
class Tally:
    """How many records were new, changed and unchanged."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0


@dataclass
class ImportReport:
    """What came of an import. ``notes`` are columns left alone; ``written`` is False where strictness kept all out."""

    customers: Tally = field(default_factory=Tally)
    cases: Tally = field(default_factory=Tally)
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    written: bool = False


def _silent(stage: str, done: int, total: int) -> None:  # noqa: ARG001 - the shape of Progress
    return


async def import_folder(
    engine: AsyncEngine,
    folder: Path,
    progress: Progress = _silent,
    *,
    strict: bool = False,
    zone: tzinfo | None = None,
) -> ImportReport:
    """Import the folder's customers, cases and messages into the embedded CRM, 500 a transaction.

    Rows with problems are left out; with ``strict`` one problem keeps everything out. Importing again changes only
    what differs. Records that are missing from the files stay. ``zone`` is that of times that name none.
    """
    parsed = await asyncio.to_thread(parse, folder, zone)
    async with engine.begin() as conn:
        await shelf.create(conn)
    async with engine.connect() as conn:
        await _drop_orphans(conn, parsed)
    report = ImportReport(problems=parsed.findings.problems, notes=parsed.findings.notes)
    if not (strict and report.problems):
        await _write_customers(engine, parsed, report.customers, progress)
        await _write_cases(engine, parsed, report.cases, progress)
        report.written = True
    return report


async def _drop_orphans(conn: AsyncConnection, parsed: Parsed) -> None:
    """Leave out cases of customers, and messages of cases, that neither the files nor the CRM know."""
    wanted = {case.customer.customer_id for case in parsed.cases.values()} - parsed.customers.keys()
    known = {ident for batch in _batches(sorted(wanted)) for ident in await shelf.customers(conn, batch)}
    for case in list(parsed.cases.values()):
        if case.customer.customer_id in wanted - known:
            del parsed.cases[case.case_id]
            _orphan(parsed, case.case_id, "customer_id", f"no customer {case.customer.customer_id!r}")
    lone = parsed.messages.keys() - parsed.cases.keys()
    there = {ident for batch in _batches(sorted(lone)) for ident in await shelf.cases(conn, batch)}
    for case_id in sorted(lone - there):
        del parsed.messages[case_id]
        _orphan(parsed, case_id, "case_id", f"no case {case_id!r}")


def _orphan(parsed: Parsed, case_id: str, column: str, lacking: str) -> None:
    row = parsed.places[case_id]
    parsed.findings.problem(row.file, row.line, f"{lacking} in the files, nor in the CRM", column)


async def _write_customers(engine: AsyncEngine, parsed: Parsed, tally: Tally, progress: Progress) -> None:
    total, done = len(parsed.customers), 0
    for batch in _batches(list(parsed.customers.values())):
        async with engine.begin() as conn:
            known = await shelf.customers(conn, [customer.customer_id for customer in batch])
            differing = [customer for customer in batch if known.get(customer.customer_id) != customer]
            changed = [customer.customer_id for customer in differing if customer.customer_id in known]
            await shelf.put_customers(conn, differing, known)
            await shelf.touch_cases(conn, await shelf.cases_of(conn, changed))
        _count(tally, len(batch), len(differing), len(changed))
        done += len(batch)
        progress("customers", done, total)


async def _write_cases(engine: AsyncEngine, parsed: Parsed, tally: Tally, progress: Progress) -> None:
    ids = list(dict.fromkeys([*parsed.cases, *parsed.messages]))
    done = 0
    for batch in _batches(ids):
        async with engine.begin() as conn:
            known = {case_id: _bare(case) for case_id, case in (await shelf.cases(conn, batch)).items()}
            wanted = [_merged(parsed, case_id, known.get(case_id)) for case_id in batch]
            differing = [case for case in wanted if known.get(case.case_id) != case]
            await shelf.put_cases(conn, differing, known)
        _count(tally, len(batch), len(differing), sum(1 for case in differing if case.case_id in known))
        done += len(batch)
        progress("cases", done, len(ids))


def _bare(case: Case) -> Case:
    """Give the case with no more of its customer than the id, as the files have it."""
    return msgspec.structs.replace(case, customer=Customer(case.customer.customer_id, ""))


def _merged(parsed: Parsed, case_id: str, known: Case | None) -> Case:
    """Give the case as the files and, where they are silent, the CRM have it, its messages in the order of time."""
    case = parsed.cases.get(case_id, known)
    assert case is not None, case_id  # noqa: S101 - messages of unknown cases were left out before
    if case_id not in parsed.cases:
        messages = parsed.messages[case_id]
    elif case_id in parsed.silent and known is not None:
        messages = list(known.messages)
    else:
        messages = [*case.messages, *parsed.messages.get(case_id, ())]
    return msgspec.structs.replace(case, messages=tuple(sorted(messages, key=lambda message: message.at)))


def _count(tally: Tally, total: int, differing: int, changed: int) -> None:
    tally.new += differing - changed
    tally.changed += changed
    tally.unchanged += total - differing


def _batches(records: Sequence[_Record]) -> Iterator[list[_Record]]:
    left = iter(records)
    while batch := list(islice(left, _BATCH)):
        yield batch
