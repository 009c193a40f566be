"""A snapshot of the link keys as columns of numbers, made with little more memory than it takes in the end."""

from collections.abc import Iterator, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int32]
Seconds = NDArray[np.uint32]
Wide = NDArray[np.int64]

_NUMBER_BITS = 24
_NUMBER = (1 << _NUMBER_BITS) - 1
_SHORT = (1 << 32) - 1
_BLOCK = 1 << 20
_GROWTH = 1.25


def short(key: int) -> int:
    """Give the 32 bits of a key that columns keep.

    Among ten million keys one look-up in 400 then names cases of another key too, which evidence refuses.
    """
    return key & _SHORT


class Columns(msgspec.Struct, frozen=True):
    """A snapshot: ``cases`` of ``keys[i]`` stand from ``starts[i]`` to ``starts[i + 1]``, as places in ``ids``.

    ``keys`` are short ones. ``ids`` and ``opened`` stand in the order of opening, so each key's ``cases`` ascend.
    """

    keys: NDArray[np.uint32]
    starts: NDArray[np.uint32]
    cases: Numbers
    opened: Seconds
    ids: NDArray[np.bytes_]


class ColumnMaker:
    """Makes columns from cases with their keys; an entry holds a key and a case's number in one 64-bit number."""

    def __init__(self) -> None:
        self._entries: Wide = np.empty(0, np.int64)
        self._filled = 0
        self._count = 0
        self._ids: list[NDArray[np.bytes_]] = []
        self._opened: list[Seconds] = []

    def add(self, rows: Sequence[tuple[str, int, str]]) -> None:
        """Take in cases: id, time of opening, and keys joined by commas; 16 million cases at most, else ValueError."""
        first = self._count
        if first + len(rows) > _NUMBER:
            raise ValueError(f"more than {_NUMBER:,} cases have keys: they stay in the database")
        keys = np.fromstring(",".join([joined for _, _, joined in rows]), np.int64, sep=",")
        counts = [joined.count(",") + 1 for _, _, joined in rows]
        numbers = np.repeat(np.arange(first, first + len(rows), dtype=np.int64), counts)
        self._append(((keys & _SHORT) << _NUMBER_BITS) | numbers)
        self._count += len(rows)
        self._ids.append(np.array([case_id.encode() for case_id, _, _ in rows], np.bytes_))
        self._opened.append(np.array([max(opened, 0) for _, opened, _ in rows], np.uint32))

    def finish(self) -> Columns:
        """Give the columns; the maker is empty afterwards."""
        if not self._count:
            none = np.empty(0, np.uint32)
            return Columns(none, np.zeros(1, np.uint32), np.empty(0, np.int32), none, np.empty(0, np.bytes_))
        ids, opened = np.concatenate(self._ids), np.concatenate(self._opened)
        entries = self._entries
        entries.resize(self._filled, refcheck=False)
        self._entries, self._filled, self._count, self._ids, self._opened = np.empty(0, np.int64), 0, 0, [], []
        order = np.lexsort((ids, opened))
        place = np.empty(len(order), np.int64)
        place[order] = np.arange(len(order))
        for part in _blocks(entries):
            part[:] = (part & ~_NUMBER) | place[part & _NUMBER]
        entries.sort()
        keys, starts = _distinct(entries)
        return Columns(keys, starts, _numbers(entries), opened[order], ids[order])

    def _append(self, entries: Wide) -> None:
        end = self._filled + len(entries)
        if end > len(self._entries):
            self._entries.resize(int(end * _GROWTH), refcheck=False)
        self._entries[self._filled : end] = entries
        self._filled = end


def _distinct(entries: Wide) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Give the distinct keys of sorted entries, and where each begins; at the end, where the last one ends."""
    found, starts = [], []
    before, at = -1, 0
    for part in _blocks(entries):
        keys = part >> _NUMBER_BITS
        first = np.flatnonzero(np.diff(keys, prepend=before))
        found.append(keys[first].astype(np.uint32))
        starts.append((first + at).astype(np.uint32))
        before, at = int(keys[-1]), at + len(part)
    return np.concatenate(found), np.concatenate([*starts, np.array([at], np.uint32)])


def _numbers(entries: Wide) -> Numbers:
    """Give the numbers of cases, in the first half of the memory of the entries, which are lost."""
    count, room, at = len(entries), entries.view(np.int32), 0
    for part in _blocks(entries):
        numbers = (part & _NUMBER).astype(np.int32)
        room[at : at + len(numbers)] = numbers
        at += len(numbers)
    del room
    entries.resize(count // 2 + 1, refcheck=False)
    return entries.view(np.int32)[:count]


def _blocks(entries: Wide) -> Iterator[Wide]:
    return (entries[at : at + _BLOCK] for at in range(0, len(entries), _BLOCK))
