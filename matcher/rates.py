"""Prices and paces per time: "£12 a month", "twice a week", "24 hours a day"; such a time is no age."""

import re

from matcher.folding import Word
from matcher.numbers import number
from matcher.timewords import ENGLISH_ARTICLES, UNITS

_COUNTED = {
    "once", "twice", "thrice", "times", "much", "quid", "pound", "pounds", "euro", "euros", "eur", "gbp", "usd",
    "dollars", "bucks", "pence", "cents", "p", "k", "grand", "tenner", "fiver", "nights", "mornings", "evenings",
    "shifts", *(unit for unit in UNITS if unit.endswith("s")),
}  # fmt: skip
_FIGURE = re.compile(r"\d{1,3}[pk]?$")
_OTHER_WORDS = {"due", "dos", "couple"}  # "it was due a week"
_EVERY = {"pro", "cada", "ogni", "elke", "iedere", "each"}
_PER = {*ENGLISH_ARTICLES, "per", "pro", "par", "por", "al", "die"}
_AGO = {"ago", "back", "later", "after", "earlier", "before"}
_CURRENCY = " €$£"


def is_rate(text: str, found: list[Word], first: int, index: int) -> bool:
    """Whether a stretch of time, from ``first`` to its unit at ``index``, is what a price or a pace is counted by."""
    behind = found[index + 1].text if index + 1 < len(found) else ""
    if behind in _AGO:
        return False
    before = found[first - 1].text if first else ""
    if before in _EVERY or (before == "les" and first > 1 and found[first - 2].text in {"tous", "toutes"}):
        return True
    return _slashed(text, found[index]) or _counts(text, found, first, index) or _is_paced(text, found, index)


def _slashed(text: str, unit: Word) -> bool:
    """Whether a slash stands before a unit: "£5/month"."""
    return text[max(0, unit.start - 2) : unit.start].rstrip(" ").endswith("/")


def _counts(text: str, found: list[Word], first: int, index: int) -> bool:
    """Whether a sum or a count stands before "a month"."""
    if not 0 < first == index - 1 or found[first].text not in ENGLISH_ARTICLES:
        return False
    counted = found[first - 1]
    if text[counted.end : found[first].start].strip(_CURRENCY):
        return False
    priced = counted.text.isdigit() and text[counted.start - 1 : counted.start] in set("€$£")
    return priced or counted.text in _COUNTED or _is_amount(counted.text)


def _is_amount(word: str) -> bool:
    if word[0].isdigit():
        return _FIGURE.match(word) is not None
    return word not in _OTHER_WORDS and (number(word) or 0) >= 2


def _is_paced(text: str, found: list[Word], index: int) -> bool:
    """Whether what is counted comes so often in another time: "5 days a week", "24 horas al día", "5 days/week"."""
    behind = found[index + 1 : index + 4]
    if not behind:
        return False
    between = text[found[index].end : behind[0].start]
    if between.strip() == "/":
        return behind[0].text in UNITS
    if between != " " or len(behind) < 2 or behind[0].text not in _PER:
        return False
    named = behind[1 + (behind[1].text == "la")] if len(behind) > 2 else behind[1]
    return named.text in UNITS
