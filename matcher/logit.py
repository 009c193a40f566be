"""A conditional logit over no case and every candidate, anchored to the weights that it starts from.

A label may leave several answers open: a refused link says only which case it is not. The likelihood is then that of
all answers that are left. Candidates that were not kept count as no case; they are the least likely ones.
"""

import math
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from matcher.coincidence import spread, surprise
from matcher.judged import Judged
from matcher.model_file import LinkingModel
from matcher.reason_codes import MATTER, of_person

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

ANCHOR = 2.0
_LEAST_SCALE = 0.4
_LEAST_CHANCE = 5e-7  # probabilities are kept to six digits
_NEVER = -1e6
_ROUNDS = 60
_HALVINGS = 6
_SURELY = 50.0
_ENOUGH = 1e-6  # of the loss: less is not worth another round


class Layout(msgspec.Struct, frozen=True):
    """The order of weights in a vector: reason codes of cases, then codes of posts."""

    cases: tuple[str, ...]
    posts: tuple[str, ...]

    def vector(self, model: LinkingModel) -> Array:
        """Give the weights of a model; a code that it lacks weighs nothing."""
        weights = [model.weights.get(code, 0.0) for code in self.cases]
        return np.array([*weights, *(model.none.get(code, 0.0) for code in self.posts)], dtype=np.float64)

    def model(self, vector: Array, shape: LinkingModel, version: str, thresholds: dict[str, float]) -> LinkingModel:
        """Give a model of the shape of another with these weights."""
        values = [round(float(value), 4) for value in vector]
        weights = dict(zip(self.cases, values[: len(self.cases)], strict=True))
        none = dict(zip(self.posts, values[len(self.cases) :], strict=True))
        return msgspec.structs.replace(shape, version=version, weights=weights, none=none, thresholds=thresholds)


def layout_of(model: LinkingModel) -> Layout:
    """Give the layout of a model's weights."""
    return Layout(tuple(sorted(model.weights)), tuple(sorted(model.none)))


class Sample(msgspec.Struct, frozen=True):
    """Answers as arrays: n answers, up to k candidates, f case codes, p post codes; answer 0 is no case.

    ``offset`` is what the score of each answer lacks to be its log probability under the weights that decided;
    ``beside`` is the same for each customer being the poster but meaning another matter, which counts as no case, and
    -1e6 where that is not known. ``allowed`` marks the answers that the label leaves open, ``linkable`` those that may
    be asserted.
    """

    x: Array
    post: Array
    offset: Array
    beside: Array
    allowed: Mask
    linkable: Mask
    most: float

    def take(self, chosen: Mask) -> "Sample":
        """Give the chosen answers only."""
        answers = (self.allowed[chosen], self.linkable[chosen])
        told = (self.x[chosen], self.post[chosen], self.offset[chosen], self.beside[chosen])
        return Sample(*told, *answers, self.most)

    def scores(self, w: Array, layout: Layout) -> Array:
        """Give the score of every answer by a vector of weights, up to a constant of each row."""
        cases, _ = case_scores(self.x, w[: len(layout.cases)], layout, self.most)
        none = self.post @ w[len(layout.cases) :] + np.log1p(self.others(w, layout).sum(axis=1))
        return np.concatenate([none[:, None], cases], axis=1) + self.offset

    def others(self, w: Array, layout: Layout) -> Array:
        """Give the odds, against a stranger without a case, of each customer posting about another matter."""
        who = np.array([of_person(code) for code in layout.cases])
        odds: Array = np.exp(np.minimum(self.x[..., who] @ w[: len(layout.cases)][who] + self.beside, _SURELY))
        return odds

    def chances(self, w: Array, layout: Layout) -> Array:
        """Give the probability of every answer."""
        return _softmax(self.scores(w, layout))


def case_scores(x: Array, w: Array, layout: Layout, most: float) -> tuple[Array, Array]:
    """Give what the evidence sums to, as ``matcher.evidence.total`` does, and its slope by the likeness of texts."""
    matter = np.array([code in MATTER for code in layout.cases])
    told = x[..., matter] @ w[matter]
    bent = np.where(told > 0, np.tanh(np.maximum(told, 0.0) / most), 0.0)
    slope = np.where(told > 0, 1.0 - bent**2, 1.0)
    return x[..., ~matter] @ w[~matter] + np.where(told > 0, most * bent, told), slope


def sample_of(judged: Sequence[Judged], models: Mapping[str, LinkingModel], shape: LinkingModel) -> Sample:
    """Read answers into arrays; ``models`` holds the weights of every version that decided one of them."""
    layout = layout_of(shape)
    width = max((len(one.candidates) for one in judged), default=1)
    rows = [_row(one, models.get(one.model, shape), layout, width) for one in judged]
    x, post, offset, allowed, linkable = (np.stack(part) for part in zip(*rows, strict=True))
    exact = np.array([one.exact for one in judged], dtype=np.bool_)[:, None]
    another = _NEVER if shape.another_matter is None else shape.another_matter
    beside = np.where(exact, offset[:, 1:] + another, _NEVER)
    return Sample(x, post, offset, beside, allowed, linkable, shape.matter_most)


