"""Times that a text names: how long ago, which weekday, which date; each as an interval of days before the post."""

import re
from datetime import date, datetime, timedelta

import msgspec

from matcher.clue import Clue, Field
from matcher.counted import COUNTED, counted_days
from matcher.folding import Word, fold
from matcher.numbers import measures_apart, number_before
from matcher.timewords import (
    ABOUT,
    AHEAD_AFTER,
    AMBIGUOUS_MONTHS,
    ENGLISH_ARTICLES,
    ENGLISH_UNITS,
    FESTIVALS,
    LAST,
    MONTH_LEADS,
    MONTHS,
    NAMED_AGES,
    NEXT,
    NO_DAY_AFTER,
    NOT_AGO_AFTER,
    OVER,
    UNDER,
    UNITS,
    WEEKDAYS,
)

_UNITS = {**UNITS, "mth": 30.4, "mths": 30.4}
_OF_TIME = frozenset({*_UNITS, *WEEKDAYS, *MONTHS, *NAMED_AGES, *FESTIVALS})
_BARE_ORDINAL = re.compile(r"^(\d{1,2})(?:st|nd|rd|th)$")
_ORDINAL = re.compile(r"^(\d{1,2})(?:st|nd|rd|th|er)?$")
_YEAR = re.compile(r"^20\d\d$")
_AHEAD = 250
_NUMERIC_DATE = re.compile(
    r"(?<![\d/.-])(?:(?P<iso>20\d\d)([-/.])(?P<month>\d{1,2})\2(?P<day>\d{1,2})"
    r"|(?P<first>\d{1,2})(?P<mark>[/.])(?P<second>\d{1,2})(?:(?P=mark)(?:20)?(?P<year>\d\d))?)(?![\d/-])"
)
_LEAD = re.compile(r"([^\W\d_]+)[.,]?\s+$")
_FULL_STOP = re.compile(r"\.(?!\d)")
_DATE_LEADS = {"on", "since", "dated", "am", "vom", "dem", "seit", "le", "du", "depuis", "el", "del", "dia", "desde",
               "em", "il", "dal", "op", "sinds", *WEEKDAYS}  # fmt: skip
_OUT_OF = {2, 3, 4, 5, 10, 20}
_NO_DATES = {(24, 7), (7, 24), (9, 11)}
_FRENCH = {"je", "j'ai", "tu", "vous", "nous", "ils", "elle", "on", "le", "la", "les", "un", "une", "au", "aux", "et",
           "est", "ai", "avez", "pas", "mon", "ma", "mes", "votre", "vos", "ce", "cette", "sur", "pour", "par", "dans",
           "avec", "que", "qui", "depuis", "toujours", "rien", "encore", "aucun", "aucune", "sans", "reponse", "envoye",
           "ecrit", "appele", "recu", "commande", "colis", "soir", "matin"}  # fmt: skip
_GERMAN_OR_DUTCH = {
    "ich", "wir", "ihr", "euch", "mich", "mir", "der", "die", "das", "den", "dem", "ein", "eine", "ist", "sind",
    "war", "wird", "hat", "habe", "haben", "und", "oder", "nicht", "nichts", "kein", "keine", "mit", "auf", "von", "zu",
    "sich", "seit", "noch", "schon", "immer", "nur", "auch", "aber", "man", "geht", "was", "wie", "bei", "ik", "je",
    "jullie", "wij", "het", "een", "van", "niet", "niets", "geen", "met", "op", "voor", "maar", "nog", "al", "zijn",
    "heb", "heeft", "wordt", "ook", "wat", "hoe", "gaat", "bij",
}  # fmt: skip


_A_WEEK_MORE = re.compile(r"\ba week (?:(?:last|ago|past) )?(?!on\b)\w+day\b|\b\w+day week$")
"""Of a weekday: the one before the last, as in "on Monday week" and "a week last Tuesday"."""


class TimeClue(Clue, frozen=True, kw_only=True):
    """A time between ``low`` and ``high`` days before the post; below 0 it lies ahead.

    ``exact`` is False where the words leave room ("about", "a couple of weeks"); ``day`` is set for a calendar date.
    """

    low: float
    high: float
    exact: bool = True
    day: date | None = None


