"""Times that a text names: how long ago, which weekday, which date; each as an interval of days before the post."""

import re
from datetime import date, datetime, timedelta

import msgspec

from matcher.clue import Field
from matcher.counted import COUNTED, counted_days
from matcher.dates import beside_date, dates, numeric_dates, past_day, year_after
from matcher.folding import Word
from matcher.halves import halves_joined, words_of_half
from matcher.loyalty import is_custom
from matcher.numbers import measures_apart
from matcher.quantity import Quantity, quantity
from matcher.rates import is_rate
from matcher.time_clue import TimeClue, time_said
from matcher.timewords import (
    ABOUT,
    AHEAD_AFTER,
    AMBIGUOUS_MONTHS,
    FESTIVALS,
    FOR,
    LAST,
    LAST_BEHIND,
    LAST_BUT_ONE,
    MANY_WEEKDAYS,
    MONTH_LEADS,
    MONTHS,
    NAMED_AGES,
    NOT_AGO_AFTER,
    ON_END,
    ORDINAL_WEEKDAYS,
    ORDINALS,
    OVER,
    UNDER,
    UNITS,
    WEEKDAYS,
)
from matcher.weekdays import weekday

_UNITS = {**UNITS, "mth": 30.4, "mths": 30.4}
_DAYS = {*WEEKDAYS, *MANY_WEEKDAYS, *ORDINAL_WEEKDAYS}
_OF_TIME = frozenset({*_UNITS, *_DAYS, *MONTHS, *NAMED_AGES, *FESTIVALS})
_DAY_BEFORE = {"avant", "l'altro", "altro", "antes de", "day before"}
_NOT = {"not", "nicht", "pas", "niet", "nao", "non"}
_AGO = (["ago"], ["back"], ["since"], ["geleden"], ["her"])
_WEEK = 7.0
_FIGURE = re.compile(r"\d")
_AHEAD = 250
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


def times(text: str, found: list[Word], at: datetime, field: Field = "text", lang: str | None = None) -> list[TimeClue]:
    """Give the times that a text posted at ``at`` names; ``lang`` is its BCP 47 tag where that is known."""
    found = measures_apart(text, halves_joined(text, found), _UNITS)
    here = "hier" in text.lower() and not _french(found, lang)
    dated = dates(found, at.date()) + numeric_dates(text, at.date()) if _FIGURE.search(text) else []
    taken = {position: clue for clue in dated for position in range(clue.start, clue.end)}
    clues = list(dated)
    for index in [index for index, word in enumerate(found) if word.text in _OF_TIME]:
        word = found[index]
        if word.start in taken or (here and _means_here(found, index)):
            continue
        beside = word.text in _DAYS and beside_date(text, found, index, taken)
        clue = None if beside else _time_at(text, found, index, at.date())
        if clue is not None:
            clues.append(clue)
    return [clue if field == "text" else msgspec.structs.replace(clue, field=field) for clue in clues]


def _time_at(text: str, found: list[Word], index: int, today: date) -> TimeClue | None:
    """Read the time that a word of time stands for, or None where it stands for none."""
    clue = _age(text, found, index) or _named(found, index, today) or weekday(found, index, today)
    return clue or _month(found, index, today) or _since(text, found, index)


def _french(found: list[Word], lang: str | None) -> bool:
    """Whether "hier" means yesterday; in German and Dutch it means here."""
    base = (lang or "").lower()[:2]
    if base in {"fr", "de", "nl"}:
        return base == "fr"
    said = [word.text for word in found]
    return sum(word in _FRENCH for word in said) > sum(word in _GERMAN_OR_DUTCH for word in said)


def _means_here(found: list[Word], index: int) -> bool:
    """Whether "hier" does not mean yesterday where the text is not French; "avant-hier" is French all the same."""
    return found[index].text == "hier" and not _one_day_more(found, index)[0]


def _age(text: str, found: list[Word], index: int) -> TimeClue | None:
    """Read "nine days", "over a week", "seit drei Wochen", "a month and a half"; the unit stands at ``index``."""
    unit = _UNITS.get(found[index].text)
    if unit is None or unit >= 365:
        return None
    before = [word.text for word in found[max(0, index - 7) : index]]
    last = _last_one(found, index, unit, before)
    said = quantity(text, found, index, unit)
    end = index + words_of_half(found, index)
    if end > index:
        said = msgspec.structs.replace(said or Quantity(1), value=(said.value if said else 1) + 0.5)
    if last or said is None:
        return last or _weeks_on_end(found, index, unit, before)
    end += said.behind
    if _is_no_age(text, found, (index - said.used, index, end), said.value * unit):
        return None
    near = {*before[-max(4, said.used + 2) :], *(["less"] if _negated(found, index - said.used) else [])}
    low, high, exact = _stretch(said, unit, near)
    return time_said(found, index - said.used, end, low, high, code="age", exact=exact)


def _last_one(found: list[Word], index: int, unit: float, before: list[str]) -> TimeClue | None:
    """Read "last week", "la semaine dernière", and "the week before last", "vorletzte Woche"."""
    led = bool(before) and before[-1] in LAST | LAST_BUT_ONE
    beside = unit >= 1 and index + 1 < len(found) and found[index + 1].start - found[index].end == 1
    after = [word.text for word in found[index + 1 : index + 3]] if beside else []
    earlier = (after == ["before", "last"] and before[-1:] == ["the"]) or bool(
        {*before[-1:], *after[:1]} & LAST_BUT_ONE
    )
    if not (led or earlier) and (not beside or after[0] not in LAST_BEHIND):
        return None
    low, high = (unit * 0.9, unit * 2.9) if earlier else (unit * 0.5, unit * 1.9)
    end = index + (not led) * (2 if earlier and after[:1] == ["before"] else 1)
    return time_said(found, index - led, end, low, high, code="age_last", exact=False)


