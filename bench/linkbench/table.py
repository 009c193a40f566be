"""The lines that LinkBench prints."""

from collections.abc import Mapping, Sequence
from functools import partial

from bench.linkbench.measure import (
    Answer,
    Choice,
    alert_precision,
    calibration,
    detection,
    interval,
    linked_of,
    offered,
    prevalence_of,
    recall_at,
    threshold_at,
    twins_asserted,
    wrong_case,
)

Asked = Mapping[float, tuple[Sequence[Answer], float]]
"""By the share of posts with a case, the answers given under it and the threshold."""

HEAD = (
    "method                   r@1   r@3     DIR .5%   1%    2%               third    "
    "precision, recall at 5%   and at 20%   wrong"
)


def line(name: str, answers: Sequence[Answer], asked: Asked) -> str:
    """Give one row of the table; ``asked`` holds, by the share of posts with a case, the answers and their threshold.

    A method without a probability takes the threshold that lets 2% of the posts without a case through, which it
    could not know; ours is told the share, as a company tells it in its configuration.
    """
    low, high = interval(answers, 0.02)
    alert = "   ".join(
        "{:.3f} {:.3f}".format(*alert_precision(own, bound, share)) for share, (own, bound) in asked.items()
    )
    half, bound = next(iter(asked.values()))
    return (
        f"{name:<24} {recall_at(answers, 1):.3f} {recall_at(answers, 3):.3f}   {detection(answers, 0.005):.3f} "
        f"{detection(answers, 0.01):.3f} {detection(answers, 0.02):.3f} ({low:.2f}-{high:.2f})  "
        f"{detection(answers, 0.02, lambda a: a.third):.3f}    {alert}   {wrong_case(half, bound):.3f}"
    )


def peer_line(name: str, answers: Sequence[Answer]) -> str:
    """Give the row of a method without probabilities."""
    bound = threshold_at(answers, 0.02)
    return line(name, answers, {0.05: (answers, bound), 0.2: (answers, bound)})


def probabilities(asked: Asked) -> str:
    """Give how far probabilities are to be trusted, by the share of posts that have a case and that was said to."""
    lines = []
    for share, (answers, bound) in asked.items():
        error, brier = calibration(answers, share)
        asserted, between = twins_asserted(answers, bound)
        lines.append(
            f"  {share:.0%} with a case: ECE {error:.3f}  Brier {brier:.3f}  wrong {wrong_case(answers, bound):.3f}"
            f"  of {between} that fit several alike, asserted {asserted}  "
            f"share estimated from the probabilities {prevalence_of(answers, share):.3f}"
        )
    return "\n".join(lines)


def offers(asked: Asked, least: float) -> str:
    """Give how often cases are offered, asserted or as a question, by the share of posts that have a case."""
    lines = []
    for share, (answers, _) in asked.items():
        held, lonely = offered(answers, least)
        lines.append(f"  {share:.0%} with a case: the right one offered {held:.3f}; without one, asked {lonely:.3f}")
    return "\n".join(lines)


def kinds(answers: Sequence[Answer], bound: float) -> str:
    """Give how each kind of post fares at a threshold."""
    lines = []
    for name in sorted({answer.kind for answer in answers}):
        own = [answer for answer in answers if answer.kind == name]
        linked = sum(answer.asserts(bound) for answer in own)
        right = sum(answer.asserts(bound) and answer.right for answer in own)
        has = sum(answer.truth is not None for answer in own)
        lines.append(f"  {name:<14} n {len(own):>4}  with a case {has:>4}  asserted {linked:>4}  right {right:>4}")
    return "\n".join(lines)


def slices(answers: Sequence[Answer]) -> str:
    """Give ranking and detection by relation and by language."""
    linked = linked_of(answers)
    relations = sorted({answer.relation for answer in linked if answer.relation})
    lines = [_slice(name, answers, partial(_posted_by, name)) for name in relations]
    return "\n".join(
        lines + [_slice(name, answers, partial(_said_in, name)) for name in sorted({a.lang for a in linked})]
    )


def _posted_by(relation: str, answer: Answer) -> bool:
    return answer.relation == relation


def _said_in(lang: str, answer: Answer) -> bool:
    return answer.lang == lang


def _slice(name: str, answers: Sequence[Answer], only: Choice) -> str:
    linked = linked_of(answers, only)
    found, sure = recall_at(answers, 1, only), detection(answers, 0.02, only)
    return f"  {name:<14} n {len(linked):>4}  r@1 {found:.3f}  DIR@2% {sure:.3f}"
