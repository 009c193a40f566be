"""Times that a text names: how long ago, which weekday, which date; each as an interval of days before the post."""

import re
from datetime import date, datetime, timedelta

import msgspec

from matcher.clue import Clue, Field
from matcher.folding import Word
from matcher.numbers import number
from matcher.timewords import (
    ABOUT,
    AHEAD_AFTER,
    AMBIGUOUS_MONTHS,
    FESTIVALS,
    LAST,
    MONTH_LEADS,
    MONTHS,
    NAMED_AGES,
    NEXT,
    NOT_AGO_AFTER,
    OVER,
    UNDER,
    UNITS,
    WEEKDAYS,
)

_OF_TIME = frozenset({*UNITS, *WEEKDAYS, *MONTHS, *NAMED_AGES, *FESTIVALS})
_BARE_ORDINAL = re.compile(r"^(\d{1,2})(?:st|nd|rd|th)$")
_ORDINAL = re.compile(r"^(\d{1,2})(?:st|nd|rd|th|er)?$")
_AHEAD = 250
_NUMERIC_DATE = re.compile(r"(?<![\d/.-])(\d{1,2})[/.](\d{1,2})(?:[/.](?:20)?(\d\d))?(?![\d/-])")


class TimeClue(Clue, frozen=True, kw_only=True):
    """A time between ``low`` and ``high`` days before the post; below 0 it lies ahead.

    ``exact`` is False where the words leave room ("about", "a couple of weeks"); ``day`` is set for a calendar date.
    """

    low: float
    high: float
    exact: bool = True
    day: date | None = None


def times(text: str, found: list[Word], at: datetime, field: Field = "text") -> list[TimeClue]:
    """Give the times that a text posted at ``at`` names."""
    clues = _dates(found, at.date()) + _numeric_dates(text, at.date())
    taken = {position for clue in clues for position in range(clue.start, clue.end)}
    for index, word in enumerate(found):
        if word.text not in _OF_TIME or word.start in taken:
            continue
        clue = _age(found, index) or _weekday(found, index, at.date()) or _month(found, index, at.date())
        clue = clue or _named(found, index, at.date())
        if clue is not None:
            clues.append(clue)
    return [clue if field == "text" else msgspec.structs.replace(clue, field=field) for clue in clues]


def _age(found: list[Word], index: int) -> TimeClue | None:
    """Read "nine days", "over a week", "seit drei Wochen"; the unit stands at ``index``."""
    unit = UNITS.get(found[index].text)
    if unit is None or unit >= 365:
        return None
    before = [word.text for word in found[max(0, index - 5) : index]]
    after = [word.text for word in found[index + 1 : index + 3]]
    if before[-1:] and before[-1] in LAST:
        return _span(found, index - 1, index, unit * 0.5, unit * 1.9, code="age_last", exact=False)
    if _lies_ahead(before, after) or (after and after[0] in NOT_AGO_AFTER):
        return None
    amount, used = _quantity(before, unit)
    if amount is None:
        return None
    low, high, exact = _stretch(amount * unit, unit, before)
    return _span(found, index - used, index, low, high, code="age", exact=exact)


def _quantity(before: list[str], unit: float) -> tuple[float | None, int]:
    if not before:
        return (1.0, 0) if unit == 14.0 else (None, 0)
    last = before[-1]
    if last in {"few", "paar", "quelques", "unos", "unas", "alguns", "algumas", "qualche", "several", "mehreren"}:
        return 3.5, 1
    if last in {"couple", "of"} and "couple" in before[-2:]:
        return 2.0, 2
    if last in {"the", "full", "whole", "good", "solid", "long", "best"} and len(before) > 1:
        value = number(before[-2])
        return (float(value), 2) if value else ((1.0, 1) if unit == 14.0 else (None, 0))
    value = number(last)
    if last == "half" or value == 0 or (value is not None and value > 400):
        return None, 0
    return (float(value), 1) if value is not None else ((1.0, 0) if unit == 14.0 else (None, 0))


def _lies_ahead(before: list[str], after: list[str]) -> bool:
    lead = before[-2] if len(before) > 1 else ""
    ahead = lead in {"in", "dans", "dentro", "fra", "tra", "within", "binnen", "innerhalb", "every", "alle"}
    return ahead or bool(after and after[0] in AHEAD_AFTER)


def _stretch(age: float, unit: float, before: list[str]) -> tuple[float, float, bool]:
    near = set(before[-4:])
    if near & UNDER:
        return age * 0.75, age + 0.5, False
    if near & OVER:
        return age, age * 1.35 + unit * 0.45, False
    if near & ABOUT or "few" in near or "paar" in near:
        return age * 0.6, age * 1.5 + 0.5, False
    slack = 0.7 if unit <= 1 else unit * 0.22
    return max(0.0, age - slack), age + slack + age * 0.06, True


