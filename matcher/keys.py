"""Link keys: what a case may be found by, as 64-bit numbers that are the same on every machine."""

from collections.abc import Collection
from datetime import datetime
from hashlib import blake2b

import msgspec

from matcher.background import Background
from matcher.clues import PostClues
from matcher.facets import Facets
from matcher.folding import skeleton
from matcher.names import Names
from matcher.references import digits

_RARE_STEMS = 4
_RARE_CONCEPTS = 4
_PAIRED = 2
_NEARBY = 6
_DATED = 2
_TOLD_BY_NAME = 2
_WEEKS_A_MONTH = 4
_DAY = 86400.0


def key(kind: str, *parts: str) -> int:
    """Give the key of a kind and its parts, as a signed 64-bit number."""
    joined = "\x1f".join((kind, *parts))
    return int.from_bytes(blake2b(joined.encode(), digest_size=8).digest(), "big", signed=True)


class PostKeys(msgspec.Struct, frozen=True):
    """The keys of a post, each with the most that it can tell, in nats.

    ``person`` are those of names and numbers. ``matter`` are those of words: a story that many customers tell hits all
    of them at once, so their sum is bounded.
    """

    person: dict[int, float]
    matter: dict[int, float]


class KeyMaker:
    """Makes the keys of cases when they are mirrored and those of posts when they are looked up."""

    def __init__(self, names: Names) -> None:
        """Keep the lists of names: short forms are resolved here, not at look-up."""
        self._names = names

    def of_case(self, case: Facets, background: Background) -> set[int]:
        """Give the keys of a case."""
        keys = self._numbers_of(case) | self._people_of(case) | self._families_of(case, background)
        keys |= {key("stem", stem) for stem in _rarest(case.stems, background)}
        concepts = _telling(case.concepts, background, _RARE_CONCEPTS)
        keys |= {key("concept town", code, case.town) for code in concepts if case.town}
        keys |= {key("product town", stem, case.town) for stem in case.product[:2] if case.town}
        keys |= {key("concepts", one, other) for one, other in _pairs(concepts[:_PAIRED])}
        keys |= {key("concept week", code, str(_week(case.opened))) for code in concepts[:_DATED]}
        keys |= {key("person", person) for person in case.people[:2]}
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

    def _families_of(self, case: Facets, background: Background) -> set[int]:
        """Give keys of a surname and what happened: thousands share a common surname, and relatives post under it."""
        concepts, month = _telling(case.concepts, background, _TOLD_BY_NAME), str(_week(case.opened) // _WEEKS_A_MONTH)
        keys = {key("last month", last, month) for last in case.name.lasts}
        keys |= {key("last product", last, stem) for last in case.name.lasts for stem in case.product[:2]}
        return keys | {key("last concept", last, code) for last in case.name.lasts for code in concepts}

    def of_post(self, clues: PostClues, background: Background, at: datetime) -> PostKeys:
        """Give the keys of a post that was published at a time."""
        rare = _rarest(tuple(clues.stems), background, 14)
        matter = {key("stem", stem): min(background.idf(stem), 4.0) for stem in rare}
        concepts = _telling(clues.concepts, background, 7)
        towns = [*clues.home[:3], *(clue.value for clue in clues.places[:3]), *clues.nearby[:_NEARBY]]
        matter |= {key("concepts", one, other): 2.5 for one, other in _pairs(concepts[:5])}
        matter |= {key("concept week", code, str(week)): 3.0 for code in concepts[:5] for week in _weeks(clues, at)}
        matter |= {key("concept town", code, town): 4.5 for code in concepts for town in towns}
        matter |= {key("product town", stem, town): 4.5 for stem in rare[:8] for town in towns}
        person = self._numbers_said(clues) | self._people_said(clues)
        for last in self._lasts_said(clues):
            person |= {key("last concept", last, code): 9.0 for code in concepts[:5]}
            person |= {key("last product", last, stem): 9.0 for stem in rare[:8]}
            person |= {key("last month", last, month): 8.0 for month in _months(clues, at)}
        return PostKeys(person, matter)

    def _numbers_said(self, clues: PostClues) -> dict[int, float]:
        keys = {
            key("reference", form): 12.0
            for c in (*clues.references, *clues.codes, *clues.thread)
            for form in (c.value, digits(c.value))
            if len(form) >= 4
        }
        keys |= {key("ending", clue.value[-n:]): 6.0 for clue in clues.endings for n in (3, 4) if len(clue.value) >= n}
        keys |= {key("email", clue.value): 14.0 for clue in clues.emails}
        keys |= {key("phone", digits(clue.value)[-9:]): 14.0 for clue in clues.phones}
        keys |= {key("handle", clues.handle): 12.0, key("local", _no_digits(clues.handle)): 9.0} if clues.handle else {}
        return keys | {key("amount", clue.value): 3.0 for clue in clues.amounts[:4]}

    def _people_said(self, clues: PostClues) -> dict[int, float]:
        keys: dict[int, float] = {}
        name = clues.name
        towns = [*clues.home[:3], *(clue.value for clue in clues.places[:2]), *clues.nearby[:_NEARBY]]
        givens = set(self._names.canonical(name.given)) if len(name.given) > 1 else set()
        named = {canonical for clue in clues.relations if clue.named for canonical in self._names.canonical(clue.named)}
        handle_givens = {
            c
            for part in clues.handle_parts
            if len(part) > 2
            for c in self._names.canonical(part)
            if self._names.is_given(part)
        }
        for last in self._lasts_said(clues):
            keys |= {key("last", last): 7.0, key("sound", skeleton(last)): 5.0}
            keys |= {key("name", skeleton(given), skeleton(last)): 11.0 for given in givens | named | handle_givens}
            keys |= {key("last town", last, town): 9.0 for town in towns}
            keys |= {key("initial name", name.given[:1], last): 8.0} if name.given else {}
        keys |= {key("given town", given, town): 6.0 for given in givens | named | handle_givens for town in towns}
        keys |= {key("given", given): 4.0 for given in givens | named | handle_givens}
        keys |= {key("person", given): 4.0 for given in givens}
        return keys | self._split_handle(clues)

    def _lasts_said(self, clues: PostClues) -> set[str]:
        return {*clues.name.lasts, *(part for part in clues.handle_parts if len(part) > 3)}

    def _split_handle(self, clues: PostClues) -> dict[int, float]:
        """Read "jwhitcombe" as initial and surname, and "tomokafor" as given name and surname."""
        keys: dict[int, float] = {}
        for part in {clues.handle, *clues.handle_parts}:
            if 5 <= len(part) <= 24:
                keys |= {key("last", part[1:]): 7.0, key("initial name", part[0], part[1:]): 9.0}
                cuts = [n for n in range(3, len(part) - 2) if self._names.is_given(part[:n])]
                for given, last in ((part[:cut], part[cut:]) for cut in cuts[:4]):
                    keys |= {key("name", skeleton(c), skeleton(last)): 11.0 for c in self._names.canonical(given)}
                    keys |= {key("last", last): 7.0}
        return keys


def _rarest(stems: tuple[str, ...], background: Background, most: int = _RARE_STEMS) -> list[str]:
    return sorted(stems, key=lambda stem: (-min(background.idf(stem), 5.0), -len(stem), stem))[:most]


def _telling(concepts: Collection[str], background: Background, most: int) -> list[str]:
    return sorted(concepts, key=lambda code: (-background.concept_idf(code), code))[:most]


def _pairs(codes: list[str]) -> list[tuple[str, str]]:
    ordered = sorted(codes)
    return [(one, other) for i, one in enumerate(ordered) for other in ordered[i + 1 :]]


def _week(opened: float) -> int:
    return int(opened // (7 * _DAY))


def _weeks(clues: PostClues, at: datetime) -> list[int]:
    """Give the weeks in which the case may have been opened: those of a stated time, else the last three."""
    now = at.timestamp()
    said = [clue for clue in clues.times if clue.code in {"age", "age_last", "weekday", "date"} and clue.high > -1]
    spans = [(max(clue.low, 0.0), min(clue.high, clue.low + 14)) for clue in said[:3]] or [(0.0, 14.0)]
    weeks = {_week(now - days * _DAY) for low, high in spans for days in (low, (low + high) / 2, high)}
    return sorted(weeks)


def _months(clues: PostClues, at: datetime) -> set[str]:
    return {str(week // _WEEKS_A_MONTH) for week in _weeks(clues, at)}


def _no_digits(text: str) -> str:
    return text.rstrip("0123456789")
