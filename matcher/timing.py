"""Evidence from time and channel: when and how the poster says the company was told, and when and how it was."""

import math
from datetime import UTC, datetime

from matcher.background import Background
from matcher.clues import PostClues
from matcher.facets import Facets, age_days
from matcher.reason import Reason
from matcher.times import TimeClue

_MEANT = 0.8
_BESIDE = 24
_CONTACT_CODES = {"age", "age_last", "weekday", "date", "month"}
_CHANNELS = {
    "channel_email": ("email",),
    "channel_wrote": ("email", "chat", "partner"),
    "channel_phone": ("phone",),
    "channel_chat": ("chat",),
    "channel_person": ("in_person", "partner"),
    "channel_dm": (),
}
_SAID = {
    "channel_email": "an e-mail",
    "channel_wrote": "writing",
    "channel_phone": "a call",
    "channel_chat": "a chat",
    "channel_person": "a visit",
    "channel_dm": "a direct message",
}
_CAME_BY = {
    "email": "by e-mail",
    "phone": "by phone",
    "chat": "by chat",
    "in_person": "in person",
    "partner": "through a partner",
}


def when(clues: PostClues, case: Facets, at: datetime, background: Background) -> list[Reason]:
    """Compare the times that a post names with those at which the customer made contact."""
    ages = background.ages(at)
    said = [clue for clue in clues.times if clue.code in _CONTACT_CODES and clue.field == "text" and clue.high > -1]
    reasons = [_fit(clue, _meant(clue, clues), case, at, ages) for clue in said]
    dated = _dates(said, case)
    best = sorted((reason for reason in reasons if reason is not None), key=lambda r: -r.value)
    if not best:
        return [*dated, _recency(case, at, ages)]
    kept = best[:1] if best[0].value < 0 else [reason for reason in best if reason.value > 0][:2]
    return [*kept, *dated]


def _meant(clue: TimeClue, clues: PostClues) -> float:
    """Give how likely a stated time is that of the contact: likelier beside a word of contact, less for a month."""
    near = any(min(abs(cue.start - clue.end), abs(clue.start - cue.end)) <= _BESIDE for code, cue in clues.cues.items()
               if code.startswith("channel_") or code == "contact")  # fmt: skip
    usual = 0.35 if clue.code == "month" else 0.6
    return _MEANT if near else usual


def _fit(clue: TimeClue, meant: float, case: Facets, at: datetime, ages: list[float]) -> Reason | None:
    """Weigh a stated time against the contacts: the likelier it is that few other cases fit, the more it says."""
    nearest = min((age_days(contact, at) for contact in case.contacts if contact <= at.timestamp()), default=None,
                  key=lambda age: -_kernel(clue, age))  # fmt: skip
    if nearest is None:
        return None
    hit = _kernel(clue, nearest)
    usual = (sum(_kernel(clue, age) for age in ages) + 0.5) / (len(ages) + 1.0)
    value = math.log((1 - meant) + meant * hit / max(usual, 0.02))
    opened = _days_ago(age_days(case.opened, at))
    contacted = _days_ago(nearest)
    told = f"the case was opened {opened}" if contacted == opened else f"the customer made contact {contacted}"
    against = "" if value > 0 else " (against)"
    code = "time_fits" if value > 0 else "time_against"
    return Reason(code, max(min(value, 3.0), -1.6), f'says "{clue.value}"; {told}{against}')


def _kernel(clue: TimeClue, age: float) -> float:
    """Give 1 inside the stated interval, falling off outside it with a slack that grows with the age."""
    if clue.low <= age <= clue.high:
        return 1.0
    gap = clue.low - age if age < clue.low else age - clue.high
    slack = 0.35 + 0.09 * max(age, 0.0)
    return math.exp(-0.5 * (gap / slack) ** 2)


def _dates(said: list[TimeClue], case: Facets) -> list[Reason]:
    shared = [clue for clue in said if clue.code == "date" and clue.day and clue.day.toordinal() in case.days]
    return [Reason("date_shared", 1.0, f"names {shared[0].value}, as the case does")] if shared else []


def _recency(case: Facets, at: datetime, ages: list[float]) -> Reason:
    """Where no time is stated, complaints still tend to come days or a few weeks after the case was opened."""
    age = max(age_days(case.opened, at), 0.02)
    usual = sum(_density(other) for other in ages) / len(ages) if ages else _density(age)
    value = math.log((_density(age) + 0.02) / (usual + 0.02))
    return Reason("recency", max(min(value, 1.5), -2.5), f"the case was opened {_days_ago(age)}")


def _density(age: float) -> float:
    """Give how common an age is at the time of a post, relative to its peak (log-normal, median about 8 days)."""
    return math.exp(-0.5 * ((math.log(max(age, 0.05)) - math.log(8.0)) / 1.0) ** 2)


def channel(clues: PostClues, case: Facets, background: Background) -> list[Reason]:
    """Compare the channel that a post names with the one the case came by."""
    named = [code for code in _CHANNELS if code in clues.cues]
    if not named:
        return []
    fitting = {channel for code in named for channel in _CHANNELS[code]}
    said = clues.cues[named[0]].value
    came = _CAME_BY.get(case.channel, f"by {case.channel}")
    if case.channel in fitting:
        value = min(-math.log(background.channel_share(fitting)), 2.0)
        return [Reason("channel_fits", value, f'says "{said}"; the case came {came}')]
    if named == ["channel_dm"]:
        return [
            Reason(
                "channel_dm_only", 1.0, f'speaks of a direct message only ("{said}"); the case came {came} (against)'
            )
        ]
    return [Reason("channel_against", 1.0, f'speaks of {_SAID[named[0]]} ("{said}"); the case came {came} (against)')]


def _days_ago(age: float) -> str:
    if age < 1:
        return f"{max(round(age * 24), 1)} hours before"
    days = round(age)
    return "1 day before" if days == 1 else f"{days} days before"


def utc(seconds: float) -> datetime:
    """Give an aware time for seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC)
