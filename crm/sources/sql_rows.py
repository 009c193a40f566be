"""Turns a foreign database's rows into our records."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, get_args
from zoneinfo import ZoneInfo

from crm.config import SqlCrmConfig
from crm.records import Case, CaseMessage, Channel, ContactKind, ContactPoint, Customer, Status, Writer
from crm.source import CrmError
from crm.sources.sql_moment import to_time

_WORDS: dict[str, tuple[str, ...]] = {
    "channel": get_args(Channel),
    "status": get_args(Status),
    "author": get_args(Writer),
    "contact": get_args(ContactKind),
}

Values = Mapping[str, Any]


class Rows:
    """Knows the configuration's words, defaults and time zone."""

    def __init__(self, config: SqlCrmConfig) -> None:
        self._config = config
        self._zone = ZoneInfo(config.timezone)
        self._words: dict[str, Mapping[str, str]] = {kind: getattr(config.values, kind) for kind in _WORDS}

    def time(self, raw: Any) -> datetime:
        """Give a time in UTC; raises ValueError."""
        return to_time(raw, self._zone)

    def word(self, kind: str, raw: Any) -> Any:
        """Give our word for the CRM's; raises CrmError where ``values`` does not say what it means."""
        said = _text(raw).lower()
        words = self._words[kind]
        if said in words:
            return words[said]
        if said in _WORDS[kind]:
            return said
        if "*" in words:
            return words["*"]
        choices = ", ".join(_WORDS[kind])
        raise CrmError(f"crm.values.{kind}: the CRM says {said!r}: write {said or '...'}: with one of {choices}")

    def case(self, row: Values, customer: Customer, messages: Sequence[CaseMessage]) -> Case:
        """Give a case; raises ValueError where a time is none, and CrmError for an unknown word."""
        case_id = _text(row["case_id"])
        opened = self.time(row["opened_at"])
        defaults = self._config.defaults
        return Case(
            case_id=case_id,
            customer=customer,
            channel=defaults.channel
            if defaults.channel and not row.get("channel")
            else self.word("channel", row["channel"]),
            status=self.word("status", row["status"]),
            team=_text(row.get("team")) or defaults.team or "",
            opened_at=opened,
            updated_at=opened if row["updated_at"] is None else self.time(row["updated_at"]),
            resolved_at=None if row.get("resolved_at") in (None, "") else self.time(row["resolved_at"]),
            subject=_text(row.get("subject")),
            product=_text(row.get("product")) or None,
            reference=_text(row.get("reference")) or None,
            brand=_text(row.get("brand")) or None,
            url=self._config.case_url and self._config.case_url.replace("{case_id}", case_id),
            messages=tuple(messages),
        )

    def customer(self, row: Values, further: Sequence[ContactPoint]) -> Customer:
        """Give a customer, contact points of a table of their own last and none twice."""
        points = [*_points(row), *further]
        return Customer(
            customer_id=_text(row["customer_id"]),
            name=" ".join(filter(None, (_text(value) for _, value in _several(row, "name")))),
            contacts=tuple(dict.fromkeys(points)),
            city=_text(row.get("city")) or None,
            region=_text(row.get("region")) or None,
            country=_text(row.get("country")).upper() or None,
            household_id=_text(row.get("household_id")) or None,
        )

    def contact(self, row: Values) -> ContactPoint | None:
        """Give a contact point, or None where it holds nothing."""
        value = _text(row["value"])
        kind = self.word("contact", row["kind"])
        platform = _text(row.get("platform")).lower() or None
        return ContactPoint(kind, value, platform if kind == "handle" else None) if value else None

    def message(self, row: Values) -> CaseMessage:
        """Give a message; raises ValueError where its time is none, and CrmError for an unknown author."""
        return CaseMessage(self.time(row["at"]), self.word("author", row["author"]), _text(row["text"]))


def _points(row: Values) -> list[ContactPoint]:
    found = [ContactPoint("email", _text(value)) for _, value in _several(row, "emails")]
    found += [ContactPoint("phone", _text(value)) for _, value in _several(row, "phones")]
    found += [
        ContactPoint("handle", _text(value).lstrip("@"), platform) for platform, value in _several(row, "handles")
    ]
    return [point for point in found if point.value]


def _several(row: Values, kind: str) -> list[tuple[str, Any]]:
    return [(name.partition(":")[2], value) for name, value in row.items() if name.partition(":")[0] == kind]


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()
