"""The words of a post that decided: by what their n-grams weigh, and where these tell nothing, by leaving words out."""

import re
from collections.abc import Iterable, Sequence
from functools import cache

import numpy as np

from matcher.encoder import Encoder
from matcher.gloss import in_english
from matcher.heads import GramLogits, Heads, Numbers
from matcher.ngrams import Features
from matcher.sensitive import may_be_named
from matcher.shelf import lines
from matcher.verdict import Word

Words = tuple[Word, ...]

_SHOWN = 5
_WORTH_SHOWING = 0.03
_LEFT_OUT = 12


def weighed(written: Sequence[str], grams: Features, shares: Numbers, lang: str) -> Words:
    """Sum the n-grams' shares per word of the post: what began in a word is laid on that word."""
    total = np.zeros(max(len(written), 1), np.float64)
    inside = grams.origin < len(written)
    np.add.at(total, grams.origin[inside], shares[inside])
    weights: dict[str, Word] = {}
    for word, weight in zip(written, total.tolist(), strict=False):
        if _tells(word, lang):
            known = weights.get(word.lower(), Word(word, 0.0))
            weights[word.lower()] = Word(known.text, known.weight + weight)
    return _heaviest(weights.values())


def left_out(text: str, written: Sequence[str], told: tuple[GramLogits, str], encoder: Encoder, heads: Heads) -> Words:
    """Give the words without which the first network takes a text less for a complaint, and by how much."""
    lang = told[1]
    said = {word.lower(): word for word in written if word[:1].isalpha() and _tells(word, lang)}
    words = list(said.values())[:_LEFT_OUT]
    texts = [text, *(_without(text, word) for word in words)] if words else []
    vectors = encoder.meant([in_english(one, lang) for one in texts])
    whole, *odds = [heads.logits(vector, *told)["complaint"] for vector in vectors] or [0.0]
    return _heaviest(Word(word, whole - left) for word, left in zip(words, odds, strict=True) if left < whole)


def _without(text: str, word: str) -> str:
    return " ".join(re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", " ", text, flags=re.IGNORECASE).split())


def _heaviest(words: Iterable[Word]) -> Words:
    heaviest = sorted(words, key=lambda word: -abs(word.weight))[:_SHOWN]
    return tuple(Word(word.text, round(word.weight, 3)) for word in heaviest if abs(word.weight) >= _WORTH_SHOWING)


def _tells(word: str, lang: str) -> bool:
    return bool(word) and word.lower() not in _fillers().get(lang, ()) and may_be_named(word)


@cache
def _fillers() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for line in lines("fillers.txt"):
        lang, _, words = line.partition(": ")
        found.setdefault(lang, set()).update(words.split())
    return found
