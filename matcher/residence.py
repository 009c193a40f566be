"""Which towns of a bio may be where its owner lives: not where they were born or studied, nor a club's or a dog's."""

import re

from matcher.clue import Clue
from matcher.folding import fold

_BEFORE = re.compile(
    r"(?:\b(?:born|raised|bred|studied|educated|trained|graduated|schooled|married) (?:and (?:bred|raised) )?"
    r"(?:in|at|from)|\b(?:grew up|grown up) in|\b(?:originally|formerly|once|exiled|escaped|moved) (?:of|from)|"
    r"\b(?:university|uni|college|school|bishop|duke|earl) of|\b(?:ac|fc|afc|as|rc|inter|sporting|borussia|ol)|"
    r"\b(?:olympique|roller|demolition)|"
    r"\bgebor(?:en|tig) (?:in|aus)|\bgeboren te|\bstudiert in|\bnee? a|\boriginaire de|\bnacid[oa] en|"
    r"\bestudi\w+ en|\bnascid[oa] em|\bnat[oa] a|\blove[sd]?|\bvisit(?:ed|ing)?|\bmissing|\bnot(?: from| in)?) $"
)
_AFTER = re.compile(
    r"^[ -](?:(?:city |town |united )?(?:fans?|supporters?|ultras?|season ticket|fc|afc|rfc)|terriers?|bulldogs?|"
    r"spaniels?|bulls?|united|rovers|wanderers|athletic|albion|hotspur|till i die|uni|university(?! hospital)|college|"
    r"school|grads?|graduates?|alum(?:n[aiu]s?)?|met|born and bred in|exile|expat|puddings?|pasty)\b"
)


def may_live_there(bio: str, town: Clue) -> bool:
    """Whether the words on either side of a town in a bio leave it open that its owner lives there."""
    return not _BEFORE.search(fold(bio[: town.start])) and not _AFTER.search(fold(bio[town.end :]))
