"""Link keys of a large case base in memory: for each key its cases, the oldest first, as columns of numbers."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np

from matcher.candidates import CAP_PER_KEY, MOST_CANDIDATES, MOST_OF_MATTER, Found
from matcher.key_columns import Columns, Numbers, short
from matcher.keys import PostKeys

_NONE = np.empty(0, np.int32)
_SHORT = 4_096
_ROOM = 1.1


class Bearers(NamedTuple):
    """The cases that bear a key: those of the snapshot, ascending, and those mirrored ``later``."""

    key: int
    cases: Numbers
    later: Numbers

    @property
    def number(self) -> int:
        """How many there are."""
        return len(self.cases) + len(self.later)


class KeyIndex:
    """Columns, and the cases that were mirrored since: these lie beside, in dictionaries, until the next snapshot."""

    def __init__(self, columns: Columns) -> None:
        """Prepare an index over a snapshot."""
        self._columns = columns
        self._later: dict[int, list[int]] = defaultdict(list)
        self._later_ids: list[str] = []
        self._later_opened: list[int] = []
        self._newest: dict[str, int] = {}
        self._grow(int(len(columns.ids) * _ROOM) + 1000)

    @property
    def size(self) -> int:
        """How many cases the columns hold."""
        return len(self._columns.ids)

    @property
    def keys(self) -> int:
        """How many distinct keys the columns hold."""
        return len(self._columns.keys)

    @property
    def bytes(self) -> int:
        """How much memory the columns and the sums take."""
        columns = self._columns
        held = (columns.keys, columns.starts, columns.cases, columns.opened, columns.ids)
        return sum(one.nbytes for one in (*held, self._person, self._matter, self._seen))

    @property
    def later(self) -> int:
        """How many cases lie beside the columns."""
        return len(self._later_ids)

    def put(self, case_id: str, opened: int, keys: Iterable[int]) -> None:
        """Take in a case that is new or has changed; with no keys it is found no more."""
        number = len(self._columns.ids) + len(self._later_ids)
        self._newest[case_id] = number
        self._later_ids.append(case_id)
        self._later_opened.append(opened)
        for key in keys:
            self._later[key].append(number)
        if number >= len(self._person):
            self._grow(int(number * _ROOM) + 1000)

    def find(self, keys: PostKeys, before: datetime, total: int, most: int = MOST_CANDIDATES) -> Found:
        """Rank the cases that these keys name, opened before a time, the rarest key first; names ``most`` of them."""
        held, cut = self._held(keys, int(before.timestamp())), 0
        seen, ascending = _NONE, False
        for one in sorted(held, key=lambda bearers: bearers.number):
            cut += one.number > CAP_PER_KEY
            if len(seen) < MOST_CANDIDATES and len(new := self._unseen(one, MOST_CANDIDATES - len(seen))):
                seen, ascending = np.concatenate((seen, new)), False
            if len(one.cases) > _SHORT and not ascending:
                seen, ascending = np.sort(seen), True
            key = one.key
            sums, bound = (self._person, keys.person[key]) if key in keys.person else (self._matter, keys.matter[key])
            weight = min(bound, max(math.log((total + 1) / one.number), 0.0) + 0.1)
            sums[self._seen_of(one.cases, seen)] += weight
            if len(one.later):
                sums[one.later[self._seen[one.later]]] += weight
        return self._ranked(seen, cut, most)

    def _unseen(self, one: Bearers, most: int) -> Numbers:
        """Mark the newest bearers of a key as seen and give those that were not."""
        named = one.cases[-CAP_PER_KEY:]
        if len(one.later):
            named = np.concatenate((named, one.later))[-CAP_PER_KEY:]
        new = named[~self._seen[named]][-most:]
        self._seen[new] = True
        return new

    def _seen_of(self, cases: Numbers, seen: Numbers) -> Numbers:
        """Give those of ascending cases that were seen: of a long list by looking each of ``seen`` up in it."""
        if len(cases) <= _SHORT:
            return cases[self._seen[cases]]
        places = np.minimum(np.searchsorted(cases, seen), len(cases) - 1)
        return np.asarray(seen[cases[places] == seen], np.int32)

    def _held(self, keys: PostKeys, limit: int) -> list[Bearers]:
        """Give for each key that is known the cases that bear it and were opened before a time."""
        columns = self._columns
        newest = int(np.searchsorted(columns.opened, np.uint32(max(limit, 0))))
        wanted = [*keys.person, *keys.matter]
        asked = np.array([short(key) for key in wanted], np.uint32)
        spots = np.searchsorted(columns.keys, asked)
        known = columns.keys[np.minimum(spots, max(len(columns.keys) - 1, 0))] == asked if len(columns.keys) else ()
        held = []
        for key, spot, hit in zip(wanted, spots.tolist(), known, strict=False):
            start, end = (int(columns.starts[spot]), int(columns.starts[spot + 1])) if hit else (0, 0)
            cases = columns.cases[start:end]
            if end > start and cases[-1] >= newest:
                cases = cases[: int(np.searchsorted(cases, newest))]
            later = self._later.get(key)
            one = Bearers(key, cases, np.array(self._in_time(later, limit), np.int32) if later else _NONE)
            if one.number:
                held.append(one)
        return held

    def _in_time(self, later: Sequence[int], limit: int) -> list[int]:
        base = len(self._columns.ids)
        return [number for number in later if self._later_opened[number - base] < limit]

    def _ranked(self, cases: Numbers, cut: int, most: int) -> Found:
        """Give the best first, and clear the sums for the next post."""
        if not len(cases):
            return Found((), {}, cut)
        scores = self._person[cases] + MOST_OF_MATTER * np.tanh(self._matter[cases] / MOST_OF_MATTER)
        self._person[cases] = self._matter[cases] = 0.0
        self._seen[cases] = False
        order = np.lexsort((-cases, -scores))[:most]
        ranked: dict[str, float] = {}
        for number, score in zip(cases[order].tolist(), scores[order].tolist(), strict=True):
            case_id = self._id(number)
            if self._newest.get(case_id, number) == number:
                ranked[case_id] = score
        return Found(tuple(ranked), ranked, cut)

    def _id(self, number: int) -> str:
        base = len(self._columns.ids)
        return self._later_ids[number - base] if number >= base else self._columns.ids[number].decode()

    def _grow(self, room: int) -> None:
        self._person = np.zeros(room, np.float32)
        self._matter = np.zeros(room, np.float32)
        self._seen = np.zeros(room, np.bool_)
