"""Times as foreign databases keep them: real times, ISO texts, or seconds or milliseconds since 1970."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Any

_MILLISECONDS = 100_000_000_000


def to_time(raw: Any, zone: tzinfo) -> datetime:
    """Give the time in UTC; ``zone`` is that of a time that names none. Raises ValueError where it is no time."""
    if isinstance(raw, str):
        raw = datetime.fromisoformat(raw.strip())
    if isinstance(raw, datetime):
        return (raw if raw.tzinfo else raw.replace(tzinfo=zone)).astimezone(UTC)
    if isinstance(raw, date):
        return datetime.combine(raw, time(), zone).astimezone(UTC)
    if isinstance(raw, (int, float, Decimal)) and not isinstance(raw, bool):
        seconds = float(raw)
        return datetime.fromtimestamp(seconds / (1000 if abs(seconds) > _MILLISECONDS else 1), UTC)
    raise ValueError(f"a {type(raw).__name__} is no time")


def earlier(raw: Any, by: timedelta) -> Any:
    """Give a value of the same form that the database sorts before all times later than ``raw`` less ``by``."""
    if isinstance(raw, str):
        return _earlier_text(raw.strip(), by)
    if isinstance(raw, (datetime, date)):
        return raw - by
    seconds = by.total_seconds() * (1000 if abs(raw) > _MILLISECONDS else 1)
    return type(raw)(raw - type(raw)(seconds))


def _earlier_text(text: str, by: timedelta) -> str:
    """Texts are compared letter by letter: keep the separator, and leave out all that follows the second."""
    moment = datetime.fromisoformat(text) - by
    if len(text) <= len("2026-03-01"):
        return moment.strftime("%Y-%m-%d")
    return moment.strftime(f"%Y-%m-%d{text[10]}%H:%M:%S")
