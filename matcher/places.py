"""Places: towns, districts, postcode areas and other names of the same town, in profiles and texts."""

import re
from collections.abc import Collection, Iterable, Sequence
from functools import cache, lru_cache

from matcher.clue import Clue, Field
from matcher.folding import Word, fold, words
from matcher.shelf import lines
from matcher.stopwords import STOPWORDS

_POSTCODE = re.compile(r"^([a-z]{1,2})\d{1,2}[a-z]?$")
_LONGEST = 4
_LEAST_OF_AREA = 7  # characters: shorter by-names of towns are too often something else in a text
_KEPT = 8192  # regions, and homes of posters
_APART = re.compile(r"[,/|·•()]|\s-\s|\bvia\b|\bin\b")
_PRONOUNS = {
    "any", "dela", "dele", "delu", "die", "diens", "el", "ela", "ele", "ella", "ellas", "elle", "elles", "elu", "er",
    "haar", "he", "hem", "hen", "her", "hers", "hij", "him", "his", "hun", "iel", "ihm", "ihn", "ihr", "il", "ils",
    "it", "its", "lei", "loro", "lui", "pronouns", "she", "sie", "theirs", "them", "they", "xe", "xem", "ze", "zij",
    "zir",
}  # fmt: skip
_WITH_REGIONS = {
    "Australia", "Austria", "Belgium", "Canada", "France", "Germany", "Ireland", "Italy", "Netherlands", "Portugal",
    "Spain", "Switzerland", "United Kingdom", "United States",
}  # fmt: skip
_PART = re.compile(
    r"^(?:(?:the|north|south|east|west|north ?east|north ?west|south ?east|south ?west|northern|southern|eastern|"
    r"western|mid|central|rural|upper|lower|norte|nord|noord|sud|sur|sul|sued|zuid|est|este|ost|oost|ouest|ovest|oeste|of|de|du|"
    r"do|da|del|la|en|im) )+"
)
_AROUND = re.compile(
    r"^(?:county|co\.?|greater|landkreis|kreis|provinc(?:e|ia|ie)(?: (?:of|de|di))?|state of|comunidad de|region) "
    r"| (?:state|county|area|region|province)$"
)
_STILL_THE_TOWN = {
    "uk", "gb", "city", "greater", "central", "inner", "north", "south", "east", "west", "ne", "nw", "se", "sw",
}  # fmt: skip
_ON_A_RIVER = re.compile(r" (?:im|am|an der|in der|ob der) .+$")
_CAPITAL = re.compile(r"(?<![a-z0-9'])[a-z]")


