"""What must not be said, to whom, and what of our own copies must go: the poster may not be the customer."""

import re
from collections.abc import Iterable

import msgspec

from notifier.card import EvidenceLine, PostLine
from notifier.casewords import initials

GONE = "[deleted on its platform]"
_RELATIONS = {
    "spouse": "the customer's husband, wife or partner",
    "partner": "the customer's partner",
    "child": "a son or daughter of the customer",
    "parent": "a parent of the customer",
    "grandparent": "a grandparent of the customer",
    "sibling": "a brother or sister of the customer",
    "friend": "a friend of the customer",
    "flatmate": "somebody who lives with the customer",
    "neighbour": "a neighbour of the customer",
    "colleague": "a colleague of the customer",
    "carer": "somebody who cares for the customer",
}
RELATIONS = {"self": "the customer", **_RELATIONS}
"""Who a person may say that the poster is."""

_OWNER = {None, "", "self", "owner"}


def who_posted(relation: str | None) -> str:
    """Return who probably wrote the post, as a hypothesis; ``relation`` is the poster's to the customer."""
    if relation in {"self", "owner"}:
        return "The poster is probably the customer, but nobody has checked that."
    if not relation:
        return "It is not known whether the poster is the customer."
    return f"The poster is probably not the customer: this reads like {_RELATIONS.get(relation, _other(relation))}."


def _other(relation: str) -> str:
    return f"somebody close to the customer ({relation.replace('_', ' ')})"


def about_one_case(handle: str, who: str, relation: str | None) -> tuple[str, ...]:
    """Return what must not be said when one case is named. ``who`` is the customer, ``handle`` the poster."""
    if relation in _OWNER:
        first = f"Do not confirm to {handle} that there is a case, not even in a direct message: it may not be {who}."
    else:
        first = f"Tell {handle} nothing about the case, not even that there is one: it belongs to {who}."
    return (first, *_ALWAYS)


def about_several_cases(handle: str) -> tuple[str, ...]:
    """Return what must not be said when several cases are offered and none is sure."""
    return (f"Do not tell {handle} that any of these cases exists: most of them belong to other people.", *_ALWAYS)


def about_no_case(handle: str) -> tuple[str, ...]:
    """Return what must not be said when no case was found."""
    return (
        f"Nobody knows who {handle} is: mention no order, name or address under the post.",
        "If details are needed, ask for them by private message or e-mail.",
    )


_ALWAYS = (
    "Under the post, say nothing of the customer, the order, the case or what was written in it.",
    "Answer only through the contact details in the case, never through the account that posted.",
)


def hide_names(text: str, names: Iterable[str]) -> str:
    """Return the text with every part of the names reduced to its initial."""
    for name in names:
        text = re.sub(re.escape(name), initials(name), text, flags=re.IGNORECASE)
        for part in (part for part in name.split() if len(part) > 1):
            text = re.sub(rf"(?<!\w){re.escape(part)}(?!\w)", f"{part[0].upper()}.", text, flags=re.IGNORECASE)
    return text


def hide_in_evidence(lines: tuple[EvidenceLine, ...], names: Iterable[str]) -> tuple[EvidenceLine, ...]:
    """Return evidence whose sentences name nobody in full."""
    known = tuple(names)
    return tuple(msgspec.structs.replace(line, sentence=hide_names(line.sentence, known)) for line in lines)


def forget_post(post: PostLine) -> PostLine:
    """Return what may stay of a post that its platform has removed: when it was, and that it is gone."""
    return PostLine(platform=post.platform, handle="deleted", text=GONE, posted_at=post.posted_at)
