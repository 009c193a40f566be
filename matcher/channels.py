"""How a poster says they reached the company before, whether they did, and signs that the matter is a new one."""

import re
from functools import cache

from matcher.clauses import UNLESS, alternatives, meant
from matcher.clue import Clue
from matcher.folding import fold


@cache
def patterns() -> dict[str, re.Pattern[str]]:
    """Give the pattern of every cue by its code, and by ``code unless`` that of clauses in which it is not meant.

    In the latter ``~`` stands for the cue itself.
    """
    return {code: re.compile(expression) for code, expression in alternatives("cues.txt").items()}


def cues(text: str) -> list[Clue]:
    """Give the cues of a text: channels named, earlier contact, and signs of a fresh, other or settled matter."""
    folded = fold(text)
    known = patterns()
    codes = (code for code in known if not code.endswith(UNLESS))
    found = ((code, meant(folded, known[code], known.get(code + UNLESS))) for code in codes)
    return [Clue(code, match.group(), match.start(), match.end()) for code, match in found if match is not None]
