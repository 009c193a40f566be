"""The words of kin and of others whom a poster may speak for, in seven languages, as the shipped list has them."""

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import product
from typing import Literal

import msgspec

from matcher.folding import Word
from matcher.shelf import lines

Relation = Literal[
    "spouse", "child", "parent", "grandparent", "grandchild", "sibling", "inlaw", "relative", "friend", "flatmate",
    "neighbour", "colleague", "carer", "other",
]  # fmt: skip
Gender = Literal["f", "m", ""]
Phrase = tuple[list[str], Relation, Gender]


class Lexicon(msgspec.Struct, frozen=True):
    """The words of relations: ``people`` by word, ``phrases`` by two words, ``around`` what stands beside them.

    ``own_acts`` are the phrases that tell of the poster's own contact or purchase, by first word. ``nominal`` are
    adjectives that mean a person where they stand alone ("my eldest has", "meine Große"). ``compounds`` are the parts
    of people with a hyphen ("belle-mère"), by first part, the longest first.
    """

    people: dict[str, tuple[Relation, Gender]]
    nominal: dict[str, tuple[Relation, Gender]]
    phrases: dict[str, dict[str, list[Phrase]]]
    around: dict[str, frozenset[str]]
    own_acts: dict[str, list[str]]
    compounds: dict[str, list[tuple[str, ...]]]


@cache
def lexicon() -> Lexicon:
    """Read the shipped list once."""
    people: dict[str, tuple[Relation, Gender]] = {}
    nominal: dict[str, tuple[Relation, Gender]] = {}
    phrases: dict[str, dict[str, list[Phrase]]] = {}
    around: dict[str, set[str]] = {}
    for line in lines("relations.txt"):
        head, _, rest = line.partition(":")
        kind = head.split()
        if len(kind) == 1:
            around.setdefault(kind[0], set()).update(word.replace("_", " ") for word in rest.split())
            continue
        relation, gender = msgspec.convert((kind[-2], kind[-1].strip("-")), tuple[Relation, Gender])
        for said in rest.split():
            if kind[0] == "phrase":
                for parts in _spelt_out(said):
                    second = parts[1] if len(parts) > 1 else ""
                    phrases.setdefault(parts[0], {}).setdefault(second, []).append((parts, relation, gender))
            else:
                (nominal if kind[0] == "nominal" else people)[said] = (relation, gender)
    own_acts: dict[str, list[str]] = {}
    for phrase in sorted(around["own_act"]):
        own_acts.setdefault(phrase.split(" ")[0], []).append(phrase)
    around_ = {name: frozenset(words) for name, words in around.items()}
    return Lexicon(people, nominal, phrases, around_, own_acts, _compounds(people))


def _spelt_out(phrase: str) -> Iterator[list[str]]:
    """Give the words of each phrase that ``man|lad_next~door|upstairs`` stands for."""
    for chosen in product(*(part.split("|") for part in phrase.split("_"))):
        yield [word for part in chosen for word in part.split("~")]


def _compounds(people: Iterable[str]) -> dict[str, list[tuple[str, ...]]]:
    found: dict[str, list[tuple[str, ...]]] = {}
    for parts in sorted((tuple(said.split("-")) for said in people if "-" in said), key=len, reverse=True):
        found.setdefault(parts[0], []).append(parts)
    return found


def joined(found: list[Word]) -> list[Word]:
    """Give the words of a text, those of a compound ("mother-in-law", "belle mère") as one, written with hyphens."""
    known = lexicon().compounds
    if not any(word.text in known for word in found):
        return found
    said, together, index = [word.text for word in found], [], 0
    while index < len(found):
        possible = known.get(said[index], ())
        count = next((len(parts) for parts in possible if _stands_at(said, index, parts)), 1)
        together.append(_one(found[index : index + count]))
        index += count
    return together


def _stands_at(said: list[str], index: int, parts: tuple[str, ...]) -> bool:
    there = said[index : index + len(parts)]
    return len(there) == len(parts) and (*there[:-1], there[-1].removesuffix("'s")) == parts


def _one(parts: list[Word]) -> Word:
    return parts[0] if len(parts) == 1 else Word("-".join(part.text for part in parts), parts[0].start, parts[-1].end)
