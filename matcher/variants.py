"""Variants of given names that no list need hold: other spellings, Romance diminutives, a z for an r."""

import re

from matcher.folding import skeleton

_Z_FOR_R = re.compile(r"([b-df-hj-np-tvwy]h?[aeiou])z(?:za|zer|zie|zy)?")
_PET_NAME = re.compile(r"(\w{3,}[^aeiou])(?:o|y|ie|ers)")
_DIMINUTIVE = re.compile(r"(\w{4,}?)(?:it|inh)(os?|as?)$")


def sounds_alike(one: str, other: str) -> bool:
    """Whether two given names are spellings of one by their consonants: "Mohamed" and "Mohammed"."""
    same = one[:1] == other[:1] and skeleton(one) == skeleton(other)
    return same and (len(skeleton(one)) > 2 or (min(len(one), len(other)) >= 5 and abs(len(one) - len(other)) <= 1))


def diminutive(small: str, name: str) -> bool:
    """Whether a name is another's Romance diminutive, of the same gender: "alvarito", "carlinhos", "miguelito"."""
    found = _DIMINUTIVE.match(small)
    if found is None:
        return False
    stem, ending = found.groups()
    return name == stem + ending or (ending == "o" and name == stem)


def undiminished(word: str) -> list[str]:
    """Give the names that a word may be a diminutive of: "alvarito" of Alvar, Alvaros and Alvaro."""
    found = _DIMINUTIVE.match(word)
    return [found[1] + ending for ending in ("", found[2], found[2][:1])] if found else []


def with_z(short: str, whole: str) -> bool:
    """Whether a short form has a z for the r of a name, as "Gaz" for Gary, "Shaz" for Sharon and "Jezza" for Jeremy."""
    match = _Z_FOR_R.fullmatch(short)
    return match is not None and whole.startswith(f"{match[1]}r")


def fondly(short: str, whole: str) -> bool:
    """Whether those called ``whole`` may go by ``short``: its beginning twice ("Lolo"), or its end ("Bella")."""
    doubled = len(short) == 4 and short == 2 * short[:2] and whole.startswith(short[:2])
    return doubled or (len(short) >= 4 and len(whole) >= len(short) + 2 and whole.endswith(short))


def pet_stem(word: str) -> str:
    """Give what a name made of a surname begins with: "gib" of Gibbo, "smith" of Smithy; empty where it is none."""
    match = _PET_NAME.fullmatch(word)
    return "" if match is None else re.sub(r"(.)\1$", r"\1", match[1])


def misspelt(one: str, other: str) -> bool:
    """Whether a surname is a spelling of another: one letter differs in a name of six or more, not the first."""
    long = len(one) >= 6 and abs(len(one) - len(other)) <= 1 and one[:1] == other[:1]
    return long and _one_edit(one, other)


def _one_edit(one: str, other: str) -> bool:
    if len(one) == len(other):
        return sum(a != b for a, b in zip(one, other, strict=True)) <= 1
    longer, shorter = (one, other) if len(one) > len(other) else (other, one)
    return any(longer[:i] + longer[i + 1 :] == shorter for i in range(len(longer)))
