"""Whom a poster speaks for: relation, gender and the name that they give, in seven languages."""

from collections.abc import Container
from functools import lru_cache

import msgspec

from matcher.at_large import at_large
from matcher.folding import Word
from matcher.introduced import introduced
from matcher.kin_lexicon import Gender, Relation, joined, lexicon
from matcher.relation_clue import RelationClue
from matcher.stopwords import STOPWORDS
from matcher.timewords import MONTHS, WEEKDAYS

_POSSESSED_ALIASES: dict[str, tuple[Relation, Gender]] = {"man": ("spouse", "m"), "homme": ("spouse", "m")}
_POSSESSED_WITHIN = 5  # words, as in "my poor 80 year old mum"
_YOUNG = {"kid", "baby", "lad", "girl", "boy"}  # of "kid brother" and "boy cousin"
_FORMER = {"ex", "former"}
_GENITIVES = {"meiner", "meines", "unserer", "unseres"}
_WARES = {"", "ben", "bessie", "jemima", "sam", "emma", "pepe", "maria"}  # "Uncle Ben's", "Tia Maria"; or no name
_OTHERS = {"he", "she", "they", "who", "has", "he's", "she's"}
_PRONOUNS: dict[str, set[str]] = {
    "f": {"she", "sie", "elle", "ella", "ela", "lei", "zij", "ze", "she's"},
    "m": {"he", "er", "il", "el", "ele", "lui", "hij", "he's"},
}


def relations(text: str, found: list[Word], given_names: frozenset[str]) -> list[RelationClue]:
    """Give the people a text speaks of, the likeliest owner first; ``given_names`` are folded."""
    known, found = _words_of_people(given_names), joined(found)
    persons = [n for n, word in enumerate(found) if word.text.removesuffix("'s") in known]
    clues = [
        clue
        for index in persons
        if (clue := introduced(text, found, index, given_names) or _spoken_of(text, found, index, given_names))
    ]
    clues += [clue for index in persons if (clue := _of_theirs(found, index))]
    clues += _phrases(found)
    own = self_strength(found, given_names) if clues else 0.0
    weighed = [msgspec.structs.replace(c, strength=round(c.strength * (1 - 0.45 * own), 3)) for c in clues]
    return sorted(weighed, key=lambda clue: -clue.strength)


@lru_cache(maxsize=4)
def _words_of_people(given_names: frozenset[str]) -> frozenset[str]:
    return frozenset((*lexicon().people, *lexicon().nominal, *_POSSESSED_ALIASES, *given_names))


def self_strength(found: list[Word], given_names: Container[str] = ()) -> float:
    """Say from 0 to 1 how surely a text tells that the poster did the contacting or the buying."""
    said = [word.text for word in found]
    possible = ((at, phrase.split(" ")) for at, word in enumerate(said) for phrase in lexicon().own_acts.get(word, ()))
    acts = (at for at, phrase in possible if said[at : at + len(phrase)] == phrase)
    return 1.0 if any(not _of_another(said, at, given_names) for at in acts) else 0.0


def _of_another(said: list[str], index: int, given_names: Container[str]) -> bool:
    """Whether somebody else stands right before an act that names nobody itself: "my husband emailed you"."""
    before = said[index - 1] if index and said[index] in lexicon().around["did"] else ""
    named = before in given_names and before not in STOPWORDS and before not in MONTHS and before not in WEEKDAYS
    return bool(before) and (before in lexicon().people or named or before in _OTHERS)


def _spoken_of(text: str, found: list[Word], index: int, given_names: frozenset[str]) -> RelationClue | None:
    word = found[index].text
    bare = word.removesuffix("'s")
    known = lexicon().people.get(bare)
    start = _possessive(found, index)
    if known is None and start is not None and bare in _POSSESSED_ALIASES:
        known = _POSSESSED_ALIASES[bare]
    if start == index - 1 and bare in lexicon().nominal and _stands_alone(text, found, index):
        known = lexicon().nominal[bare]
    if start is not None and known is None and bare in given_names and _is_my_graham(text, found, start, index):
        together = found[start].text in lexicon().around["ours"]
        return _clue(found, start, index, "relative" if together else "spouse", "", bare)
    if known is not None and start is None:
        start = at_large(text, found, index, known[0])
    if known is None or (start is None and not _stands_bare(text, found, index, given_names)):
        return None
    follows = found[index + 1].text.removesuffix("'s") if index + 1 < len(found) else ""
    if bare in _YOUNG | _FORMER and follows in lexicon().people:
        return None
    if start is None and (bare in lexicon().around["possessed"] or _is_a_role(found, index)):
        return None
    named = _name_after(text, found, index, given_names)
    relation = "relative" if index and found[index - 1].text in _FORMER else known[0]
    return _clue(found, index if start is None else start, index, relation, known[1], named)


def _of_theirs(found: list[Word], index: int) -> RelationClue | None:
    """Read "my girlfriend's dad", "der Vater meiner Freundin", "il padre della mia ragazza": the first one owns it."""
    known, said = lexicon().people, [word.text for word in found[index : index + 4]]
    if said[0] not in known:
        return None
    inner = found[index - 1].text if index else ""
    if inner.endswith("'s") and inner.removesuffix("'s") in known and _possessive(found, index - 1) is not None:
        first, last = index - 1, index
    elif len(said) > 2 and said[1] in _GENITIVES and said[2] in known:
        first, last = index, index + 2
    elif len(said) > 3 and said[1] in lexicon().around["of"] and said[2] in lexicon().around["possessive"]:
        first, last = index, index + 3 if said[3] in known else 0
    else:
        return None
    return _clue(found, first, last, "relative", known[said[0]][1], "") if last else None


