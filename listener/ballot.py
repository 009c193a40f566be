"""The boolean part of all rules at once: one bit a rule, one integer a term, so that 2,000 rules cost what 20 do."""

from collections.abc import Iterable, Sequence

from listener.compiled import CompiledRule, language


class Ballot:
    """Narrows all rules to those whose any, all, none and lang hold. Bit n stands for the n-th rule."""

    def __init__(self, rules: Sequence[CompiledRule]) -> None:
        columns = max((len(rule.groups) for rule in rules), default=0)
        self._exempt = [
            _mask(n for n, rule in enumerate(rules) if len(rule.groups) <= column) for column in range(columns)
        ]
        self._everyone = (1 << len(rules)) - 1
        self._votes: dict[int, list[tuple[int, int]]] = {}
        self._banned: dict[int, int] = {}
        self._any_language = _mask(n for n, rule in enumerate(rules) if not rule.config.lang)
        self._languages: dict[str, int] = {}
        self._count(rules)

    def standing(self, numbers: Iterable[int], lang: str | None) -> int:
        """Give the rules still standing, as bits, when these terms were found."""
        columns = self._exempt.copy()
        banned = 0
        for number in numbers:
            for column, rules in self._votes.get(number, ()):
                columns[column] |= rules
            banned |= self._banned.get(number, 0)
        standing = self._everyone & ~banned
        for rules in columns:
            standing &= rules
        return standing & self._speaking(lang) if standing else 0

    def _speaking(self, lang: str | None) -> int:
        code = language(lang)
        if code is None:
            return self._everyone
        return self._any_language | self._languages.get(code, 0)

    def _count(self, rules: Sequence[CompiledRule]) -> None:
        votes: dict[tuple[int, int], int] = {}
        for n, rule in enumerate(rules):
            for column, group in enumerate(rule.groups):
                for number in group.numbers:
                    votes[number, column] = votes.get((number, column), 0) | 1 << n
            for number in rule.banned.numbers:
                self._banned[number] = self._banned.get(number, 0) | 1 << n
            for code in {language(lang) or lang for lang in rule.config.lang}:
                self._languages[code] = self._languages.get(code, 0) | 1 << n
        for (number, column), mask in votes.items():
            self._votes.setdefault(number, []).append((column, mask))


def bits(mask: int) -> Iterable[int]:
    """Give the numbers of the bits that are set, lowest first."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


def _mask(numbers: Iterable[int]) -> int:
    return sum(1 << number for number in numbers)
