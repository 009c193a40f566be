"""Builds ``matcher/data/lexis.npz``: which languages a word belongs to (see ``matcher/lexis.py``).

Run: ``python -m training.build_lexis``. A language's words are those of its glosses; English ones those that posts of
the corpus have twice, or glosses use, and those of the tokenizer that no other language has. A word stands as it is
written and without its accents. How common it is follows from the share of the corpus's posts that have it.
"""

import io
import json
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Mapping
from math import log2
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.encoder import MODEL_DIR
from matcher.folding import fold
from matcher.heads import LANGUAGES
from matcher.lexis import COLUMNS, OTHER, RARE, code, packed
from matcher.shelf import DATA, lines
from training.rows import Row, labelled

_WORD = re.compile(r"[^\W\d_]{2,}(?:['’][^\W\d_]+)*")
_OFTEN_ENGLISH, _OFTEN = 2, 3
_COMMON = 0.001

Levels = dict[str, dict[str, int]]


def by_language(rows: Iterable[Row]) -> Levels:
    """Give each column's words with their levels."""
    posts, counted = _counted(rows)
    found = {name: _forms(_entries(name)) for name in LANGUAGES if name != "en"}
    foreign, vocabulary = set().union(*found.values()), _vocabulary()
    english = {word for word, count in counted["en"].items() if count >= _OFTEN_ENGLISH} | _glosses(found)
    for name, words in found.items():
        words |= {word for word, count in counted[name].items() if count >= _OFTEN and word not in english}
    told = {fold(word) for word in " ".join(lines("other_languages.txt")).split()} - english - foreign
    found |= {"en": (english | (vocabulary - foreign)) - told, RARE: (vocabulary & foreign) - english, OTHER: told}
    return {name: {word: _level(counted[name][word], posts[name]) for word in words} for name, words in found.items()}


def _counted(rows: Iterable[Row]) -> tuple[Counter[str], dict[str, Counter[str]]]:
    """Count the posts of each language, and in how many a word stands."""
    posts: Counter[str] = Counter()
    counted: dict[str, Counter[str]] = {name: Counter() for name in COLUMNS}
    for row in rows:
        posts[row.lang] += 1
        counted[row.lang].update(_forms(_WORD.findall(row.text)))
    return posts, counted


def _level(count: int, posts: int) -> int:
    """Give 1 for a word that is listed, and one more for each time that its share doubles, from a thousandth on."""
    share = count / max(posts, 1)
    return 1 if share < _COMMON else 2 + int(log2(share / _COMMON))


def _forms(words: Iterable[str]) -> set[str]:
    return {form for word in words for form in (word.lower().replace("’", "'"), fold(word))}


def _entries(lang: str) -> set[str]:
    return {part for line in lines(f"glosses_{lang}.txt") for part in _parts(line.partition("\t")[0])}


def _glosses(languages: Iterable[str]) -> set[str]:
    told = (line.partition("\t")[2] for lang in languages for line in lines(f"glosses_{lang}.txt"))
    return {part for gloss in told for part in _parts(fold(gloss))}


def _parts(text: str) -> list[str]:
    return [part for part in text.split() if len(part) > 1]


def _vocabulary() -> set[str]:
    known = json.loads((MODEL_DIR / "tokenizer.json").read_text("utf-8"))["model"]["vocab"]
    return {word for word in known if len(word) > 1 and word.isascii() and word.isalpha()}


def pack(found: Mapping[str, Mapping[str, int]], path: Path) -> None:
    """Write the levels by code, without a time stamp, so that building again gives the same bytes."""
    rows: dict[int, dict[str, int]] = {}
    for name, words in found.items():
        for word, level in words.items():
            rows.setdefault(code(word), {})[name] = level
    codes = sorted(rows)
    columns: dict[str, NDArray[np.unsignedinteger[Any]]] = {
        "codes": np.array(codes, np.uint32),
        "levels": np.array([packed(rows[one]) for one in codes], np.uint64),
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, values in columns.items():
            buffer = io.BytesIO()
            np.save(buffer, values, allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), buffer.getvalue(), zipfile.ZIP_DEFLATED)


if __name__ == "__main__":
    pack(by_language(labelled()), DATA / "lexis.npz")
