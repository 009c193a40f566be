"""Likeness: how far a post tells the same story as a case, by sentence vectors."""

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from matcher.facets import Facets

Vectors = NDArray[np.float32]
Encode = Callable[[Sequence[str]], Vectors]

_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")
_MOST_SENTENCES = 6
_KEPT = 20000
_LEAST_SPREAD = 0.05
_LEAST_USUAL = 3
_MOST_USUAL = 120


def sentences(text: str) -> list[str]:
    """Give the sentences of a text, short ones joined to the one before, at most six."""
    found: list[str] = []
    for piece in (part.strip() for part in _SENTENCE.split(text)):
        if not piece:
            continue
        if found and (len(piece) < 25 or len(found) >= _MOST_SENTENCES):
            found[-1] = f"{found[-1]} {piece}"
        else:
            found.append(piece)
    return found


class Likeness:
    """Compares texts by the encoder; vectors of cases are kept in memory, the latest used."""

    def __init__(self, encode: Encode) -> None:
        """Keep the encoder's ``encode``."""
        self._encode = encode
        self._known: OrderedDict[tuple[str, float, int], Vectors] = OrderedDict()
        self._one_at_a_time = threading.Lock()

    def deviations(self, text: str, cases: Sequence[Facets], usual: Sequence[Facets]) -> dict[str, float]:
        """Give for each case how many standard deviations its likeness stands above that of the ``usual`` cases."""
        if len(usual) < _LEAST_USUAL or not cases:
            return {}
        with self._one_at_a_time:
            return self._deviations(text, cases, usual)

    def _deviations(self, text: str, cases: Sequence[Facets], usual: Sequence[Facets]) -> dict[str, float]:
        every = {_key(case): case for case in (*usual[:_MOST_USUAL], *cases)}
        self._learn(list(every.values()))
        parts = sentences(text)
        own = self._encode([text, *parts] if len(parts) > 1 else [text])
        raw = {key: self._score(own, self._known[key]) for key in every}
        base = np.array([raw[_key(case)] for case in usual[:_MOST_USUAL]])
        mean, spread = float(base.mean()), max(float(base.std()), _LEAST_SPREAD)
        self._forget()
        return {case.case_id: (raw[_key(case)] - mean) / spread for case in cases}

    def _score(self, own: Vectors, other: Vectors) -> float:
        likeness = own @ other.T
        whole = float(likeness[0].max())
        return whole if len(own) == 1 else 0.5 * whole + 0.5 * float(likeness[1:].max(axis=1).mean())

    def _learn(self, cases: Sequence[Facets]) -> None:
        chunks = [(_key(case), _chunks(case)) for case in cases if _key(case) not in self._known]
        if not chunks:
            return
        vectors = self._encode([chunk for _, own in chunks for chunk in own])
        start = 0
        for key, own in chunks:
            self._known[key] = vectors[start : start + len(own)]
            start += len(own)

    def _forget(self) -> None:
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)


def _key(case: Facets) -> tuple[str, float, int]:
    return case.case_id, case.updated, len(case.text)


def _chunks(case: Facets) -> list[str]:
    told = [part.strip() for part in case.text.split(" \n ") if part.strip()]
    whole = f"{case.product_name}: {' '.join(told)}"
    return [whole, *(sentence for part in told for sentence in sentences(part))][:9]
