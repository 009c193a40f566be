"""The bias of a brand: how far the model's log odds lie off among its posts, learnt from answers to alerts.

Brands differ in how many of their posts are complaints, by a factor of ten and more. Where few are, the same
probability is more often a false alarm, so that the threshold has to be higher.

People answer alerts only, so that nothing is known of posts below the threshold. Whether a post raises an alert depends
on nothing but its probability, so the odds of a complaint given the probability are not biased by that; but the answers
can support a higher threshold alone. A lower one is never learnt, only a way back to the threshold that is shipped or
configured: answers count for half a year, and what they no longer support is let go. Those who press *Not a complaint*
more readily than *Done* make a brand look worse than it is; hence the limit on the complaints that are passed over.
"""

import zlib
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

LEAST_ANSWERS = 20
MEMORY = timedelta(days=180)
"""How long an answer counts."""

_HIGHEST = 0.95
_LEAST_STEP = 0.02
_FOLDS = 10
_PRIOR = 4.0  # per square nat: before any answer, half of all brands lie within a third of a nat of the model


class Answered(msgspec.Struct, frozen=True):
    """One answer to an alert. ``probability`` is what the model said, ``asked_from`` the threshold at that time.

    Answers to posts of one alert share a ``group`` and are held out together.
    """

    at: datetime
    group: str
    probability: float
    complaint: bool
    asked_from: float


class Figures(msgspec.Struct, frozen=True):
    """Among the answers: how many alerts a threshold raises, how many of them for complaints.

    ``missed`` is the share of all complaints from the default threshold on that it passes over.
    """

    alerts: int
    complaints: int
    missed: float

    @property
    def precision(self) -> float:
        """The share of complaints among the alerts; one of each is reckoned with, so that few promise little."""
        return (self.complaints + 1) / (self.alerts + 2)


class Finding(msgspec.Struct, frozen=True):
    """A threshold and its held-out figures beside those of the one in use; whether it takes over, and why (not)."""

    threshold: float
    bias: float
    answers: int
    before: Figures
    after: Figures
    promoted: bool
    reason: str


class _Sample(msgspec.Struct, frozen=True):
    """Answers as columns; ``weight`` is the share of all complaints that each stands for, 0 for what is none."""

    chance: Numbers
    complaint: Numbers
    weight: Numbers
    fold: NDArray[np.int64]


def learn(answers: Sequence[Answered], default: float, used: float, may_miss: float) -> Finding | None:
    """Find the threshold that the answers support, between ``default`` and 0.95; None where all is well as it is.

    ``used`` is the threshold in use. ``may_miss`` is the share of the complaints from ``default`` on that may be lost.
    """
    counted = [one for one in answers if one.probability >= default]
    sample = _sample(counted, default)
    if len(counted) < LEAST_ANSWERS:
        found, bias = default, 0.0
    else:
        found, bias = _threshold(sample, sample.fold >= 0, default, may_miss)
    if abs(found - used) < _LEAST_STEP:
        return None
    before = _figures(sample, np.full(len(counted), used))
    if found < used:
        after = _figures(sample, np.full(len(counted), found))
        reason = f"what people answered in the last {MEMORY.days} days does not support {used:.0%} any more"
        return Finding(found, bias, len(counted), before, after, True, reason)
    after = _figures(sample, _held_out(sample, default, may_miss))
    promoted, reason = _verdict(before, after, may_miss)
    return Finding(found, bias, len(counted), before, after, promoted, reason)


def _verdict(before: Figures, after: Figures, may_miss: float) -> tuple[bool, str]:
    right = f"{after.complaints} of {after.alerts} alerts would have been right, not {before.complaints} of "
    right += f"{before.alerts}"
    if after.precision <= before.precision:
        return False, f"held-out precision does not rise: {right}"
    if after.missed > may_miss:
        return False, f"it would miss {after.missed:.0%} of the complaints, and {may_miss:.0%} are allowed"
    return True, f"{right}, at {after.missed:.0%} of the complaints missed"


