"""Learning: new weights from what people answered, and what they would have done on answers not learnt from.

Only posts that raised an alert are answered, but whether they raise one depends on nothing but what the model saw, so
what is learnt of a case's chance given its evidence is not biased by it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
import numpy as np

from matcher.heldout import (
    RECALIBRATED_FROM,
    Figures,
    Folds,
    Top,
    bounds_of,
    figures_of,
    folds_of,
    held_out,
    thresholds_of,
    top_of,
)
from matcher.judged import Judged
from matcher.logit import Mask, Sample, fit, layout_of, sample_of
from matcher.model_file import LinkingModel

LEAST_LABELS = 25


class Fit(msgspec.Struct, frozen=True):
    """New weights and the held-out figures of the way they were learnt; ``before`` is that of what is in force."""

    model: LinkingModel
    labels: int
    before: Figures
    after: Figures


def refit(
    shipped: LinkingModel,
    judged: Sequence[Judged],
    now: datetime,
    *,
    known: Mapping[str, LinkingModel] | None = None,
    target: float = 0.95,
    learnt_until: datetime | None = None,
) -> Fit | None:
    """Fit new weights, anchored to the shipped ones; None where there are too few answers.

    ``known`` gives the weights of each version that decided, the shipped one apart. ``learnt_until`` is when the
    weights in force were made: to compare fairly, they are learnt again from the answers of their time, without the
    answers that they are held against. None where the shipped ones are in force, which never saw any.
    """
    models = {**(known or {}), shipped.version: shipped}
    usable = [one for one in judged if one.exact or one.model in models]
    if len(usable) < LEAST_LABELS:
        return None
    sample, folds = sample_of(usable, models, shipped), folds_of(usable)
    every = np.ones(len(usable), dtype=np.bool_)
    earlier = np.array([learnt_until is not None and one.at <= learnt_until for one in usable], dtype=np.bool_)

    before, after = _tried(sample, folds, earlier, shipped, target), _tried(sample, folds, every, shipped, target)
    layout = layout_of(shipped)
    weights = fit(sample, layout.vector(shipped), layout)
    enough = len(usable) >= RECALIBRATED_FROM
    thresholds = thresholds_of(after[1], every, shipped) if enough else shipped.thresholds
    model = layout.model(weights, shipped, f"{shipped.version}+{now:%Y%m%dT%H%M%S}", thresholds)
    return Fit(model, len(usable), before[0], after[0])


def _tried(sample: Sample, folds: Folds, learn: Mask, shipped: LinkingModel, target: float) -> tuple[Figures, Top]:
    """Give what learning from the answers in ``learn`` finds among answers that it is not told of."""
    chances = held_out(sample, folds, learn, shipped)
    top = top_of(sample, chances)
    return figures_of(sample, chances, top, bounds_of(top, folds, learn, shipped, target)), top
