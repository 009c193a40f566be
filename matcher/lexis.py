"""Which of the model's languages a word belongs to: what a few words say, and whether a text is in any of them."""

import re
from collections.abc import Mapping
from functools import cache
from itertools import islice
from typing import NamedTuple, Self
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from matcher.folding import fold
from matcher.heads import LANGUAGES
from matcher.shelf import DATA

OTHER = "other"
"""Stands for an everyday word of a language that the model does not know."""
RARE = "rare"
"""Stands for a word of another language that English may have too, as a name or a rare one."""
COLUMNS = (*LANGUAGES, OTHER, RARE)

_WORD = re.compile(r"(?<!#)\b[^\W\d_]{2,}(?:['’][^\W\d_]+)*")
_STRANGE = re.compile("[\u0100-\u0151\u0154-\u024f\u1e00-\u1eff]")
_RARE_COUNTS = 0.5
_MOST_READ = 16
_BITS = 4
_SHIFTS = np.arange(0, _BITS * len(COLUMNS), _BITS, dtype=np.uint64)
_STRANGE_LEVELS = 1 << _BITS * COLUMNS.index(OTHER)
HIGHEST = (1 << _BITS) - 1
"""The highest level of a word in a language."""


class Counted(NamedTuple):
    """How many different ``words`` a text has, how many each language knows, and how ``common`` they are there."""

    words: int
    known: dict[str, float]
    common: dict[str, float]


class Lexis:
    """The words of seven languages as numbers, each with its level in each: 0 unknown, 1 listed, above that common."""

    def __init__(self, codes: NDArray[np.uint32], levels: NDArray[np.uint64]) -> None:
        """Take the codes of words in rising order, and the levels of each in one number (see ``packed``)."""
        self._codes = codes
        self._levels = levels

    @classmethod
    def load(cls) -> Self:
        """Read the shipped list, which ``python -m training.build_lexis`` makes."""
        with np.load(DATA / "lexis.npz", allow_pickle=False) as stored:
            return cls(stored["codes"], stored["levels"])

    def count(self, text: str) -> Counted:
        """Count the first words of a text by language; names that no list has are no words of any."""
        said = list(dict.fromkeys(match[0] for match in islice(_WORD.finditer(text), _MOST_READ)))
        found = [level for word, level in zip(said, self._of(said), strict=True) if level or word[0].islower()]
        levels = np.array(found, np.uint64)[:, None] >> _SHIFTS & np.uint64(HIGHEST)
        known = dict(zip(COLUMNS, map(float, np.count_nonzero(levels, axis=0).tolist()), strict=True))
        known["en"] += _RARE_COUNTS * known.pop(RARE)
        return Counted(len(found), known, dict(zip(COLUMNS, map(float, levels.sum(axis=0).tolist()), strict=True)))

    def _of(self, said: list[str]) -> list[int]:
        """Give the packed levels of each word: those of the first of its forms that any language has."""
        forms = [_forms(word) for word in said]
        found = iter(self._stored([form for three in forms for form in three]))
        firsts = [first or second or third for first, second, third in zip(found, found, found, strict=True)]
        return [_STRANGE_LEVELS if _STRANGE.search(word) else level for word, level in zip(said, firsts, strict=True)]

    def _stored(self, forms: list[str]) -> list[int]:
        codes = np.array([code(form) for form in forms], np.uint32)
        place = np.minimum(np.searchsorted(self._codes, codes), len(self._codes) - 1)
        found: list[int] = np.where(self._codes[place] == codes, self._levels[place], 0).tolist()
        return found


def code(word: str) -> int:
    """Give the number of a word in small letters, the same on every machine."""
    return crc32(word.encode("utf-8", "replace"))


def packed(levels: Mapping[str, int]) -> int:
    """Lay a word's levels by column into one number."""
    return sum(min(level, HIGHEST) << _BITS * COLUMNS.index(name) for name, level in levels.items())


@cache
def lexis() -> Lexis:
    """Give the shipped words."""
    return Lexis.load()


def _forms(word: str) -> tuple[str, str, str]:
    """Give the forms to look for: with its accents, without, and the last part of what has an apostrophe."""
    small = word.lower().replace("’", "'")
    folded = small if small.isascii() else fold(small)
    return small, folded, folded.rpartition("'")[2]
