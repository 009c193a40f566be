"""Whom a post is about: what it says of a competitor is no complaint about ours."""

import re
from collections.abc import Sequence
from typing import NamedTuple, Protocol

import msgspec

from matcher.folding import compact, fold, words
from matcher.verdict import Verdict

_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+|\s+[–—|]\s+")
_LONG_BRAND = 4
_SURELY_NOT, _SURELY = 0.25, 0.5


class Apart(NamedTuple):
    """The sentences of a post that are about a brand, and those that are about a competitor."""

    ours: str
    theirs: str


class Decision(Protocol):
    """A complaint decision, built-in or custom."""

    def judge(
        self,
        texts: Sequence[str],
        contexts: Sequence[str | None] | None = None,
        langs: Sequence[str | None] | None = None,
        brands: Sequence[str | None] | None = None,
        *,
        hurried: bool = False,
    ) -> list[Verdict]:
        """Give one verdict per text, in their order."""
        ...

    def threshold(self, brand: str | None) -> float:
        """Return the probability from which a post about ``brand`` is a complaint."""
        ...


class OfUs:
    """A decision that takes for no complaint what complains of a competitor, and of the brand of nothing."""

    def __init__(self, decision: Decision, competitors: Sequence[str]) -> None:
        """Judge by ``decision``; ``competitors`` are names and handles of other companies."""
        self._decision = decision
        self._competitors = [re.compile(rf"(?<!\w){re.escape(fold(name))}(?!\w)") for name in competitors]

    def threshold(self, brand: str | None) -> float:
        """Return the probability from which a post about ``brand`` is a complaint."""
        return self._decision.threshold(brand)

    def judge(
        self,
        texts: Sequence[str],
        contexts: Sequence[str | None] | None = None,
        langs: Sequence[str | None] | None = None,
        brands: Sequence[str | None] | None = None,
        *,
        hurried: bool = False,
    ) -> list[Verdict]:
        """Give one verdict per text, in their order. It works on the CPU: call it in a thread."""
        verdicts = self._decision.judge(texts, contexts, langs, brands, hurried=hurried)
        asked = zip(texts, brands or [None] * len(texts), strict=True)
        parts = {
            place: part
            for place, (text, brand) in enumerate(asked)
            if verdicts[place].complaint and (part := apart(text, brand, self._competitors))
        }
        ours, theirs = ([part[side] for part in parts.values()] for side in (0, 1))
        found = self._decision.judge([*ours, *theirs], hurried=hurried) if parts else []
        for place, of_us, of_them in zip(parts, found, found[len(ours) :], strict=False):
            if of_us.probability < _SURELY_NOT and of_them.probability >= _SURELY and not of_us.cannot_tell:
                verdicts[place] = _of_another(verdicts[place], of_us)
        return verdicts


def apart(text: str, brand: str | None, competitors: Sequence[re.Pattern[str]]) -> Apart | None:
    """Part the sentences of a post by whom they are about; None where they are not about both.

    A sentence is about whom it names, the brand before a competitor; one that names neither is about whom the one
    before is about, and the first ones about whom is named first.
    """
    own = compact(brand or "")
    if not own:
        return None
    sentences = [one for one in _SENTENCE.split(text) if one.strip()]
    named = [_names_us(one, own, competitors) for one in sentences]
    known = next((one for one in named if one is not None), None)
    sides: dict[bool | None, list[str]] = {True: [], False: [], None: []}
    for sentence, names in zip(sentences, named, strict=True):
        known = known if names is None else names
        sides[known].append(sentence)
    return Apart(" ".join(sides[True]), " ".join(sides[False])) if sides[True] and sides[False] else None


def _names_us(sentence: str, own: str, competitors: Sequence[re.Pattern[str]]) -> bool | None:
    """Say whether a sentence names us; False where it names competitors only, None where it names neither."""
    if own in {word.text for word in words(sentence)} or (len(own) >= _LONG_BRAND and own in compact(sentence)):
        return True
    folded = fold(sentence)
    return False if any(competitor.search(folded) for competitor in competitors) else None


def _of_another(whole: Verdict, ours: Verdict) -> Verdict:
    reason = f"What it says of us does not read as a complaint ({ours.chance}); it complains of a competitor."
    return msgspec.structs.replace(
        whole, complaint=False, probability=ours.probability, needs_reply=False, words=(), reason=reason
    )
