"""How long a poster says to have been a customer: that is no age of the contact."""

import re

from matcher.folding import Word

_LONG = 180.0
"""In days: a customer for two weeks most likely wrote within them, and speaks of those."""
_REACH = 9
_CUSTOMER = (
    r"(?:customer|member|subscriber|kunde|kundin|stammkunde|stammkundin|mitglied|abonnent(?:in)?|cliente?|membre|abonnee?"
    r"|abonad[oa]|soci[oa]|assinante|abbonat[oa]|klant)"
)
_MANY = r"(?:customers|members|subscribers|kunden|clients|clientes|clienti|klanten)"
_NOT_SELF = r"(?:this|that|your|the|another|dieser|diesen|ce|este|questo|deze)"
_LINK = (
    r"(?:for|of|since|over|nearly|almost|about|around|more|than|the|last|past|here|yours|now|seit|schon|uber|fast|mehr"
    r"|als|depuis|plus|desde|hace|mas|que|da|piu|di|ha|mais|sinds|al|bijna|meer|dan"
    r"|(?:with|of|bei|chez|bij|von|van|de|di|da) \w+)"
)
_BEFORE = re.compile(
    rf"(?:(?:^|\b(?!{_NOT_SELF} )[\w']+ ){_CUSTOMER}|\b(?:been|are|as|loyal|sind|als|sommes|somos|siamo|zijn) {_MANY})"
    rf"(?: {_LINK})*$"
    rf"|(?:^|\b(?:i've|we've|ive|weve|i have|we have) (?:\w+ )?)been with(?: (?!for\b)\w+){{0,3}}(?: {_LINK})+$"
)
_BEHIND = re.compile(
    rf"(?:(?:as|being|of|of being) (?:an? )?|an? )(?:loyal )?(?:customer|member|subscriber|custom|loyalty)s?\b"
    rf"(?! (?:service|care|support|relations|of))"
    rf"|(?:(?:als|come|como|da|comme|en tant que) )?(?!customer|member){_CUSTOMER}\b"
)


def is_custom(found: list[Word], first: int, last: int, days: float) -> bool:
    """Whether the words from ``first`` to ``last`` say for how long somebody has been a customer."""
    if days < _LONG:
        return False
    before = " ".join(word.text for word in found[max(0, first - _REACH) : first])
    beside = last + 1 < len(found) and found[last + 1].start - found[last].end == 1
    behind = " ".join(word.text for word in found[last + 1 : last + 6]) if beside else ""
    return _BEFORE.search(before) is not None or _BEHIND.match(behind) is not None
