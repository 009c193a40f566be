"""Reads CSV and JSONL files as rows that know their place, and notes what is wrong with them.

CSV: UTF-8, a header, separated by commas, semicolons or tabs. JSONL: UTF-8, one object per line feed; no other
character ends a line, since texts hold U+2028.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from crm.spelling import did_you_mean


@dataclass(frozen=True)
class Problem:
    """What is wrong, where, and what to write instead. ``line`` counts from 1; 0 stands for the whole file."""

    file: str
    line: int
    message: str
    column: str | None = None

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.column}: {self.message}" if self.column else f"{place}: {self.message}"


@dataclass(frozen=True)
class Columns:
    """The columns of one kind of file."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()

    @property
    def known(self) -> tuple[str, ...]:
        return (*self.required, *self.optional)


@dataclass(frozen=True)
class Row:
    """One row, at the line on which it begins; an empty CSV cell is None."""

    file: str
    line: int
    values: Mapping[str, Any]


@dataclass
class Findings:
    """Problems, which keep rows out, and notes, which do not."""

    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)

    def problem(self, file: str, line: int, message: str, column: str | None = None) -> None:
        self.problems.append(Problem(file, line, message, column))

    def unknown(self, file: str, line: int, column: str, columns: Columns) -> None:
        """A column that looks like a misspelling of ours is a problem; any other is left alone."""
        likely = did_you_mean(column, columns.known)
        found = Problem(file, line, f"no such column{likely or ': ignored'}", column)
        (self.problems if likely else self.notes).append(found)


def find(folder: Path, kind: str, findings: Findings) -> Path | None:
    """Give the folder's file of this kind, if there is exactly one."""
    there = [path for path in (folder / f"{kind}.csv", folder / f"{kind}.jsonl") if path.is_file()]
    if len(there) > 1:
        findings.problem(f"{kind}.csv", 0, f"{kind}.jsonl is here too: keep only one of the two")
        return None
    return there[0] if there else None


def rows(path: Path, columns: Columns, findings: Findings) -> Iterator[Row]:
    """Give the file's rows; those that cannot be read are problems."""
    content = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    if path.suffix == ".jsonl":
        yield from _json_rows(path.name, content, columns, findings)
        return
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        findings.problem(path.name, line, "this is not UTF-8: save the file as CSV UTF-8")
        return
    yield from _csv_rows(path.name, text, columns, findings)


def _json_rows(file: str, content: bytes, columns: Columns, findings: Findings) -> Iterator[Row]:
    told: set[str] = set()
    for line, raw in enumerate(content.split(b"\n"), 1):
        if not raw.strip():
            continue
        try:
            values = msgspec.json.decode(raw, type=dict[str, Any])
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            findings.problem(file, line, f"this is no JSON object: {error}")
            continue
        for name in values.keys() - set(columns.known) - told:
            told.add(name)
            findings.unknown(file, line, name, columns)
        yield Row(file, line, values)


def _csv_rows(file: str, text: str, columns: Columns, findings: Findings) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text, columns), strict=True)
    header: list[str] | None = None
    end = 0
    while True:
        begin, record = end + 1, _next(reader, file, findings)
        end = reader.line_num
        if record is None:
            return
        if header is None:
            header = _header(file, record, columns, findings)
            if header is None:
                return
        elif len(record) not in (0, len(header)):
            findings.problem(file, begin, f"{len(record)} values where the header names {len(header)} columns")
        elif record:
            yield Row(file, begin, {name: value.strip() or None for name, value in zip(header, record, strict=True)})


def _next(reader: Any, file: str, findings: Findings) -> list[str] | None:
    try:
        record: list[str] | None = next(reader, None)
    except csv.Error as error:
        findings.problem(file, reader.line_num, f"this is no CSV ({error}): check the quotes; nothing after it is read")
        return None
    return record


def _separator(text: str, columns: Columns) -> str:
    first = text.partition("\n")[0].lower()
    names = {mark: {name.strip(' "\r') for name in first.split(mark)} for mark in (",", ";", "\t")}
    return max(names, key=lambda mark: len(names[mark] & set(columns.known)))


def _header(file: str, record: list[str], columns: Columns, findings: Findings) -> list[str] | None:
    header = [name.strip().lower() for name in record]
    for name in header:
        if name not in columns.known:
            findings.unknown(file, 1, name, columns)
    missing = [name for name in columns.required if name not in header]
    for name in missing:
        findings.problem(file, 1, f"the column is missing{did_you_mean(name, header)}", name)
    return None if missing else header
