"""Days that posters count since their trouble began: "Day 12 of no broadband", "Woche drei ohne Bad"."""

from matcher.folding import Word
from matcher.numbers import number
from matcher.timewords import ENGLISH_ARTICLES

COUNTED = {"day": 1.0, "tag": 1.0, "jour": 1.0, "dia": 1.0, "giorno": 1.0, "dag": 1.0, "week": 7.0, "woche": 7.0,
            "semaine": 7.0, "semana": 7.0, "settimana": 7.0}  # fmt: skip
_LACKING = {"of", "and", "with", "without", "waiting", "no", "now", "sans", "ohne", "sin", "sem", "senza", "zonder",
            "de", "mit", "und"}  # fmt: skip
_MARKS = ".!?:;…"
_OPENING = " @#\"'“„("
_LEAST, _MOST = 3.0, 250.0  # days: "day two" is also that of a festival


def counted_days(text: str, found: list[Word], index: int) -> float | None:
    """Give how many days are counted by the unit at ``index`` and the number after it, or None where nothing is.

    The unit opens a sentence, and what is lacked or a mark follows: "every day 12 minutes late" and "el día 5" count
    nothing.
    """
    unit = COUNTED.get(found[index].text)
    if unit is None or index + 1 >= len(found) or text[found[index].end : found[index + 1].start] != " ":
        return None
    said, after = found[index + 1], found[index + 2].text if index + 2 < len(found) else ""
    value = None if said.text in ENGLISH_ARTICLES else number(said.text)
    if value is None or not _LEAST <= value * unit <= _MOST or not _opens(text[: found[index].start]):
        return None
    behind = text[said.end :].lstrip(" ")
    return value * unit if after in _LACKING or not behind or behind[0] in f"{_MARKS}," else None


def _opens(before: str) -> bool:
    """Whether a sentence begins after a text: behind a mark, a line's end or a handle."""
    said = before.rstrip(_OPENING)
    return not said or said[-1] in f"{_MARKS}\n" or said.split()[-1][0] == "@"
