"""Whom a post is about: what it says of a competitor is no complaint about ours."""

import re
from collections.abc import Sequence
from typing import NamedTuple, Protocol

import msgspec

from matcher.folding import compact, fold
from matcher.gloss import english_words
from matcher.numbers import number
from matcher.verdict import Verdict

_SENTENCE = re.compile(r"(?<=[.!?…])\s|\n|\s[–—|]\s")
_NAME = re.compile(r"[^\s@#,;:!?()\"“”]+")
_LONG_NAME, _LONG_FIRST = 4, 5
_SURELY_NOT, _SURELY = 0.25, 0.5
_ADDRESSED = re.compile(
    r"\b(?:you|your|ihr|euer|eure[rsmn]?|euch|vous|votre|vos|vuestr[oa]s?|vosotros|tu|tus|su|sus|voces?|voss[oa]s?|voi|vostr[oaei]"
    r"|jullie|uw)\b"
)
_GO = (
    r"switch\w*|mov\w+|go|going|gone|went|back|over|join\w*|leav\w+|chang\w+|off|sign\w*"
    r"|wechs\w+|geh\w*|zuruck|pass\w+|retour\w*|cambi\w+|mud\w+|vuelvo|torn\w+|volt\w+|stap\w*|overstap\w*|terug"
)
_TO = r"to|with|zu|zur|chez|a|para|naar|con|com"
_FROM = r"(?:came|come|moved|switched|over|gekommen|venu|vengo|vim|vengo) (?:over |here )?(?:from|von|de|da|van)"
_BETTER = r"better|cheaper|faster|besser|mieux|mejor|melhor|meglio|beter"
_AS_WELL = re.compile(
    r"\b(?:same|ditto|too|also|either|neither|likewise|equally|worse|not|no|never|nor|another|genauso|ebenso|auch|nicht|kein\w*"
    r"|pareil|aussi|pas|pire|igual|tambien|tampoco|peor|tambem|nao|pior|uguale|anche|peggio|non|ook|niet|geen)\b|n't\b"
)


class Competitor:
    """Another company's name or handle, as sentences about it are known by.

    A name that is an ordinary word too ("Three", "Sky") counts as a handle or hashtag, or written as a name inside a
    sentence. Where somebody goes, came from or had it better is not what a sentence complains of.
    """

    def __init__(self, name: str) -> None:
        """Read a name as the configuration has it."""
        said = re.escape(fold(name))
        self._said = re.compile(rf"(?<!\w){said}(?!\w)")
        self._elsewhere = re.compile(
            rf"\b(?:{_GO})\b.{{0,30}}?\b(?:{_TO})\s+@?{said}(?!\w)|\b(?:{_FROM})\s+@?{said}(?!\w)"
            rf"|(?<!\w){said}(?:\W+\w+){{0,2}}\W+(?:{_BETTER})\b"
        )
        word = name.lower()
        plain = name[:1] not in "@#" and (word in english_words() or number(fold(name)) is not None)
        self._as_name = re.compile(rf"(?i:[@#]{re.escape(name)})\b|(?<=[\w,] ){re.escape(name)}\b") if plain else None

    def is_spoken_of(self, sentence: str) -> bool:
        """Whether a sentence speaks of this company, and not merely of going there."""
        folded = fold(sentence)
        named = self._said.search(folded) if self._as_name is None else self._as_name.search(sentence)
        return named is not None and self._elsewhere.search(folded) is None


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
        self._competitors = [Competitor(name) for name in competitors]

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


def apart(text: str, brand: str | None, competitors: Sequence[Competitor]) -> Apart | None:
    """Part the sentences that name a competitor from all others; None where that does not tell what is meant.

    It does not where no other sentence names the brand, or none says more than its name, or where one says "same here"
    or "not"; and a sentence that speaks to somebody ("your courier Northernfly") is of the brand whomever it names.
    """
    names = _names_of(brand or "")
    sentences = [one for one in _SENTENCE.split(text) if one.strip()]
    theirs = [one for one in sentences if not _names(one, names) and _is_theirs(one, competitors)]
    ours = [one for one in sentences if one not in theirs]
    named = [one for one in ours if _names(one, names)]
    if not theirs or all(_says_nothing(one, names) for one in named) or any(_AS_WELL.search(fold(one)) for one in ours):
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


def _says_nothing(sentence: str, names: set[str]) -> bool:
    """Whether a sentence is but handles and the brand's name: it takes nothing back of what stands before it."""
    said = [word for word in re.findall(r"(?<![@\w])[^\W\d_]{2,}", sentence) if compact(fold(word)) not in names]
    return not said


def _is_theirs(sentence: str, competitors: Sequence[Competitor]) -> bool:
    return not _ADDRESSED.search(fold(sentence)) and any(one.is_spoken_of(sentence) for one in competitors)


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
