"""Calendar days that a text names, each before or at most 60 days after the post."""

import re
from datetime import date, timedelta

from matcher.folding import Word, fold
from matcher.time_clue import TimeClue
from matcher.timewords import MONTHS, NEXT, NO_DAY_AFTER, ORDINAL_WEEKDAYS, WEEKDAYS

_BARE_ORDINAL = re.compile(r"^(\d{1,2})(?:st|nd|rd|th)$")
_ORDINAL = re.compile(r"^(\d{1,2})(?:st|nd|rd|th|er)?$")
_DIGITS = frozenset("0123456789")
_YEAR = re.compile(r"^20\d\d$")
_NUMERIC_DATE = re.compile(
    r"(?<![\d/.-])(?:(?P<iso>20\d\d)([-/.])(?P<month>\d{1,2})\2(?P<day>\d{1,2})"
    r"|(?P<first>\d{1,2})(?P<mark>[/.])(?P<second>\d{1,2})(?:(?P=mark)(?:20)?(?P<year>\d\d))?)(?![\d/-])"
)
_MARKED = re.compile(r"\d[-/.]\d")  # found faster than a date, where there is none
_LEAD = re.compile(r"([^\W\d_]+)[.,]?\s+$")
_FULL_STOP = re.compile(r"\.(?!\d)")
_DATE_LEADS = {"on", "since", "dated", "am", "vom", "den", "dem", "seit", "le", "du", "depuis", "el", "del", "dia",
               "desde", "em", "il", "dal", "op", "sinds", "feira", *WEEKDAYS,
               *ORDINAL_WEEKDAYS}  # fmt: skip
_WEEKDAYS = {**WEEKDAYS, **ORDINAL_WEEKDAYS}
_OUT_OF = {2, 3, 4, 5, 10, 20}
_NO_DATES = {(24, 7), (7, 24), (9, 11)}
_NEAR = 62  # days: whoever names no month means this one or the last
_BETWEEN = re.compile(r"(?:.feira)?[\s,(–-]{1,3}(?:(?:the|den|dem|le|el|il|de|dia) )?|\. ?")
"""What may stand between a weekday and its date, on either side."""
_REACH = 15  # characters that are looked through for the date of a weekday


def dates(found: list[Word], today: date) -> list[TimeClue]:
    """Give the days that a text names by their month ("3 March", "le 5 juillet"), or as "on the 3rd"."""
    months = [(index, MONTHS[word.text]) for index, word in enumerate(found) if word.text in MONTHS]
    named = [_beside_month(found, index, month, today) for index, month in months]
    return [clue for clue in named if clue is not None] + _bare_ordinals(found, today)


def _beside_month(found: list[Word], index: int, month: int, today: date) -> TimeClue | None:
    """Read the day that stands before a month or behind it."""
    for offset in (-1, -2, 1):
        other = index + offset
        bridge = offset != -2 or (index > 0 and found[index - 1].text in {"of", "de", "di", "del", "du"})
        if not 0 <= other < len(found) or not bridge:
            continue
        figure = _ORDINAL.match(found[other].text)
        low, high = min(index, other), max(index, other)
        year = year_after(found, high)
        when = past_day(today, month, int(figure.group(1)), year) if figure else None
        if when is not None:
            return _on(found[low].start, found[high + (year is not None)].end, when, today)
    return None


def year_after(found: list[Word], index: int) -> int | None:
    """Give the year that follows a word, or None."""
    after = found[index + 1].text if index + 1 < len(found) else ""
    return int(after) if _YEAR.match(after) else None


def beside_date(text: str, found: list[Word], index: int, taken: dict[int, TimeClue]) -> bool:
    """Whether a weekday belongs to a date beside it: "Monday, 2 March", "2 March (Monday)", "Monday 2nd".

    ``taken`` holds the dates of the text by each position that they stand at.
    """
    word, day = found[index], _WEEKDAYS.get(found[index].text)
    if day is None:
        return False
    behind = next((taken[place] for place in range(word.end, word.end + _REACH) if place in taken), None)
    before = next((taken[word.start - gap] for gap in range(1, _REACH) if word.start - gap in taken), None)
    if any(clue is not None and _are_one(text, word, day, clue) for clue in (behind, before)):
        return True
    article = index + 2 < len(found) and found[index + 1].text == "the"
    return _ordinal_day(found, index + 1 + article) is not None


def _are_one(text: str, word: Word, day: int, clue: TimeClue) -> bool:
    """Whether a weekday and a date beside it name one day: it is read so before a date, behind it where they agree."""
    behind = clue.start >= word.end
    start, end = (word.end, clue.start) if behind else (clue.end, word.start)
    between = fold(text[start:end])
    if _BETWEEN.fullmatch(between) is None:
        return False
    agrees, stopped = clue.day is not None and clue.day.weekday() == day, "." in between
    return (agrees and not (stopped and not behind)) or (behind and not stopped)


def _bare_ordinals(found: list[Word], today: date) -> list[TimeClue]:
    """Read "on the 3rd", and "Monday 2nd" where a day not long past was both."""
    figures = [index for index, word in enumerate(found) if word.text[0] in _DIGITS]
    clues = []
    for index in figures:
        day = _ordinal_day(found, index) if index else None
        when = _last_with_day(found, index, today, day) if day is not None else None
        if when is not None:
            clues.append(_on(found[index].start, found[index].end, when, today))
    return clues


def _ordinal_day(found: list[Word], index: int) -> int | None:
    """Give the day of the month that an ordinal without a month names at ``index``, or None."""
    figure = _BARE_ORDINAL.match(found[index].text) if index < len(found) else None
    if figure is None or not _leads_ordinal(found, index - 1):
        return None
    follows = found[index + 1].text if index + 1 < len(found) else ""
    apart = index + 1 < len(found) and found[index].end + 1 < found[index + 1].start
    return int(figure.group(1)) if follows not in MONTHS and (apart or follows not in NO_DAY_AFTER) else None


def _leads_ordinal(found: list[Word], index: int) -> bool:
    """Whether an ordinal behind a word is a day: "on the 2nd", "Monday 2nd", not "mon 2nd colis"."""
    word = found[index].text
    return word in {"the", "on"} or (word in WEEKDAYS and (len(word) > 3 or found[index - 1].text == "on"))


def numeric_dates(text: str, today: date) -> list[TimeClue]:
    """Give the days that a text names in figures: 2026-03-05, 5/3 or 5.3."""
    if _MARKED.search(text) is None:
        return []
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


def _last_with_day(found: list[Word], index: int, today: date, day: int) -> date | None:
    """Give the last such day of a month, on the weekday before it where one stands there."""
    article = found[index - 1].text == "the"
    beside = max(0, index - 1 - article)
    weekday = WEEKDAYS.get(found[beside].text)
    if weekday is not None and beside and found[beside - 1].text in NEXT:
        return None  # "by Friday 27th"
    past = [when for days in range(_NEAR) if (when := today - timedelta(days=days)).day == day]
    both = [when for when in past if when.weekday() == weekday]
    lately = [when for when in past if (today - when).days <= 30] if weekday is None or article else []
    return next(iter([*both, *lately]), None)
