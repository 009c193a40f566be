"""The clock of an alert in one line: counted from what, and what happens when."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from notifier.waiting import at_clock, lasted


def until(alert: Row[Any], steps: Sequence[Row[Any]]) -> datetime:
    """Return the end that is still worth showing: the public's, or the escalation where that was over when we heard."""
    escalation = next((step.due_at for step in steps if step.name == "escalate"), alert.due_at)
    moment: datetime = escalation if alert.raised_at >= alert.due_at else alert.due_at
    return moment


def clock_line(alert: Row[Any], steps: Sequence[Row[Any]], timezone: str, now: datetime) -> str:
    """Return how an alert's time is counted; the end itself stands beside it as the card's deadline."""
    if alert.state == "taken":
        return "the clock has stopped, but answer by then if you can"
    if alert.state != "open":
        return ""
    counted = f"{_allowed(alert)} from the post at {at_clock(alert.clock_from, timezone, now)}"
    late = _late(alert, timezone)
    return "; ".join(part for part in (late or counted, _ahead(steps, timezone, now)) if part)


def _late(alert: Row[Any], timezone: str) -> str:
    """Say so where the post was heard late, for then the time was short or over before anybody could know."""
    if alert.raised_at < alert.due_at:
        return ""
    posted = at_clock(alert.clock_from, timezone, alert.raised_at)
    return f"heard late: the post is from {posted}, so its {_allowed(alert)} were over before we heard it"


def _allowed(alert: Row[Any]) -> str:
    """Give the time that the policy allows as people speak of it: 60 min, and not 1 h."""
    span = alert.due_at - alert.clock_from
    minutes = int(span.total_seconds() // 60)
    return f"{minutes} min" if minutes <= 90 else lasted(span)


def _ahead(steps: Sequence[Row[Any]], timezone: str, now: datetime) -> str:
    words = {"remind": "reminder", "escalate": "escalation"}
    due = [step for step in steps if step.state == "due" and step.due_at > now and step.name in words]
    if not due:
        return ""
    told = ", ".join(f"{words[step.name]} at {at_clock(step.due_at, timezone, now)}" for step in due)
    return f"unless somebody takes it: {told}"
