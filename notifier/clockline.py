"""The clock of an alert in one line: counted from what, and what happens when."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from notifier.waiting import at_clock, lasted


def clock_line(alert: Row[Any], steps: Sequence[Row[Any]], timezone: str, now: datetime) -> str:
    """Return how an alert's time is counted; the end itself stands beside it as the card's deadline."""
    if alert.state == "taken":
        return "somebody is on it, so nothing more is due"
    if alert.state != "open":
        return ""
    allowed = lasted(alert.due_at - alert.clock_from)
    counted = f"{allowed} from the post at {at_clock(alert.clock_from, timezone, now)}"
    late = _late(alert, timezone)
    return "; ".join(part for part in (late or counted, _ahead(steps, timezone, now)) if part)


def _late(alert: Row[Any], timezone: str) -> str:
    """Say so where the post was heard late, for then the time was short or over before anybody could know."""
    if alert.raised_at < alert.due_at:
        return ""
    posted = at_clock(alert.clock_from, timezone, alert.raised_at)
    allowed = lasted(alert.due_at - alert.clock_from)
    return f"heard late: the post is from {posted}, so its {allowed} were over before we heard it"


def _ahead(steps: Sequence[Row[Any]], timezone: str, now: datetime) -> str:
    words = {"remind": "reminder", "escalate": "escalation"}
    due = [step for step in steps if step.state == "due" and step.due_at > now and step.name in words]
    if not due:
        return ""
    told = ", ".join(f"{words[step.name]} at {at_clock(step.due_at, timezone, now)}" for step in due)
    return f"unless somebody takes it: {told}"
