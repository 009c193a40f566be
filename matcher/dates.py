"""Calendar days that a text names, each before or at most 60 days after the post."""

import re
from datetime import date, timedelta

from matcher.folding import Word, fold
from matcher.time_clue import TimeClue
from matcher.timewords import MONTHS, NO_DAY_AFTER, WEEKDAYS

_BARE_ORDINAL = re.compile(r"^(\d{1,2})(?:st|nd|rd|th)$")
_ORDINAL = re.compile(r"^(\d{1,2})(?:st|nd|rd|th|er)?$")
_YEAR = re.compile(r"^20\d\d$")
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


def dates(found: list[Word], today: date) -> list[TimeClue]:
    """Give the days that a text names by their month ("3 March", "le 5 juillet"), or as "on the 3rd"."""
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
            year = year_after(found, high)
            when = past_day(today, month, int(figure.group(1)), year) if figure else None
            if when is not None:
                clues.append(_on(found[low].start, found[high + (year is not None)].end, when, today))
                break
    return clues + _bare_ordinals(found, today)


def year_after(found: list[Word], index: int) -> int | None:
    """Give the year that follows a word, or None."""
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


def numeric_dates(text: str, today: date) -> list[TimeClue]:
    """Give the days that a text names in figures: 2026-03-05, 5/3 or 5.3."""
    clues = []
    for match in _NUMERIC_DATE.finditer(text):
        when = _meant(match, text, today)
        if when is not None:
            clues.append(_on(match.start(), match.end(), when, today))
    return clues


def _meant(match: re.Match[str], text: str, today: date) -> date | None:
    """Read dd/mm, or mm/dd where only that makes a date."""
    if match["iso"]:
        return past_day(today, int(match["month"]), int(match["day"]), int(match["iso"]))
    first, second = int(match["first"]), int(match["second"])
    year = 2000 + int(match["year"]) if match["year"] else None
    if year is None and not _is_day(match, text):
        return None
    when = past_day(today, second, first, year)
    return when if when or match["mark"] == "." else past_day(today, first, second, year)


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


def _on(start: int, end: int, when: date, today: date) -> TimeClue:
    age = (today - when).days
    return TimeClue("date", when.isoformat(), start, end, low=age - 0.6, high=age + 0.6, day=when)


def past_day(today: date, month: int, day: int, year: int | None = None) -> date | None:
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
