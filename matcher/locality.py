"""Evidence from places: where the poster is at home, where the customer lives, what the text names."""

import math

from matcher.background import Background
from matcher.clues import PostClues
from matcher.facets import Facets
from matcher.places import Places
from matcher.reason import Reason

_MOST = 4.0


class LocalityEvidence:
    """Compares towns and regions."""

    def __init__(self, places: Places) -> None:
        """Keep the gazetteer."""
        self._places = places

    def compare(self, clues: PostClues, case: Facets, background: Background) -> list[Reason]:
        """Give reasons from the profile's places and from those of the text."""
        return self._home(clues, case, background) + self._named(clues, case, background)

    def _home(self, clues: PostClues, case: Facets, background: Background) -> list[Reason]:
        if not clues.home or not (case.town or case.region):
            return []
        lives = f"the customer lives in {case.town.title()}"
        if case.town in clues.home:
            value = min(-math.log(background.town_share(case.town)), _MOST)
            return [Reason("home_same", value, f"posts from {case.town.title()}; {lives}")]
        if any(self._same_region(place, case) for place in clues.home):
            return [Reason("home_region", 1.0, f"posts from {clues.home[0].title()}; {lives}, in the same region")]
        if any(place in case.places for place in clues.home):
            return [Reason("home_in_case", 1.0, f"posts from {clues.home[0].title()}, which the case names")]
        return [Reason("home_other", 1.0, f"posts from {clues.home[0].title()}; {lives} (against)")]

    def _same_region(self, place: str, case: Facets) -> bool:
        return bool(case.region) and (place in case.region or case.region in place)

    def _named(self, clues: PostClues, case: Facets, background: Background) -> list[Reason]:
        named = [clue.value for clue in clues.places]
        if not named:
            return []
        if case.town in named:
            value = min(-math.log(background.town_share(case.town)), _MOST)
            return [Reason("text_town", value, f"names {case.town.title()}, where the customer lives")]
        shared = [place for place in named if place in case.places]
        if shared:
            return [Reason("text_place", 1.0, f"names {shared[0].title()}, as the case does")]
        of = case.town.title() or "no known town"
        return [Reason("text_town_other", 1.0, f"names {named[0].title()}; the case is of {of} (against)")]
