"""Link keys: what a case may be found by, as 64-bit numbers that are the same on every machine."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from hashlib import blake2b
from itertools import chain

from matcher.background import Background
from matcher.clues import PostClues
from matcher.facets import Facets
from matcher.folding import skeleton
from matcher.key_kinds import KINDS, Kind
from matcher.names import Names
from matcher.references import digits

_RARE_STEMS = 10
_MOST_STEMS = 14
_MOST_CONCEPTS = 7
_RARE_CONCEPTS = 4
_NEARBY = 6
_DATED = 2
_DAY = 86400.0


def key(kind: str, *parts: str) -> int:
    """Give the key of a kind and its parts, as a signed 64-bit number."""
    joined = "\x1f".join((kind, *parts))
    return int.from_bytes(blake2b(joined.encode(), digest_size=8).digest(), "big", signed=True)


PostKeys = Mapping[int, Kind]
"""The keys of a post, each with its kind."""


class KeyMaker:
    """Makes the keys of cases when they are mirrored and those of posts when they are looked up."""

    def __init__(self, names: Names) -> None:
        """Keep the lists of names: short forms are resolved here, not at look-up."""
        self._names = names

    def of_case(self, case: Facets, background: Background) -> set[int]:
        """Give the keys of a case."""
        week = str(_week(case.opened))
        keys = self._numbers_of(case) | self._people_of(case) | self._families_of(case, week)
        concepts = _telling(case.concepts, background, _RARE_CONCEPTS)
        keys |= {key("stem", stem) for stem in _rarest(case.stems, background)}
        keys |= {key("concept week", code, week) for code in concepts[:_DATED]}
        keys |= {key("product week", stem, week) for stem in case.product[:2]}
        keys |= {key("person", person) for person in case.people[:2]}
        if case.town:
            keys |= {key("concept town", code, case.town) for code in concepts}
            keys |= {key("product town", stem, case.town) for stem in case.product[:2]}
            keys.add(key("town week", case.town, week))
        return keys

    def _numbers_of(self, case: Facets) -> set[int]:
        keys = {key("reference", form) for ref in case.references for form in (ref, digits(ref)) if len(form) >= 4}
        spelt = [form for ref in case.references for form in {ref, digits(ref)}]
        keys |= {key("ending", form[-n:]) for form in spelt for n in (3, 4) if len(form) > n}
        keys |= {key("email", email) for email in case.emails}
        keys |= {key("local", _no_digits(local)) for local in case.locals if len(_no_digits(local)) > 3}
        keys |= {key("phone", digits(phone)[-9:]) for phone in case.phones}
        keys |= {key("handle", handle) for _, handle in case.handles}
        return keys | {key("amount", amount) for amount in case.amounts[:4]}

    def _people_of(self, case: Facets) -> set[int]:
        keys = set()
        givens = {canonical for given in case.name.givens[:2] for canonical in self._names.canonical(given)}
        for last in case.name.lasts:
            keys |= {key("last", last), key("sound", skeleton(last))}
            keys |= {key("name", skeleton(given), skeleton(last)) for given in givens}
            keys |= {key("initial name", given[:1], last) for given in case.name.givens[:1]}
            keys |= {key("last town", last, case.town)} if case.town else set()
        if case.town:
            keys |= {key("given town", given, case.town) for given in givens}
        return keys | {key("given", given) for given in givens}

    def _families_of(self, case: Facets, week: str) -> set[int]:
        """Give keys of a surname and what happened: thousands share a common surname, and relatives post under it."""
        keys = {key("last week", last, week) for last in case.name.lasts}
        return keys | {key("last product", last, stem) for last in case.name.lasts for stem in case.product[:2]}

    def of_post(self, clues: PostClues, background: Background, at: datetime) -> PostKeys:
        """Give the keys of a post that was published at a time."""
        said = chain(self._matter_said(clues, background, at), self._people_said(clues), _numbers_said(clues))
        return {key(*one): KINDS[one[0]] for one in dict.fromkeys(said)}

    def _matter_said(self, clues: PostClues, background: Background, at: datetime) -> Iterator[tuple[str, ...]]:
        rare = _rarest(tuple(clues.stems), background, _MOST_STEMS)
        concepts = _telling(clues.concepts, background, _MOST_CONCEPTS)
        homes = [*clues.home[:3], *(clue.value for clue in clues.places[:3])]
        towns, weeks = [*homes, *clues.nearby[:_NEARBY]], [str(week) for week in _weeks(clues, at)]
        yield from (("stem", stem) for stem in rare)
        yield from (("concept week", code, week) for code in concepts[:5] for week in weeks)
        yield from (("product week", stem, week) for stem in rare[:8] for week in weeks)
        yield from (("town week", town, week) for town in towns for week in weeks)
        yield from (("concept town", code, town) for code in concepts for town in towns)
        yield from (("product town", stem, town) for stem in rare[:8] for town in towns)
        for last in self._lasts_said(clues):
            yield from (("last product", last, stem) for stem in rare[:8])
            yield from (("last week", last, week) for week in weeks)

    def _people_said(self, clues: PostClues) -> Iterator[tuple[str, ...]]:
        name = clues.name
        towns = [*clues.home[:3], *(clue.value for clue in clues.places[:2]), *clues.nearby[:_NEARBY]]
        posts_as = set(self._names.canonical(name.given)) if len(name.given) > 1 else set()
        givens = posts_as | self._named(clues)
        for last in self._lasts_said(clues):
            yield from (("last", last), ("sound", skeleton(last)))
            yield from (("name", skeleton(given), skeleton(last)) for given in givens)
            yield from (("last town", last, town) for town in towns)
            if name.given:
                yield "initial name", name.given[:1], last
        yield from (("given town", given, town) for given in givens for town in towns)
        yield from (("given", given) for given in givens)
        yield from (("person", given) for given in posts_as)
        yield from self._handle_said(clues)

    def _named(self, clues: PostClues) -> set[str]:
        """Give the first names, besides the poster's own, that a post and its handle name, in every form."""
        parts = [part for part in clues.handle_parts if len(part) > 2 and self._names.is_given(part)]
        named = [clue.named for clue in clues.relations if clue.named]
        return {canonical for given in (*named, *parts) for canonical in self._names.canonical(given)}

    def _lasts_said(self, clues: PostClues) -> set[str]:
        split = (last for _, last in self._split_handle(clues) if self._names.is_surname(last))
        return {*clues.name.lasts, *(part for part in clues.handle_parts if len(part) > 3), *split}

    def _handle_said(self, clues: PostClues) -> Iterator[tuple[str, ...]]:
        for given, last in self._split_handle(clues):
            yield "last", last
            if len(given) == 1:
                yield "initial name", given, last
            else:
                yield from (("name", skeleton(c), skeleton(last)) for c in self._names.canonical(given))

    def _split_handle(self, clues: PostClues) -> Iterator[tuple[str, str]]:
        """Read "jwhitcombe" as initial and surname, and "tomokafor" as given name and surname."""
        for part in {clues.handle, *clues.handle_parts}:
            if 5 <= len(part) <= 24:
                yield part[0], part[1:]
                cuts = [n for n in range(3, len(part) - 2) if self._names.is_given(part[:n])]
                yield from ((part[:cut], part[cut:]) for cut in cuts[:4])


