"""Names of people: parts, short forms, gender, rarity; read from a display name, a handle or a CRM record."""

import re
from collections.abc import Iterator
from functools import cache, lru_cache

import msgspec

from matcher.folding import fold
from matcher.irish import anglicised
from matcher.scripts import latin
from matcher.shelf import lines
from matcher.variants import diminutive, sounds_alike, with_z

_SHARE_OF_WOMEN = {"f": 0.97, "m": 0.03, "-": 0.5}
_KEPT = 32768  # names, and pairs of names
_UNLISTED_SURNAME = 10.5  # less than the rarest listed ones: many are common in other countries
_UNLISTED_GIVEN = 9.5
_LISTED_GIVEN = 8.0
_OFTEN_ITS_OWN = 9.0  # nats, of a name that is more than the beginning of others
_LEAST_CUT = 3  # letters of a name that is cut short
_WOMEN = {"mrs", "ms", "miss", "dame", "frau", "frl", "fraulein", "mme", "madame", "mlle", "mademoiselle", "sra",
          "srta", "senora", "senorita", "senhora", "dona", "dra", "sigra", "signora", "signorina", "mevr", "mevrouw",
          "mw"}  # fmt: skip
_MEN = {"mr", "mister", "sir", "herr", "herrn", "hr", "monsieur", "sr", "senor", "senhor", "don", "sig", "signor",
        "signore", "dhr", "meneer", "mijnheer"}  # fmt: skip
ADDRESSED = {form: gender for gender, forms in (("f", _WOMEN), ("m", _MEN)) for form in forms}
"""Forms of address, folded, with the gender that they tell."""
_FORMS = ADDRESSED.keys() | {
    "mx", "fr", "dr", "doctor", "doktor", "docteur", "doutor", "dott", "dottssa", "dottore", "dottoressa", "prof",
    "profssa", "professor", "rev", "ing", "dipling", "drs", "ir", "avv", "familie", "family", "famille", "familia",
    "famiglia",
}  # fmt: skip
TITLES = _FORMS | {"m", "the", "it's", "its", "just", "only", "official", "real", "not", "a", "an", "im", "i'm", "dad",
                    "mum", "mode"}  # fmt: skip
_AFTER = {"jr", "snr", "jnr", "ii", "iii", "phd", "md", "msc", "bsc", "ba", "ma", "mba", "obe", "mbe", "cbe", "esq"}
_MORE_COMMON = 2.0  # nats by which a word must be commoner as a surname to be read as one where it stands alone
PARTICLES = {"de", "da", "do", "dos", "das", "del", "della", "di", "du", "la", "le", "van", "von", "der", "den", "ter",
              "ten", "al", "el", "bin", "mac", "mc", "o", "st", "san", "y", "e", "zu", "zur", "af"}  # fmt: skip


class PersonName(msgspec.Struct, frozen=True, gc=False):
    """A name in folded parts. ``given`` and ``last`` may be empty; an initial is a part of one letter.

    ``lasts`` holds every part that may be a surname (double names, two Spanish surnames).
    """

    given: str = ""
    last: str = ""
    lasts: tuple[str, ...] = ()
    givens: tuple[str, ...] = ()
    full: bool = False


