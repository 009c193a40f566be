"""Display names: what people call themselves on a platform, read as far as it is a name."""

import re

import msgspec

from matcher.folding import fold
from matcher.names import PARTICLES, TITLES, Names, PersonName, parts_of
from matcher.scripts import latin
from matcher.stopwords import STOPWORDS
from matcher.variants import undiminished

_HARDLY_A_NAME = 9.0  # nats, of a word without a capital beside others: "moss & mould"
_COMMON_GIVEN = 6.0  # nats
_COMMON_SURNAME = 9.0  # nats: one in eight thousand
_SHOUTED = re.compile(r"[A-Z]{2,4}FC|[B-DF-HJ-NP-TV-XZ]{3,6}|FBPE|BLM|ACAB|MAGA|YNWA|COYG|COYS|GTTO|NHS|EU")
_STARRED = re.compile(r"(?<=[^\W\d_])\*(?=[^\W\d_])")  # "Ma*rij*ke"
_DOTTED = re.compile(r"(?:[^\W\d_]\.\s?){2,4}")  # "M.W."
_HYPHENATED = re.compile(r"[^\W\d_]{2,}-[^\W\d_]{2,}")
_DIVIDED = re.compile(
    r"[|/•·,:;(\[–—]|\s-\s|\s(?:in|from|aus|von hier|at|and|&|und|et|y)\s|(?<=[^\W\d_])[&+](?=[^\W\d_])"
)
_COUPLE = re.compile(
    r"(?i)^\W*(?:mr|mister|herr|sr|señor|senhor|monsieur|sig|signor|dhr|meneer)\.?\s*(?:&|\+|and|und|et|y|e|en)\s*"
    r"(?:mrs|ms|frau|sra|señora|senhora|madame|mme|signora|mevrouw)\b\.?"
)
_ROLES = frozenset((
    "old", "big", "grandma", "grandpa", "granny", "gran", "nan", "nana", "nanna", "nanny", "auntie", "aunty", "uncle",
    "mama", "mam", "mum", "mom", "mummy", "mommy", "papa", "dada", "daddy", "opa", "oma", "omi", "opi", "tante",
    "onkel", "tio", "tia", "zio", "zia", "papy", "papi", "mamie", "tatie", "tonton", "nonna", "nonno", "abuela",
    "abuelo", "yaya", "vovo",
))  # fmt: skip
_TRAITS = frozenset((
    "wee", "lil", "little", "tall", "tiny", "ginger", "grumpy", "happy", "crazy", "mad", "angry", "sad", "tired",
    "sleepy", "lazy", "super", "lucky", "lady", "queen", "king", "sir", "nurse", "coach", "captain", "capt", "dj",
    "mc", "sister", "sis", "brother", "bro", "chef", "farmer", "doctor", "sweet", "petit", "petite", "gros", "grosse",
    "grand", "grande", "kleine", "kleiner", "dicke", "dicker", "wilde",
))  # fmt: skip
_OF_PHRASES = {"am", "and", "are", "at", "auf", "aus", "ausm", "avec", "con", "for", "from", "in", "is", "it", "las",
               "les", "los", "mein", "meine", "met", "mi", "mit", "mon", "my", "no", "of", "off", "on", "op", "our",
               "por", "pour", "sans", "senza", "sin", "sur", "to", "und", "up", "vom", "with", "your"}  # fmt: skip
"""Words that a display name has only where it is no name, but a phrase."""


def shown_name(name: str, names: Names) -> PersonName:
    """Read a display name. ``full`` is set only where it surely is a person's whole name."""
    written, name = name, _without_slogans(latin(_STARRED.sub("", _COUPLE.sub("", name))), names)
    if _DOTTED.fullmatch(name.strip()):
        first, *_, last = fold(name).replace(" ", "").rstrip(".").split(".")
        return PersonName(first, last, (last,), (first,), True)
    words, whole = _words(_name_part(name)), _words(_head(name))
    if not words or len(words) > 5 or _is_phrase(whole, names):
        return PersonName()
    words = _before_phrase(_without_role(words, names), whole, names)
    if len(words) == 1:
        ordinary = " " in name.strip() and _is_ordinary(words[0], name, names)
        return PersonName() if ordinary else _single(words[0], names)
    read = _of_several(words, name, names)
    return read if latin(written) == written else msgspec.structs.replace(read, full=False)


