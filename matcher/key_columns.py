"""A snapshot of the link keys as columns of numbers, made with little more memory than it takes in the end."""

from collections.abc import Iterator, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int32]
Wide = NDArray[np.int64]

_NUMBER_BITS = 24
_NUMBER = (1 << _NUMBER_BITS) - 1
_SHORT = (1 << 39) - 1
_BLOCK = 1 << 20
_GROWTH = 1.25


def short(key: int) -> int:
    """Give the 39 bits of a key that columns keep: of ten million keys some ninety pairs then fall together."""
    return key & _SHORT


class Columns(msgspec.Struct, frozen=True):
    """A snapshot: ``cases`` of ``keys[i]`` stand from ``starts[i]`` to ``starts[i + 1]``, as places in ``ids``.

    ``keys`` are short ones. ``ids`` and ``opened`` stand in the order of opening, so each key's ``cases`` ascend.
    """

    keys: Wide
    starts: NDArray[np.uint32]
    cases: Numbers
    opened: Wide
    ids: NDArray[np.bytes_]


class ColumnMaker:
    """Makes columns from cases with their keys; an entry holds a key and a case's number in one 64-bit number."""

    def __init__(self) -> None:
        self._entries: Wide = np.empty(0, np.int64)
        self._filled = 0
        self._ids: list[bytes] = []
        self._opened: list[int] = []

    def add(self, rows: Sequence[tuple[str, int, str]]) -> None:
        """Take in cases: id, time of opening, and keys joined by commas; 16 million cases at most, else ValueError."""
        first = len(self._ids)
        if first + len(rows) > _NUMBER:
            raise ValueError(f"more than {_NUMBER:,} cases have keys: they stay in the database")
        keys = np.fromstring(",".join([joined for _, _, joined in rows]), np.int64, sep=",")
        counts = [joined.count(",") + 1 for _, _, joined in rows]
        numbers = np.repeat(np.arange(first, first + len(rows), dtype=np.int64), counts)
        self._append(((keys & _SHORT) << _NUMBER_BITS) | numbers)
        self._ids += [case_id.encode() for case_id, _, _ in rows]
        self._opened += [opened for _, opened, _ in rows]

    def finish(self) -> Columns:
        """Give the columns; the maker is empty afterwards."""
        ids, opened = np.array(self._ids, np.bytes_), np.array(self._opened, np.int64)
        entries = self._entries
        entries.resize(self._filled, refcheck=False)
        self._entries, self._filled, self._ids, self._opened = np.empty(0, np.int64), 0, [], []
        order = np.lexsort((ids, opened)) if len(ids) else np.empty(0, np.int64)
        place = np.empty(len(order), np.int64)
        place[order] = np.arange(len(order))
        for part in _blocks(entries):
            part[:] = (part & ~_NUMBER) | place[part & _NUMBER]
        entries.sort()
        keys, starts, cases = _split(entries)
        return Columns(keys, starts, cases, opened[order], ids[order])

    def _append(self, entries: Wide) -> None:
        end = self._filled + len(entries)
        if end > len(self._entries):
            self._entries.resize(int(end * _GROWTH), refcheck=False)
        self._entries[self._filled : end] = entries
        self._filled = end


def _split(entries: Wide) -> tuple[Wide, NDArray[np.uint32], Numbers]:
    """Take sorted entries apart: distinct keys, where each begins, and the numbers of cases."""
    cases = np.empty(len(entries), np.int32)
    found: list[tuple[Wide, Wide]] = []
    before, at = -1, 0
    for part in _blocks(entries):
        keys = part >> _NUMBER_BITS
        cases[at : at + len(part)] = part & _NUMBER
        first = np.flatnonzero(np.diff(keys, prepend=before))
        found.append((keys[first], first + at))
        before, at = int(keys[-1]), at + len(part)
    every = [np.concatenate(column) for column in zip(*found, strict=True)] if found else [np.empty(0, np.int64)] * 2
    return every[0], np.append(every[1], len(entries)).astype(np.uint32), cases


def _blocks(entries: Wide) -> Iterator[Wide]:
    return (entries[at : at + _BLOCK] for at in range(0, len(entries), _BLOCK))
