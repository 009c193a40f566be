"""The first line of an alert: what to do now, in at most 150 characters."""

from datetime import datetime

from crm.records import Case
from notifier.card import AlertKind, Note
from notifier.waiting import lasted

LIMIT = 150
_DO = {
    "email": "answer {who} by e-mail",
    "phone": "ring {who} back",
    "chat": "answer {who} in the chat",
    "in_person": "get in touch with {who}",
    "partner": "answer {who} through the partner",
}


def task(
    kind: AlertKind,
    shown: list[Case],
    who: str,
    poster: str,
    *,
    review: bool,
    cannot_tell: bool = False,
    sought: bool = True,
) -> str:
    """Return what is to be done, as a sentence without a full stop that starts in lower case.

    ``shown`` are the cases of the alert, best first; ``who`` is the first one's customer, ``poster`` the author.
    ``cannot_tell`` says that the post's language is not known, so that nobody knows whether it is a complaint;
    ``sought`` is false where linking is off for its source, so that no case was looked for.
    """
    if kind == "unlinked" or not shown:
        return _first_contact(_short(poster), cannot_tell, sought)
    case = _short(shown[0].case_id)
    if kind == "possible" and len(shown) > 1:
        return f"find out which of {len(shown)} cases this is about, if any; start with {case} of {_short(who)}"
    if kind == "possible":
        return f"find out whether this is about case {case} of {_short(who)}"
    answer = _DO[shown[0].channel].format(who=_short(who))
    return f"check that case {case} is meant, then {answer}" if review else f"{answer} about case {case}, not in public"


def _first_contact(poster: str, cannot_tell: bool, sought: bool) -> str:
    found = "no case was found behind it" if sought else "no case was looked for, since linking is off for its source"
    if cannot_tell:
        return f"look at this post by {poster}: its language is not known, and {found}"
    return f"look at this complaint by {poster}: {found}"


def headline(todo: str, state: str, note: Note, due_at: datetime, now: datetime) -> str:
    """Return the first line for an alert in this state; it starts with what is new."""
    if state == "done":
        return "Nothing more to do: this was answered"
    if state in {"closed", "dismissed"}:
        return "Nothing to do any more"
    if note == "reminder" and state == "open":
        return _cut(f"{_left(due_at, now)}, and nobody has taken this: {todo}")
    if note == "escalation" and state == "open":
        return _cut(f"Nobody has taken this in time: {todo}")
    return _cut(todo[:1].upper() + todo[1:])


def _left(due_at: datetime, now: datetime) -> str:
    return f"{lasted(due_at - now)} left" if due_at > now else f"{lasted(now - due_at)} over time"


def _short(text: str, limit: int = 40) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _cut(text: str) -> str:
    return _short(text, LIMIT)
