"""Word and character n-grams, hashed into a fixed number of buckets."""

from zlib import crc32

import msgspec
import numpy as np
from numpy.typing import NDArray

BUCKETS = 1 << 18
_CHAR_SIZES = (3, 4, 5)
_MAX_TOKENS = 200


class Features(msgspec.Struct, frozen=True):
    """The n-grams of one text: ``index`` into the buckets, ``value``, and the token that each began in.

    ``words`` holds how many of the leading entries are word n-grams; the others are character n-grams. Each family
    has length 1, so that a long text weighs no more than a short one.
    """

    index: NDArray[np.int64]
    value: NDArray[np.float32]
    origin: NDArray[np.int64]
    words: int


def features(tokens: list[str]) -> Features:
    """Count the word 1- to 3-grams and the 3- to 5-character pieces of ``tokens``, each once."""
    kept = tokens[:_MAX_TOKENS]
    words = _unique(_word_grams(kept))
    chars = _unique(_char_grams(kept))
    index = [bucket for bucket, _ in words] + [bucket for bucket, _ in chars]
    origin = [token for _, token in words] + [token for _, token in chars]
    value = np.ones(len(index), np.float32)
    value[: len(words)] /= max(len(words), 1) ** 0.5
    value[len(words) :] /= max(len(chars), 1) ** 0.5
    return Features(np.array(index, np.int64), value, np.array(origin, np.int64), len(words))


def bucket(gram: str) -> int:
    """Return the bucket of one n-gram; CRC-32 is the same on every machine, unlike ``hash``."""
    return crc32(gram.encode("utf-8", "replace")) % BUCKETS


def _unique(grams: list[tuple[str, int]]) -> list[tuple[int, int]]:
    seen: dict[int, int] = {}
    for gram, origin in grams:
        seen.setdefault(bucket(gram), origin)
    return list(seen.items())


def _word_grams(tokens: list[str]) -> list[tuple[str, int]]:
    grams = [(f"w {token}", place) for place, token in enumerate(tokens)]
    for size in (2, 3):
        grams += [("w " + " ".join(tokens[place : place + size]), place) for place in range(len(tokens) - size + 1)]
    return grams


def _char_grams(tokens: list[str]) -> list[tuple[str, int]]:
    grams = []
    for place, token in enumerate(tokens):
        padded = f" {token} "
        for size in _CHAR_SIZES:
            grams += [("c" + padded[at : at + size], place) for at in range(len(padded) - size + 1)]
    return grams
