"""An invented brewery as its CRM exports it: customers and cases, dated back from a given moment."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from string import Template
from typing import Any

import yaml

_STORY = Path(__file__).with_name("brewery.yaml")
_CONFIG = Path(__file__).with_name("brewery.config.yaml")


def story() -> dict[str, Any]:
    """Give the brewery's customers, cases and the posts about it."""
    told: dict[str, Any] = yaml.safe_load(_STORY.read_text("utf-8"))
    return told


def export(folder: Path, now: datetime) -> None:
    """Write ``customers.jsonl`` and ``cases.jsonl`` as a CRM would export them at ``now`` (aware)."""
    folder.mkdir(parents=True, exist_ok=True)
    told = story()
    _write(folder / "customers.jsonl", map(_customer, told["customers"]))
    _write(folder / "cases.jsonl", (_case(case, told["brand"], now) for case in told["cases"]))


def _write(path: Path, rows: Iterator[Mapping[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")


def _customer(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "customer_id": row["id"],
        "name": row["name"],
        "emails": [row["email"]] if "email" in row else [],
        "phones": [row["phone"]] if "phone" in row else [],
        "handles": {},
        "city": row["city"],
        "region": None,
        "country": row["country"],
        "household_id": row.get("household"),
    }


def _case(row: Mapping[str, Any], brand: str, now: datetime) -> dict[str, Any]:
    opened = now - timedelta(days=row["days"])
    resolved = now - timedelta(days=row["resolved"]) if "resolved" in row else None
    writer = "agent" if row["channel"] == "phone" else "customer"
    messages = [{"at": opened, "author": writer, "text": row["text"]}]
    if resolved is not None:
        messages.append({"at": resolved, "author": "agent", "text": row["answer"]})
    return {
        "case_id": row["id"],
        "customer_id": row["customer"],
        "channel": row["channel"],
        "status": row.get("status", "open"),
        "team": row["team"],
        "brand": brand,
        "opened_at": opened.isoformat(),
        "updated_at": (resolved or opened).isoformat(),
        "resolved_at": None if resolved is None else resolved.isoformat(),
        "subject": row["subject"],
        "product": row["product"],
        "reference": row.get("reference"),
        "messages": [{**message, "at": message["at"].isoformat()} for message in messages],
    }


def config(**filled: object) -> str:
    """Give the brewery's ``config.yaml``; ``filled`` are DATABASE, X, SLACK, SMTP, PORT and LOG."""
    return Template(_CONFIG.read_text("utf-8")).substitute({name: str(value) for name, value in filled.items()})
