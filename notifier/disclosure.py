"""What must not be said, to whom, and what of our own copies must go: the poster may not be the customer."""

import re
import unicodedata
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
    "grandchild": "a grandchild of the customer",
    "sibling": "a brother or sister of the customer",
    "inlaw": "one of the customer's in-laws",
    "relative": "a relative of the customer",
    "friend": "a friend of the customer",
    "flatmate": "somebody who lives with the customer",
    "neighbour": "a neighbour of the customer",
    "colleague": "a colleague of the customer",
    "carer": "somebody who cares for the customer",
    "other": "somebody else who speaks for the customer",
}
RELATIONS = {"self": "the customer", **_RELATIONS}
"""Who a person may say that the poster is."""

_OWNER = {None, "", "self", "owner"}


def who_posted(relation: str | None, *, if_it_is: str = "") -> str:
    """Return who probably wrote the post, as a hypothesis; ``relation`` is the poster's to the customer.

    ``if_it_is`` names the case where it is a question still which case this is about: "this case".
    """
    if not relation:
        return "It is not known whether the poster is the customer."
    poster = f"If it is {if_it_is}, the poster" if if_it_is else "The poster"
    if relation in {"self", "owner"}:
        customer = "the customer themselves" if if_it_is else "the customer"
        return f"{poster} is probably {customer}, but nobody has checked that."
    return f"{poster} is probably not the customer: this reads like {_RELATIONS.get(relation, _other(relation))}."


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


_NAMELESS = {
    "kin_household": "the poster may be somebody else of the customer's household",
    "kin_confirmed": "somebody confirmed before that this handle posts for the customer",
    "kin_poster_named": "the case names somebody whose name fits the poster",
    "handle_confirmed": "somebody confirmed before that this handle is the customer's",
}
"""What is said instead of evidence that names others than the customer: it needs no name."""

_OF_A_PERSON = ("name_", "given_", "initials_", "handle_", "kin_", "third_", "self_")
_NAME_PARTS = 8


def hide_names(text: str, names: Iterable[str]) -> str:
    """Return the text with every part of the names reduced to its initial."""
    for name in dict.fromkeys(spelling for each in names for spelling in (each, _unaccented(each))):
        parts = name.split()
        if parts:
            whole = r"\s+".join(re.escape(part) for part in parts)
            text = re.sub(rf"(?<!\w){whole}(?!\w)", initials(name), text, flags=re.IGNORECASE)
        for part in dict.fromkeys((*parts, *re.findall(r"\w{2,}", name))):
            if len(part) > 1:
                text = re.sub(rf"(?<!\w){re.escape(part)}(?!\w)", _initial, text, flags=re.IGNORECASE)
    return text


def hide_in_evidence(
    lines: Iterable[EvidenceLine], names: Iterable[str], poster: str | None = None
) -> tuple[EvidenceLine, ...]:
    """Return evidence whose sentences name nobody in full.

    ``names`` are customers'; the name of the ``poster`` is hidden where a sentence holds it against the customer's.
    """
    known = tuple(names)
    return tuple(msgspec.structs.replace(line, sentence=_nameless(line, known, poster or "")) for line in lines)


def _nameless(line: EvidenceLine, names: tuple[str, ...], poster: str) -> str:
    if line.sentence and line.code in _NAMELESS:
        return _NAMELESS[line.code]
    hidden = hide_names(line.sentence, names)
    return _hide_poster(hidden, poster) if line.code.startswith(_OF_A_PERSON) else hidden


def _hide_poster(text: str, poster: str) -> str:
    """Hide the parts of a display name where they are written as names: it may hold words such as "the" or "can"."""
    for part in re.findall(r"[^\W\d_]{2,}", poster)[:_NAME_PARTS]:
        spellings = f"{re.escape(part.capitalize())}|{re.escape(part.upper())}"
        text = re.sub(rf"(?<!\w)(?:{spellings})(?!\w)", _initial, text)
    return text


def _initial(found: re.Match[str]) -> str:
    return f"{found[0][0].upper()}."


def _unaccented(name: str) -> str:
    """Return a name without accents, as evidence may quote it."""
    return "".join(letter for letter in unicodedata.normalize("NFKD", name) if not unicodedata.combining(letter))


def forget_post(post: PostLine) -> PostLine:
    """Return what may stay of a post that its platform has removed: when it was, and that it is gone."""
    return PostLine(platform=post.platform, handle="deleted", text=GONE, posted_at=post.posted_at)
