"""All spellings of all rules in one automaton, and where they stand in a text."""

from collections.abc import Iterable, Mapping

from ahocorasick_rs import AhoCorasick

from listener.terms import Term, parse_term

Span = tuple[int, int]
Places = Mapping[int, list[Span]]
"""Where spellings stand in squeezed text, by their number in the lexicon."""


class LexiconBuilder:
    """Numbers spellings; two that fold alike are one."""

    def __init__(self) -> None:
        self._terms: list[Term] = []
        self._numbers: dict[str, int] = {}
        self._known: dict[str, int] = {}

    def number(self, text: str) -> int:
        """Give the number of a spelling; raises TermError."""
        known = self._known.get(text)
        if known is not None:
            return known
        term = parse_term(text)
        number = self._numbers.setdefault(term.folded, len(self._terms))
        if number == len(self._terms):
            self._terms.append(term)
        self._known[text] = number
        return number

    def build(self) -> "Lexicon":
        """Give the finished lexicon."""
        return Lexicon(tuple(self._terms))


class Lexicon:
    """Finds every spelling, also those that overlap or begin alike, in one pass over the text."""

    def __init__(self, terms: tuple[Term, ...]) -> None:
        self.terms = terms
        self._find = AhoCorasick([term.folded for term in terms], store_patterns=False).find_matches_as_indexes

    def places(self, text: str, *, every: Iterable[int] = ()) -> dict[int, list[Span]]:
        """Give where spellings stand in squeezed text: all places of those in ``every``, the first of the others."""
        wanted = frozenset(every)
        found: dict[int, list[Span]] = {}
        terms = self.terms
        for number, start, end in self._find(text, True):
            if number in found and number not in wanted:
                continue
            if terms[number].stands(text, start, end):
                found.setdefault(number, []).append((start, end))
        return found
