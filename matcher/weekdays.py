"""Weekdays that a text names: the last one, the one a week before, the second back."""

import re
from datetime import date, timedelta

from matcher.folding import Word
from matcher.numbers import number_before
from matcher.time_clue import TimeClue, time_said
from matcher.timewords import LAST, MANY_WEEKDAYS, NEXT, NEXT_BEHIND, ORDINAL_WEEKDAYS, WEEKDAYS

_A_WEEK_MORE = re.compile(r"\ba week (?:(?:last|ago|past) )?(?!on\b)\w+day\b|\b\w+day week$")
"""Of a weekday: the one before the last, as in "on Monday week" and "a week last Tuesday"."""
_OTHER_WORDS = {"mon", "wed"}  # "mon colis", "wed in June": weekdays only after "on"
_NO_DAY_LEADS = {
    "black", "cyber", "good", "easter", "ash", "shrove", "pancake", "palm", "maundy", "fat", "giving", "happy", "taco",
    "ruby", "manic", "blue", "freaky", "casual", "meatless", "super", "throwback", "sheffield", "bloody", "every",
    "each", "jeden", "chaque", "cada", "ogni", "elke", "iedere", "los", "goede",
}  # fmt: skip
_NO_DAY_BEHIND = {"saint", "santo", "santa", "times", "addams"}
_AGO = {"ago", "back", "geleden", "terug", "fa", "atras"}
_AGO_LEADS = {"vor", "hace", "ha"}
_IN_PORTUGUESE = {"na", "desde"}
_GOES_ON = {
    "as", "a", "ao", "de", "do", "da", "e", "que", "eu", "ja", "nao", "mas", "ainda", "por", "com", "me", "os", "o",
    "fui", "fiz", "disse", "tive", "pedi", "escrevi", "recebi", "ate", "sem", "nada", "ninguem", "estou", "estamos",
}  # fmt: skip
_DID = re.compile(r"\w{2,}(?:ei|ou|aram|eram|iram)$")
"""Of a Portuguese verb in the past: "na segunda liguei" names a day, "na segunda tentativa" none."""


def weekday(found: list[Word], index: int, today: date) -> TimeClue | None:
    """Read "on Monday", "last Friday", "two Mondays ago", "na segunda-feira"; the weekday stands at ``index``."""
    counted = _weekdays_back(found, index, today)
    day = _day(found, index)
    if counted is not None or day is None:
        return counted
    end = index + (found[index].text in ORDINAL_WEEKDAYS and _beside(found, index) == "feira")
    behind = [word.text for word in found[end + 1 : end + 3]]
    near = [word.text for word in found[max(0, index - 2) : index]]
    if _names_no_past_day(found, index, near, _beside(found, end)) or _lies_ahead(near, behind):
        return None
    return _last_such(found, index, end, today, day)


def _last_such(found: list[Word], index: int, end: int, today: date, day: int) -> TimeClue:
    """Give the last such weekday, or the one a week before where the words around it say so."""
    age = _age(today, day)
    if _A_WEEK_MORE.search(" ".join(word.text for word in found[max(0, index - 3) : index + 2])):
        return time_said(found, index, end, age + 6.5, age + 7.5, code="weekday", day=_back(today, age + 7))
    around = [*found[max(0, index - 2) : index], *found[end + 1 : end + 2]]
    last = any(word.text in LAST for word in around)
    high = age + 7 if last and age <= 3 else age
    return time_said(found, index, end, age - 0.5, high + 0.5, code="weekday", day=None if last else _back(today, age))


def _day(found: list[Word], index: int) -> int | None:
    """Give the number of the weekday at ``index``, or None where the word means something else there."""
    said = found[index].text
    if said in ORDINAL_WEEKDAYS:
        return ORDINAL_WEEKDAYS[said] if _no_ordinal(found, index) else None
    if said in _OTHER_WORDS and "on" not in {word.text for word in found[max(0, index - 2) : index]}:
        return None
    return WEEKDAYS.get(said)


def _no_ordinal(found: list[Word], index: int) -> bool:
    """Whether a Portuguese word is a weekday: "segunda-feira", "terça passada", "na quinta", not "a segunda vez"."""
    before = [word.text for word in found[max(0, index - 2) : index]]
    behind = _beside(found, index)
    if behind in {"feira", "passada"}:
        return before[-1:] != ["a"] or not before[0].endswith(("feira", *ORDINAL_WEEKDAYS))  # "segunda a sexta-feira"
    led = before[-1:] and (before[-1] in _IN_PORTUGUESE or before == ["desde", "a"])
    return bool(led) and (not behind or behind in _GOES_ON or _DID.match(behind) is not None)


def _names_no_past_day(found: list[Word], index: int, near: list[str], behind: str) -> bool:
    """Whether a weekday belongs to a feast, a greeting, a name or a habit: "Good Friday", "every Monday"."""
    led = near[-1:] and near[-1] in _NO_DAY_LEADS and found[index].start - found[index - 1].end == 1
    return bool(led) or behind in _NO_DAY_BEHIND


def _lies_ahead(near: list[str], behind: list[str]) -> bool:
    led = bool(near) and near[-1] in NEXT | {"this"}
    return led or (bool(behind) and behind[0] in NEXT_BEHIND) or behind in (["que", "viene"], ["que", "vem"])


def _weekdays_back(found: list[Word], index: int, today: date) -> TimeClue | None:
    """Read "two Mondays ago", "vor zwei Montagen", "il y a deux lundis": the second such day back."""
    day = MANY_WEEKDAYS.get(found[index].text)
    if day is None or not index:
        return None
    value, used = number_before(found, index)
    if found[index - 1].text == "of" and index > 1 and found[index - 2].text == "couple":
        value, used = 2.0, 2
    if value is None or not 2 <= value <= 20 or not _ago(found, index - used, index):
        return None
    age = _age(today, day) + 7 * (int(value) - 1)
    return time_said(found, index - used, index, age - 0.5, age + 0.5, code="weekday", day=_back(today, age))


def _ago(found: list[Word], first: int, last: int) -> bool:
    """Whether what stands from ``first`` to ``last`` is said to be past."""
    behind = found[last + 1 : last + 3]
    after = next((word.text for word in behind if word.text not in {"feira", "feiras"}), "")
    before = [word.text for word in found[max(0, first - 2) : first]]
    return after in _AGO or before == ["y", "a"] or (bool(before) and before[-1] in _AGO_LEADS)


def _beside(found: list[Word], index: int) -> str:
    """Give the word that follows another at once, or an empty one."""
    beside = index + 1 < len(found) and found[index + 1].start - found[index].end == 1
    return found[index + 1].text if beside else ""


def _age(today: date, day: int) -> int:
    return (today.weekday() - day) % 7 or 7


def _back(today: date, days: int) -> date:
    return today - timedelta(days=days)
