"""Other ways to find the case, on the same rows: the same-name rule, BM25, sentence vectors."""

import math
from collections import Counter
from collections.abc import Callable

from bench.linkbench.measure import Answer
from bench.linkbench.ours import answer_of
from bench.linkbench.rows import Row
from matcher.facets import Facets
from matcher.folding import fold, words
from matcher.likeness import Likeness

Method = Callable[[Row], list[tuple[str, float]]]

_K1, _B = 1.2, 0.75


def same_name(row: Row) -> list[tuple[str, float]]:
    """Link where first and last name of the profile equal the customer's, as shipped CRM plug-ins do."""
    shown = fold(row.item.mention.name or "").strip()
    return [(case.case_id, 1.0) for case in row.cases if fold(case.title) == shown]


def bm25(row: Row, *, profile: bool) -> list[tuple[str, float]]:
    """Rank by BM25 of the post, with or without its profile, against the case's text, name and town."""
    documents = [_document(case) for case in row.cases]
    mention = row.item.mention
    query = mention.text + (f" {mention.name} {mention.handle} {mention.location or ''}" if profile else "")
    terms = {word.text for word in words(query)}
    counts = Counter(term for document in documents for term in document.keys() & terms)
    length = sum(sum(document.values()) for document in documents) / max(len(documents), 1)
    ranked = [
        (case.case_id, _score(document, terms, counts, len(documents), length))
        for case, document in zip(row.cases, documents, strict=True)
    ]
    return sorted(ranked, key=lambda pair: -pair[1])


def _document(case: Facets) -> Counter[str]:
    return Counter(
        word.text
        for word in words(f"{case.text} {case.title} {case.town} {case.product_name} {' '.join(case.references)}")
    )


def _score(document: Counter[str], terms: set[str], counts: Counter[str], total: int, length: float) -> float:
    size = sum(document.values())
    score = 0.0
    for term in document.keys() & terms:
        idf = math.log(1 + (total - counts[term] + 0.5) / (counts[term] + 0.5))
        score += idf * document[term] * (_K1 + 1) / (document[term] + _K1 * (1 - _B + _B * size / max(length, 1.0)))
    return score


def by_vectors(likeness: Likeness) -> Method:
    """Rank by the encoder's likeness alone."""

    def method(row: Row) -> list[tuple[str, float]]:
        found = likeness.deviations(row.item.mention.text, row.cases, row.background.sample)
        return sorted(found.items(), key=lambda pair: -pair[1])

    return method


def answer(row: Row, method: Method) -> Answer:
    """Give a method's answer to one row, with the gates that every method gets."""
    fitting = row.linkable()
    return answer_of(row, [(case_id, score) for case_id, score in method(row) if case_id in fitting])
