"""Texts made of pieces of others: no person wrote them, but the teacher has an opinion of them all the same."""

import re
from collections.abc import Sequence
from random import Random

_SEAM = re.compile(r"(?<=[.!?…]) +|(?<=,) +| (?=but |and |so |because |then |when )")
_FEWEST, _MOST = 3, 60  # words
_EXCHANGED = 6  # one word in so many


def recombined(texts: Sequence[str], count: int, rng: Random) -> list[str]:
    """Return ``count`` texts, all different, each of one or two of ``texts``; the same for the same seed."""
    pieces = [found for text in texts if (found := [part for part in _SEAM.split(text) if len(part.split()) >= 2])]
    made: dict[str, None] = {}
    while len(made) < count:
        text = _made(rng.choice(pieces), rng.choice(pieces), rng)
        if _FEWEST <= len(text.split()) <= _MOST:
            made[text] = None
    return list(made)


def _made(one: Sequence[str], other: Sequence[str], rng: Random) -> str:
    """Join the beginning of one with the end of the other, leave a piece out, or exchange words."""
    how = rng.random()
    if how < 0.35:
        return " ".join([*one[: rng.randint(1, len(one))], *other[-rng.randint(1, len(other)) :]])
    if how < 0.6:
        return " ".join(rng.sample(one, max(1, len(one) - 1)))
    if how < 0.8:
        return _exchanged(" ".join(one).split(), " ".join(other).split(), rng)
    return f"{rng.choice(one)} {rng.choice(other)}"


def _exchanged(words: list[str], others: Sequence[str], rng: Random) -> str:
    for _ in range(max(1, len(words) // _EXCHANGED)):
        words[rng.randrange(len(words))] = rng.choice(others)
    return " ".join(words)
