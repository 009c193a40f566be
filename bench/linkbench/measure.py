"""Measures of open-set identification over ranked answers."""

import math
import random
from collections.abc import Sequence

import msgspec


class Answer(msgspec.Struct, frozen=True):
    """One method's answer to one post: linkable cases, best first, with scores; ``none`` is None where not given."""

    ranked: list[tuple[str, float]]
    truth: str | None
    kind: str
    relation: str | None
    lang: str = "en"

    @property
    def top(self) -> float:
        """The score of the best case."""
        return self.ranked[0][1] if self.ranked else -math.inf

    @property
    def right(self) -> bool:
        """Whether the best case is the true one."""
        return bool(self.ranked) and self.truth is not None and self.ranked[0][0] == self.truth


def recall_at(answers: Sequence[Answer], k: int) -> float:
    """Give the share of linked posts whose case is among the first ``k``."""
    linked = [a for a in answers if a.truth is not None]
    return sum(a.truth in [case for case, _ in a.ranked[:k]] for a in linked) / max(len(linked), 1)


def threshold_at(answers: Sequence[Answer], false_rate: float) -> float:
    """Give the least score above which at most ``false_rate`` of the posts without a case are linked."""
    none = sorted((a.top for a in answers if a.truth is None), reverse=True)
    allowed = int(false_rate * len(none))
    return none[allowed] if allowed < len(none) else -math.inf


def detection(answers: Sequence[Answer], false_rate: float, only: str | None = None) -> float:
    """Give the share of linked posts whose true case ranks first above the threshold of a false-link rate (DIR@FLR)."""
    bound = threshold_at(answers, false_rate)
    linked = [a for a in answers if a.truth is not None and (only is None or a.kind == only)]
    return sum(a.right and a.top > bound for a in linked) / max(len(linked), 1)


def alert_precision(answers: Sequence[Answer], bound: float, prevalence: float) -> tuple[float, float]:
    """Give precision and recall of links at or above a score, re-weighted to a share of posts with a case."""
    linked = [a for a in answers if a.truth is not None]
    none = [a for a in answers if a.truth is None]
    right = prevalence * sum(a.right and a.top >= bound for a in linked) / max(len(linked), 1)
    wrong = prevalence * sum(not a.right and a.top >= bound for a in linked) / max(len(linked), 1)
    false = (1 - prevalence) * sum(a.top >= bound for a in none) / max(len(none), 1)
    total = right + wrong + false
    return (right / total if total else 1.0), right / prevalence


def calibration(answers: Sequence[Answer], bins: int = 10) -> tuple[float, float]:
    """Give expected calibration error and Brier score of the best case's probability."""
    pairs = [(min(max(a.top, 0.0), 1.0), float(a.right)) for a in answers if a.ranked]
    brier = sum((p - y) ** 2 for p, y in pairs) / max(len(pairs), 1)
    error = 0.0
    for number in range(bins):
        inside = [
            (p, y) for p, y in pairs if number / bins <= p < (number + 1) / bins or (number == bins - 1 and p == 1.0)
        ]
        if inside:
            error += abs(sum(p - y for p, y in inside)) / len(pairs)
    return error, brier


def wrong_case(answers: Sequence[Answer], bound: float) -> float:
    """Give the share of linked posts whose alert names another case."""
    linked = [a for a in answers if a.truth is not None]
    return sum(a.top >= bound and not a.right for a in linked) / max(len(linked), 1)


def interval(answers: Sequence[Answer], false_rate: float, rounds: int = 200) -> tuple[float, float]:
    """Give a 95% bootstrap interval of the detection rate."""
    rng = random.Random(7)
    values = sorted(detection(rng.choices(answers, k=len(answers)), false_rate) for _ in range(rounds))
    return values[int(rounds * 0.025)], values[int(rounds * 0.975)]
