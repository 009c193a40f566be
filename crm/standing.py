"""Whether a case still waits for an answer, since when, and how long nobody has written."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from crm.records import Case, CaseMessage
from crm.wording import AUTOMATIC, CLAUSES, CONTENT, FAREWELL, GREETING, NOT_CONTENT, SAYS_NOTHING

_FEW_WORDS = 15
_CLOCKS_DIFFER = timedelta(minutes=2)  # a case is looked at once after each change, so that nobody would look again


def unresolved(case: Case, now: datetime | None = None) -> bool:
    """Say whether the customer is still owed an answer.

    True for an open or pending case, for one whose resolution lies after ``now`` by more than clocks differ, and for
    one that was closed though no agent ever wrote more than an acknowledgement, a promise or a closing notice, unless
    the customer ended it content.
    """
    if case.status in ("open", "pending"):
        return True
    if now is not None and case.resolved_at is not None and case.resolved_at > now + _CLOCKS_DIFFER:
        return True
    known = [message for message in case.messages if now is None or message.at <= now]
    return not (_ended_content(known) or any(substantive(message) for message in known))


def waiting_since(case: Case) -> datetime:
    """Give the time of the customer's first message that no substantive answer follows; else the case's opening."""
    waiting: datetime | None = None
    for message in sorted(case.messages, key=lambda message: message.at):
        if message.author == "customer":
            waiting = waiting or message.at
        elif substantive(message):
            waiting = None
    return waiting or case.opened_at


def quiet_for(case: Case, now: datetime) -> timedelta:
    """Give how long no agent has written anything, be it a mere promise; since the opening where none ever did."""
    written = [message.at for message in case.messages if message.author == "agent" and message.at <= now]
    return now - max(written, default=case.opened_at)


def substantive(message: CaseMessage) -> bool:
    """Say whether an agent wrote it and any clause of it is more than politeness, a promise or a notice."""
    if message.author != "agent":
        return False
    first, *rest = CLAUSES.split(FAREWELL.sub("", GREETING.sub("", message.text.strip())))
    return AUTOMATIC.search(first) is None and any(_says_something(clause) for clause in (first, *rest))


def _ended_content(messages: Sequence[CaseMessage]) -> bool:
    """Say whether the customer wrote again, and said at last, in few words, that all is well."""
    said = sorted((one for one in messages if one.author == "customer"), key=lambda one: one.at)
    if len(said) < 2 or len(said[-1].text.split()) > _FEW_WORDS or NOT_CONTENT.search(said[-1].text) is not None:
        return False
    return CONTENT.match(GREETING.sub("", said[-1].text.strip()).strip()) is not None


def _says_something(clause: str) -> bool:
    words = clause.strip(" .,:!?…-\t")
    return bool(words) and SAYS_NOTHING.match(words) is None and AUTOMATIC.search(words) is None