class Names:
    """What is known of given names, short forms and surnames; lists are read once."""

    def __init__(self) -> None:
        """Read the shipped lists."""
        self.women: dict[str, float] = {}
        self._given: dict[str, float] = {}
        self._surnames: dict[str, float] = {}
        self._short: dict[str, set[str]] = {}
        self._read_given()
        self._read_surnames()
        self._read_short_forms()
        self.canonical = lru_cache(maxsize=_KEPT)(self._canonical)
        """Give the names that a given name may stand for, itself among them."""
        self.same_given = lru_cache(maxsize=_KEPT)(self._same_given)
        """Whether two given names may be one person's: equal, a short form, or two short forms of one name."""
        self.no_surnames = {word for line in lines("words_not_surnames.txt") for word in line.split()}
        self.given_names = frozenset(self._given) | frozenset(self._short)

    def _read_given(self) -> None:
        for line in lines("given_names.csv.gz"):
            name, women, surprise = line.split(",")
            self.women[name], self._given[name] = float(women), float(surprise)
        for line in lines("given_names_more.txt"):
            gender, _, rest = line.partition(":")
            for name in fold(rest).split():
                share = _SHARE_OF_WOMEN[gender]
                known = self.women.get(name)
                self.women[name] = share if known is None or gender == "-" else (share + known) / 2
                self._given.setdefault(name, _LISTED_GIVEN)
        for name, most in _common("given_names_common.txt"):
            self._given[name] = min(most, self._given.get(name, _UNLISTED_GIVEN))

    def _read_surnames(self) -> None:
        for line in lines("surnames.csv.gz"):
            name, surprise = line.split(",")
            self._surnames[name] = float(surprise)
        for name, most in _common("surnames_common.txt"):
            self._surnames[name] = min(most, self._surnames.get(name, _UNLISTED_SURNAME))

    def _read_short_forms(self) -> None:
        pairs = [line.split(",") for line in lines("nicknames.csv.gz")]
        for line in lines("nicknames_more.txt"):
            canonical, _, rest = fold(line).partition(":")
            pairs += [[canonical.strip(), short] for short in rest.split()]
        for canonical, short in pairs:
            self._short.setdefault(short, set()).add(canonical)

    def short_forms(self) -> dict[str, set[str]]:
        """Give every short form with the names that it may stand for."""
        return self._short

    def _canonical(self, given: str) -> frozenset[str]:
        return frozenset(self._short.get(given, set()) | {given})

    def _same_given(self, one: str, other: str) -> bool:
        sounds = sounds_alike(one, other) and {self.gender(one), self.gender(other)} != {"f", "m"}
        alike = sounds or with_z(one, other) or with_z(other, one)
        alike = alike or diminutive(one, other) or diminutive(other, one)
        return one == other or alike or self._short_forms_of_one(one, other)

    def _short_forms_of_one(self, one: str, other: str) -> bool:
        """Whether one is short for the other, or both for a third name; "Sandra" is too common to be short for that."""
        own = self._given
        return any(
            name in (one, other)
            or min(own.get(one, _UNLISTED_GIVEN), own.get(other, _UNLISTED_GIVEN)) >= own.get(name, 0.0)
            for name in self.canonical(one) & self.canonical(other)
        )

    def cut_short(self, short: str, whole: str) -> bool:
        """Whether a name may be another one cut short, as "Cam" is of Camille; Paul is none of Paula's."""
        opposite = {self.gender(short), self.gender(whole)} == {"f", "m"}
        own = self._given.get(short, _UNLISTED_GIVEN) < _OFTEN_ITS_OWN  # as Jan is beside Jane
        return len(short) >= _LEAST_CUT and whole.startswith(short) and not opposite and not own

    def gender(self, given: str) -> str:
        """Give ``f`` or ``m`` where a given name is nearly always that, else an empty string."""
        share = self.women.get(given)
        if share is None:
            shares = [self.women[name] for name in self._short.get(given, ()) if name in self.women]
            share = sum(shares) / len(shares) if shares else None
        return "" if share is None or 0.1 < share < 0.9 else ("f" if share >= 0.9 else "m")

    def is_given(self, word: str) -> bool:
        """Whether a folded word is a known given name or short form."""
        return word in self.given_names

    def is_surname(self, word: str) -> bool:
        """Whether a folded word is a listed surname."""
        return word in self._surnames

    def surname_surprise(self, last: str) -> float:
        """Give -log of how common a surname is, in nats; the case base itself may say otherwise."""
        return self._surnames.get(last, _UNLISTED_SURNAME if len(last) > 2 else 5.0)

    def given_surprise(self, given: str) -> float:
        """Give -log of how common a given name is, in nats."""
        known = (self._given[name] for name in self.canonical(given) if name in self._given)
        return min(known, default=_UNLISTED_GIVEN)

    def given_alone(self, given: str) -> float:
        """Give the same of the name itself, not of what it may be short for."""
        return self._given.get(given, _UNLISTED_GIVEN)

    def person(self, name: str) -> PersonName:
        """Read a CRM's name, in the order given name, surnames, or the other way about with a comma between."""
        name = latin(name)
        said = parts_of(_dotless(self._in_order(name) if "," in name else name))
        parts = [part for part in said if part not in TITLES or part in {"m", "don", "real"}]
        if not parts:
            return PersonName()
        if len(parts) == 1:
            return self._alone(parts[0], titled=said[0] in _FORMS)
        if parts[0] in PARTICLES and not self.is_given(parts[0]):
            return PersonName("", parts[-1], _telling(parts), (), False)
        rest = parts[1:]
        middle = [part for part in rest[:-1] if self.is_given(part) and not self.is_surname(part)]
        lasts = _telling([part for part in rest if part not in middle and len(part) > 1]) or (rest[-1],)
        return PersonName(parts[0], rest[-1], lasts, (parts[0], *middle), True)

    def _in_order(self, name: str) -> str:
        """Put what stands before a comma last: "Harlow, Mark"; a degree or a second person after it is left out."""
        first, _, second = name.partition(",")
        head, tail = _bare_parts(first), _bare_parts(second)
        if not head or not tail:
            return f"{first} {second}" if not head else first
        opens = self.is_given(tail[0]) or len(tail[0]) == 1
        if len(head) > 1 and (not opens or (self.is_given(head[0]) and len(tail) > 1)):
            return first
        if len(head) == 1 and self.is_given(head[0]) and not opens:
            return f"{first} {second}"
        return f"{second} {first}"

    def _alone(self, word: str, *, titled: bool) -> PersonName:
        """Read a name of one word: a surname after a form of address, else a given name where it is listed as one."""
        rarer = self.given_surprise(word) - self.surname_surprise(word)
        if titled or not self.is_given(word) or rarer > _MORE_COMMON:
            return PersonName("", word, (word,), (), False)
        return PersonName(given=word, givens=(word,))

    def addressed(self, name: str) -> str:
        """Give ``f`` or ``m`` where a CRM's name begins with a form of address that says so, else an empty string."""
        told = {ADDRESSED[part] for part in parts_of(_dotless(name)) if part in ADDRESSED}
        return told.pop() if len(told) == 1 else ""


