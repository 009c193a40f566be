"""Held out: what a way of learning would have done on answers that it did not learn from."""

import zlib
from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from matcher.judged import Judged
from matcher.logit import Array, Mask, Sample, fit, layout_of
from matcher.model_file import LinkingModel

Folds = NDArray[np.int64]

FOLDS = 10
RECALIBRATED_FROM = 200
_GRID = tuple(step / 100 for step in range(50, 100))
_NEVER_SURE = 0.99
_FALSE_LINKS = 0.1


class Figures(msgspec.Struct, frozen=True):
    """What was found: ``detection`` is the share of the ``linked`` answers whose own case leads above a bound.

    It is the mean over all bounds that let a wrong case lead in at most one answer of ten, so that timid and bold
    weights are compared alike and one answer alone decides nothing. ``precision`` is the share of the ``asserted``
    links, those at the threshold in force, that people had confirmed; ``loss`` is the mean surprise at their answers,
    in nats. A lead that nobody judged, where only another case was refused, counts neither as right nor as wrong.
    """

    answers: int
    linked: int
    asserted: int
    detection: float
    precision: float
    loss: float


class Top(msgspec.Struct, frozen=True):
    """The best case that may be asserted, for each answer: its probability, and what people said of it if anything."""

    chance: Array
    right: Mask
    wrong: Mask


def folds_of(judged: Sequence[Judged]) -> Folds:
    """Give the fold of each answer; those about one case share a fold, in every run alike."""
    return np.array([zlib.crc32(one.group.encode()) % FOLDS for one in judged], dtype=np.int64)


def held_out(sample: Sample, folds: Folds, learn: Mask, shipped: LinkingModel) -> Array:
    """Give the probabilities of all answers, each by weights learnt from the other folds of those in ``learn``.

    Every fit begins at the shipped weights. To begin where all answers lead would be quicker, but the fit is not convex
    and stops short of its end, so that what is held out would shine through.
    """
    layout = layout_of(shipped)
    start = layout.vector(shipped)
    chances = np.zeros(sample.offset.shape)
    for fold in range(FOLDS):
        others, own = learn & (folds != fold), folds == fold
        weights = fit(sample.take(others), start, layout) if others.any() else start
        if own.any():
            chances[own] = sample.take(own).chances(weights, layout)
    return chances


def top_of(sample: Sample, chances: Array) -> Top:
    """Give the best linkable case of each answer."""
    linkable = np.where(sample.linkable, chances, -1.0)
    best = linkable.argmax(axis=1)
    rows = np.arange(len(best))
    left = sample.allowed[rows, best] & (best > 0)
    right = left & (sample.allowed.sum(axis=1) == 1)
    return Top(np.maximum(linkable[rows, best], 0.0), right, ~left & (best > 0))


def bounds_of(top: Top, folds: Folds, learn: Mask, shipped: LinkingModel, target: float) -> Array:
    """Give the threshold for each answer: the shipped one, or once there are enough answers that of the other folds."""
    bounds = np.full(len(folds), shipped.threshold(target))
    if learn.sum() >= RECALIBRATED_FROM:
        for fold in range(FOLDS):
            wanted = thresholds_of(top, learn & (folds != fold), shipped)
            bounds[folds == fold] = msgspec.structs.replace(shipped, thresholds=wanted).threshold(target)
    return bounds


def thresholds_of(top: Top, chosen: Mask, shipped: LinkingModel) -> dict[str, float]:
    """Give for each target precision the least probability from which the chosen answers reach it.

    One wrong link more is reckoned with than there was, so that few answers do not promise too much.
    """
    wanted: dict[str, float] = {}
    least = 0.0
    for target in sorted(shipped.thresholds, key=float):
        reached = [bound for bound in _GRID if _reaches(top, chosen & (top.chance >= bound), float(target))]
        least = max(least, reached[0] if reached else _NEVER_SURE)
        wanted[target] = least
    return wanted


def _reaches(top: Top, asserted: Mask, target: float) -> bool:
    right, wrong = int(top.right[asserted].sum()), int(top.wrong[asserted].sum())
    return right / (right + wrong + 1) >= target


def figures_of(sample: Sample, chances: Array, top: Top, bounds: Array) -> Figures:
    """Give the figures of held-out probabilities at their thresholds."""
    linked = (sample.allowed.sum(axis=1) == 1) & ~sample.allowed[:, 0]
    asserted = (top.chance >= bounds) & (top.right | top.wrong)
    left = np.where(sample.allowed, chances, 0.0).sum(axis=1)
    return Figures(
        answers=len(bounds),
        linked=int(linked.sum()),
        asserted=int(asserted.sum()),
        detection=round(_detected(top) / max(int(linked.sum()), 1), 4),
        precision=round(float(top.right[asserted].mean()), 4) if asserted.any() else 1.0,
        loss=round(float(-np.log(np.maximum(left, 1e-12)).mean()), 4),
    )


def _detected(top: Top) -> float:
    """Give the mean number of right cases above the bounds that keep out all but the allowed wrong ones."""
    wrong = np.append(np.sort(top.chance[top.wrong])[::-1], -1.0)
    allowed = range(min(len(wrong), max(1, int(_FALSE_LINKS * len(top.right))) + 1))
    return float(np.mean([int((top.right & (top.chance > wrong[number])).sum()) for number in allowed]))
