"""Files to import into the embedded CRM, and what the import said."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crm.importer import ImportReport
from crm.source import CaseChange
from crm.sources.embedded import EmbeddedCrm

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
