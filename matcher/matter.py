"""Evidence from what happened: words, concepts, numbers and quoted phrases that post and case share."""

import math
import re
from collections.abc import Sequence

from matcher.background import Background, concepts_damping
from matcher.clues import PostClues
from matcher.facets import Facets
from matcher.numbers import AmountClue
from matcher.reason import Reason
from matcher.sensitive import may_be_named

_NOTHING = "the post and the case have no matter in common (against)"
_ALIKE, _SOMEWHAT_ALIKE = "tells much the same story as the case", "tells a story a little like the case's"
_UNLIKE = "tells another story than the case (against)"
_LEAST_TOLD = 3.0
_SHARED_WORDS = 3.0
_SHARED_CONCEPTS = 1.0
_TELLING_COUNT = 1.5
_TOLD = 4  # words or concepts
_LEAST_QUOTE = 8
_ROUND = 0.6
_ROUND_SUM = re.compile(r"\d+0(?:[.,]0+)?")
_ROUNDED, _NEAR = 0.05, 0.3
_NAMED = 0.6
_LEAST_BARE = 3
_YEAR = re.compile(r"(?:19|20)\d\d")
_AHEAD = 0.3
_SO_MANY = range(2, 13)
_NOT_NAMED = {"pregnant", "disabled", "elderly", "medicine", "dentist", "loan", "religious_feast"}
"""Concepts that would label somebody's health, money or faith: they count, and no sentence names them."""


class Topic:
    """What one post is about, weighed against the background once, for all cases."""

    def __init__(self, clues: PostClues, background: Background) -> None:
        """Weigh the post's words and concepts, and what a usual case would share of them."""
        self._clues = clues
        self._background = background
        self._stems = {stem: background.idf(stem) for stem in clues.stems}
        self._concepts = {code: background.concept_idf(code) for code in clues.concepts}
        self._amounts = {clue.value for clue in clues.amounts}
        self._counts = {clue.value for clue in clues.counts}
        self._quotes = [bare for quote in clues.quotes if len(bare := quote.strip(" .,!?…")) >= _LEAST_QUOTE]
        self._tells = sum(self._concepts.values()) + 0.5 * len(self._stems) >= _LEAST_TOLD
        self._usual_words = background.usual_words(clues.stems)
        self._usual_concepts = background.usual_concepts(clues.concepts)
        self._product, self._named = background.best_product(clues.stems)
        self._told_product = frozenset(stem for stem in self._product if stem in clues.stems)

    def compare(self, case: Facets) -> list[Reason]:
        """Compare words, concepts, product, sums, numbers and quotations with those of a case."""
        stems, concepts = _rarest(self._stems, case.stems), _rarest(self._concepts, case.concepts)
        words, common = -math.fsum(rarity for rarity, _ in stems), -math.fsum(rarity for rarity, _ in concepts)
        reasons = self._words(case, [stem for _, stem in stems], words)
        reasons += self._of_concepts(case, [code for _, code in concepts], common)
        if self._tells and words <= _SHARED_WORDS and common <= _SHARED_CONCEPTS and not self._same_figures(case):
            reasons.append(Reason("matter_nothing", 1.0, _NOTHING))
        if self._named >= _NAMED:
            reasons += self._other_product(case)
        if self._amounts or self._counts:
            reasons += self._figures(case)
        return reasons + self._quoted(case)

    def _words(self, case: Facets, shared: list[str], rarity: float) -> list[Reason]:
        """Compare words: how much more is shared than with a usual case, damped for long cases."""
        value = rarity / self._background.words_damping(len(case.stems)) - self._usual_words
        if not shared:
            return [Reason("words", value, "shares no telling word with the case (against)")] if value < -0.3 else []
        told = [word for stem in shared[:_TOLD] if may_be_named(word := self._clues.stems[stem])]
        said = ": " + ", ".join([f'"{word}"' for word in told]) if told else ""
        return [Reason("words", value, f"shares words with the case{said}")]

    def _of_concepts(self, case: Facets, shared: list[str], rarity: float) -> list[Reason]:
        """Compare concepts, which meet across wordings and languages; damped for cases that touch many."""
        value = rarity / concepts_damping(len(case.concepts)) - self._usual_concepts
        if not shared:
            return [Reason("concepts", value, "speaks of other things than the case (against)")] if value < -0.3 else []
        said = ", ".join([code for code in shared[:_TOLD] if code not in _NOT_NAMED]).replace("_", " ")
        return [Reason("concepts", value, f"both are about: {said}" if said else "both are about the same")]

    def _other_product(self, case: Facets) -> list[Reason]:
        """Say so where the post names another product than the case's."""
        if not case.product or self._told_product <= set(case.product):
            return []
        ahead = self._named - self._background.product_named(case.product, self._clues.stems)
        if ahead < _AHEAD:
            return []
        said = " ".join(self._clues.stems[stem] for stem in self._product if stem in self._told_product)
        sentence = f'speaks of "{said}"; the case is about {case.product_name} (against)'
        return [Reason("product_other", ahead, sentence)]

    def _figures(self, case: Facets) -> list[Reason]:
        """Compare sums of money and counts."""
        reasons, clues, idf = [], self._clues, self._background.amount_idf
        shared = [*{clue.value: clue for clue in clues.amounts if clue.value in case.amounts}.values()]
        noted = (
            [] if case.amounts else [clue for clue in clues.amounts if _bare(clue.value) and clue.value in case.counts]
        )
        if shared:
            value = min(sum(_telling(clue.value) * idf(clue.value) for clue in shared), 7.0)
            reasons.append(Reason("amount", value, f"names the sum of {shared[0].said}, as the case does"))
        elif noted:
            value = min(idf(noted[0].value), self._background.count_idf(noted[0].value))
            said = f"names the sum of {noted[0].said}, and the case the number {noted[0].value}"
            reasons.append(Reason("amount", _telling(noted[0].value) * value, said))
        elif times := _times(clues.amounts, case):
            said, each, many = times
            value = _NEAR * idf(each)
            reasons.append(Reason("amount", value, f"names {said}; the case names {many} times {each}"))
        elif near := _nearest(clues.amounts, case.amounts):
            said, other = near
            reasons.append(Reason("amount", _NEAR * idf(other), f"names {said}; the case names {other}, about as much"))
        elif clues.amounts and case.amounts:
            said = f"names {clues.amounts[0].said}; the case names {case.amounts[0]} (against)"
            reasons.append(Reason("amount_other", 1.0, said))
        counted = self._counts.intersection(case.counts)
        if counted:
            value = min(sum(self._background.count_idf(count) for count in counted), 5.0)
            named = min(counted, key=lambda count: (len(count), count))
            reasons.append(Reason("count", value, f"names the number {named}, as the case does"))
        return reasons

    def _quoted(self, case: Facets) -> list[Reason]:
        """Compare phrases in quotation marks: posters quote what the company answered."""
        for bare in self._quotes:
            if bare in case.text:
                return [Reason("quote", min(len(bare) / 10, 2.5), f'quotes "{bare}", which the case holds')]
        return []

    def _same_figures(self, case: Facets) -> bool:
        """Whether both name a sum of money, or numbers that few cases name."""
        if not self._amounts.isdisjoint(case.amounts):
            return True
        counted = self._counts.intersection(case.counts)
        return sum(self._background.count_idf(count) for count in counted) >= _TELLING_COUNT