def _row(one: Judged, decided: LinkingModel, layout: Layout, width: int) -> tuple[Array, Array, Array, Mask, Mask]:
    own = layout_of(decided)
    x, then = np.zeros((width, len(layout.cases))), np.zeros((width, len(own.cases)))
    offset = np.full(width + 1, _NEVER)
    allowed, linkable = np.zeros(width + 1, dtype=np.bool_), np.zeros(width + 1, dtype=np.bool_)
    allowed[0] = one.case_id is None
    for place, seen in enumerate(one.candidates):
        x[place], then[place] = _values(seen.features, layout.cases), _values(seen.features, own.cases)
        offset[place + 1] = math.log(max(seen.probability, _LEAST_CHANCE))
        allowed[place + 1] = seen.case_id == one.case_id if one.case_id else seen.case_id not in one.refused
        linkable[place + 1] = not seen.resolved
    said = {"bias": 1.0, **one.post}
    post = _values(said, layout.posts)
    if one.prior is not None and one.total is not None and one.exact:
        offset[0] = math.log((1.0 - one.prior) / one.prior)
        for place, seen in enumerate(one.candidates, start=1):
            offset[place] = -spread(one.total, surprise(seen.features))
        return x, post, offset, allowed, linkable
    offset[0] = math.log(_no_case(one)) - _values(said, own.posts) @ own.vector(decided)[len(own.cases) :]
    scores, _ = case_scores(then, own.vector(decided)[: len(own.cases)], own, decided.matter_most)
    offset[1:] -= scores
    return x, post, offset, allowed, linkable


def _no_case(one: Judged) -> float:
    """Give the probability of no case among those kept; small ones are known only without rounding."""
    rest = one.none if one.none < 1e-4 else 1.0 - math.fsum(seen.probability for seen in one.candidates)
    return max(rest, _LEAST_CHANCE)


def _values(features: Mapping[str, float], codes: Sequence[str]) -> Array:
    return np.array([features.get(code, 0.0) for code in codes], dtype=np.float64)


def fit(sample: Sample, start: Array, layout: Layout, anchor: float = ANCHOR) -> Array:
    """Give the weights that explain the answers best without straying far from ``start``.

    Each weight strays on its own scale, and the weight of a reason never changes its sign. Newton steps with Fisher's
    information, projected on the signs and halved until they help, so that the same answers give the same weights.
    """
    scale = np.maximum(np.abs(start), _LEAST_SCALE)
    signed = np.where(np.arange(len(start)) < len(layout.cases), np.sign(start), 0.0)
    w = start.copy()
    value, gradient, information = _loss(sample, w, start, scale, anchor, layout)
    for _ in range(_ROUNDS):
        step = _step(w, gradient, information, signed)
        for halving in range(_HALVINGS):
            tried = _within_signs(w - step / 2**halving, signed)
            if value - _value(sample, tried, start, scale, anchor, layout) > _ENOUGH * (1.0 + value):
                break
        else:
            return w
        w = tried
        value, gradient, information = _loss(sample, w, start, scale, anchor, layout)
    return w


def _step(w: Array, gradient: Array, information: Array, signed: Array) -> Array:
    """Give Newton's step for the weights that are free to move; one at zero is not pushed over it."""
    free = ~((w == 0.0) & (signed != 0.0) & (gradient * signed > 0))
    step = np.zeros_like(w)
    step[free] = np.linalg.solve(information[np.ix_(free, free)], gradient[free])
    return step


def _within_signs(w: Array, signed: Array) -> Array:
    return np.where(signed * w < 0, 0.0, w)


def _loss(
    sample: Sample, w: Array, start: Array, scale: Array, anchor: float, layout: Layout
) -> tuple[float, Array, Array]:
    """Give the anchored negative log likelihood, its gradient and its information."""
    scores = sample.scores(w, layout)
    chances, told = _softmax(scores), _softmax(np.where(sample.allowed, scores, -np.inf))
    slopes = _slopes(sample, w, layout)
    drift = (w - start) / scale
    gradient = np.einsum("nj,njf->f", chances - told, slopes) + 2 * anchor * drift / scale
    mean = np.einsum("nj,njf->nf", chances, slopes)
    spread = slopes * np.sqrt(chances)[:, :, None]
    flat = spread.reshape(-1, len(w))
    information = flat.T @ flat - mean.T @ mean + np.diag(2 * anchor / scale**2)
    return _value(sample, w, start, scale, anchor, layout), gradient, information


def _value(sample: Sample, w: Array, start: Array, scale: Array, anchor: float, layout: Layout) -> float:
    scores = sample.scores(w, layout)
    surprise = _log_sum(scores) - _log_sum(np.where(sample.allowed, scores, -np.inf))
    drift = (w - start) / scale
    return float(surprise.sum()) + anchor * float(drift @ drift)


def _slopes(sample: Sample, w: Array, layout: Layout) -> Array:
    """Give how each answer's score moves with each weight."""
    cut = len(layout.cases)
    _, slope = case_scores(sample.x, w[:cut], layout, sample.most)
    matter = np.array([code in MATTER for code in layout.cases])
    slopes = np.zeros((*sample.offset.shape, len(w)))
    slopes[:, 1:, :cut] = np.where(matter, sample.x * slope[:, :, None], sample.x)
    slopes[:, 0, cut:] = sample.post
    odds = sample.others(w, layout)
    shares = odds / (1.0 + odds.sum(axis=1, keepdims=True))
    who = np.array([of_person(code) for code in layout.cases])
    slopes[:, 0, :cut] = np.where(who, np.einsum("nk,nkf->nf", shares, sample.x), 0.0)
    return slopes


def _log_sum(scores: Array) -> Array:
    top = scores.max(axis=1)
    summed: Array = top + np.log(np.exp(scores - top[:, None]).sum(axis=1))
    return summed


def _softmax(scores: Array) -> Array:
    chances: Array = np.exp(scores - _log_sum(scores)[:, None])
    return chances
