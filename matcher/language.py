"""Which language a post is in, and when that cannot be said."""

import re
from math import log
from typing import NamedTuple

from matcher.heads import LANGUAGES, OTHER_LANGUAGE, GramLogits, Heads
from matcher.lexis import OTHER, Counted, lexis

UNKNOWN = "und"
_SURE = 0.5
_SURE_ENGLISH = 0.8
_SURE_AGAINST_PLATFORM = 0.9
_ENOUGH_LETTERS = 8
_MANY_LETTERS = 20
_LETTERS_OF_A_LINE = 40
_ENOUGH_WORDS, _SOME_WORDS = 3, 2
_HARDLY = 1 / 3
_PER_WORD, _PER_LEVEL, _FOR_ENGLISH = 2.0, 0.3, 1.0
_LEAST_ODDS = 0.001
_LATIN_END = 0x250
_WORD = re.compile(r"[a-z']+")
_LAUGH = re.compile(r"a?h[aeh]+|lo+l+|lmf?ao+|rofl")
_COMMON = (
    "fantastic delicious gorgeous congratulations congrats wonderful brilliant beautiful lovely amazing awesome great "
    "outstanding stunning perfect superb fabulous hilarious thanks thank thankyou you cheers nice love loved yum yummy "
    "tasty wow ever good morning happy birthday well done yes yeah nope please sorry ok okay omg ridiculous awful "
    "terrible horrible appalling disgusting disgraceful useless rubbish shocking shambles unbelievable pathetic worst "
    "broken still waiting nothing anyone anything update this it's my your what where why here food beer coffee mate"
)
_ENGLISH = frozenset(_COMMON.split())


class Speech(NamedTuple):
    """What tells a language: ``words`` without handles and links, and what their n-grams add up to."""

    words: str
    grams: GramLogits


def detect(said: Speech, heads: Heads, claimed: str | None) -> str:
    """Return one of the model's languages, or ``und``.

    ``claimed`` is the platform's own BCP 47 tag: it settles texts too short to tell, and a claim of a language
    that the model does not know is overruled only by a clear reading. Of a text of few letters neither that claim
    nor the n-grams make an unknown one alone; a text without letters, of emoji say, is in no unknown language.
    Without a claim a short text is in the language that most of its words belong to, and the n-grams decide where
    that is true of several. A text of three words or more is in no language that hardly has one of them.
    """
    return _detect(said, heads, _base(claimed))


def detect_reply(said: Speech, thread: Speech, heads: Heads, claimed: str | None) -> str:
    """Return the language of a reply; one of few letters is taken to be in that of its thread, as far as it may be.

    ``thread`` is the reply together with what it answers.
    """
    few = len(_letters(said.words)) < _MANY_LETTERS
    return _detect(said, heads, detect(thread, heads, claimed) if few else _base(claimed))


def in_foreign_script(words: str) -> bool:
    """Say whether most letters are of a script in which none of the model's languages is written."""
    return _mostly_foreign(_letters(words))


def _detect(said: Speech, heads: Heads, tag: str | None) -> str:
    letters = _letters(said.words)
    if not letters:
        return tag if tag in LANGUAGES else "en"
    if _mostly_foreign(letters):
        return UNKNOWN
    odds = dict(zip(heads.card.languages, heads.languages(said.grams).tolist(), strict=True))
    line = not tag and len(letters) < _LETTERS_OF_A_LINE and odds[OTHER_LANGUAGE] < _SURE_AGAINST_PLATFORM
    found = _by_words(lexis().count(said.words), odds) if line else None
    if found is None:
        few = len(letters) < _MANY_LETTERS
        found = _of_few(said.words, len(letters), odds, tag) if few else _of_many(odds, tag)
    strange = found not in (UNKNOWN, tag) and _is_strange(lexis().count(said.words), found, odds)
    return UNKNOWN if strange else found


def _by_words(counted: Counted, odds: dict[str, float]) -> str | None:
    """Give the language that most of the words speak for, with the n-grams; None where none has most of them.

    Where several have most, how many these are and how common counts, and English has the benefit of the doubt.
    """
    known = counted.known
    if known[OTHER] >= _SOME_WORDS and known[OTHER] == max(known.values()):
        return UNKNOWN
    if known["en"] == counted.words == 1:
        return "en"
    weights = {
        name: _PER_WORD * known[name] + _PER_LEVEL * counted.common[name] + log(odds[name] + _LEAST_ODDS)
        for name in LANGUAGES
        if (known[name] and known[name] * 2 >= counted.words) or (name != "en" and odds[name] >= _SURE_AGAINST_PLATFORM)
    }
    if "en" in weights:
        weights["en"] += _FOR_ENGLISH
    return max(weights, key=lambda name: weights[name], default=None)


def _is_strange(counted: Counted, lang: str, odds: dict[str, float]) -> bool:
    """Say whether a language has hardly any of the words, or one that the model does not know has several others.

    The n-grams know names and compounds that no list has; but they take for English what they do not know.
    """
    known, others = counted.known[lang], counted.known[OTHER]
    if counted.words < _ENOUGH_WORDS:
        return False
    least = _HARDLY if lang == "en" or odds[lang] < _SURE_AGAINST_PLATFORM else _HARDLY / 2
    return known < counted.words * least or (others >= _SOME_WORDS and others >= max(counted.words / 5, known / 2))


def _of_few(words: str, letters: int, odds: dict[str, float], tag: str | None) -> str:
    best = max(odds, key=lambda name: odds[name])
    if tag in LANGUAGES:
        sure = letters >= _ENOUGH_LETTERS and odds[best] >= _SURE_AGAINST_PLATFORM
        return _named(best) if sure else tag
    if letters < _ENOUGH_LETTERS:
        return UNKNOWN if tag and best == OTHER_LANGUAGE and not _is_english(words) else "en"
    if best in LANGUAGES and odds[best] >= (_SURE if best == "en" or not tag else _SURE_AGAINST_PLATFORM):
        return best
    if _is_english(words):
        return "en"
    return UNKNOWN if tag or odds[OTHER_LANGUAGE] >= _SURE else max(LANGUAGES, key=lambda name: odds[name])


def _of_many(odds: dict[str, float], tag: str | None) -> str:
    best = max(odds, key=lambda name: odds[name])
    if best not in LANGUAGES:
        return UNKNOWN
    if tag and tag != best:
        sure = odds[best] >= (_SURE_ENGLISH if best == "en" and tag not in LANGUAGES else _SURE_AGAINST_PLATFORM)
        return best if sure else _named(tag)
    return best if odds[best] >= _SURE or tag == best else UNKNOWN


def _is_english(words: str) -> bool:
    """Say whether most words are common English ones, or laughter: the n-grams of two words may not tell."""
    found = _WORD.findall(words.lower().replace("’", "'"))
    known = sum(word in _ENGLISH or _LAUGH.fullmatch(word) is not None for word in found)
    return known > 0 and known * 2 >= len(found)


def _mostly_foreign(letters: list[str]) -> bool:
    return sum(ord(sign) >= _LATIN_END for sign in letters) * 2 > len(letters)


def _letters(text: str) -> list[str]:
    return [sign for sign in text if sign.isalpha()]


def _named(language: str) -> str:
    return language if language in LANGUAGES else UNKNOWN


def _base(tag: str | None) -> str | None:
    """Return the two-letter part of a tag; X's codes for no language (und, qme, zxx, ...) claim nothing."""
    base = (tag or "").lower().replace("_", "-").split("-")[0]
    return base if len(base) == 2 else None
