"""Evidence from time and channel: when and how the poster says the company was told, and when and how it was."""

import math
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from matcher.background import Background
from matcher.clues import PostClues
from matcher.facets import Facets
from matcher.reason import Reason
from matcher.time_clue import TimeClue

Ages = NDArray[np.float64]

_MEANT = {  # how often each kind of time was that of the contact, away from words of contact and beside one
    "just_now": (0.2, 0.5), "days": (0.6, 0.7), "weeks": (0.8, 0.95), "months": (0.4, 0.6),
    "weekday": (0.25, 0.65), "earlier_weekday": (0.5, 0.9), "date": (0.4, 0.9), "age_last": (0.5, 0.95),
    "month": (0.15, 0.35),
}  # fmt: skip
_JUST_NOW, _THIS_WEEK, _DAYS, _WEEKS = 2.6, 7.7, 9.0, 35.0  # days
_BESIDE = 24
_USUAL_AGE = math.log(8.0)
_DAY = 86400.0
_CONTACT_CODES = {"age", "age_last", "weekday", "date", "month"}
_CHANNELS = {
    "channel_email": ("email",),
    "channel_wrote": ("email", "chat", "partner"),
    "channel_phone": ("phone",),
    "channel_chat": ("chat",),
    "channel_person": ("in_person", "partner"),
    "channel_dm": (),
    "channel_post": (),
}
_SAID = {
    "channel_email": "an e-mail",
    "channel_wrote": "writing",
    "channel_phone": "a call",
    "channel_chat": "a chat",
    "channel_person": "a visit",
    "channel_dm": "a direct message",
    "channel_post": "a letter by post",
}
_CAME_BY = {
    "email": "by e-mail",
    "phone": "by phone",
    "chat": "by chat",
    "in_person": "in person",
    "partner": "through a partner",
}


class StatedTimes:
    """The times that one post names, and how many cases of the background each would fit."""

    def __init__(self, clues: PostClues, at: datetime, background: Background) -> None:
        """Weigh each stated time against the background once, for all cases."""
        self._at = at
        self._now = at.timestamp()
        ages = background.ages(at)
        said = [clue for clue in clues.times if clue.code in _CONTACT_CODES and clue.field == "text" and clue.high > -1]
        self._said = [(clue, _meant(clue, clues), _share(clue, ages)) for clue in said]
        self._dated = {clue.day.toordinal(): clue for clue in said if clue.code == "date" and clue.day}
        self._recent = float(_densities(ages).mean()) if len(ages) else 0.5

    def compare(self, case: Facets) -> list[Reason]:
        """Compare the stated times with those at which the customer made contact."""
        dated = self._shared_date(case) if self._dated else []
        if not self._said:
            return [*dated, self._recency(case)]
        past = [(self._now - contact) / _DAY for contact in case.contacts if contact <= self._now]
        fits = [(stated[0], self._fit(*stated, past, case)) for stated in self._said] if past else []
        reasons = [reason for clue, reason in fits if reason.value > 0 or not _names_day(clue, case)]
        best = sorted(reasons, key=lambda reason: -reason.value)
        if not best:
            return [*dated, self._recency(case)]
        kept = best[:1] if best[0].value < 0 else [reason for reason in best if reason.value > 0][:2]
        return [*kept, *dated]

    def _fit(self, clue: TimeClue, meant: float, share: float, past: list[float], case: Facets) -> Reason:
        """Weigh a stated time against the contacts: the fewer other cases fit it, the more it says."""
        nearest = max(past, key=lambda age: _kernel(clue, age))
        value = math.log((1 - meant) + meant * _kernel(clue, nearest) / share)
        code = "time_fits" if value > 0 else "time_against"
        opened, contacted = _days_ago((self._now - case.opened) / _DAY), _days_ago(nearest)
        told = f"the case was opened {opened}" if contacted == opened else f"the customer made contact {contacted}"
        against = "" if value > 0 else " (against)"
        return Reason(code, max(min(value, 3.0), -1.6), f'says "{clue.value}"; {told}{against}')

    def _shared_date(self, case: Facets) -> list[Reason]:
        shared = next((self._dated[day] for day in case.days if day in self._dated), None)
        return [Reason("date_shared", 1.0, f"names {shared.value}, as the case does")] if shared else []

    def _recency(self, case: Facets) -> Reason:
        """Where no time is stated, complaints still tend to come days or a few weeks after the case was opened."""
        age = max((self._now - case.opened) / _DAY, 0.02)
        value = math.log((_density(age) + 0.02) / (self._recent + 0.02))
        return Reason("recency", max(min(value, 1.5), -2.5), f"the case was opened {_days_ago(age)}")


