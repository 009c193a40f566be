"""How a poster says they reached the company before, whether they did, and signs that the matter is a new one."""

import re
from functools import cache

from matcher.clue import Clue
from matcher.folding import fold
from matcher.shelf import lines

_ENDS = re.compile(r"[.!?;:\n]+|\b(?:but|aber|mais|pero|mas|ma|maar)\b")
_CLAUSE = 120
_UNLESS = " unless"


@cache
def patterns() -> dict[str, re.Pattern[str]]:
    """Give the pattern of every cue by its code, and by ``code unless`` that of clauses in which it is not meant.

    In the latter ``~`` stands for the cue itself.
    """
    alternatives: dict[str, list[str]] = {}
    for line in lines("cues.txt"):
        code, _, expression = line.partition(": ")
        alternatives.setdefault(code, []).append(expression)
    return {code: re.compile("|".join(expressions)) for code, expressions in alternatives.items()}


def cues(text: str) -> list[Clue]:
    """Give the cues of a text: channels named, earlier contact, and signs of a fresh, other or settled matter."""
    folded = fold(text)
    known = patterns()
    codes = (code for code in known if not code.endswith(_UNLESS))
    found = ((code, _meant(folded, known[code], known.get(code + _UNLESS))) for code in codes)
    return [Clue(code, match.group(), match.start(), match.end()) for code, match in found if match is not None]


def _meant(folded: str, cue: re.Pattern[str], unless: re.Pattern[str] | None) -> re.Match[str] | None:
    """Give the first place of a cue whose clause does not take it back."""
    if unless is None:
        return cue.search(folded)
    return next((match for match in cue.finditer(folded) if not unless.search(_clause(folded, match))), None)


def _clause(folded: str, match: re.Match[str]) -> str:
    """Give the clause around a cue, with the mark that ends it and ``~`` in place of the cue."""
    before = _ENDS.split(folded[max(match.start() - _CLAUSE, 0) : match.start()])[-1]
    after = folded[match.end() : match.end() + _CLAUSE]
    end = _ENDS.search(after)
    return f"{before}~{after[: end.end()] if end else after}"
