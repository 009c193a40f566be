"""The product's own answers to rows: scored once by a model, then asked under any share of posts that have a case."""

from collections.abc import Sequence

import msgspec
import numpy as np

from bench.linkbench.measure import Answer
from bench.linkbench.rows import Row, RowReader, company_rows
from bench.linkbench.splits import Split
from matcher.config import LinkingConfig
from matcher.decision import Decider, none_at_all, none_score, post_features, softmax
from matcher.encoder import Encoder
from matcher.evidence import Compared, EvidenceWeigher
from matcher.likeness import Likeness, Vectors
from matcher.linking import Linking
from matcher.model_file import LinkingModel
from matcher.names import shared_names
from matcher.places import shared_places

SETTINGS = ((220, 1.0, 0.2), (220, 1.6, 0.3), (260, 3.0, 0.3), (120, 1.2, 0.6))
"""Cases, cases to a story, and share of pseudonyms: easy, middling, hard, and shifted towards nameless posters."""


class Remembering:
    """An encoder that encodes each text once: invented companies tell the same stories again."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._known: dict[str, Vectors] = {}

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Give the vectors of texts."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known.update(zip(new, self._encoder.encode(new), strict=True))
        return np.stack([self._known[text] for text in texts])


class Sample(msgspec.Struct, frozen=True):
    """A row with the encoder's likeness of its cases."""

    row: Row
    likeness: dict[str, float]


def samples(split: Split, seeds: Sequence[int | str], posts: int, encoder: Remembering) -> list[Sample]:
    """Invent companies and give their rows with likeness; the settings take turns."""
    reader = RowReader()
    found = []
    for number, seed in enumerate(seeds):
        size, repeats, pseudonyms = SETTINGS[number % len(SETTINGS)]
        likeness = Likeness(encoder.encode)
        for row in company_rows(seed, split, reader, posts=posts, size=size, repeats=repeats, pseudonyms=pseudonyms):
            found.append(Sample(row, likeness.deviations(row.item.mention.text, row.cases, row.background.sample)))
    return found


class Ours:
    """Answers samples by one model."""

    def __init__(self, model: LinkingModel) -> None:
        """Keep the lists and the weights."""
        self.model = model
        self._weigher = EvidenceWeigher(shared_names(), shared_places(), model)
        self._decider = Decider(model, LinkingConfig(third_party="auto"))

    def weighed(self, sample: Sample) -> list[Compared]:
        """Weigh one sample's cases, the best first."""
        row = sample.row
        return self._weigher.weigh(row.item.mention, row.clues, row.cases, row.background, sample.likeness)

    def answers(self, sample: Sample, prevalences: Sequence[float]) -> list[Answer]:
        """Give the answer to one sample under each share of posts that have a case."""
        row, compared = sample.row, self.weighed(sample)
        features = post_features(row.clues)
        scores = [self._decider.net(case, row.background.total) for case in compared]
        persons = self._decider.persons(compared, row.background.total)
        fitting = row.linkable()
        found = []
        for prevalence in prevalences:
            none = none_at_all(none_score(features, self.model, prevalence), persons, self.model)
            _, chances = softmax(none, scores)
            pairs = [(c.case.case_id, p) for c, p in zip(compared, chances, strict=True) if c.case.case_id in fitting]
            ranked = sorted(pairs, key=lambda pair: -pair[1])
            by_chance = sorted(zip(compared, chances, strict=True), key=lambda pair: -pair[1])
            alone = self._decider.may_stand_alone(row.item.mention, row.clues, by_chance)
            found.append(answer_of(row, ranked, assertable=alone))
        return found

    def decision(self, sample: Sample) -> Linking:
        """Give the decision on one sample as the product makes it by its defaults."""
        row = sample.row
        return self._decider.decide(row.item.mention, row.clues, self.weighed(sample), row.background.total)


def answer_of(row: Row, ranked: list[tuple[str, float]], *, assertable: bool = True) -> Answer:
    """Give an answer with what is true of its row."""
    item = row.item
    truth = item.answer if item.answer in row.linkable() else None
    lang = item.mention.lang or "en"
    return Answer(ranked, truth, item.kind, item.relation, lang, assertable, item.twins)
