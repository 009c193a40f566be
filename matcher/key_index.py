"""Link keys of a large case base in memory: for each key its cases, the oldest first, as columns of numbers."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matcher.candidates import CAP_PER_KEY, MOST_CANDIDATES, MOST_OF_MATTER, Found
from matcher.key_columns import Columns, Numbers, short
from matcher.key_kinds import Family, Hit, hit
from matcher.keys import PostKeys

Scores = NDArray[np.float64]

_FAMILIES: tuple[Family, ...] = ("who", "given", "matter")
_WHO, _GIVEN, _MATTER = range(3)
_NONE = np.empty(0, np.int32)
_NOWHERE = -1
_SHORT = 2_048
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
        self._later_keys: dict[int, tuple[int, ...]] = {}
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
        return sum(one.nbytes for one in (*held, self._place))

    @property
    def later(self) -> int:
        """How many cases lie beside the columns."""
        return len(self._later_ids)

    def put(self, case_id: str, opened: int, keys: Iterable[int]) -> None:
        """Take in a case that is new or has changed; with no keys it is found no more."""
        number = len(self._columns.ids) + len(self._later_ids)
        self._forget(self._newest.get(case_id, _NOWHERE))
        self._newest[case_id] = number
        self._later_ids.append(case_id)
        self._later_opened.append(opened)
        self._later_keys[number] = tuple(keys)
        for key in self._later_keys[number]:
            self._later[key].append(number)
        if number >= len(self._place):
            self._grow(int(number * _ROOM) + 1000)

    def _forget(self, number: int) -> None:
        """Take out the keys under which a changed case was known since the snapshot; in the columns it stays."""
        for key in self._later_keys.pop(number, ()):
            self._later[key].remove(number)

    def find(self, keys: PostKeys, before: datetime, total: int, most: int = MOST_CANDIDATES) -> Found:
        """Rank the cases that these keys name, opened before a time, those that tell most first; name ``most``."""
        held = self._held([*keys], int(before.timestamp()))
        weighed = [(one, hit(keys[one.key], one.number, total)) for one in held]
        weighed.sort(key=lambda pair: -pair[1].reach)
        seen, cut = self._seen_first([one for one, _ in weighed])
        scores = self._scores(seen, weighed)
        self._place[seen] = _NOWHERE
        return Found(tuple(ranked := self._current(seen, scores, most)), ranked, cut)

    def _seen_first(self, held: Sequence[Bearers]) -> tuple[Numbers, int]:
        """Give the newest bearers of each key, those of the first keys first, until they are enough.

        Gives them, and how many keys were cut or found no place any more.
        """
        seen, count, cut = [], 0, 0
        for number, one in enumerate(held):
            named = one.cases[-CAP_PER_KEY:]
            if len(one.later):
                named = np.concatenate((named, one.later))[-CAP_PER_KEY:]
            new = named[self._place[named] == _NOWHERE]
            room = MOST_CANDIDATES - count
            cut += one.number > CAP_PER_KEY or len(new) > room
            new = new[-room:]
            self._place[new] = np.arange(count, count + len(new), dtype=np.int32)
            seen.append(new)
            count += len(new)
            if count == MOST_CANDIDATES:
                cut += len(held) - number - 1
                break
        return np.concatenate(seen) if seen else _NONE, cut

    def _scores(self, seen: Numbers, weighed: Sequence[tuple[Bearers, Hit]]) -> Scores:
        """Add up for each case that was seen what the keys that name it tell."""
        if not len(seen):
            return np.zeros(0)
        ascending = np.sort(seen)
        named = [self._among(one, ascending) for one, _ in weighed]
        counts = [len(cases) for cases in named]
        places = self._place[np.concatenate(named)]
        known = places != _NOWHERE
        places = places[known]
        values = np.repeat([one.value for _, one in weighed], counts)[known]
        families = np.repeat([_FAMILIES.index(one.family) for _, one in weighed], counts)[known]
        who, matter = (np.bincount(places, values * (families == n), len(seen)) for n in (_WHO, _MATTER))
        given, theirs = np.zeros(len(seen)), families == _GIVEN
        np.maximum.at(given, places[theirs], values[theirs])
        return who + given + MOST_OF_MATTER * np.tanh(matter / MOST_OF_MATTER)

    def _among(self, one: Bearers, ascending: Numbers) -> Numbers:
        """Give the bearers of a key, and of a long list only those that were seen, by looking each of them up."""
        cases = one.cases
        if len(cases) > _SHORT:
            places = np.minimum(np.searchsorted(cases, ascending), len(cases) - 1)
            cases = np.asarray(ascending[cases[places] == ascending], np.int32)
        return np.concatenate((cases, one.later)) if len(one.later) else cases

    def _held(self, wanted: Sequence[int], limit: int) -> list[Bearers]:
        """Give for each key that is known the cases that bear it and were opened before a time."""
        columns = self._columns
        newest = int(np.searchsorted(columns.opened, np.uint32(max(limit, 0))))
        spans = self._spans(wanted)
        held = []
        for place in self._places(wanted, spans):
            start, end = spans.get(place, (0, 0))
            cases = columns.cases[start:end]
            if end > start and cases[-1] >= newest:
                cases = cases[: int(np.searchsorted(cases, newest))]
            later = self._later.get(wanted[place])
            one = Bearers(wanted[place], cases, np.array(self._in_time(later, limit), np.int32) if later else _NONE)
            if one.number:
                held.append(one)
        return held

    def _places(self, wanted: Sequence[int], spans: Collection[int]) -> Collection[int]:
        """Give the places of the keys that any case bears, in their order."""
        if not self._later:
            return spans
        return [place for place, key in enumerate(wanted) if place in spans or key in self._later]

    def _spans(self, wanted: Sequence[int]) -> dict[int, tuple[int, int]]:
        """Give for the places of those keys that the columns hold where their cases begin and end."""
        columns = self._columns
        if not (wanted and len(columns.keys)):
            return {}
        asked = np.array([short(key) for key in wanted], np.uint32)
        spots = np.searchsorted(columns.keys, asked)
        hits = np.flatnonzero(columns.keys[np.minimum(spots, len(columns.keys) - 1)] == asked)
        starts, ends = columns.starts[spots[hits]].tolist(), columns.starts[spots[hits] + 1].tolist()
        return dict(zip(hits.tolist(), zip(starts, ends, strict=True), strict=True))

    def _in_time(self, later: Sequence[int], limit: int) -> list[int]:
        base = len(self._columns.ids)
        return [number for number in later if self._later_opened[number - base] < limit]

    def _current(self, cases: Numbers, scores: Scores, most: int) -> dict[str, float]:
        """Give the scores of the ``most`` best cases, the best first, as they now are: a changed one stands twice."""
        ranked: dict[str, float] = {}
        while len(cases) and len(ranked) < most:
            best, cases, scores = _split(cases, scores, most)
            named = zip(self._ids(best.cases), best.cases.tolist(), best.scores.tolist(), strict=True)
            now = {case_id: score for case_id, number, score in named if self._newest.get(case_id, number) == number}
            ranked |= dict(islice(now.items(), most - len(ranked)))
        return ranked

    def _ids(self, cases: Numbers) -> list[str]:
        ids, later = self._columns.ids, self._later_ids
        base = len(ids)
        held = ids[np.minimum(cases, base - 1)].tolist() if base else [b""] * len(cases)
        return [one.decode() if n < base else later[n - base] for n, one in zip(cases.tolist(), held, strict=True)]

    def _grow(self, room: int) -> None:
        self._place = np.full(room, _NOWHERE, np.int32)


class Scored(NamedTuple):
    """Cases with their scores, the best first."""

    cases: Numbers
    scores: Scores


def _split(cases: Numbers, scores: Scores, most: int) -> tuple[Scored, Numbers, Scores]:
    """Give the ``most`` best, the newest first among equals, and what is left."""
    bound = np.partition(scores, -most)[-most] if len(cases) > most else scores.min()
    kept = np.flatnonzero(scores >= bound)
    order = kept[np.lexsort((-cases[kept], -scores[kept]))[:most]]
    rest = np.ones(len(cases), np.bool_)
    rest[order] = False
    return Scored(cases[order], scores[order]), cases[rest], scores[rest]
