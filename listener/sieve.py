"""The sieve: lets through every text that some rule may hit, and few others, without folding most of them.

Of each rule it looks for the rarest group of terms alone, so that common words ("can", "order") cost nothing until a
brand's own name has been seen. Of each term it looks for the longest stretch that no folding of punctuation touches.
"""

import re
from collections.abc import Iterable

from ahocorasick_rs import BytesAhoCorasick

from listener.compiled import CompiledRule
from listener.fold import joins, sift
from listener.lexicon import Lexicon
from listener.terms import Term

_ALNUM = frozenset(b"0123456789abcdefghijklmnopqrstuvwxyz")
_WORDS = re.compile(r"(?:^[@#])?\w+(?: \w+)*")
_SYMBOLS = re.compile(r"[^\x00-\x7f\s]+")
_WHITE = b"\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f"
_SPACES = bytes.maketrans(_WHITE, b" " * len(_WHITE))
_UNEVEN = (b"  ", *(bytes([char]) for char in _WHITE))
_RARER_PER_LETTER = 0.6


def key(term: Term) -> str:
    """Give the longest words of a term without other punctuation between them; symbols without letters are their own.

    A text without the key cannot hold the term.
    """
    if term.folded.isalnum():
        return term.folded
    stretches: list[str] = _WORDS.findall(term.folded) or _SYMBOLS.findall(term.folded)
    return max(stretches, key=len)


class Sieve:
    """Passes a text in which one of the terms may stand; may pass others, never stops one that holds a term.

    Where a key is a phrase, the automaton looks for uneven white space too, and only a text with some is evened out.
    """

    def __init__(self, terms: Iterable[Term]) -> None:
        keys = sorted(set(map(key, terms)))
        uneven = _UNEVEN if any(" " in key for key in keys) else ()
        self._count = len(keys)
        self._left = tuple(key[0] in "@#" or joins(key[0]) for key in keys)
        self._right = tuple(joins(key[-1]) for key in keys)
        self._find = BytesAhoCorasick([*(key.encode() for key in keys), *uneven]).find_matches_as_indexes

    def passes(self, text: str) -> bool:
        """Tell whether the exact rules have to look at the text."""
        data = text.lower().encode() if text.isascii() else sift(text)
        found = self._find(data, True)
        return bool(found) and self._stands(data, found)

    def _stands(self, data: bytes, found: list[tuple[int, int, int]]) -> bool:
        uneven = False
        for number, start, end in found:
            if number >= self._count:
                uneven = True
            elif start and self._left[number] and data[start - 1] in _ALNUM:
                continue
            elif end == len(data) or not self._right[number] or data[end] not in _ALNUM:
                return True
        return uneven and self._stands_in(even(data))

    def _stands_in(self, evened: bytes) -> bool:
        return self._stands(evened, self._find(evened, True))


def even(data: bytes) -> bytes:
    """Leave one space between words; unlike ``bytes.split`` alone, this knows all white space that str does."""
    return b" ".join(data.translate(_SPACES).split())


def rarest(rule: CompiledRule, lexicon: Lexicon) -> list[Term]:
    """Give the terms of the group that posts probably hold least often; none for a rule of patterns alone."""
    groups = [[lexicon.terms[number] for number in group.numbers] for group in rule.groups]
    return min(groups, key=frequency) if len(groups) > 1 else groups[0] if groups else []


def frequency(terms: Iterable[Term]) -> float:
    """Guess how often one of the terms stands in posts, by their length alone; only the order of guesses counts."""
    return sum(_RARER_PER_LETTER ** len(term.folded) * (0.1 if term.folded[0] in "@#" else 1) for term in terms)