def _names_day(clue: TimeClue, case: Facets) -> bool:
    """Whether a case names the very day: then it need not be the day of the contact."""
    return clue.code == "date" and clue.day is not None and clue.day.toordinal() in case.days


def _meant(clue: TimeClue, clues: PostClues) -> float:
    """Give how likely a stated time is that of the contact: likelier beside a word of contact, by its kind."""
    near = any(
        min(abs(cue.start - clue.end), abs(clue.start - cue.end)) <= _BESIDE
        for code, cue in clues.cues.items()
        if code.startswith("channel_") or code == "contact"
    )
    return _MEANT[_kind(clue)][near]


def _kind(clue: TimeClue) -> str:
    if clue.code not in {"age", "weekday"}:
        return clue.code
    if clue.high < _JUST_NOW:
        return "just_now"
    if clue.code == "weekday":
        return "weekday" if clue.high < _THIS_WEEK else "earlier_weekday"
    return "days" if clue.high < _DAYS else "weeks" if clue.high < _WEEKS else "months"


def _share(clue: TimeClue, ages: Ages) -> float:
    """Give the share of cases that would fit a stated time, smoothed: the mean of ``_kernel``."""
    gaps = np.maximum(np.maximum(clue.low - ages, ages - clue.high), 0.0)
    fits = np.exp(-0.5 * (gaps / (0.35 + 0.09 * np.maximum(ages, 0.0))) ** 2)
    return max((float(fits.sum()) + 0.5) / (len(ages) + 1.0), 0.02)


def _kernel(clue: TimeClue, age: float) -> float:
    """Give 1 inside the stated interval, falling off outside it with a slack that grows with the age."""
    if clue.low <= age <= clue.high:
        return 1.0
    gap = clue.low - age if age < clue.low else age - clue.high
    slack = 0.35 + 0.09 * max(age, 0.0)
    return math.exp(-0.5 * (gap / slack) ** 2)


def _density(age: float) -> float:
    """Give how common an age is at the time of a post, relative to its peak (log-normal, median about 8 days)."""
    return math.exp(-0.5 * (math.log(max(age, 0.05)) - _USUAL_AGE) ** 2)


def _densities(ages: Ages) -> Ages:
    """Give ``_density`` of many ages at once."""
    return np.exp(-0.5 * (np.log(np.maximum(ages, 0.05)) - _USUAL_AGE) ** 2)


class StatedChannel:
    """The channel that one post names, and how many cases of the background came by it."""

    def __init__(self, clues: PostClues, background: Background) -> None:
        """Read the channels named once, for all cases."""
        self._named = [code for code in _CHANNELS if code in clues.cues]
        self._fitting = {channel for code in self._named for channel in _CHANNELS[code]}
        self._said = [(code, clues.cues[code].value) for code in self._named]
        self._value = min(-math.log(background.channel_share(self._fitting)), 2.0)

    def compare(self, case: Facets) -> list[Reason]:
        """Compare the channel named with the one the case came by."""
        if not self._named:
            return []
        (code, said), came = self._said[0], _CAME_BY.get(case.channel, f"by {case.channel}")
        if case.channel in self._fitting:
            said = next(said for code, said in self._said if case.channel in _CHANNELS[code])
            return [Reason("channel_fits", self._value, f'says "{said}"; the case came {came}')]
        if self._named == ["channel_dm"]:
            sentence = f'speaks of a direct message only ("{said}"); the case came {came} (against)'
            return [Reason("channel_dm_only", 1.0, sentence)]
        sentence = f'speaks of {_SAID[code]} ("{said}"); the case came {came} (against)'
        return [Reason("channel_against", 1.0, sentence)]


def _days_ago(age: float) -> str:
    hours = max(round(age * 24), 1)
    count, unit = (hours, "hour") if hours < 24 else (round(age), "day")
    return f"{count} {unit}{'s' if count > 1 else ''} before"
