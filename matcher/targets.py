"""Whom a post is about: what it says of a competitor is no complaint about ours."""

import re
from collections.abc import Sequence
from typing import NamedTuple, Protocol

import msgspec

from matcher.folding import compact, fold
from matcher.verdict import Verdict

_SENTENCE = re.compile(r"(?<=[.!?…])\s|\n|\s[–—|]\s")
_NAME = re.compile(r"[^\s@#,;:!?()\"“”]+")
_LONG_NAME, _LONG_FIRST = 4, 5
_SURELY_NOT, _SURELY = 0.25, 0.5
_ADDRESSED = re.compile(
    r"\b(?:you|your|ihr|euer|eure[rsmn]?|euch|vous|votre|vos|vuestr[oa]s?|vosotros|tu|tus|su|sus|voces?|voss[oa]s?|voi|vostr[oaei]"
    r"|jullie|uw)\b"
)
_AS_WELL = re.compile(
    r"\b(?:same|ditto|too|also|either|neither|likewise|equally|worse|not|no|never|nor|another|genauso|ebenso|auch|nicht|kein\w*"
    r"|pareil|aussi|pas|pire|igual|tambien|tampoco|peor|tambem|nao|pior|uguale|anche|peggio|non|ook|niet|geen)\b|n't\b"
)


class Apart(NamedTuple):
    """The sentences of a post that may be about a brand, and those that name a competitor and nobody else."""

    ours: str
    theirs: str


_Row = tuple[str, str | None, str | None, str | None]


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
        none: list[str | None] = [None] * len(texts)
        verdicts = self._decision.judge(texts, contexts, langs, brands, hurried=hurried)
        rows = [*zip(texts, contexts or none, langs or none, brands or none, strict=True)]
        parts = {
            place: part
            for place, (text, _, _, brand) in enumerate(rows)
            if verdicts[place].complaint and (part := apart(text, brand, self._competitors))
        }
        found = self._parts_judged(list(parts.values()), [rows[place] for place in parts], hurried=hurried)
        for place, (of_us, of_them) in zip(parts, found, strict=True):
            surely_not = of_us.probability < _SURELY_NOT and not of_us.complaint and not of_us.cannot_tell
            if surely_not and of_them.probability >= _SURELY:
                verdicts[place] = _of_another(verdicts[place], of_us)
        return verdicts

    def _parts_judged(
        self, parts: Sequence[Apart], rows: Sequence[_Row], *, hurried: bool
    ) -> list[tuple[Verdict, Verdict]]:
        """Judge what may be of us as the whole post was, with what it answers, and what is of them by itself."""
        if not parts:
            return []
        _, contexts, langs, brands = (list(column) for column in zip(*rows, strict=True))
        ours = self._decision.judge([part.ours for part in parts], contexts, langs, brands, hurried=hurried)
        none = [None] * len(parts)
        theirs = self._decision.judge([part.theirs for part in parts], none, langs, none, hurried=hurried)
        return list(zip(ours, theirs, strict=True))


def apart(text: str, brand: str | None, competitors: Sequence[re.Pattern[str]]) -> Apart | None:
    """Part the sentences that name a competitor from all others; None where that does not tell what is meant.

    It does not where no other sentence names the brand, or where one says "same here" or "not"; and a sentence that
    speaks to somebody ("your courier Northernfly") is of the brand whomever it names.
    """
    names = _names_of(brand or "")
    sentences = [one for one in _SENTENCE.split(text) if one.strip()]
    theirs = [one for one in sentences if not _names(one, names) and _is_theirs(fold(one), competitors)]
    ours = [one for one in sentences if one not in theirs]
    if not theirs or not any(_names(one, names) for one in ours) or any(_AS_WELL.search(fold(one)) for one in ours):
        return None
    return Apart(" ".join(ours), " ".join(theirs))


def _names_of(brand: str) -> set[str]:
    """Give how a brand is written in one word: "Larkmoor Brewing" as larkmoorbrewing and larkmoor, "M&S" as ms."""
    first = compact(brand.split(maxsplit=1)[0]) if brand.split() else ""
    return {name for name in (compact(brand), first if len(first) >= _LONG_FIRST else "") if name}


def _names(sentence: str, names: set[str]) -> bool:
    """Whether a word, handle or hashtag of a sentence is one of these names, or a longer one that holds it."""
    joined = compact(sentence)
    if any(len(name) >= _LONG_NAME and name in joined for name in names):
        return True
    return any(compact(word.removesuffix("'s")) in names for word in _NAME.findall(fold(sentence)))


def _is_theirs(folded: str, competitors: Sequence[re.Pattern[str]]) -> bool:
    return not _ADDRESSED.search(folded) and any(competitor.search(folded) for competitor in competitors)


def _of_another(whole: Verdict, ours: Verdict) -> Verdict:
    reason = f"What it says of us does not read as a complaint ({ours.chance}); it complains of a competitor."
    return msgspec.structs.replace(
        whole,
        complaint=False,
        probability=ours.probability,
        needs_reply=False,
        words=(),
        reason=reason,
        at_first=ours.at_first,
        hurried=ours.hurried,
    )