def _stands_bare(text: str, found: list[Word], index: int, given_names: frozenset[str]) -> bool:
    """Whether a word means the poster's own person without "my": "Mum rang", "Auntie Jean rang", but no "Uncle Ben"."""
    word = found[index].text.removesuffix("'s")
    titled = word in lexicon().around["titled"] and _name_after(text, found, index, given_names) not in _WARES
    return titled or word in lexicon().around["bare"]


def _is_a_role(found: list[Word], index: int) -> bool:
    """Whether "a" stands before the word: "off being a dad" and "as a nan of six" mean the poster, or anybody."""
    return index > 0 and found[index - 1].text in lexicon().around["one"]


def _stands_alone(text: str, found: list[Word], index: int) -> bool:
    """Whether an adjective means a person: written as a noun (German), or a verb or a mark follows."""
    word = found[index]
    if word.text.endswith("'s") or index + 1 == len(found):
        return True
    follows, around = found[index + 1], lexicon().around
    noun = text[word.start].isupper() and not text[follows.start].isupper()
    marked = text[word.end : follows.start].strip()[:1] in set(".!?:;…")
    acts = follows.text in around["verb"] | around["act"] or follows.text.endswith("ed")
    return noun or acts or (marked and follows.start > word.end + 1)


def _is_my_graham(text: str, found: list[Word], start: int, index: int) -> bool:
    """Whether a given name right after "my" is written as a name: with a capital, or as an owner ("my graham's")."""
    word, around = found[index], lexicon().around
    bare = word.text.removesuffix("'s")
    beside = start == index - 1 and found[start].text in around["own_name"] and bare not in around["no_name"]
    after = found[index + 1].start if index + 1 < len(found) else None
    ware = after is not None and after == word.end + 1 and text[after].isupper() and not text.isupper()
    return (
        beside
        and not ware
        and text[found[start].end : word.start] == " "
        and (text[word.start].isupper() or (word.text.endswith("'s") and bare not in around["noun_too"]))
        and word.text not in lexicon().around["filler"]
    )


def _possessive(found: list[Word], index: int) -> int | None:
    for back in range(1, _POSSESSED_WITHIN + 1):
        if index - back < 0:
            return None
        word = found[index - back].text
        if word in lexicon().around["possessive"]:
            return index - back
        if word not in lexicon().around["filler"] and not word.isdigit():
            return None
    return None


def _name_after(text: str, found: list[Word], index: int, given_names: frozenset[str]) -> str:
    if index + 1 >= len(found) or found[index].text.endswith("'s"):
        return ""
    word = found[index + 1]
    name = word.text.removesuffix("'s")
    if name not in given_names or text[found[index].end : word.start].strip(" ,(") != "":
        return ""
    return name if _is_written_as_name(text, found, word) else ""


def _is_written_as_name(text: str, found: list[Word], word: Word) -> bool:
    """Whether a name has its capital; where no word of the text has one, or every letter is one, none is needed."""
    shown = text[word.start : word.end]
    if shown[:1].isupper() and not shown.isupper():
        return True
    around, name = lexicon().around, word.text
    if (
        name in STOPWORDS
        or name in around["no_name"]
        or name in MONTHS
        or (text.isupper() and name in around["noun_too"])
    ):
        return False
    return text.isupper() or not any(_is_capitalised(text[one.start : one.end]) for one in found)


def _is_capitalised(shown: str) -> bool:
    return len(shown) > 1 and shown[0].isupper() and not shown.isupper() and not shown.startswith(("I'", "I’"))


def _clue(found: list[Word], first: int, last: int, relation: Relation, gender: Gender, named: str) -> RelationClue:
    said = " ".join(word.text for word in found[first : last + 1])
    strength = _strength(found, last, gender)
    span = (found[first].start, found[last].end)
    return RelationClue("relation", said, *span, relation=relation, gender=gender, named=named, strength=strength)


def _strength(found: list[Word], index: int, gender: Gender) -> float:
    """Weigh whether the person spoken of did the contacting: an act right after, or he/she with an act anywhere."""
    near = [word.text for word in found[index + 1 : index + 9]]
    score = 0.3
    if found[index].text.endswith("'s"):
        score += 0.35
    if any(word in lexicon().around["act"] for word in near) and not (near and near[0] in lexicon().around["first"]):
        score += 0.4
    if _pronoun_acts(found, gender):
        score += 0.3
    return min(score, 1.0)


def _pronoun_acts(found: list[Word], gender: Gender) -> bool:
    wanted = _PRONOUNS.get(gender, _PRONOUNS["f"] | _PRONOUNS["m"] | {"they"})
    return any(
        word.text in wanted and any(later.text in lexicon().around["act"] for later in found[i + 1 : i + 4])
        for i, word in enumerate(found)
    )


def _phrases(found: list[Word]) -> list[RelationClue]:
    texts = [word.text.removesuffix("'s") for word in found]
    clues: list[RelationClue] = []
    seen: set[str] = set()
    known = lexicon().phrases
    for index, text in enumerate(texts):
        follows = texts[index + 1] if index + 1 < len(texts) else ""
        beginning = known.get(text, {})
        for parts, relation, gender in (*beginning.get("", ()), *beginning.get(follows, ())):
            phrase = " ".join(parts)
            if phrase not in seen and texts[index : index + len(parts)] == parts:
                seen.add(phrase)
                clues.append(_clue(found, index, index + len(parts) - 1, relation, gender, ""))
    return clues