def parts_of(name: str) -> list[str]:
    bare = re.sub(r"[(\[{][^)\]}]{0,80}[)\]}]|@\S+", " ", fold(name)).replace("'", "")
    return anglicised([part for part in re.split(r"[^a-z0-9]+", bare) if part and not part.isdigit()])


def _dotless(name: str) -> str:
    """Write "Dott.ssa", "Dipl.-Ing." and "De heer" as one word, so that it is known as a title."""
    joined = re.sub(r"(?i)\b(dott|prof|sig)\.(ssa|ra)\b|\b(dipl)\.?[ -]?(ing)\b", r"\1\2\3\4", name)
    return re.sub(r"(?i)^\s*de heer\b", "dhr", joined)


def _bare_parts(name: str) -> list[str]:
    return [part for part in parts_of(name) if part not in _FORMS and part not in _AFTER]


def _telling(parts: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part for part in parts if part not in PARTICLES))


def _common(list_of: str) -> Iterator[tuple[str, float]]:
    """Give the names of a list of common ones, folded, each with how common it is at least."""
    for line in lines(list_of):
        most, _, rest = line.partition(":")
        yield from ((name, float(most)) for name in rest.replace("'", "").split())


@cache
def shared_names() -> Names:
    """Give the one reading of the lists that all parts of the process share."""
    return Names()
