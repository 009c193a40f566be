"""The background of a case base: how common words, towns, ages and channels are among the cases a post may mean."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from matcher.facets import Facets

_DAY = 86400.0


class Background:
    """Frequencies over a sample of unresolved cases; ``total`` is how many unresolved cases there are in all."""

    def __init__(self, sample: Sequence[Facets], total: int) -> None:
        """Count the sample once."""
        self.total = max(total, len(sample), 1)
        self.size = max(len(sample), 1)
        self.sample = tuple(sample)
        self._stems = _document_counts(f.stems for f in sample)
        self._concepts = _document_counts(f.concepts for f in sample)
        self._towns = Counter(f.town for f in sample)
        self._amounts = _document_counts(f.amounts for f in sample)
        self._counts = _document_counts(f.counts for f in sample)
        self._channels = Counter(f.channel for f in sample)
        self._lasts = _document_counts(f.name.lasts for f in sample)
        self._countries = Counter(f.country for f in sample)
        self.mean_stems = sum(len(f.stems) for f in sample) / self.size or 1.0
        self._opened = sorted(f.opened for f in sample)

    def idf(self, stem: str) -> float:
        """Give the inverse document frequency of a stem, in nats."""
        return self._idf(self._stems, stem)

    def concept_idf(self, concept: str) -> float:
        """Give the inverse document frequency of a concept, in nats."""
        return self._idf(self._concepts, concept)

    def amount_idf(self, amount: str) -> float:
        """Give how rare a sum of money is among the cases, in nats."""
        return self._idf(self._amounts, amount)

    def count_idf(self, count: str) -> float:
        """Give how rare a number is among the cases, in nats."""
        return self._idf(self._counts, count)

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

    def ages(self, at: datetime) -> list[float]:
        """Give the ages in days that the sampled cases have at a time, those opened before it."""
        now = at.timestamp()
        return [(now - opened) / _DAY for opened in self._opened if opened < now]

    def _idf(self, counts: Counter[str], item: str) -> float:
        seen = counts[item]
        return math.log(1 + (self.size - seen + 0.5) / (seen + 0.5))


def _document_counts(documents: Iterable[Sequence[str]]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for items in documents:
        counts.update(set(items))
    return counts
