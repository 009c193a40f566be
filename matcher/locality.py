"""Evidence from places: where the poster is at home, where the customer lives, what the text names."""

import math

from matcher.background import Background
from matcher.clues import PostClues
from matcher.facets import Facets
from matcher.places import Places
from matcher.reason import Reason
from matcher.surroundings import shared_surroundings

_MOST = 4.0
_NEARBY = 0.4  # of what another town says against a case, where the profile names an area that holds both
_NOT_FAR = 0.25  # the same, of a town around the customer's
_BESIDE, _AROUND = 10.0, 25.0  # km
_TOLD_TWICE = 0.3  # whoever lives in a town names it more often than others do


class LocalityEvidence:
    """Compares towns and regions."""

    def __init__(self, places: Places) -> None:
        """Keep the gazetteer."""
        self._places = places
        self._apart = shared_surroundings().apart

    def compare(self, clues: PostClues, case: Facets, background: Background) -> list[Reason]:
        """Give reasons from the profile's places and from those of the text."""
        home, named = self._home(clues, case, background), self._named(clues, case, background)
        if home and home[0].code == "home_same":
            named = [one._replace(value=_TOLD_TWICE * one.value) if one.code == "text_town" else one for one in named]
        return home + named

    def _home(self, clues: PostClues, case: Facets, background: Background) -> list[Reason]:
        if not clues.home or not (case.town or case.region):
            return []
        if self._lives_in(clues.home, case):
            value = min(-math.log(background.town_share(case.town)), _MOST)
            return [Reason("home_same", value, f"posts from {self._from_to(case.town, case)}")]
        near = next((place for place in clues.home if _same_region(place, case)), "")
        area = "" if self._places.sure_towns(clues.home) else self._area_of(clues.home, case)
        if area:
            value = max(self._rarity(area, background), float(bool(near)))
            return [Reason("home_same", value, f"posts from {self._from_to(area, case)}")]
        if near:
            return [Reason("home_region", 1.0, f"posts from {self._from_to(near, case)}, in the same region")]
        said = {clue.value for clue in clues.places}
        told = next((place for place in clues.home if place in case.places and place not in said), "")
        if told:
            return [Reason("home_in_case", 1.0, f"posts from {self._places.shown(told)}, which the case names")]
        return self._elsewhere(clues.home, case)

    def _elsewhere(self, home: tuple[str, ...], case: Facets) -> list[Reason]:
        """Compare another town: one beside the customer's speaks for a case, one not far off hardly against it."""
        km, beside = min((self._apart(place, case.town, case.country), place) for place in home)
        if km <= _BESIDE:
            return [Reason("home_region", 1.0, f"posts from {self._from_to(beside, case)}, {max(km, 1):.0f} km away")]
        other = self._other(home, case)
        value = _NOT_FAR if km <= _AROUND else _NEARBY if self._area_of(home, case) else 1.0
        return [Reason("home_other", value, f"posts from {self._from_to(other, case)} (against)")] if other else []

    def _area_of(self, places: tuple[str, ...], case: Facets) -> str:
        return next((place for place in places if case.town and case.town in self._places.within(place)), "")

    def _rarity(self, area: str, background: Background) -> float:
        """Give how few cases come from an area, in nats."""
        share = math.fsum(background.town_share(town) for town in self._places.within(area))
        return max(0.0, min(-math.log(share), _MOST))

    def _from_to(self, place: str, case: Facets) -> str:
        return f"{self._places.shown(place)}; the customer lives in {self._places.shown(case.town or case.region)}"

    def _lives_in(self, places: tuple[str, ...], case: Facets) -> bool:
        town = case.town
        return bool(town) and (town in places or any(self._places.seat(place) == town for place in places))

    def _other(self, places: tuple[str, ...], case: Facets) -> str:
        """Give a town or state that is surely not the customer's; a record without a town rules out none."""
        if not case.town or self._places.is_region(case.town):
            return ""
        around = self._places.region(case.town)
        other = next((place for place in self._places.sure_towns(places) if place != around), "")
        return other or self._places.other_state(places, case.town)

    def _named(self, clues: PostClues, case: Facets, background: Background) -> list[Reason]:
        named = tuple(clue.value for clue in clues.places)
        if not named:
            return []
        shown = self._places.shown
        if self._lives_in(named, case):
            value = min(-math.log(background.town_share(case.town)), _MOST)
            return [Reason("text_town", value, f"names {shown(case.town)}, where the customer lives")]
        area = self._area_of(named, case)
        if area:
            said = f"names {shown(area)}; the customer lives in {shown(case.town)}"
            return [Reason("text_town", self._rarity(area, background), said)]
        shared = [place for place in named if place in case.places]
        if shared:
            return [Reason("text_place", 1.0, f"names {shown(shared[0])}, as the case does")]
        other = self._places.sure_towns(named)
        if not other or any(self._apart(town, case.town, case.country) <= _AROUND for town in other):
            return []
        of = shown(case.town) or "no known town"
        return [Reason("text_town_other", 1.0, f"names {shown(other[0])}; the case is of {of} (against)")]


def _same_region(place: str, case: Facets) -> bool:
    """Whether one name begins a word of the other: "leicester" and "leicestershire", "south kent" and "kent"."""
    return (
        len(place) > 3 and bool(case.region) and (f" {place}" in f" {case.region}" or f" {case.region}" in f" {place}")
    )
