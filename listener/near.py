"""Nearness: how many words lie between two terms."""

import re
from bisect import bisect_left
from collections.abc import Sequence

from listener.fold import SOLO
from listener.lexicon import Span

_WORD = re.compile(rf"(?=\w)[{SOLO}]|(?:(?![{SOLO}])\w)+(?:'\w+)*")


def distance(text: str, ones: Sequence[Span], others: Sequence[Span]) -> int | None:
    """Give the smallest distance in words between one of the spans and one of the others, 1 for side by side.

    None where the only pairs overlap. The order of the two does not matter. Takes time n log n in the places.
    """
    words = [found.start() for found in _WORD.finditer(text)]
    gaps = [*_gaps(words, ones, others), *_gaps(words, others, ones)]
    return min(gaps) + 1 if gaps else None


def _gaps(words: list[int], firsts: Sequence[Span], seconds: Sequence[Span]) -> list[int]:
    """For each first, count the words up to the next second after it."""
    starts = sorted(start for start, _ in seconds)
    gaps = []
    for _, end in firsts:
        nearest = bisect_left(starts, end)
        if nearest < len(starts):
            gaps.append(bisect_left(words, starts[nearest]) - bisect_left(words, end))
    return gaps
