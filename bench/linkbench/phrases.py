"""What people add to a story: when and how they told the company, and small talk, from the banks of a split."""

import random
from functools import cache

from bench.linkbench.durations import NUMBERS, WEEKDAYS, WEEKS
from bench.linkbench.splits import Split, lines_of

Bank = dict[str, dict[str, list[str]]]
_REMEMBERED = 0.2  # how far people err about a time: the standard deviation of its logarithm
_EXACT_UP_TO = 4


@cache
def bank(split: Split) -> Bank:
    """Give a split's phrases by kind and language."""
    found: Bank = {}
    for line in lines_of(split, "phrases.txt"):
        mark, text = line.split(": ", 1)
        kind, lang = mark.split(".")
        found.setdefault(kind, {}).setdefault(lang, []).append(text)
    return found


class Speaker:
    """Draws phrases of one split."""

    def __init__(self, split: Split, rng: random.Random) -> None:
        """Keep the bank and the dice."""
        self._bank = bank(split)
        self._rng = rng

    def say(self, kind: str, lang: str, **filled: str) -> str:
        """Give a phrase of a kind in a language, or in English where the bank has none; its places are filled."""
        known = self._bank[kind]
        return fill(self._rng.choice(known.get(lang) or known["en"]), **filled)

    def speaks(self, kind: str, lang: str) -> bool:
        """Whether the bank has phrases of a kind in a language."""
        return lang in self._bank[kind]

    def ago(self, days: float, lang: str, weekday: int | None) -> str:
        """Give a time phrase for an age, as roughly as people remember it; ``weekday`` is that of the contact."""
        rng = self._rng
        felt = days * rng.lognormvariate(0.0, _REMEMBERED if days > _EXACT_UP_TO else 0.02)
        if lang == "en" and weekday is not None and days < 6.5 and rng.random() < 0.6:
            return f"on {WEEKDAYS[weekday]}"
        weeks = round(felt / 7)
        if 1 <= weeks <= 6 and rng.random() < 0.45:
            fortnight = lang == "en" and weeks == 2 and rng.random() < 0.5
            return self.say("weeks", lang, w="a fortnight" if fortnight else WEEKS[lang][weeks - 1])
        number = max(round(felt), 2)
        spelt = lang == "en" and number < len(NUMBERS) and rng.random() < 0.6
        return self.say("days", lang, n=NUMBERS[number] if spelt else str(number))

    def told(self, channel: str, when: str, lang: str) -> str:
        """Give a sentence of the customer's own about the contact; ``channel`` may be empty."""
        return _start(self.say(f"told_{channel or 'any'}", lang, t=when))

    def told_by_other(self, channel: str, when: str, lang: str, he: str, him: str) -> str:
        """Give a sentence about somebody else's contact."""
        return _start(self.say(f"other_{channel or 'any'}", lang, t=when, he=he, him=him))


def fill(text: str, **filled: str) -> str:
    """Fill the places of a phrase; those that are not named stay."""
    for name, value in filled.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def _start(text: str) -> str:
    return text[:1].upper() + text[1:]