def likeness(deviation: float | None) -> list[Reason]:
    """Compare by the encoder: how far the likeness stands above that of a usual case, in standard deviations."""
    if deviation is None:
        return []
    clipped = max(-1.5, min(deviation, 4.0))
    return [Reason("likeness", clipped, _ALIKE if clipped > 1 else _SOMEWHAT_ALIKE if clipped > 0 else _UNLIKE)]


def _times(said: Sequence[AmountClue], case: Facets) -> tuple[str, str, str] | None:
    """Give a sum of a post, as written, that is so many times a sum of the case, with both numbers of the case."""
    for clue in said:
        for each in case.amounts:
            many = float(clue.value) / float(each) if float(each) else 0.0
            if many in _SO_MANY and f"{many:.0f}" in case.counts and not _ROUND_SUM.fullmatch(clue.value):
                return clue.said, each, f"{many:.0f}"
    return None


def _nearest(said: Sequence[AmountClue], amounts: Sequence[str]) -> tuple[str, str] | None:
    """Give a round sum of a post, as written, and a sum of the case that may have been rounded to it."""
    if not all(_ROUND_SUM.fullmatch(clue.value) for clue in said):
        return None  # who knows one sum to the penny knows the others
    for clue in said:
        for amount in amounts:
            exact = float(amount)
            if not _ROUND_SUM.fullmatch(amount) and abs(float(clue.value) - exact) <= _ROUNDED * exact:
                return clue.said, amount
    return None


def _bare(amount: str) -> bool:
    """Whether a sum may be noted without its currency, as of calls; small numbers and years may be anything."""
    return len(amount) >= _LEAST_BARE and _YEAR.fullmatch(amount) is None


def _telling(amount: str) -> float:
    """Give how far a sum counts: round ones are named for many things."""
    return _ROUND if _ROUND_SUM.fullmatch(amount) else 1.0


def _rarest(rarity: dict[str, float], of_case: tuple[str, ...]) -> list[tuple[float, str]]:
    """Give what both hold, each behind its rarity (negative), the rarest first."""
    return sorted([(-rarity[one], one) for one in rarity.keys() & of_case])
