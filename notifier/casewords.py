"""One case in words: how to answer it, where it came from, and what to call its customer."""

from crm.records import Case

CHANNELS = {"email": "e-mail", "phone": "phone", "chat": "chat", "in_person": "in-person", "partner": "partner"}
_CONTACTS = {
    "email": "answer {who} by e-mail, in the thread of case {case}",
    "phone": "ring {who} back on the number in case {case}",
    "chat": "answer {who} in the chat of case {case}",
    "in_person": "reach {who} by the contact details in case {case}",
    "partner": "answer {who} through the partner who opened case {case}",
}


def how_to_answer(case: Case, who: str) -> str:
    """Return whom to contact and how: "answer Mark Harlow by e-mail, in the thread of case LK-1"."""
    return _CONTACTS[case.channel].format(who=who, case=case.case_id)


def channel_word(case: Case) -> str:
    """Return where the case came from, as an adjective: "e-mail"."""
    return CHANNELS[case.channel]


def called(case: Case, *, full: bool) -> str:
    """Return what to call the customer: the name, the initials where the reader may not see it, else a plain word."""
    name = " ".join(case.customer.name.split())
    if not name:
        return "the customer"
    return name if full else initials(name)


def initials(name: str) -> str:
    """Return the initials of a name: ``Mark Harlow`` becomes ``M. H.``."""
    return " ".join(f"{part[0].upper()}." for part in name.split() if part[0].isalnum()) or "the customer"
