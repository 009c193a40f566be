"""How a poster says they reached the company before, whether they did, and signs that the matter is a new one."""

import re
from functools import cache

from matcher.clue import Clue
from matcher.folding import fold
from matcher.shelf import lines


@cache
def patterns() -> dict[str, re.Pattern[str]]:
    """Give the pattern of every cue by its code."""
    alternatives: dict[str, list[str]] = {}
    for line in lines("cues.txt"):
        code, _, expression = line.partition(": ")
        alternatives.setdefault(code, []).append(expression)
    return {code: re.compile("|".join(expressions)) for code, expressions in alternatives.items()}


def cues(text: str) -> list[Clue]:
    """Give the cues of a text: channels named, earlier contact, and signs of a fresh, other or settled matter."""
    folded = fold(text)
    found = ((code, pattern.search(folded)) for code, pattern in patterns().items())
    return [Clue(code, match.group(), match.start(), match.end()) for code, match in found if match is not None]
