"""Patterns: the regular expressions of rules, by re2, whose time is linear in the text whatever the pattern."""

import re
from collections.abc import Sequence

import re2

from listener.fold import fold

_INSTEAD = {
    "(?=": "re2 has no look-ahead: match the text itself, or use near",
    "(?!": "re2 has no look-ahead: put what must not stand there into none",
    "(?<=": "re2 has no look-behind: match the text itself, or use near",
    "(?<!": "re2 has no look-behind: put what must not stand there into none",
    "(?>": "re2 has no atomic groups and needs none: write (?:...)",
    "(?P": "re2 has no backreference: write the alternatives out; a named group is (?P<name>...)",
    "\\Z": "write \\z for the end of the text",
}
_ADVICE = {
    "bad repetition operator": "{0} repeats a repetition: keep one of its signs",
    "no argument for repetition operator": "{0} has nothing before it to repeat: put \\ before it to mean it literally",
    "invalid repetition size": "{0} repeats more than 1000 times in all: write a smaller number",
    "missing )": "this bracket is never closed: add ), or write \\( to mean it literally",
    "unexpected )": "this bracket was never opened: remove it, or write \\) to mean it literally",
    "missing ]": "this bracket is never closed: add ], or write \\[ to mean it literally",
    "invalid character class range": "{0} is no range or class that re2 knows: write the lower end first",
}


class PatternError(ValueError):
    """A pattern cannot be used; the text names the place in it and says what to write instead."""


def compile_pattern(pattern: str) -> None:
    """Check one pattern; raises PatternError naming the character, counted from 1."""
    try:
        compiled = re2.compile(pattern, _options())
    except re2.error as error:
        raise PatternError(_explain(pattern, error.args[0])) from None
    except UnicodeEncodeError as error:
        raise PatternError(f"at character {error.start + 1}: half a character; write the whole one") from None
    if compiled.search("") is not None:
        raise PatternError("at character 1: it matches an empty text, so it would hear everything; demand something")


class Patterns:
    """Many patterns at once. Literals that a pattern needs are looked for first, in one pass (re2's FilteredRE2)."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._filter = re2.Filter()
        for pattern in patterns:
            self._filter.Add(pattern, _options())
        if patterns:
            self._filter.Compile()
        self._some = bool(patterns)

    def match(self, text: str) -> frozenset[int]:
        """Give the indexes of the patterns found in the text as it was written, or in its folded form."""
        if not self._some:
            return frozenset()
        found = self._search(text)
        if not text.isascii():
            found += self._search(fold(text))
        return frozenset(found)

    def _search(self, text: str) -> list[int]:
        return self._filter.Match(text.encode("utf-8", "replace")) or []


class PatternList:
    """Numbers patterns; the same one in several rules counts once."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def numbers(self, patterns: Sequence[str]) -> tuple[int, ...]:
        """Give the number of each pattern."""
        return tuple(self._numbers.setdefault(pattern, len(self._numbers)) for pattern in patterns)

    def build(self) -> Patterns:
        """Give them all, ready to match."""
        return Patterns(tuple(self._numbers))


def _options() -> re2.Options:
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.dot_nl = True
    return options


def _explain(pattern: str, reason: bytes) -> str:
    what, _, fragment = reason.decode("utf-8", "replace").partition(": ")
    start = _position(pattern, what, fragment)
    return f"at character {start + 1}: {_advice(pattern[start:], what, fragment)}"


def _advice(rest: str, what: str, fragment: str) -> str:
    known = max((key for key in _INSTEAD if rest.startswith(key)), key=len, default=None)
    if known:
        return _INSTEAD[known]
    if what == "invalid escape sequence" and fragment[1:2].isdigit():
        return f"re2 has no backreference such as {fragment}: write the alternatives out"
    if what in _ADVICE:
        return _ADVICE[what].format(fragment)
    return f"{what}: correct it, or put \\ before a sign that is meant literally"


def _position(pattern: str, what: str, fragment: str) -> int:
    """re2 quotes the place instead of counting to it, and quotes the whole pattern where a bracket is missing."""
    if what in ("missing )", "unexpected )", "missing ]"):
        return _odd_bracket(pattern)
    if fragment == "(?P" and "(?P=" in pattern:
        fragment = "(?P="
    places = [found.start() for found in re.finditer(re.escape(fragment), pattern) if fragment]
    return next((place for place in places if not _escaped(pattern, place)), 0)


def _escaped(pattern: str, place: int) -> bool:
    before = pattern[:place]
    return (len(before) - len(before.rstrip("\\"))) % 2 == 1


def _odd_bracket(pattern: str) -> int:
    """Give where the bracket stands that has no partner."""
    is_open: list[int] = []
    for found in re.finditer(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[\[()]", pattern, re.DOTALL):
        if found[0] in ("[", "("):
            is_open.append(found.start())
        elif found[0] == ")":
            if not is_open:
                return found.start()
            is_open.pop()
    return is_open[-1] if is_open else 0
