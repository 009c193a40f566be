"""The background of a case base: how common words, towns, ages and channels are among the cases a post may mean."""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from matcher.facets import Facets

_DAY = 86400.0
_USUAL = 150
_LEAST_OF_PRODUCT = 0.3


class Background:
    """Frequencies over a sample of unresolved cases; ``total`` is how many unresolved cases there are in all."""

    def __init__(self, sample: Sequence[Facets], total: int) -> None:
        """Count the sample once."""
        self.total = max(total, len(sample), 1)
        self.size = max(len(sample), 1)
        self.sample = tuple(sample)
        stems = _document_counts(f.stems for f in sample)
        concepts = _document_counts(f.concepts for f in sample)
        self._towns = Counter(f.town for f in sample)
        self._amounts = _document_counts(f.amounts for f in sample)
        self._counts = _document_counts(f.counts for f in sample)
        self._channels = Counter(f.channel for f in sample)
        self._lasts = _document_counts(f.name.lasts for f in sample)
        self._countries = Counter(f.country for f in sample)
        self.mean_stems = sum(len(f.stems) for f in sample) / self.size or 1.0
        self._opened = np.array([f.opened for f in sample], np.float64)
        self._unseen = self._idf(0)
        self._stem_idfs = {stem: self._idf(seen) for stem, seen in stems.items()}
        self._concept_idfs = {code: self._idf(seen) for code, seen in concepts.items()}
        self._products = {f.product for f in sample if f.product}
        counted = _document_counts(self._products)
        self._product_idfs = {stem: self._product_idf(seen) for stem, seen in counted.items()}
        self._unseen_of_product = self._product_idf(0)
        self._with_stem: dict[str, list[tuple[str, ...]]] = {}
        for product in sorted(self._products):
            for stem in product:
                self._with_stem.setdefault(stem, []).append(product)
        usual = self.sample[:_USUAL]
        self._usual = max(len(usual), 1)
        self._usual_stems = _damped((f.stems, self.words_damping(len(f.stems))) for f in usual)
        self._usual_concepts = _damped((f.concepts, concepts_damping(len(f.concepts))) for f in usual)

    def idf(self, stem: str) -> float:
        """Give the inverse document frequency of a stem, in nats."""
        return self._stem_idfs.get(stem, self._unseen)

    def concept_idf(self, concept: str) -> float:
        """Give the inverse document frequency of a concept, in nats."""
        return self._concept_idfs.get(concept, self._unseen)

    def words_damping(self, stems: int) -> float:
        """Give by how much the words shared with a case of so many stems count less; long cases share by chance."""
        return 0.6 + 0.4 * stems / self.mean_stems

    def usual_words(self, stems: Iterable[str]) -> float:
        """Give what a usual case scores by the words that it shares with these stems."""
        return math.fsum(self.idf(stem) * self._usual_stems.get(stem, 0.0) for stem in stems) / self._usual

    def usual_concepts(self, concepts: Iterable[str]) -> float:
        """Give what a usual case scores by the concepts that it shares with these."""
        return (
            math.fsum(self.concept_idf(code) * self._usual_concepts.get(code, 0.0) for code in concepts) / self._usual
        )

    def product_named(self, product: Sequence[str], stems: Collection[str]) -> float:
        """Give how far a text with these stems names a product, 0 to 1; words that many products bear say less."""
        known, unseen = self._product_idfs, self._unseen_of_product
        weights = {stem: known.get(stem, unseen) for stem in product}
        return sum(weight for stem, weight in weights.items() if stem in stems) / (sum(weights.values()) or 1.0)

    def best_product(self, stems: Collection[str]) -> tuple[tuple[str, ...], float]:
        """Give the product, by its stems, that a text with these stems names best, and how far it does."""
        possible = {product for stem in stems for product in self._with_stem.get(stem, ())}
        named = ((product, self.product_named(product, stems)) for product in sorted(possible))
        return max(named, key=lambda pair: pair[1], default=((), 0.0))

    def _product_idf(self, seen: int) -> float:
        return math.log((len(self._products) + 1) / (seen + 0.5)) + _LEAST_OF_PRODUCT

    def amount_idf(self, amount: str) -> float:
        """Give how rare a sum of money is among the cases, in nats."""
        return self._idf(self._amounts[amount])

    def count_idf(self, count: str) -> float:
        """Give how rare a number is among the cases, in nats."""
        return self._idf(self._counts[count])

    def town_share(self, town: str) -> float:
        """Give the share of cases of a town, smoothed."""
        return (self._towns[town] + 0.5) / (self.size + 10)

    def surname_share(self, last: str) -> float:
        """Give the share of cases whose customer bears a surname, without smoothing."""
        return self._lasts[last] / self.size

    def country_share(self, country: str) -> float:
        """Give the share of cases of a country, smoothed."""
        return (self._countries[country] + 0.5) / (self.size + 2)

    def channel_share(self, channels: Iterable[str]) -> float:
        """Give the share of cases that came by one of these channels."""
        return (sum(self._channels[channel] for channel in channels) + 1) / (self.size + 2)

    def ages(self, at: datetime) -> NDArray[np.float64]:
        """Give the ages in days that the sampled cases have at a time, those opened before it."""
        now = at.timestamp()
        return (now - self._opened[self._opened < now]) / _DAY

    def _idf(self, seen: int) -> float:
        return math.log(1 + (self.size - seen + 0.5) / (seen + 0.5))


def _document_counts(documents: Iterable[Sequence[str]]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for items in documents:
        counts.update(set(items))
    return counts


def concepts_damping(concepts: int) -> float:
    """Give by how much the concepts shared with a case of so many count less."""
    return 0.6 + 0.4 * concepts / 8.0


def _damped(documents: Iterable[tuple[Sequence[str], float]]) -> dict[str, float]:
    """Give for each item what it counts in all documents together."""
    sums: dict[str, float] = {}
    for items, damping in documents:
        for item in items:
            sums[item] = sums.get(item, 0.0) + 1.0 / damping
    return sums
