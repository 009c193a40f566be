"""How far apart two towns lie, by their names: who says one means the next one as well."""

import math
from functools import cache, lru_cache

from matcher.folding import fold
from matcher.places import shared_places
from matcher.shelf import lines

_RADIUS = 6371.0  # of the Earth, km
_SUBURB = 25.0  # km
_KEPT = 65536

Point = tuple[float, float]


class Surroundings:
    """Where towns lie, by the spelling that is compared; a name may be that of several."""

    def __init__(self) -> None:
        """Read the shipped list."""
        self._points: dict[tuple[str, str], list[Point]] = {}
        self._countries: dict[str, list[str]] = {}
        others: dict[tuple[str, str], list[Point]] = {}
        for line in lines("coordinates.csv.gz"):
            name, country, north, east = line.split("|")
            point = math.radians(int(north) / 100), math.radians(int(east) / 100)
            spelt = fold(name)
            town = shared_places().town(spelt)
            (self._points if town == spelt else others).setdefault((town, country), []).append(point)
        for key, points in others.items():  # a suburb is where its town is; Newcastle upon Tyne is not Newcastle, Down
            known = self._points.setdefault(key, [])
            known += [point for point in points if all(_km(point, one) > _SUBURB for one in known)]
        for town, country in self._points:
            self._countries.setdefault(town, []).append(country)
        self.apart = lru_cache(maxsize=_KEPT)(self._apart)
        """Give the km between two folded towns, in ``country`` where towns of their names are there, or infinity."""

    def _apart(self, place: str, town: str, country: str) -> float:
        known, others = self._in(place, country), self._in(town, country)
        return min((_km(one, other) for one in known for other in others), default=math.inf)

    def _in(self, town: str, country: str) -> list[Point]:
        countries = self._countries.get(town, [])
        meant = [country] if country in countries else countries
        return [point for one in meant for point in self._points[town, one]]


def _km(one: Point, other: Point) -> float:
    """Give the way along a great circle (haversine formula; R. W. Sinnott, Sky and Telescope 68, 1984)."""
    north, east = (other[0] - one[0]) / 2, (other[1] - one[1]) / 2
    angle = math.sin(north) ** 2 + math.cos(one[0]) * math.cos(other[0]) * math.sin(east) ** 2
    return 2 * _RADIUS * math.asin(min(1.0, math.sqrt(angle)))


@cache
def shared_surroundings() -> Surroundings:
    """Give the one that everything shares; it is large and never changes."""
    return Surroundings()