def _weeks_on_end(found: list[Word], index: int, unit: float, before: list[str]) -> TimeClue | None:
    """Read "in our third week", "for weeks", "the other week": how long is left open."""
    lead, behind = before[-1] if before else "", [word.text for word in found[index + 1 : index + 3]]
    if unit == _WEEK and lead in ORDINALS and not (behind and behind[-1] in MONTHS):
        age = ORDINALS[lead] * unit
        return time_said(found, index - 1, index, max(0.0, age * 0.5 - unit), age + 0.6, code="age", exact=False)
    if lead == "other" and before[-2:-1] == ["the"] and unit <= _WEEK:
        return time_said(found, index - 2, index, unit * 0.8, unit * 4, code="age", exact=False)
    if found[index].text in ON_END and lead in FOR and behind[:1] != ["to"]:
        return time_said(found, index - 1, index, unit * 1.7, unit * 10, code="age", exact=False)
    return None


def _is_no_age(text: str, found: list[Word], span: tuple[int, int, int], days: float) -> bool:
    """Whether a stretch of time lies ahead, measures something or is denied; ``span``: its first word, unit and end."""
    first, index, end = span
    after = [word.text for word in found[end + 1 : end + 3]]
    if _lies_ahead([word.text for word in found[max(0, first - 1) : first]], after) or _measures(found, end, after):
        return True
    denied = _negated(found, first) and found[first - 1].text != "even" and after[:1] not in _AGO
    return denied or is_rate(text, found, first, index) or is_custom(found, first, end, days)


def _negated(found: list[Word], first: int) -> bool:
    """Whether "not" or "not even" stands at once before a stretch of time."""
    even = first > 1 and found[first - 1].text == "even"
    beside = first > 0 and found[first].start - found[first - 1].end == 1
    return beside and found[first - 1 - even].text in _NOT


def _since(text: str, found: list[Word], index: int) -> TimeClue | None:
    """Read "Day 12 of no broadband": it began so long ago, and contact was often made later."""
    age = counted_days(text, found, index)
    if age is None:
        return None
    unit = COUNTED[found[index].text]
    return time_said(found, index, index + 1, max(0.0, age * 0.5 - unit), age + 0.6, code="age", exact=False)


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


def _stretch(said: Quantity, unit: float, near: set[str]) -> tuple[float, float, bool]:
    age = said.value * unit
    if near & UNDER:
        return age * 0.75, age + 0.5, False
    if near & OVER:
        return age, age * 1.35 + unit * 0.45, False
    if said.least is not None:
        return said.least * unit * 0.8, age * 2, False  # mostly what was promised, and is over: "3 to 5 days"
    if said.rough or near & ABOUT:
        return age * 0.6, age * 1.5 + 0.5, False
    slack = 0.7 if unit <= 1 else unit * 0.22
    return max(0.0, age - slack), age + slack + age * 0.06, True


def _month(found: list[Word], index: int, today: date) -> TimeClue | None:
    word = found[index].text
    month = MONTHS.get(word)
    lead = found[index - 1].text if index else ""
    if month is None or lead not in MONTH_LEADS or (word in AMBIGUOUS_MONTHS and lead not in {"in", "since", "last"}):
        return None
    year = year_after(found, index)
    first = date(year or (today.year if month <= today.month else today.year - 1), month, 1)
    end = (first + timedelta(days=32)).replace(day=1)
    low, high = max(0, (today - end).days), (today - first).days
    if high < 0 or (low > _AHEAD and year is None and lead not in {"last", "since"}):
        return None  # "the end of April", said in March, lies ahead
    wide = {w.text for w in found[max(0, index - 3) : index]}
    if wide & {"end", "late", "fin", "finales", "finais", "fine", "eind", "ende"}:
        high = min(high, low + 12)
    return time_said(found, index, index + (year is not None), low, high, code="month", exact=False)


def _named(found: list[Word], index: int, today: date) -> TimeClue | None:
    """Read "yesterday", "avant-hier", "at Christmas", "on Black Friday"."""
    word = found[index].text
    if word in NAMED_AGES:
        more, first, last = _one_day_more(found, index)
        age = NAMED_AGES[word] + more
        return time_said(found, first, last, age - 0.6, age + 0.6, code="weekday", day=today - timedelta(days=age))
    beside = index > 0 and found[index].start - found[index - 1].end == 1
    lead = f"{found[index - 1].text} {word}" if beside else ""
    festival = FESTIVALS.get(word) or FESTIVALS.get(lead)
    if festival is None:
        return None
    when = past_day(today, *festival, year_after(found, index))
    age = (today - when).days if when else 0
    return time_said(found, index - (lead in FESTIVALS), index, age - 20, age + 10, code="festival", exact=False)


def _one_day_more(found: list[Word], index: int) -> tuple[bool, int, int]:
    """Say whether the words beside make yesterday the day before it, and give the first word and the last."""
    before = [word.text for word in found[max(0, index - 2) : index]]
    if NAMED_AGES[found[index].text] != 1:
        return False, index, index
    if index + 1 < len(found) and found[index + 1].text == "l'altro":
        return True, index, index + 1
    used = 1 if before[-1:] and before[-1] in _DAY_BEFORE else 2 * (" ".join(before) in _DAY_BEFORE)
    return used > 0, index - used, index
