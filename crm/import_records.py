"""Turns rows into customers, cases and messages.

Columns of the files, the same in CSV and JSONL:

customers: customer_id, name; emails, phones, handles, city, region, country, household_id
cases: case_id, customer_id, channel, status, team, opened_at; updated_at, resolved_at, subject, product, reference,
brand, url, and in JSONL messages (a list of {at, author, text})
messages: case_id, at, author, text
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path
from typing import TypeVar

from crm.import_fields import Fields
from crm.import_files import Columns, Findings, Row, find, rows
from crm.records import Case, CaseMessage, Channel, ContactPoint, Customer, Status, Writer

_CUSTOMERS = Columns(
    ("customer_id", "name"), ("emails", "phones", "handles", "city", "region", "country", "household_id")
)
_CASES = Columns(
    ("case_id", "customer_id", "channel", "status", "team", "opened_at"),
    ("updated_at", "resolved_at", "subject", "product", "reference", "brand", "url", "messages"),
)
_MESSAGES = Columns(("case_id", "at", "author", "text"))
_COUNTRY = re.compile(r"[A-Z]{2}")

_Record = TypeVar("_Record")


@dataclass
class Parsed:
    """What the files hold. A case's customer carries only its id; ``silent`` cases say nothing of their messages."""

    customers: dict[str, Customer] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    messages: dict[str, list[CaseMessage]] = field(default_factory=lambda: defaultdict(list))
    places: dict[str, Row] = field(default_factory=dict)
    findings: Findings = field(default_factory=Findings)


def parse(folder: Path, zone: tzinfo | None) -> Parsed:
    """Read the folder's customers, cases and messages; whatever is wrong is among the findings."""
    parsed = Parsed()
    found = parsed.findings
    customers, cases, messages = (find(folder, kind, found) for kind in ("customers", "cases", "messages"))
    if not (customers or cases or messages or found.problems):
        found.problem(str(folder), 0, "no customers.csv, cases.csv or messages.csv (or .jsonl) is here")
    if customers:
        sound = _records(rows(customers, _CUSTOMERS, found), found, zone, _customer)
        for fields, customer in sound:
            _keep(parsed.customers, customer.customer_id, customer, fields, "customer_id", {})
    if cases:
        for fields, case in _records(rows(cases, _CASES, found), found, zone, _case):
            _keep(parsed.cases, case.case_id, case, fields, "case_id", parsed.places)
            if messages is None and fields.row.values.get("messages") is None:
                parsed.silent.add(case.case_id)
    if messages:
        for fields, (case_id, message) in _records(rows(messages, _MESSAGES, found), found, zone, _message):
            parsed.messages[case_id].append(message)
            parsed.places.setdefault(case_id, fields.row)
    return parsed


def _records(
    read: Iterable[Row], found: Findings, zone: tzinfo | None, make: Callable[[Fields], _Record]
) -> Iterable[tuple[Fields, _Record]]:
    for row in read:
        fields = Fields(row, found, zone)
        record = make(fields)
        if fields.sound:
            yield fields, record


def _keep(
    into: dict[str, _Record], ident: str, record: _Record, fields: Fields, column: str, places: dict[str, Row]
) -> None:
    if ident in into:
        fields.wrong(column, f"{ident!r} is here twice: the first is kept")
        return
    into[ident] = record
    places[ident] = fields.row


def _customer(fields: Fields) -> Customer:
    country = fields.maybe("country")
    if country is not None and not _COUNTRY.fullmatch(country.upper()):
        fields.wrong("country", f"{country!r} is no country: write its two letters, such as GB")
    return Customer(
        customer_id=fields.text("customer_id"),
        name=fields.text("name"),
        contacts=(
            *(ContactPoint("email", value) for value in fields.many("emails")),
            *(ContactPoint("phone", value) for value in fields.many("phones")),
            *(ContactPoint("handle", value.lstrip("@"), platform) for platform, value in fields.pairs("handles")),
        ),
        city=fields.maybe("city"),
        region=fields.maybe("region"),
        country=country and country.upper(),
        household_id=fields.maybe("household_id"),
    )


def _case(fields: Fields) -> Case:
    opened = fields.time("opened_at")
    resolved = fields.maybe_time("resolved_at")
    if resolved is not None and fields.sound and resolved < opened:
        fields.wrong("resolved_at", "this lies before opened_at")
    messages = _nested(fields)
    latest = max([opened, *([resolved] if resolved else []), *(message.at for message in messages)])
    return Case(
        case_id=fields.text("case_id"),
        customer=Customer(fields.text("customer_id"), ""),
        channel=fields.choice("channel", Channel),
        status=fields.choice("status", Status),
        team=fields.text("team"),
        opened_at=opened,
        updated_at=fields.maybe_time("updated_at") or latest,
        resolved_at=resolved,
        subject=fields.maybe("subject") or "",
        product=fields.maybe("product"),
        reference=fields.maybe("reference"),
        brand=fields.maybe("brand"),
        url=fields.maybe("url"),
        messages=tuple(messages),
    )


def _nested(fields: Fields) -> list[CaseMessage]:
    value = fields.row.values.get("messages")
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        fields.wrong("messages", "this must be a list of {at, author, text}")
        return []
    return [_said(fields.within(f"messages[{place}]", each)) for place, each in enumerate(value)]


def _message(fields: Fields) -> tuple[str, CaseMessage]:
    return fields.text("case_id"), _said(fields)


def _said(fields: Fields) -> CaseMessage:
    return CaseMessage(fields.time("at"), fields.choice("author", Writer), fields.text("text"))
