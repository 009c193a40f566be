"""Takes the values of one row, column by column, and notes what each should have been."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any, TypeVar, get_args

from crm.import_files import Findings, Row
from crm.spelling import did_you_mean

_Choice = TypeVar("_Choice", bound=str)


class Fields:
    """The values of one row; ``sound`` turns False with the first problem, and the row is then left out.

    ``zone`` is the time zone of times that name none; without it such a time is a problem.
    """

    def __init__(self, row: Row, findings: Findings, zone: tzinfo | None = None) -> None:
        self.row = row
        self.sound = True
        self._findings = findings
        self._zone = zone
        self._prefix = ""
        self._outer: Fields | None = None

    def within(self, place: str, values: Mapping[str, Any]) -> "Fields":
        """Give the fields of an object inside this row; its problems are the row's."""
        inner = Fields(Row(self.row.file, self.row.line, values), self._findings, self._zone)
        inner._prefix = f"{place}."
        inner._outer = self
        return inner

    def wrong(self, column: str, message: str) -> None:
        """Note a problem with a column of this row."""
        self.sound = False
        if self._outer is not None:
            self._outer.sound = False
        self._findings.problem(self.row.file, self.row.line, message, self._prefix + column)

    def maybe(self, column: str) -> str | None:
        """Give a text or None; a number is taken as it is written."""
        value = self.row.values.get(column)
        if isinstance(value, str) and "\x00" in value:
            self.wrong(column, "a NUL character is in this text: no database takes it")
            return None
        if value is None or isinstance(value, str):
            return value or None
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return str(value)
        self.wrong(column, f"a {_kind(value)} where a text belongs")
        return None

    def text(self, column: str) -> str:
        """Give a text that must be there."""
        before = self.sound
        value = self.maybe(column)
        if value is None and self.sound == before:
            self.wrong(column, "this must not be empty")
        return value or ""

    def choice(self, column: str, of: Any) -> Any:
        """Give one of the words of a Literal type."""
        words = get_args(of)
        value = self.text(column)
        if value in words:
            return value
        if value:
            self.wrong(column, f"{value!r} is none of {', '.join(words)}{did_you_mean(value, words)}")
        return words[0]

    def maybe_time(self, column: str) -> datetime | None:
        """Give a time in UTC, or None."""
        value = self.maybe(column)
        if value is None:
            return None
        try:
            time = datetime.fromisoformat(value)
        except ValueError:
            self.wrong(column, f"{value!r} is no time: write it as 2026-03-01T14:50:00Z")
            return None
        if time.tzinfo is None and self._zone is None:
            self.wrong(column, f"{value!r} names no time zone: write it as 2026-03-01T14:50:00Z")
            return None
        return (time if time.tzinfo else time.replace(tzinfo=self._zone)).astimezone(UTC)

    def time(self, column: str) -> datetime:
        """Give a time in UTC that must be there."""
        before = self.sound
        value = self.maybe_time(column)
        if value is None and self.sound == before:
            self.wrong(column, "this must not be empty")
        return value or datetime.min.replace(tzinfo=UTC)

    def many(self, column: str) -> tuple[str, ...]:
        """Give several texts: a JSON list, or ``one; two`` in one cell."""
        value = self.row.values.get(column)
        if value is None:
            return ()
        if isinstance(value, str):
            return _cut(value)
        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            return tuple(each.strip() for each in value if each.strip())
        listed = isinstance(value, list)
        self.wrong(column, "each entry must be a text" if listed else f"a {_kind(value)} where a list belongs")
        return ()

    def pairs(self, column: str) -> tuple[tuple[str, str], ...]:
        """Give names with values: a JSON object, or ``x: ann; reddit: ann_b`` in one cell."""
        value = self.row.values.get(column)
        if value is None:
            return ()
        if isinstance(value, str):
            value = dict(self._pair(column, each) for each in _cut(value))
        if isinstance(value, Mapping) and all(isinstance(each, str) for each in value.values()):
            return tuple((name.strip().lower(), each.strip()) for name, each in value.items() if each.strip())
        self.wrong(column, f"a {_kind(value)} where names with values belong")
        return ()

    def _pair(self, column: str, text: str) -> tuple[str, str]:
        name, colon, value = text.partition(":")
        if not colon:
            self.wrong(column, f"{text!r} names no platform: write it as x: {text}")
        return name, value


def _cut(cell: str) -> tuple[str, ...]:
    return tuple(filter(None, (each.strip() for each in cell.split(";"))))


def _kind(value: Any) -> str:
    names: Iterable[tuple[type, str]] = ((bool, "yes or no"), (list, "list"), (dict, "object"))
    return next((name for kind, name in names if isinstance(value, kind)), "number")
