"""Lengths of time and moments in the words of a person."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def lasted(span: timedelta) -> str:
    """Return a length of time with its two largest units: ``9 days 4 h``, ``3 h 10 min``, ``25 min``."""
    seconds = max(int(span.total_seconds()), 0)
    if seconds < _MINUTE:
        return "under a minute"
    days, hours, minutes = seconds // _DAY, seconds % _DAY // _HOUR, seconds % _HOUR // _MINUTE
    if days >= 14:
        return f"{days} days"
    parts = (_days(days), hours and f"{hours} h") if days else (hours and f"{hours} h", minutes and f"{minutes} min")
    return " ".join(part for part in parts if part)


def at_clock(moment: datetime, timezone: str, beside: datetime) -> str:
    """Return a moment as on a wall clock, ``14:05``, with the date where it is not the day of ``beside``."""
    local, other = moment.astimezone(ZoneInfo(timezone)), beside.astimezone(ZoneInfo(timezone))
    clock = f"{local:%H:%M}"
    return clock if local.date() == other.date() else f"{clock} on {local.day} {local:%b}"


def _days(days: int) -> str:
    return f"{days} day" if days == 1 else f"{days} days"
