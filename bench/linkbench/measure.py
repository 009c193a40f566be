"""Measures of open-set identification over ranked answers."""

import math
import random
from collections.abc import Callable, Sequence

import msgspec

from matcher.prevalence import estimated


class Answer(msgspec.Struct, frozen=True):
    """One method's answer to one post: linkable cases, best first, with scores; ``truth`` is None where there is none.

    ``assertable`` says whether the method may assert its best case at all, whatever its score. ``twins`` are the cases
    among which nobody could choose: such a post is neither linked nor without a case, and is measured apart.
    """

    ranked: list[tuple[str, float]]
    truth: str | None
    kind: str
    relation: str | None
    lang: str = "en"
    assertable: bool = True
    twins: tuple[str, ...] = ()

    @property
    def top(self) -> float:
        """The score of the best case."""
        return self.ranked[0][1] if self.ranked else -math.inf

    @property
    def right(self) -> bool:
        """Whether the best case is the true one."""
        return bool(self.ranked) and self.truth is not None and self.ranked[0][0] == self.truth

    @property
    def third(self) -> bool:
        """Whether somebody else than the customer posted."""
        return self.relation not in (None, "self")

    def asserts(self, bound: float) -> bool:
        """Whether the best case is asserted from a score."""
        return self.assertable and self.top >= bound


_OFFERED = 3

Choice = Callable[[Answer], bool]


def plain(answers: Sequence[Answer]) -> list[Answer]:
    """Give the answers to posts that have one case or none."""
    return [answer for answer in answers if not answer.twins]


def linked_of(answers: Sequence[Answer], only: Choice | None = None) -> list[Answer]:
    """Give the answers to posts that have a case."""
    return [a for a in plain(answers) if a.truth is not None and (only is None or only(a))]


def none_of(answers: Sequence[Answer]) -> list[Answer]:
    """Give the answers to posts that have no case."""
    return [a for a in plain(answers) if a.truth is None]


def recall_at(answers: Sequence[Answer], k: int, only: Choice | None = None) -> float:
    """Give the share of linked posts whose case is among the first ``k``."""
    linked = linked_of(answers, only)
    return sum(a.truth in [case for case, _ in a.ranked[:k]] for a in linked) / max(len(linked), 1)


def threshold_at(answers: Sequence[Answer], false_rate: float) -> float:
    """Give the least score above which at most ``false_rate`` of the posts without a case are linked."""
    none = sorted((a.top if a.assertable else -math.inf for a in none_of(answers)), reverse=True)
    allowed = int(false_rate * len(none))
    return none[allowed] if allowed < len(none) else -math.inf


def detection(answers: Sequence[Answer], false_rate: float, only: Choice | None = None) -> float:
    """Give the share of linked posts whose true case ranks first above the threshold of a false-link rate (DIR@FLR)."""
    bound = threshold_at(answers, false_rate)
    linked = linked_of(answers, only)
    return sum(a.right and a.assertable and a.top > bound for a in linked) / max(len(linked), 1)


def alert_precision(answers: Sequence[Answer], bound: float, prevalence: float) -> tuple[float, float]:
    """Give precision and recall of links at or above a score, re-weighted to a share of posts with a case."""
    linked, none = linked_of(answers), none_of(answers)
    right = prevalence * sum(a.right and a.asserts(bound) for a in linked) / max(len(linked), 1)
    wrong = prevalence * sum(not a.right and a.asserts(bound) for a in linked) / max(len(linked), 1)
    false = (1 - prevalence) * sum(a.asserts(bound) for a in none) / max(len(none), 1)
    total = right + wrong + false
    return (right / total if total else 1.0), right / prevalence


def calibration(answers: Sequence[Answer], prevalence: float, bins: int = 10) -> tuple[float, float]:
    """Give calibration error and Brier score of the best case's probability at a share of posts with a case."""
    linked, none = linked_of(answers), none_of(answers)
    weights = {True: prevalence / max(len(linked), 1), False: (1 - prevalence) / max(len(none), 1)}
    triples = [
        (min(max(a.top, 0.0), 1.0), float(a.right), weights[a.truth is not None]) for a in plain(answers) if a.ranked
    ]
    whole = sum(w for _, _, w in triples) or 1.0
    brier = sum(w * (p - y) ** 2 for p, y, w in triples) / whole
    gaps = [0.0] * bins
    for p, y, w in triples:
        gaps[min(int(p * bins), bins - 1)] += w * (p - y)
    return sum(abs(gap) for gap in gaps) / whole, brier


def wrong_case(answers: Sequence[Answer], bound: float) -> float:
    """Give the share of linked posts whose alert names another case."""
    linked = linked_of(answers)
    return sum(a.asserts(bound) and not a.right for a in linked) / max(len(linked), 1)


def offered(answers: Sequence[Answer], least: float) -> tuple[float, float]:
    """Give the share of linked posts whose case is offered, and of posts without a case for which one is.

    The best three are offered where together they reach ``least``, as the product does.
    """
    asked = [a for a in plain(answers) if math.fsum(chance for _, chance in a.ranked[:_OFFERED]) >= least]
    held = recall_at(asked, _OFFERED) * len(linked_of(asked))
    return held / max(len(linked_of(answers)), 1), len(none_of(asked)) / max(len(none_of(answers)), 1)


def twins_asserted(answers: Sequence[Answer], bound: float) -> tuple[int, int]:
    """Give how many posts that fit several cases alike are asserted of one, and how many there are."""
    between = [a for a in answers if a.twins]
    return sum(a.asserts(bound) for a in between), len(between)


def interval(answers: Sequence[Answer], false_rate: float, rounds: int = 200) -> tuple[float, float]:
    """Give a 95% bootstrap interval of the detection rate."""
    rng = random.Random(7)
    values = sorted(detection(rng.choices(answers, k=len(answers)), false_rate) for _ in range(rounds))
    return values[int(rounds * 0.025)], values[int(rounds * 0.975)]


def prevalence_of(answers: Sequence[Answer], assumed: float) -> float:
    """Estimate the share of posts with a case from the probabilities given under an assumed one; no label is read."""
    return estimated([(sum(chance for _, chance in answer.ranked), assumed) for answer in answers])
