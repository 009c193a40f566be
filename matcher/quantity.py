"""How many units of time a text says: "nine", "a couple of", "une dizaine de", "half a", "10-14"."""

import msgspec

from matcher.folding import Word
from matcher.halves import half_before
from matcher.numbers import number, number_before
from matcher.timewords import ENGLISH_ARTICLES, ENGLISH_UNITS

_GROUPS = {
    "couple": 2, "par": 2, "paio": 2, "paire": 2, "dizaine": 10, "decina": 10, "dezena": 10, "decena": 10,
    "quinzaine": 15, "quindicina": 15, "quinzena": 15, "quincena": 15, "vingtaine": 20, "ventina": 20, "veintena": 20,
    "trentaine": 30, "trentina": 30,
}  # fmt: skip
_OF = {"of", "de", "di", "d", "da"}
_FEW = {
    "few", "paar", "quelques", "unos", "unas", "alguns", "algumas", "qualche", "several", "mehrere", "mehreren",
    "einige", "einigen", "plusieurs", "varios", "varias", "varie", "diverse", "enkele", "algunas", "algunos",
}  # fmt: skip
_ONE = {"d'un", "d'une", "qu'un", "qu'une"}  # "plus d'un mois"
_HALF = {"halben", "halber", "halbes", "halve", "medio", "media", "meio", "meia", "mezzo", "mezza", "demi"}
_LED = {"the", "full", "whole", "good", "solid", "long", "best"}
_TO = {"to", "or", "bis", "oder", "ou", "o", "of", "tot", "a", "u"}
_SINCE = {"today", "since", "now", "later"}
_THIS = {"this", "last", "next", "the", "every", "each", "per", "any", "same", "all", "your", "our", "my"}
_MOST_APART = 3.0
_MOST = 400


class Quantity(msgspec.Struct, frozen=True):
    """A number and the ``used`` words before the unit that say it; ``least`` is the lower end of a range.

    ``behind`` words follow the unit ("een week of drie"). ``rough`` quantities leave room.
    """

    value: float
    used: int = 0
    behind: int = 0
    least: float | None = None
    rough: bool = False


def quantity(text: str, found: list[Word], index: int, unit: float) -> Quantity | None:
    """Read how many of the unit at ``index`` are said, ``unit`` in days; None where no number is."""
    half, used = half_before(found, index)
    if half is not None:
        return Quantity(half, used)
    return _rough(found, index) or _counted(text, found, index, unit)


def _rough(found: list[Word], index: int) -> Quantity | None:
    """Read "a few", "a couple of", "une dizaine de", "half a", "een week of drie"."""
    before = [word.text for word in found[max(0, index - 3) : index]]
    last, lead = before[-1] if before else "", before[-2] if len(before) > 1 else ""
    if last in _FEW:
        return Quantity(3.5, 1, rough=True)
    if last in _OF and lead in _GROUPS:
        return Quantity(_GROUPS[lead], 2, rough=True)
    if last == "couple":
        return Quantity(2, 2, rough=True)
    if last in _ONE:
        return Quantity(1, 1)
    if (lead == "half" and last in ENGLISH_ARTICLES) or last in _HALF:
        return Quantity(0.5, 2 if lead == "half" else 1, rough=True)
    behind = [word.text for word in found[index + 1 : index + 3]]
    value = number(behind[1]) if behind[:1] == ["of"] and len(behind) > 1 and last in {"een", "n"} else None
    return Quantity(value, 1, behind=2, rough=True) if value and value > 1 else None


def _counted(text: str, found: list[Word], index: int, unit: float) -> Quantity | None:
    alone = Quantity(1) if unit == 14.0 or _telegraphed(found, index) else None
    last = found[index - 1].text if index else ""
    led = last in _LED and index > 1
    value, used = number_before(found, index - led)
    if last in ENGLISH_ARTICLES and found[index].text not in ENGLISH_UNITS:
        return alone  # "na hora a hora certa": an article there, no number
    if value is not None and (value > _MOST or (value == 0 and not led)):
        return None
    if not value:
        return alone
    least, more = _from(text, found, index - led - used, value)
    return Quantity(value, used + led + more, least=least, rough=least is not None)


def _telegraphed(found: list[Word], index: int) -> bool:
    """Whether "week" stands for a week: "Week today since I rang you", not "this week" or "week four"."""
    follows = found[index + 1].text if index + 1 < len(found) else ""
    before = found[index - 1].text if index else ""
    return found[index].text in ENGLISH_UNITS and follows in _SINCE and before not in _THIS


def _from(text: str, found: list[Word], first: int, most: float) -> tuple[float | None, int]:
    """Give the lower end of "10-14" or "two to three" whose upper end begins at ``first``, and in how many words."""
    if first < 1:
        return None, 0
    dashed = text[found[first - 1].end : found[first].start].strip() in {"-", "–", "/"}
    joined = first > 1 and found[first - 1].text in _TO
    if not (dashed or joined):
        return None, 0
    value, used = number_before(found, first - joined)
    fits = value is not None and 0 < value < most <= value * _MOST_APART
    return (value, used + joined) if fits else (None, 0)
