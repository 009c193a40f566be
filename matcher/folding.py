"""Folded text: one spelling for what people write in many, with the place of each word kept."""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

_CYRILLIC = dict(
    zip(
        "абвгґдеёжзиійклмнопрстуфхцчшщъыьэюяєїў",
        re.split(" ", "a b v h g d e e zh z y i i k l m n o p r s t u f kh ts ch sh shch  y  e yu ya ye yi u"),
        strict=True,
    )
)
_GREEK = dict(
    zip(
        "αβγδεζηθικλμνξοπρσςτυφχψω",
        re.split(" ", "a v g d e z i th i k l m n x o p r s s t y f ch ps o"),
        strict=True,
    )
)
_LATIN = {"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h"}
_APOSTROPHES = {ord(mark): "'" for mark in "’‘ʼ`´"}
_LETTERS = {ord(key): value for key, value in {**_CYRILLIC, **_GREEK, **_LATIN}.items()}
_RUN = re.compile(r"[\x00-\x7f]+|[^\x00-\x7f]")
_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")


class Word(NamedTuple):
    """A folded word and the span of the text that it came from."""

    text: str
    start: int
    end: int


def fold(text: str) -> str:
    """Give the text in lower-case Latin letters without accents; other scripts are transliterated where we can."""
    if text.isascii():
        return text.lower().replace("`", "'")
    lowered = unicodedata.normalize("NFKC", text).casefold().translate(_APOSTROPHES)
    if lowered.isascii():
        return lowered
    apart = unicodedata.normalize("NFKD", lowered.translate(_LETTERS))
    bare = "".join(character for character in apart if not unicodedata.combining(character))
    return bare.translate(_LETTERS)


def words(text: str) -> list[Word]:
    """Give the folded words of a text with their spans; a word of another script keeps the span of its original."""
    if text.isascii():
        return [Word(m[0], *m.span()) for m in _WORD.finditer(text.lower())]
    folded, origin = _fold_with_origin(text)
    return [Word(m[0], origin[m.start()], origin[m.end() - 1] + 1) for m in _WORD.finditer(folded)]


def _fold_with_origin(text: str) -> tuple[str, list[int]]:
    parts: list[str] = []
    origin: list[int] = []
    for run in _RUN.finditer(text):
        start, end = run.span()
        plain = run[0].isascii()
        piece = run[0].lower() if plain else _fold_one(run[0])
        parts.append(piece)
        origin.extend(range(start, end) if plain else [start] * len(piece))
    return "".join(parts), origin


@lru_cache(maxsize=4096)
def _fold_one(character: str) -> str:
    return fold(character)


def compact(text: str) -> str:
    """Give only the folded letters and digits of a text, as in a handle."""
    return re.sub(r"[^a-z0-9]", "", fold(text))


@lru_cache(maxsize=65536)
def skeleton(name: str) -> str:
    """Give the consonant skeleton of a folded name, so that spellings that sound alike meet."""
    bare = re.sub(r"[^a-z]", "", name)
    for pair, single in _SOUNDS:
        bare = bare.replace(pair, single)
    rest = re.sub(r"[aeiouyhw]", "", bare[1:])
    joined = bare[:1] + rest
    return re.sub(r"(.)\1+", r"\1", joined)


_SOUNDS = (
    ("sch", "s"),
    ("ph", "f"),
    ("ck", "k"),
    ("ch", "k"),
    ("kh", "k"),
    ("gh", "g"),
    ("sh", "s"),
    ("th", "t"),
    ("qu", "k"),
    ("c", "k"),
    ("q", "k"),
    ("z", "s"),
    ("x", "ks"),
    ("v", "w"),
    ("j", "y"),
)

_ENDINGS = (
    "ations", "ation", "ingly", "ments", "ment", "ings", "ing", "edly", "ies", "ied", "est", "ers", "er",
    "ed", "es", "ly", "en", "em", "e", "s", "a", "o", "i", "n",
)  # fmt: skip


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """Give a rough stem that serves all seven languages: endings go while four letters are left."""
    bare = word.split("'", maxsplit=1)[0]
    if not bare.isalpha() or len(bare) <= 4:
        return bare
    for ending in _ENDINGS:
        if bare.endswith(ending) and len(bare) - len(ending) >= 4:
            bare = bare[: -len(ending)]
            break
    if len(bare) > 4 and bare[-1] == bare[-2]:
        bare = bare[:-1]
    return bare[:-1] + "i" if len(bare) > 4 and bare.endswith("y") else bare