def _sample(answers: Sequence[Answered], default: float) -> _Sample:
    return _Sample(
        np.array([one.probability for one in answers]),
        np.array([float(one.complaint) for one in answers]),
        _weights(answers, default),
        np.array([zlib.crc32(one.group.encode()) % _FOLDS for one in answers], dtype=np.int64),
    )


def _weights(answers: Sequence[Answered], default: float) -> Numbers:
    """Give the share of all complaints from ``default`` on that each confirmed one stands for.

    While a higher threshold was in use, complaints below it raised no alert and were not answered: those that were seen
    there before stand for the unseen ones too. This is the product-limit estimate for left-truncated data
    (Lynden-Bell 1971, https://doi.org/10.1093/mnras/155.1.95).
    """
    complaint = np.array([one.complaint for one in answers], dtype=np.bool_)
    chance = np.array([one.probability for one in answers])
    asked = np.minimum([max(one.asked_from, default) for one in answers], chance)
    weights, left = np.zeros(len(answers)), 1.0
    for value in np.unique(chance[complaint]):
        here = complaint & (chance == value)
        hazard = here.sum() / (complaint & (asked <= value) & (chance >= value)).sum()
        weights[here] = left * hazard / here.sum()
        left *= 1.0 - hazard
    return weights


def _threshold(sample: _Sample, chosen: NDArray[np.bool_], default: float, may_miss: float) -> tuple[float, float]:
    """Give the threshold and the bias by the chosen answers: where the shifted odds say as much as ``default`` said.

    It goes no further than the limit on missed complaints allows, one complaint more being reckoned as missed than was.
    """
    chance, complaint = sample.chance[chosen], sample.complaint[chosen]
    bias = _bias(chance, complaint)
    wanted = float(_sigmoid(_logit(np.array([default])) - bias)[0])
    limit = _limit(chance, complaint, sample.weight[chosen], may_miss)
    found = np.floor(min(wanted, limit, _HIGHEST) * 100 + 1e-9) / 100
    return max(default, float(found)), bias


def _bias(chance: Numbers, complaint: Numbers) -> float:
    """Fit what is to be added to the log odds, drawn towards 0 as strongly as ``_PRIOR`` says; Newton's method."""
    odds, bias = _logit(chance), 0.0
    for _ in range(50):
        said = _sigmoid(odds + bias)
        step = float(((complaint - said).sum() - _PRIOR * bias) / ((said * (1 - said)).sum() + _PRIOR))
        bias += min(max(step, -1.0), 1.0)
        if abs(step) < 1e-6:
            break
    return bias


def _limit(chance: Numbers, complaint: Numbers, weight: Numbers, may_miss: float) -> float:
    """Give the highest threshold that passes over no more complaints than are allowed; 0 where none can be known to."""
    confirmed = int(complaint.sum())
    if may_miss * (confirmed + 1) < 1:
        return 0.0
    order = np.argsort(chance, kind="stable")
    share = weight[order] / max(float(weight.sum()), 1e-12)
    missed = 0.0
    for place, part in zip(order, share, strict=True):
        if complaint[place] and (missed + part) * confirmed + 1 > may_miss * (confirmed + 1):
            return float(chance[place])
        missed += float(part)
    return _HIGHEST


def _held_out(sample: _Sample, default: float, may_miss: float) -> Numbers:
    """Give for each answer the threshold that the answers of the other folds lead to."""
    found = np.full(len(sample.chance), default)
    for fold in np.unique(sample.fold):
        found[sample.fold == fold] = _threshold(sample, sample.fold != fold, default, may_miss)[0]
    return found


def _figures(sample: _Sample, thresholds: Numbers) -> Figures:
    raised = sample.chance >= thresholds
    missed = float(sample.weight[~raised].sum())
    return Figures(int(raised.sum()), int(sample.complaint[raised].sum()), round(missed, 4))


def _logit(chance: Numbers) -> Numbers:
    inside = np.clip(chance, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(inside / (1 - inside)))


def _sigmoid(odds: Numbers) -> Numbers:
    return np.asarray(1 / (1 + np.exp(-odds)))
