"""Finds the word that was likely meant."""

import difflib
from collections.abc import Collection


def did_you_mean(word: str, words: Collection[str]) -> str:
    """Give ``; did you mean 'status'?`` for the nearest word, or nothing where none is near."""
    near = difflib.get_close_matches(word.lower(), words, n=1, cutoff=0.7)
    return f"; did you mean {near[0]!r}?" if near else ""