def times(text: str, found: list[Word], at: datetime, field: Field = "text", lang: str | None = None) -> list[TimeClue]:
    """Give the times that a text posted at ``at`` names; ``lang`` is its BCP 47 tag where that is known."""
    found = measures_apart(text, found, _UNITS)
    here = "hier" in text.lower() and not _french(found, lang)
    clues = _dates(found, at.date()) + _numeric_dates(text, at.date())
    taken = {position for clue in clues for position in range(clue.start, clue.end)}
    for index, word in enumerate(found):
        if word.text not in _OF_TIME or word.start in taken or (here and word.text == "hier"):
            continue
        clue = _age(found, index) or _weekday(found, index, at.date()) or _month(found, index, at.date())
        clue = clue or _named(found, index, at.date()) or _since(text, found, index)
        if clue is not None:
            clues.append(clue)
    return [clue if field == "text" else msgspec.structs.replace(clue, field=field) for clue in clues]


def _french(found: list[Word], lang: str | None) -> bool:
    """Whether "hier" means yesterday; in German and Dutch it means here."""
    base = (lang or "").lower()[:2]
    if base in {"fr", "de", "nl"}:
        return base == "fr"
    said = [word.text for word in found]
    return sum(word in _FRENCH for word in said) > sum(word in _GERMAN_OR_DUTCH for word in said)


def _age(found: list[Word], index: int) -> TimeClue | None:
    """Read "nine days", "over a week", "seit drei Wochen"; the unit stands at ``index``."""
    unit = _UNITS.get(found[index].text)
    if unit is None or unit >= 365:
        return None
    before = [word.text for word in found[max(0, index - 5) : index]]
    after = [word.text for word in found[index + 1 : index + 3]]
    if before[-1:] and before[-1] in LAST:
        return _span(found, index - 1, index, unit * 0.5, unit * 1.9, code="age_last", exact=False)
    amount, used = _quantity(found, index, before, unit)
    if amount is None or _lies_ahead(before[: len(before) - used], after) or _measures(found, index, after):
        return None
    low, high, exact = _stretch(amount * unit, unit, before)
    return _span(found, index - used, index, low, high, code="age", exact=exact)


def _since(text: str, found: list[Word], index: int) -> TimeClue | None:
    """Read "Day 12 of no broadband": it began so long ago, and contact was often made later."""
    age = counted_days(text, found, index)
    if age is None:
        return None
    unit = COUNTED[found[index].text]
    return _span(found, index, index + 1, max(0.0, age * 0.5 - unit), age + 0.6, code="age", exact=False)


def _quantity(found: list[Word], index: int, before: list[str], unit: float) -> tuple[float | None, int]:
    alone = (1.0, 0) if unit == 14.0 else (None, 0)
    last = before[-1] if before else ""
    if last in {"few", "paar", "quelques", "unos", "unas", "alguns", "algumas", "qualche", "several", "mehreren"}:
        return 3.5, 1
    if last in {"couple", "of"} and "couple" in before[-2:]:
        return 2.0, 2
    led = last in {"the", "full", "whole", "good", "solid", "long", "best"} and len(before) > 1
    value, used = number_before(found, index - led)
    if last in ENGLISH_ARTICLES and found[index].text not in ENGLISH_UNITS:
        return alone  # "na hora a hora certa": an article there, no number
    if value is not None and (value > 400 or (value == 0 and not led)):
        return None, 0
    return (value, used + led) if value else alone


def _lies_ahead(before: list[str], after: list[str]) -> bool:
    """Whether a stretch of time lies ahead, by the words on either side of it."""
    lead = before[-1] if before else ""
    after = after[1:] if after[:1] == ["mehr"] else after
    ahead = lead in {"in", "dans", "dentro", "fra", "tra", "within", "binnen", "innerhalb", "every", "alle"}
    return ahead or bool(after and after[0] in AHEAD_AFTER)


def _measures(found: list[Word], index: int, after: list[str]) -> bool:
    """Whether a stretch of time measures something ("two years old", "6 wks off"), by the word that follows at once."""
    beside = bool(after) and found[index + 1].start - found[index].end == 1
    return beside and after[0] in NOT_AGO_AFTER and after != ["off", "and"]


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
    if _A_WEEK_MORE.search(" ".join(w.text for w in found[max(0, index - 3) : index + 2])):
        return _span(found, index, index, age + 6.5, age + 7.5, code="weekday", day=_back(today, age + 7))
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
            low, high = min(index, other), max(index, other)
            year = _year_after(found, high)
            when = _past_day(today, month, int(figure.group(1)), year) if figure else None
            if when is not None:
                clues.append(_on(found[low].start, found[high + (year is not None)].end, when, today))
                break
    return clues + _bare_ordinals(found, today)


