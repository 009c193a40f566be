"""Lists of patterns over folded text, with what takes a place back in its clause."""

import re
from collections.abc import Iterator

from matcher.shelf import lines

_ENDS = re.compile(r"[.!?;:\n]+|\b(?:but|aber|mais|pero|mas|ma|maar)\b")
_CLAUSE = 120
UNLESS = " unless"


def alternatives(name: str) -> dict[str, str]:
    """Give the pattern of each code of a shipped list: its lines are alternatives."""
    found: dict[str, list[str]] = {}
    for line in lines(name):
        code, _, expression = line.partition(": ")
        found.setdefault(code, []).append(expression)
    return {code: "|".join(expressions) for code, expressions in found.items()}


def meant(folded: str, cue: re.Pattern[str], unless: re.Pattern[str] | None) -> re.Match[str] | None:
    """Give the first place of a cue whose clause does not take it back; ``~`` stands for the cue in ``unless``."""
    places: Iterator[re.Match[str]] = cue.finditer(folded)
    return next((match for match in places if unless is None or not unless.search(_clause(folded, match))), None)


def _clause(folded: str, match: re.Match[str]) -> str:
    """Give the clause around a cue, with the mark that ends it and ``~`` in place of the cue."""
    before = _ENDS.split(folded[max(match.start() - _CLAUSE, 0) : match.start()])[-1]
    after = folded[match.end() : match.end() + _CLAUSE]
    end = _ENDS.search(after)
    return f"{before}~{after[: end.end()] if end else after}"