def _numbers_said(clues: PostClues) -> Iterator[tuple[str, ...]]:
    for clue in (*clues.references, *clues.codes, *clues.thread):
        yield from (("reference", form) for form in (clue.value, digits(clue.value)) if len(form) >= 4)
    yield from (("ending", clue.value[-n:]) for clue in clues.endings for n in (3, 4) if len(clue.value) >= n)
    yield from (("email", clue.value) for clue in clues.emails)
    yield from (("phone", digits(clue.value)[-9:]) for clue in clues.phones)
    yield from (("amount", clue.value) for clue in clues.amounts[:4])
    if clues.handle:
        yield from (("handle", clues.handle), ("local", _no_digits(clues.handle)))


def _rarest(stems: tuple[str, ...], background: Background, most: int = _RARE_STEMS) -> list[str]:
    return sorted(stems, key=lambda stem: (-min(background.idf(stem), 5.0), -len(stem), stem))[:most]


def _telling(concepts: Collection[str], background: Background, most: int) -> list[str]:
    return sorted(concepts, key=lambda code: (-background.concept_idf(code), code))[:most]


def _week(opened: float) -> int:
    return int(opened // (7 * _DAY))


def _weeks(clues: PostClues, at: datetime) -> list[int]:
    """Give the weeks in which the case may have been opened: those of a stated time, else the last three."""
    now = at.timestamp()
    said = [clue for clue in clues.times if clue.code in {"age", "age_last", "weekday", "date"} and clue.high > -1]
    spans = [(max(clue.low, 0.0), min(clue.high, clue.low + 14)) for clue in said[:3]] or [(0.0, 14.0)]
    weeks = {_week(now - days * _DAY) for low, high in spans for days in (low, (low + high) / 2, high)}
    return sorted(weeks)


def _no_digits(text: str) -> str:
    return text.rstrip("0123456789")
