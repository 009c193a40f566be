"""One rule made ready: its terms as numbers of the lexicon, its conditions as sets."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

import msgspec

from listener.config import RuleConfig
from listener.fold import squeeze
from listener.lexicon import LexiconBuilder, Places, Span
from listener.near import distance

_RENAMED = {"in": "id", "iw": "he", "ji": "yi"}
_UNKNOWN = frozenset({"", "und", "zxx", "mul", "mis", "qam", "qct", "qht", "qme", "qst", "art"})


class Choice(msgspec.Struct, frozen=True):
    """Terms of which one is enough. ``numbers`` counts misspellings in; ``names`` are the terms as configured."""

    numbers: frozenset[int]
    names: tuple[str, ...]


class Pair(msgspec.Struct, frozen=True):
    """Two choices that have to stand within so many words."""

    one: Choice
    other: Choice
    within: int

    @property
    def numbers(self) -> frozenset[int]:
        """The terms whose every place matters."""
        return self.one.numbers | self.other.numbers

    def distance(self, text: str, places: Places) -> int | None:
        """Give how far apart the two stand in squeezed text; None where one is missing."""
        ones, others = _spans(self.one, places), _spans(self.other, places)
        return distance(text, ones, others) if ones and others else None


class CompiledRule(msgspec.Struct, frozen=True):
    """A rule over numbers. ``groups`` are necessary conditions, the sides of ``pairs`` included; see ``holds``."""

    config: RuleConfig
    groups: tuple[Choice, ...]
    banned: Choice
    pairs: tuple[Pair, ...]
    patterns: tuple[int, ...]
    names: tuple[tuple[str, tuple[int, ...]], ...]

    def near_holds(self, text: str, places: Places) -> bool:
        """Tell whether one of the pairs stands close enough, or none is asked for."""
        if not self.pairs:
            return True
        gaps = ((pair.distance(text, places), pair.within) for pair in self.pairs)
        return any(gap is not None and gap <= within for gap, within in gaps)

    def found(self, places: Places) -> tuple[str, ...]:
        """Name the terms of the rule that stand in the text, as configured, whatever spelling was met."""
        here = places.keys()
        return tuple([name for name, numbers in self.names if not here.isdisjoint(numbers)])


class _Chooser:
    """Turns groups of one rule's terms into choices, with the misspellings of that rule."""

    def __init__(self, lexicon: LexiconBuilder, misspellings: Mapping[str, Sequence[str]]) -> None:
        self._lexicon = lexicon
        self._variants = {squeeze(term): others for term, others in misspellings.items()}

    def choice(self, terms: Sequence[str]) -> Choice:
        return Choice(frozenset(number for term in terms for number in self.spellings(term)), tuple(terms))

    def spellings(self, term: str) -> tuple[int, ...]:
        number = self._lexicon.number(term)
        if not self._variants:
            return (number,)
        return (number, *map(self._lexicon.number, self._variants.get(squeeze(term), ())))


def compile_rule(config: RuleConfig, lexicon: LexiconBuilder, patterns: Sequence[int]) -> CompiledRule:
    """Make a rule ready; ``patterns`` are the numbers that its patterns have among all."""
    chooser = _Chooser(lexicon, config.misspellings)
    choices = [chooser.choice(group) for group in (config.any or (), *config.all) if group]
    pairs = tuple(
        Pair(chooser.choice(near.words[0]), chooser.choice(near.words[1]), near.within) for near in config.near
    )
    wanted = dict.fromkeys(term for group in (*choices, *_sides(pairs)) for term in group.names)
    return CompiledRule(
        config,
        groups=(*choices, *_sides(pairs)),
        banned=chooser.choice(config.none or ()),
        pairs=pairs,
        patterns=tuple(patterns),
        names=tuple((term, chooser.spellings(term)) for term in wanted),
    )


def _sides(pairs: Sequence[Pair]) -> tuple[Choice, ...]:
    """Whichever pair it is that stands close together, both its sides stand in the text."""
    return (_either([pair.one for pair in pairs]), _either([pair.other for pair in pairs])) if pairs else ()


def _either(choices: Sequence[Choice]) -> Choice:
    names = dict.fromkeys(name for choice in choices for name in choice.names)
    return Choice(frozenset().union(*(choice.numbers for choice in choices)), tuple(names))


def _spans(choice: Choice, places: Places) -> list[Span]:
    return [span for number in choice.numbers for span in places.get(number, ())]


@lru_cache(1_024)
def language(lang: str | None) -> str | None:
    """Give the primary subtag of a language as RFC 5646 names it today; None where a platform could not tell.

    X answers ``und``, ``zxx`` and private codes (``qme``, ``qht``, ...) for posts without words of their own.
    """
    code = (lang or "").replace("_", "-").partition("-")[0].casefold()
    return None if code in _UNKNOWN else _RENAMED.get(code, code)