def _year_after(found: list[Word], index: int) -> int | None:
    after = found[index + 1].text if index + 1 < len(found) else ""
    return int(after) if _YEAR.match(after) else None


def _bare_ordinals(found: list[Word], today: date) -> list[TimeClue]:
    """Read "on the 3rd", "am 3.", "le 3"."""
    clues = []
    for index in range(1, len(found)):
        figure = _BARE_ORDINAL.match(found[index].text) if found[index].text[0].isdigit() else None
        if figure is None or found[index - 1].text not in {"the", "on"}:
            continue
        when = _last_with_day(today, int(figure.group(1)))
        follows = found[index + 1].text if index + 1 < len(found) else ""
        apart = index + 1 < len(found) and found[index].end + 1 < found[index + 1].start
        if when is not None and follows not in MONTHS and (apart or follows not in NO_DAY_AFTER):
            clues.append(_on(found[index].start, found[index].end, when, today))
    return clues


def _numeric_dates(text: str, today: date) -> list[TimeClue]:
    clues = []
    for match in _NUMERIC_DATE.finditer(text):
        when = _meant(match, text, today)
        if when is not None:
            clues.append(_on(match.start(), match.end(), when, today))
    return clues


def _meant(match: re.Match[str], text: str, today: date) -> date | None:
    """Read dd/mm, or mm/dd where only that makes a date."""
    if match["iso"]:
        return _past_day(today, int(match["month"]), int(match["day"]), int(match["iso"]))
    first, second = int(match["first"]), int(match["second"])
    year = 2000 + int(match["year"]) if match["year"] else None
    if year is None and not _is_day(match, text):
        return None
    when = _past_day(today, second, first, year)
    return when if when or match["mark"] == "." else _past_day(today, first, second, year)


def _is_day(match: re.Match[str], text: str) -> bool:
    """Whether figures without a year are a day: "3.10." and 2/10 are after a word such as "am", "(1/2)" is none."""
    before = text[max(0, match.start() - 20) : match.start()]
    if before.endswith("("):
        return False
    first, second = match["first"], match["second"]
    lead = _LEAD.search(before)
    led = first[0] == "0" or (lead is not None and fold(lead.group(1)) in _DATE_LEADS)
    if match["mark"] == ".":
        return led and _FULL_STOP.match(text, match.end()) is not None
    rated = int(first) <= int(second) and int(second) in _OUT_OF
    return led or second[0] == "0" or not (rated or (int(first), int(second)) in _NO_DATES)


def _month(found: list[Word], index: int, today: date) -> TimeClue | None:
    word = found[index].text
    month = MONTHS.get(word)
    lead = found[index - 1].text if index else ""
    if month is None or lead not in MONTH_LEADS or (word in AMBIGUOUS_MONTHS and lead not in {"in", "since", "last"}):
        return None
    year = _year_after(found, index)
    first = date(year or (today.year if month <= today.month else today.year - 1), month, 1)
    end = (first + timedelta(days=32)).replace(day=1)
    low, high = max(0, (today - end).days), (today - first).days
    if high < 0 or (low > _AHEAD and year is None and lead not in {"last", "since"}):
        return None  # "the end of April", said in March, lies ahead
    wide = {w.text for w in found[max(0, index - 3) : index]}
    if wide & {"end", "late", "fin", "finales", "finais", "fine", "eind", "ende"}:
        high = min(high, low + 12)
    return _span(found, index, index + (year is not None), low, high, code="month", exact=False)


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


def _past_day(today: date, month: int, day: int, year: int | None = None) -> date | None:
    """Give the nearest such day, the past one where both are near; one up to 60 days ahead counts as ahead."""
    for nearest in (today.year, today.year - 1) if year is None else (year,):
        try:
            when = date(nearest, month, day)
        except ValueError:
            return None
        if year is not None or (when - today).days <= 60:
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
