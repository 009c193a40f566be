"""Words that would label somebody's health, money or private life: they count, and no sentence names them."""

from functools import cache

from matcher.folding import fold
from matcher.shelf import lines


@cache
def _known() -> tuple[tuple[str, ...], frozenset[str]]:
    beginnings, whole = [], []
    for line in lines("not_named.txt"):
        before, _, after = line.partition("|")
        beginnings += before.split()
        whole += after.split()
    return tuple(beginnings), frozenset(whole)


def may_be_named(word: str) -> bool:
    """Whether a word may stand in a sentence about a poster."""
    beginnings, whole = _known()
    bare = fold(word)
    return bare not in whole and not bare.startswith(beginnings)