class Places:
    """Maps every known spelling of a town to the one that is compared, and knows which words only look like towns."""

    def __init__(self, extra: dict[str, str] | None = None) -> None:
        """Read the shipped lists; ``extra`` maps further names to towns, as the configuration says."""
        self._town: dict[str, str] = {}
        self._region: dict[str, str] = {}
        self._postcodes: dict[str, str] = {}
        self._shown: dict[str, str] = {}
        self._countries: set[str] = set()
        self._regions: set[str] = set()
        self._states: dict[str, str] = {}  # with their country
        self._around: dict[tuple[str, str], set[str]] = {}  # by town and country
        self._seats: dict[str, str] = {}
        self._within: dict[str, tuple[str, ...]] = {}  # towns of an area
        self._abroad: dict[str, str] = {}  # the country of the town that another name of it means
        self._ordinary: frozenset[str] = _nouns() | STOPWORDS
        self._sure: set[str] = set()
        self._read_cities()
        self._read_more()
        self._read_areas()
        for alias, town in (extra or {}).items():
            self._town[fold(alias)] = self.town(town)
            self._sure.add(fold(alias))
        self._longest = _longest((*self._town, *self._within))
        self.seat = lru_cache(maxsize=_KEPT)(self._seat)
        """Give the town that people of a region may mean by its name, or an empty string."""
        self.sure_towns = lru_cache(maxsize=_KEPT)(self._sure_towns)
        """Give those of the places that may speak against another town: no region, country or unknown name, and no town
        that stands there for its region only."""

    def _read_cities(self) -> None:
        towns: set[str] = set()  # those that bear the name of their own region or country, as Hamburg does
        for line in lines("cities.csv.gz"):
            name, country, region = line.split("|")
            folded, around, state = fold(name), fold(region), fold(country.split(",")[0])
            self._town.setdefault(folded, folded)
            self._region.setdefault(folded, around)
            self._countries.add(state)
            known = country in _WITH_REGIONS
            if known:
                self._shown.setdefault(folded, name)
                self._regions.add(around.replace("-", " "))
                self._states[around] = country
                self._around.setdefault((folded, country), set()).add(around)
            if folded == state or (known and folded == around):
                towns.add(folded)
        self._countries -= towns
        self._regions -= towns

    def _read_regions(self, country: str, names: str) -> None:
        for entry in names.split(";"):
            name, _, seat = fold(entry).strip().partition("=")
            if not country:
                self._countries.add(name)
                continue
            self._regions.add(name)
            if seat:
                self._town[name], self._seats[name] = name, self.town(seat)
                self._sure.add(name)

    def _read_more(self) -> None:
        for line in lines("places_more.txt"):
            head, _, rest = line.partition(":")
            name, _, country = head.partition("|")
            if not name:
                self._read_regions(country, rest)
                continue
            town = fold(name)
            self._town.setdefault(town, town)
            self._shown.setdefault(town, name)
            for alias in _aliases(fold(rest)):
                if self._town.get(alias, alias) == alias or alias not in self._town:
                    self._town[alias] = self._town[town]
                    self._abroad[alias] = country
                    self._sure.add(alias)
        for line in lines("postcode_areas_gb.txt"):
            for entry in line.split(";"):
                area, _, town = entry.partition(" ")
                self._postcodes[area.lower()] = self.town(town)

    def _read_areas(self) -> None:
        for line in lines("areas.txt"):
            country, _, rest = line.partition("|")
            names, _, listed = rest.partition(":")
            towns = (fold(town).strip() for town in listed.split(","))
            within = [self._plain(town) for town in towns if self._abroad.get(town, country) == country]
            for name in names.split(";"):
                self._read_area(fold(name).strip(), within)

    def _plain(self, town: str) -> str:
        """Give "Freiburg im Breisgau" as the gazetteer has it, "Freiburg", and read both as one from now on."""
        short = _ON_A_RIVER.sub("", town)
        if town not in self._town and short in self._town:
            self._town[town] = self._town[short]
            self._sure.add(town)
        return self._town.get(town, town)

    def _read_area(self, name: str, within: Sequence[str]) -> None:
        """Read a name of an area. "London UK" is the town itself, and so is a town that stands in its own area."""
        if name in self._town or not within:
            return
        if len(within) == 1 and set(within[0].split()) < set(name.split()) <= {*within[0].split(), *_STILL_THE_TOWN}:
            self._town[name] = within[0]
            self._sure.add(name)
            return
        towns = (name,) if name in within else within
        for spelt in dict.fromkeys((name, " ".join(word.text for word in words(name)))):
            if spelt not in self._town:
                self._within[spelt] = tuple(dict.fromkeys((*self._within.get(spelt, ()), *towns)))

    def within(self, area: str) -> tuple[str, ...]:
        """Give the towns in which somebody may live who names an area, or a club; none for other names."""
        return self._within.get(area, ())

    def town(self, name: str) -> str:
        """Give the spelling of a town that is compared."""
        folded = fold(name).strip()
        return self._town.get(folded, folded)

    def region(self, town: str) -> str:
        """Give the region of a listed town, folded, or an empty string."""
        return self._region.get(town, "")

    def other_state(self, places: Collection[str], town: str) -> str:
        """Give a state or province among the places that holds no town of this name, where its country has one."""
        for place in places:
            held = self._states.get(place) and self._around.get((town, self._states[place]))
            if held and place not in held and self.is_region(place):
                return place
        return ""

    def shown(self, place: str) -> str:
        """Give a compared spelling as the gazetteer writes it, or with capitals where it is not listed."""
        return self._shown.get(place) or _CAPITAL.sub(lambda letter: letter[0].upper(), place)

    def is_region(self, place: str) -> bool:
        """Whether a folded name is that of a region or country, or a part of one ("south of france")."""
        bare = place.replace("-", " ")
        if bare in self._regions or bare in self._countries:
            return True
        part = _PART.sub("", bare)
        around = part in self._regions or part in self._countries or _AROUND.search(bare) is not None
        return around and place not in self._town

    def _seat(self, region: str) -> str:
        return self._seats.get(region) or (
            self._town.get(_AROUND.sub("", region), "") if self.is_region(region) else ""
        )

    def _sure_towns(self, places: tuple[str, ...]) -> list[str]:
        seats = {self.seat(place) for place in places if self.is_region(place)}
        return [place for place in places if self._is_town(place) and place not in seats]

    def _is_town(self, place: str) -> bool:
        return place in self._town and not self.is_region(place)

    def of_location(self, location: str) -> list[str]:
        """Give the places that a profile's location names: towns, then the seats of regions, then other names.

        Regions and unknown names are kept as they are, since a record may have them too. Countries are left out, and
        a region whose seat is named beside it.
        """
        pieces = [_bare(piece) for piece in _APART.split(fold(location))]
        found = dict.fromkeys(place for piece in pieces if piece for place in self._of_piece(piece))
        towns = {place: None for place in found if self._is_town(place)}
        rest = [place for place in found if place not in towns and self.seat(place) not in towns]
        seats = [seat for place in rest if (seat := self.seat(place))]
        return list(dict.fromkeys([*towns, *seats, *rest]))

    def _of_piece(self, piece: str) -> list[str]:
        if piece in _PRONOUNS or (piece in STOPWORDS and piece not in self._town):
            return []
        if piece in self._town and (len(piece) > 2 or piece in self._sure):
            return [self.town(piece)]
        if piece in self._within:
            return [piece]
        if self.is_region(piece):
            return [piece] if piece not in self._countries or piece in self._regions else []
        area = _POSTCODE.match(piece.replace(" ", ""))
        if area and area.group(1) in self._postcodes:
            return [self._postcodes[area.group(1)]]
        inside = [clue.value for clue in self.named(words(piece), "location", sure_only=False)]
        unknown = re.sub(r"[^a-z' -]", "", piece).strip()
        return inside or ([unknown] if len(unknown) > 2 else [])

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
            area = said in self._within and (field != "text" or self._says_where(said))
            if area or (said in self._town and self._is_meant(said, sure_only)):
                last = found[index + length - 1]
                return Clue("place", said if area else self._town[said], found[index].start, last.end, field), length
        code = _POSTCODE.match(found[index].text) if field != "text" else None
        if code and code.group(1) in self._postcodes:
            word = found[index]
            return Clue("place", self._postcodes[code.group(1)], word.start, word.end, field), 1
        return None, 1

    def _says_where(self, area: str) -> bool:
        return len(area) >= _LEAST_OF_AREA and area not in self._ordinary

    def _is_meant(self, said: str, sure_only: bool) -> bool:
        if said in self._sure:
            return len(said) > 2
        return said not in self._ordinary and (not sure_only or len(said) > 3)


def _bare(piece: str) -> str:
    """Give a piece of a location without what stands around its words: signs, emoji, flags."""
    return piece.strip(' .!?:;~*_-#"') if piece.isascii() else re.sub(r"[^a-z0-9' .-]", "", piece).strip(" .-")


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


def _nouns() -> frozenset[str]:
    return frozenset(word.replace("_", " ") for line in lines("nouns_not_places.txt") for word in line.split())


@cache
def shared_places() -> Places:
    """Give the one reading of the lists that all parts of the process share."""
    return Places()
