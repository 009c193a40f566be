"""Evidence from what happened: words, concepts, numbers and quoted phrases that post and case share."""

import re

from matcher.background import Background, concepts_damping
from matcher.clues import PostClues
from matcher.facets import Facets
from matcher.reason import Reason

_TELLING_COUNT = 1.5
_ROUND = 0.6
_NAMED = 0.6
_AHEAD = 0.3


def words_score(clues: PostClues, case: Facets, background: Background) -> float:
    """Give the idf of the stems that both hold, damped for long cases."""
    shared = sum(background.idf(stem) for stem in _shared(clues, case))
    return shared / background.words_damping(len(case.stems))


def concepts_score(clues: PostClues, case: Facets, background: Background) -> float:
    """Give the idf of the concepts that both hold, damped for cases that touch many."""
    shared = sum(background.concept_idf(concept) for concept in set(clues.concepts).intersection(case.concepts))
    return shared / concepts_damping(len(case.concepts))


def words(clues: PostClues, case: Facets, background: Background, usual: float) -> list[Reason]:
    """Compare words: how much more is shared than with a usual case."""
    shared = sorted(_shared(clues, case), key=lambda stem: -background.idf(stem))
    value = words_score(clues, case, background) - usual
    if not shared:
        return [Reason("words", value, "shares no telling word with the case (against)")] if value < -0.3 else []
    said = ", ".join(f'"{clues.stems[stem]}"' for stem in shared[:4])
    return [Reason("words", value, f"shares words with the case: {said}")]


def concepts(clues: PostClues, case: Facets, background: Background, usual: float) -> list[Reason]:
    """Compare concepts, which meet across wordings and languages."""
    shared = sorted(set(clues.concepts).intersection(case.concepts), key=lambda code: -background.concept_idf(code))
    value = concepts_score(clues, case, background) - usual
    if not shared:
        return [Reason("concepts", value, "speaks of other things than the case (against)")] if value < -0.3 else []
    said = ", ".join(code.replace("_", " ") for code in shared[:4])
    return [Reason("concepts", value, f"both are about: {said}")]


def nothing(clues: PostClues, case: Facets, background: Background) -> list[Reason]:
    """Say so where a post that tells of something shares neither a concept, a telling word nor a figure with a case."""
    telling = sum(background.concept_idf(code) for code in clues.concepts) + 0.5 * len(clues.stems)
    shared = sum(background.idf(stem) for stem in _shared(clues, case))
    common = sum(background.concept_idf(code) for code in set(clues.concepts).intersection(case.concepts))
    if telling < 3.0 or shared > 3.0 or common > 1.0 or _same_figures(clues, case, background):
        return []
    return [Reason("matter_nothing", 1.0, "the post and the case have no matter in common (against)")]


def product(
    clues: PostClues, case: Facets, background: Background, best: tuple[tuple[str, ...], float]
) -> list[Reason]:
    """Say so where the post names another product than the case's: ``best`` is the one it names best, and how far."""
    other, named = best
    told = [stem for stem in other if stem in clues.stems]
    if named < _NAMED or not case.product or set(told) <= set(case.product):
        return []
    ahead = named - background.product_named(case.product, clues.stems)
    if ahead < _AHEAD:
        return []
    said = " ".join(clues.stems[stem] for stem in told)
    return [Reason("product_other", ahead, f'speaks of "{said}"; the case is about {case.product_name} (against)')]


def figures(clues: PostClues, case: Facets, background: Background) -> list[Reason]:
    """Compare sums of money and counts."""
    reasons = []
    shared = [clue for clue in clues.amounts if clue.value in case.amounts]
    if shared:
        value = min(sum(_telling(clue.value) * background.amount_idf(clue.value) for clue in shared), 7.0)
        reasons.append(Reason("amount", value, f"names the sum of {shared[0].value}, as the case does"))
    elif clues.amounts and case.amounts:
        reasons.append(
            Reason("amount_other", 1.0, f"names {clues.amounts[0].value}; the case names {case.amounts[0]} (against)")
        )
    counted = {clue.value for clue in clues.counts}.intersection(case.counts)
    if counted:
        value = min(sum(background.count_idf(count) for count in counted), 5.0)
        reasons.append(Reason("count", value, f"names the number {min(counted, key=len)}, as the case does"))
    return reasons


def quotes(clues: PostClues, case: Facets) -> list[Reason]:
    """Compare phrases in quotation marks: posters quote what the company answered."""
    for quote in clues.quotes:
        bare = quote.strip(" .,!?…")
        if len(bare) >= 8 and bare in case.text:
            return [Reason("quote", min(len(bare) / 10, 2.5), f'quotes "{bare}", which the case holds')]
    return []


def likeness(deviation: float | None) -> list[Reason]:
    """Compare by the encoder: how far the likeness stands above that of a usual case, in standard deviations."""
    if deviation is None:
        return []
    clipped = max(-1.5, min(deviation, 4.0))
    sentence = "tells much the same story as the case" if clipped > 1 else "tells another story than the case (against)"
    return [Reason("likeness", clipped, sentence)]


def _same_figures(clues: PostClues, case: Facets, background: Background) -> bool:
    """Whether both name a sum of money, or numbers that few cases name."""
    if any(clue.value in case.amounts for clue in clues.amounts):
        return True
    counted = {clue.value for clue in clues.counts}.intersection(case.counts)
    return sum(background.count_idf(count) for count in counted) >= _TELLING_COUNT


def _telling(amount: str) -> float:
    """Give how far a sum counts: round ones are named for many things."""
    return _ROUND if re.fullmatch(r"\d+0(?:[.,]0+)?", amount) else 1.0


def _shared(clues: PostClues, case: Facets) -> list[str]:
    return [stem for stem in case.stems if stem in clues.stems]