def _of_several(words: list[str], name: str, names: Names) -> PersonName:
    first, last = words[0], words[-1]
    if _are_first_names(words, name, names):
        return PersonName(given=first, givens=tuple(words))
    if len(last) == 1 and len(first) > 1:
        back = names.is_surname(first) and not names.is_given(first)  # "kowalska_a"
        return PersonName(last, first, (first,), (last,)) if back else PersonName(first, last, (), (first,))
    if _is_no_surname(last, names):
        return PersonName(given=first, givens=(first,)) if names.is_given(first) else PersonName()
    read = names.person(" ".join(words))
    sure = names.is_given(first) or (len(first) == 1 and names.is_surname(last))
    sure = sure and not _is_ordinary(first, name, names) and len(words) <= 4
    return read if sure else msgspec.structs.replace(read, full=False)


def _words(name: str) -> list[str]:
    """Give the words of a name without titles; behind the first, an M or an A is none, nor is "A." before it."""
    parts = parts_of(name)
    dotted = re.match(r"\s*[Aa]\.", name) is not None
    return [part for n, part in enumerate(parts) if part not in TITLES or (part in {"m", "a"} and (n > 0 or dotted))]


def _without_role(words: list[str], names: Names) -> list[str]:
    """Leave out what stands before a first name: "Nana Pat", "Grumpy Alan"."""
    told = words[0] in _ROLES or (len(words) == 2 and words[0] in _TRAITS)
    return words[1:] if told and len(words) > 1 and names.is_given(words[1]) else words


def _are_first_names(words: list[str], name: str, names: Names) -> bool:
    """Whether a name is two first names: "Sarah-Jane", "Jan-Willem", "Tom&Anna"; the second is no common surname."""
    if len(words) != 2 or not all(len(word) > 1 and names.is_given(word) for word in words):
        return False
    first_name = names.given_alone(words[1]) <= _COMMON_GIVEN and names.surname_surprise(words[1]) >= _COMMON_SURNAME
    return _HYPHENATED.search(name) is not None or first_name


def _without_slogans(name: str, names: Names) -> str:
    """Leave out tags and the shouted letters of clubs and causes: "Sarah #FBPE", "Dave LUFC"."""
    first, *rest = name.split() or [""]
    return " ".join([first, *(part for part in rest if not _is_slogan(part, names, among=name))])


def _is_slogan(part: str, names: Names, *, among: str) -> bool:
    known = names.is_surname(fold(part)) or names.is_given(fold(part))
    shouted = _SHOUTED.fullmatch(part) and among != among.upper() and not known
    return part.startswith("#") or bool(shouted)


def _before_phrase(words: list[str], whole: list[str], names: Names) -> list[str]:
    """Leave out the phrase behind a given name: "Marjo op pad", "Marg on Wheels"."""
    small = _small(whole)
    return words[: small[0]] if small and small[0] and names.is_given(words[0]) else words


def _is_phrase(words: list[str], names: Names) -> bool:
    """Whether a display name is one like "Not My Circus": small words in it, and no given name to begin with."""
    small = _small(words)
    named = len(words) > 1 and names.is_given(words[0]) and names.is_surname(words[-1])  # "Con Murphy"
    if not small or (small == [0] and named):
        return False
    return small[0] == 0 or words[0] in PARTICLES or not names.is_given(words[0])


def _is_ordinary(word: str, name: str, names: Names) -> bool:
    """Whether the first word of a display name without capitals is hardly a name, as in "see-through living"."""
    rare = names.given_surprise(word) >= _HARDLY_A_NAME or word in STOPWORDS
    return rare and len(word) > 1 and name == name.lower()


def _is_no_surname(word: str, names: Names) -> bool:
    """Whether a word that ends a display name is an ordinary one, as in "Jo Reads"."""
    return word in names.no_surnames and names.surname_surprise(word) > _COMMON_SURNAME


def _single(word: str, names: Names) -> PersonName:
    """Read one word: a first name, a diminutive of one ("Alvarito"), or a surname, "Hendersons" among them."""
    if names.is_given(word) or any(names.is_given(name) for name in undiminished(word)):
        return PersonName(given=word, givens=(word,))
    last = word[:-1] if word.endswith("s") and not names.is_surname(word) and names.is_surname(word[:-1]) else word
    return PersonName(last=last, lasts=(last,)) if len(last) > 3 else PersonName()


def _small(words: list[str]) -> list[int]:
    """Give the places of words that only phrases have; "de los Santos" is a surname."""
    return [n for n, word in enumerate(words) if word in _OF_PHRASES and not (n and words[n - 1] == "de")]


def _name_part(name: str) -> str:
    """Give the part of a display name that may be a name: words before a mark or a small word ("Gaz in Plymouth")."""
    words = _head(name).split()
    if words and words[0][:1].isupper():
        words = [word for word in words if word != word.lower() or fold(word) in PARTICLES]
    return " ".join(words)


def _head(name: str) -> str:
    return _DIVIDED.split(name.strip())[0] or name