def _weekday(found: list[Word], index: int, today: date) -> TimeClue | None:
    word = found[index].text
    day = WEEKDAYS.get(word)
    near = [w.text for w in found[max(0, index - 2) : index]]
    if day is None or (word in {"mon", "mars", "sept", "wed", "terca"} and "on" not in near):
        return None
    if near and near[-1] in NEXT | {"this"}:
        return None
    age = (today.weekday() - day) % 7 or 7
    last = bool(set(near) & LAST) or (index + 1 < len(found) and found[index + 1].text in LAST)
    high = age + 7 if last and age <= 3 else age
    return _span(found, index, index, age - 0.5, high + 0.5, code="weekday", day=None if last else _back(today, age))


def _dates(found: list[Word], today: date) -> list[TimeClue]:
    clues = []
    for index, word in enumerate(found):
        month = MONTHS.get(word.text)
        for offset in (-1, -2, 1) if month is not None else ():
            other = index + offset
            bridge = offset != -2 or (index > 0 and found[index - 1].text in {"of", "de", "di", "del", "du"})
            if month is None or not 0 <= other < len(found) or not bridge:
                continue
            figure = _ORDINAL.match(found[other].text)
            when = _past_day(today, month, int(figure.group(1))) if figure else None
            if when is not None:
                low, high = min(index, other), max(index, other)
                clues.append(_on(found[low].start, found[high].end, when, today))
                break
    return clues + _bare_ordinals(found, today)


def _bare_ordinals(found: list[Word], today: date) -> list[TimeClue]:
    """Read "on the 3rd", "am 3.", "le 3"."""
    clues = []
    for index in range(1, len(found)):
        figure = _BARE_ORDINAL.match(found[index].text) if found[index].text[0].isdigit() else None
        if figure is None or found[index - 1].text not in {"the", "on"}:
            continue
        when = _last_with_day(today, int(figure.group(1)))
        follows = found[index + 1].text if index + 1 < len(found) else ""
        if when is not None and follows not in MONTHS and follows != "of":
            clues.append(_on(found[index].start, found[index].end, when, today))
    return clues


def _numeric_dates(text: str, today: date) -> list[TimeClue]:
    clues = []
    for match in _NUMERIC_DATE.finditer(text):
        day, month = int(match.group(1)), int(match.group(2))
        dotted = "." in match.group()
        when = _past_day(today, month, day) if not dotted or text[match.end() - 1] == "." or match.group(3) else None
        if when is not None and not (match.start() > 0 and text[match.start() - 1] == "("):
            clues.append(_on(match.start(), match.end(), when, today))
    return clues


def _month(found: list[Word], index: int, today: date) -> TimeClue | None:
    word = found[index].text
    month = MONTHS.get(word)
    lead = found[index - 1].text if index else ""
    if month is None or lead not in MONTH_LEADS or (word in AMBIGUOUS_MONTHS and lead not in {"in", "since", "last"}):
        return None
    first = date(today.year if month <= today.month else today.year - 1, month, 1)
    end = (first + timedelta(days=32)).replace(day=1)
    low, high = max(0, (today - end).days), (today - first).days
    if low > _AHEAD and lead not in {"last", "since"}:
        return None  # "the end of April", said in March, lies ahead
    wide = {w.text for w in found[max(0, index - 3) : index]}
    if wide & {"end", "late", "fin", "finales", "finais", "fine", "eind", "ende"}:
        high = min(high, low + 12)
    return _span(found, index, index, low, high, code="month", exact=False)


def _named(found: list[Word], index: int, today: date) -> TimeClue | None:
    word = found[index].text
    if word in NAMED_AGES:
        age = NAMED_AGES[word]
        return _span(found, index, index, age - 0.6, age + 0.6, code="weekday", day=_back(today, age))
    if word in FESTIVALS:
        when = _past_day(today, *FESTIVALS[word])
        age = (today - when).days if when else 0
        return _span(found, index, index, age - 20, age + 10, code="festival", exact=False)
    return None


def _on(start: int, end: int, when: date, today: date) -> TimeClue:
    age = (today - when).days
    return TimeClue("date", when.isoformat(), start, end, low=age - 0.6, high=age + 0.6, day=when)


def _span(
    found: list[Word], first: int, last: int, low: float, high: float, *, code: str, exact: bool = True,
    day: date | None = None,
) -> TimeClue:  # fmt: skip
    first = max(0, first)
    said = " ".join(word.text for word in found[first : last + 1])
    return TimeClue(code, said, found[first].start, found[last].end, low=low, high=high, exact=exact, day=day)


def _past_day(today: date, month: int, day: int) -> date | None:
    """Give the nearest such day, the past one where both are near; one up to 60 days ahead counts as ahead."""
    for year in (today.year, today.year - 1):
        try:
            when = date(year, month, day)
        except ValueError:
            return None
        if (when - today).days <= 60:
            return when
    return None


def _last_with_day(today: date, day: int) -> date | None:
    when = today
    for _ in range(31):
        if when.day == day:
            return when
        when -= timedelta(days=1)
    return None


def _back(today: date, days: int) -> date:
    return today - timedelta(days=days)
