"""How many answers linking needs to learn a company.

Run: ``python -m bench.learning [--split test] [--seeds 3]``. The shipped weights are spoilt on purpose: each is
multiplied by a random factor, and the readiness to find any case is shifted. An invented company's posts then arrive;
people answer the alerts that they raise, and nothing else, as in life: Done where the asserted case is right, *Not this
case* where it is not, a pick where the right case is among those asked about. After every ``NIGHT`` answers the weights
are refitted and, where that is promoted, put in force. Detection at 2% false links is measured on other companies, for
the refitted weights and for those in force. The likeness of stories by the encoder is left out, which saves time.
"""

import argparse
import math
import random
from collections.abc import Iterator, Sequence
from datetime import timedelta

import msgspec

from bench.linkbench.measure import Answer, detection
from bench.linkbench.rows import Row, RowReader, company_rows
from bench.linkbench.splits import Split
from bench.linkbench.world import START
from matcher.config import LinkingConfig
from matcher.decision import Decider, softmax
from matcher.evidence import EvidenceWeigher
from matcher.judged import Judged, Seen
from matcher.learning import refit
from matcher.linking import Linking
from matcher.model_file import LinkingModel, load
from matcher.names import shared_names
from matcher.places import shared_places
from matcher.promotion import decide

CHECKED = (0, 25, 50, 100, 200, 400, 800)
NIGHT = 25
RULES = LinkingConfig(prevalence=0.5)
SPOILT, SHIFTED = 0.9, 1.0
POSTS, TEST_POSTS = 400, 200


def spoilt(model: LinkingModel, seed: int) -> LinkingModel:
    """Give weights that are wrong by random factors."""
    rng = random.Random(seed)
    weights = {code: value * math.exp(rng.gauss(0, SPOILT)) for code, value in model.weights.items()}
    none = {code: value * math.exp(rng.gauss(0, SPOILT)) for code, value in model.none.items()}
    none["bias"] = none.get("bias", 0.0) + rng.gauss(0, SHIFTED)
    return msgspec.structs.replace(model, version="spoilt", weights=weights, none=none)


def companies(split: Split, seeds: Sequence[int], posts: int) -> Iterator[Row]:
    """Give the posts of invented companies, one company after the other."""
    reader = RowReader()
    for seed in seeds:
        yield from company_rows(seed, split, reader, posts=posts, size=220, repeats=1.2, pseudonyms=0.25)


class Reader:
    """Decides by one set of weights."""

    def __init__(self, model: LinkingModel) -> None:
        self._model = model
        self._weigher = EvidenceWeigher(shared_names(), shared_places(), model)
        self._decider = Decider(model, RULES)

    def decision(self, row: Row) -> Linking:
        """Give the decision on a post as the product makes it."""
        compared = self._weigher.weigh(row.item.mention, row.clues, row.cases, row.background)
        return self._decider.decide(row.item.mention, row.clues, compared, row.background.total)

    def answer(self, row: Row) -> Answer:
        """Give every linkable case with its probability, for the measures."""
        compared = self._weigher.weigh(row.item.mention, row.clues, row.cases, row.background)
        total = row.background.total
        none = self._decider.none_beside(row.clues, compared, total)
        _, chances = softmax(none, [self._decider.net(case, total) for case in compared])
        fitting = row.linkable()
        pairs = [(c.case.case_id, p) for c, p in zip(compared, chances, strict=True) if c.case.case_id in fitting]
        truth = row.item.answer if row.item.answer in fitting else None
        return Answer(sorted(pairs, key=lambda pair: -pair[1]), truth, row.item.kind, row.item.relation)


def clicked(row: Row, linking: Linking, number: int) -> Judged | None:
    """Give what a person answers to the alert of a post; None where it raised none."""
    if linking.decision == "unlinked":
        return None
    shown = [candidate.case_id for candidate in linking.candidates]
    right = row.item.answer if row.item.answer in shown and row.item.answer in row.linkable() else None
    return Judged(
        at=START + timedelta(minutes=number),
        candidates=tuple(
            Seen(c.case_id, c.probability, c.features, c.resolved) for c in (*linking.candidates, *linking.rejected)
        ),
        post=linking.post_features,
        none=linking.none_probability,
        model=linking.model,
        case_id=right,
        refused=tuple(case_id for case_id in shown if case_id != right),
        prior=linking.prior,
        total=linking.total,
    )


def measured(model: LinkingModel, rows: Sequence[Row]) -> float:
    """Give the detection rate of weights at 2% false links."""
    reader = Reader(model)
    return detection([reader.answer(row) for row in rows], 0.02)


class Course(msgspec.Struct):
    """One company's learning: detection by labels, of the refitted weights and of those in force."""

    refitted: dict[int, float]
    in_force: dict[int, float]
    promotions: int = 0
    posts: int = 0


def learn(start: LinkingModel, stream: Iterator[Row], test: Sequence[Row]) -> Course:
    """Let posts come, people answer and nights pass, until the last check."""
    before = measured(start, test)
    course = Course({0: before}, {0: before})
    known, judged, until = {start.version: start}, list[Judged](), None
    current, reader = start, Reader(start)
    for row in stream:
        course.posts += 1
        said = clicked(row, reader.decision(row), len(judged))
        if said is None:
            continue
        judged.append(said)
        if len(judged) % NIGHT:
            continue
        fit = refit(start, judged, said.at, known=known, learnt_until=until)
        assert fit is not None
        if decide(fit).promoted:
            current, until = fit.model, said.at
            known[current.version] = current
            reader = Reader(current)
            course.promotions += 1
        if len(judged) in CHECKED:
            course.refitted[len(judged)] = measured(fit.model, test)
            course.in_force[len(judged)] = measured(current, test)
        if len(judged) >= CHECKED[-1]:
            break
    return course


def needed(by_labels: dict[int, float], full: float, share: float = 0.95) -> int | None:
    """Give the fewest labels from which on detection stays within a share of full quality."""
    good = [labels for labels in by_labels if all(v >= share * full for n, v in by_labels.items() if n >= labels)]
    return min(good, default=None)


def mean(courses: Sequence[dict[int, float]]) -> dict[int, float]:
    """Give the mean of several courses, where all of them got so far."""
    return {n: sum(c[n] for c in courses) / len(courses) for n in CHECKED if all(n in c for c in courses)}


def main() -> None:
    """Learn several companies and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", choices=("train", "test"), default="test")
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    shipped = load()
    test = list(companies(options.split, range(900, 903), TEST_POSTS))
    courses = []
    for seed in range(options.seeds):
        stream = companies(options.split, range(910 + 10 * seed, 920 + 10 * seed), POSTS)
        courses.append(learn(spoilt(shipped, seed), stream, test))
        print(f"company {seed + 1}: {courses[-1].posts} posts, {courses[-1].promotions} promotions", flush=True)
    refitted, in_force = (mean([getattr(c, name) for c in courses]) for name in ("refitted", "in_force"))
    print(f"\nlabels   refitted   in force    (DIR@2%, {len(test)} posts, {len(courses)} spoilt starts)")
    for labels in refitted:
        print(f"{labels:6d}   {refitted[labels]:8.3f}   {in_force[labels]:8.3f}")
    print(f"shipped, unspoilt: {measured(shipped, test):.3f}")
    full = refitted[max(refitted)]
    wanted = f"refitted {needed(refitted, full)}, in force {needed(in_force, full)}"
    print(f"labels to 95% of what {max(refitted)} labels reach: {wanted}; target 200")


if __name__ == "__main__":
    main()
