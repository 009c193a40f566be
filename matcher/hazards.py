"""What a post says that can hurt people: gas, fire, glass in food, brakes that fail."""

import re
from functools import cache

from matcher.clauses import UNLESS, alternatives, meant
from matcher.folding import fold

_HAZARD = "hazard"
_NAMED = re.compile(r"<(\w+)>")


def hazard(text: str) -> str:
    """Give the first words of a text that name a hazard; empty where none do."""
    danger, unless = _patterns()
    found = meant(fold(text), danger, unless)
    return found.group() if found else ""


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Give what is a hazard, and what takes it back; the words under a name stand for it in either."""
    known = alternatives("hazards.txt")
    filled = [_NAMED.sub(lambda name: f"(?:{known[name[1]]})", known[code]) for code in (_HAZARD, _HAZARD + UNLESS)]
    return re.compile(filled[0]), re.compile(filled[1])
