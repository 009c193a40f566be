"""Places: towns, districts, postcode areas and other names of the same town, in profiles and texts."""

import re
from collections.abc import Iterable
from functools import cache

from matcher.clue import Clue, Field
from matcher.folding import Word, fold, words
from matcher.shelf import lines
from matcher.stopwords import STOPWORDS

_POSTCODE = re.compile(r"^([a-z]{1,2})\d{1,2}[a-z]?$")
_LONGEST = 4
_COUNTRIES = {
    "england", "scotland", "wales", "ireland", "northern ireland", "uk", "united kingdom", "gb", "deutschland",
    "germany",
    "france", "spain", "espana", "portugal", "italy", "italia", "nederland", "netherlands", "usa", "united states",
    "austria", "osterreich", "schweiz", "switzerland", "belgium", "belgique", "belgie", "europe", "earth", "world",
}  # fmt: skip


class Places:
    """Maps every known spelling of a town to the one that is compared, and knows which words only look like towns."""

    def __init__(self, extra: dict[str, str] | None = None) -> None:
        """Read the shipped lists; ``extra`` maps further names to towns, as the configuration says."""
        self._town: dict[str, str] = {}
        self._region: dict[str, str] = {}
        self._areas: dict[str, str] = {}
        self._ordinary: frozenset[str] = frozenset(" ".join(lines("nouns_not_places.txt")).split()) | STOPWORDS
        self._sure: set[str] = set()
        self._read_cities()
        self._read_more()
        for alias, town in (extra or {}).items():
            self._town[fold(alias)] = self.town(town)
            self._sure.add(fold(alias))
        self._longest = _longest(self._town)

    def _read_cities(self) -> None:
        for line in lines("cities.csv.gz"):
            name, _, region = line.split("|")
            folded = fold(name)
            self._town.setdefault(folded, folded)
            self._region.setdefault(folded, fold(region))

    def _read_more(self) -> None:
        for line in lines("places_more.txt"):
            head, _, rest = line.partition(":")
            town = fold(head.split("|")[0])
            self._town.setdefault(town, town)
            for alias in _aliases(fold(rest)):
                if self._town.get(alias, alias) == alias or alias not in self._town:
                    self._town[alias] = self._town[town]
                    self._sure.add(alias)
        for line in lines("postcode_areas_gb.txt"):
            for entry in line.split(";"):
                area, _, town = entry.partition(" ")
                self._areas[area.lower()] = self.town(town)

    def town(self, name: str) -> str:
        """Give the spelling of a town that is compared."""
        folded = fold(name).strip()
        return self._town.get(folded, folded)

    def region(self, town: str) -> str:
        """Give the region of a listed town, folded, or an empty string."""
        return self._region.get(town, "")

    def of_location(self, location: str) -> list[str]:
        """Give the towns that a profile's location names; unknown names are kept as they are."""
        apart = re.split(r"[,/|·•()]|\s-\s|\bvia\b|\bin\b", fold(location))
        pieces = [piece.strip() for piece in apart if piece.strip()]
        found = [place for piece in pieces for place in self._of_piece(piece)]
        return list(dict.fromkeys(place for place in found if place not in _COUNTRIES))

    def _of_piece(self, piece: str) -> list[str]:
        if piece in self._town or piece in _COUNTRIES:
            return [self.town(piece)]
        area = _POSTCODE.match(piece.replace(" ", ""))
        if area and area.group(1) in self._areas:
            return [self._areas[area.group(1)]]
        inside = [clue.value for clue in self.named(words(piece), sure_only=False)]
        return inside or [re.sub(r"[^a-z' -]", "", piece).strip()] if piece else []

    def named(self, found: list[Word], field: Field = "text", *, sure_only: bool = True) -> list[Clue]:
        """Give the towns that a text names; ordinary words that are also towns are left out where ``sure_only``."""
        clues: list[Clue] = []
        index = 0
        while index < len(found):
            if field == "text" and found[index].text not in self._longest:
                index += 1
                continue
            clue, used = self._at(found, index, field, sure_only)
            if clue is not None:
                clues.append(clue)
            index += used
        return clues

    def _at(self, found: list[Word], index: int, field: Field, sure_only: bool) -> tuple[Clue | None, int]:
        for length in range(min(self._longest.get(found[index].text, 0), len(found) - index), 0, -1):
            said = " ".join([word.text for word in found[index : index + length]])
            if said in self._town and self._is_meant(said, sure_only):
                last = found[index + length - 1]
                return Clue("place", self._town[said], found[index].start, last.end, field), length
        area = _POSTCODE.match(found[index].text) if field != "text" else None
        if area and area.group(1) in self._areas:
            word = found[index]
            return Clue("place", self._areas[area.group(1)], word.start, word.end, field), 1
        return None, 1

    def _is_meant(self, said: str, sure_only: bool) -> bool:
        if said in self._sure:
            return len(said) > 2
        return said not in self._ordinary and (not sure_only or len(said) > 3)


def _longest(towns: Iterable[str]) -> dict[str, int]:
    """Give for each word that a town's name begins with the number of words of the longest such name."""
    longest: dict[str, int] = {}
    for town in towns:
        words_of = town.split(" ")
        longest[words_of[0]] = min(max(longest.get(words_of[0], 0), len(words_of)), _LONGEST)
    return longest


def _aliases(rest: str) -> list[str]:
    """Give the aliases of a line: words, of which those joined by the list of longer names stay together."""
    text = rest.strip()
    found = []
    for phrase in _PHRASES:
        if re.search(rf"\b{re.escape(phrase)}\b", text):
            found.append(phrase)
            text = re.sub(rf"\b{re.escape(phrase)}\b", " ", text)
    return found + text.split()


_PHRASES = (
    "auld reekie", "dun eideann", "the diff", "beal feirste", "rebel county", "baile atha cliath",
    "dun laoghaire", "port lairge", "newcastle upon tyne", "the toon", "chapel allerton", "hyde park leeds",
    "steel city", "kelham island", "stokes croft", "west bridgford", "selly oak", "chinatown manchester",
    "kingston upon hull", "brighton and hove", "the potteries", "granite city", "broughty ferry",
    "jericho oxford", "aquae sulis", "monaco di baviera", "st. pauli", "prenzlauer berg", "ville rose",
    "la coruna", "de pijp", "den haag", "the hague", "new york", "silver lake", "san francisco", "bay area",
    "washington dc", "new orleans", "the six",
)  # fmt: skip


@cache
def shared_places() -> Places:
    """Give the one reading of the lists that all parts of the process share."""
    return Places()
