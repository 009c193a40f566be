"""Fits the weights of linking on invented companies and writes ``matcher/model/linking.json``.

Run: ``python -m training.train_linking [--companies 16] [--out FILE]``. The fit is a conditional logit over no case and
every candidate, anchored to the weights it starts from; a weight keeps the sign of its reason. Thresholds come from
other companies of the same split; the test split of LinkBench is not touched.
"""

import argparse
import json
import math
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from bench.linkbench.measure import Answer, alert_precision, calibration, detection, recall_at
from bench.linkbench.rows import Row, RowReader, company_rows
from bench.linkbench.stories import Split
from matcher.decision import none_score, post_features, softmax
from matcher.encoder import Encoder
from matcher.evidence import MATTER, Compared, EvidenceWeigher
from matcher.likeness import Likeness, Vectors
from matcher.model_file import SHIPPED, LinkingModel, load
from matcher.names import shared_names
from matcher.places import shared_places

Array = NDArray[np.float64]

SETTINGS = ((220, 1.0, 0.2), (220, 1.6, 0.3), (260, 3.0, 0.3), (120, 1.2, 0.5))
KEPT = 40
LINKED = 0.5
ANCHOR = 6.0
BLUR = {"likeness": 0.7, "words": 1.2, "concepts": 1.0}
TARGETS = (0.9, 0.95, 0.98)


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


def samples(split: Split, seeds: Sequence[int], posts: int, encoder: Remembering) -> list[Sample]:
    """Invent companies and give their rows with likeness."""
    reader = RowReader()
    found = []
    for seed in seeds:
        size, repeats, pseudonyms = SETTINGS[seed % len(SETTINGS)]
        likeness = Likeness(encoder.encode)
        for row in company_rows(seed, split, reader, posts=posts, size=size, repeats=repeats, pseudonyms=pseudonyms):
            found.append(Sample(row, likeness.deviations(row.item.mention.text, row.cases, row.background.sample)))
    return found


def weighed(sample: Sample, model: LinkingModel) -> list[Compared]:
    """Weigh one sample's cases."""
    weigher = EvidenceWeigher(shared_names(), shared_places(), model)
    row = sample.row
    return weigher.weigh(row.item.mention, row.clues, row.cases, row.background, sample.likeness)


def answer(sample: Sample, model: LinkingModel, prevalence: float) -> Answer:
    """Give the answer of a model to one sample."""
    row = sample.row
    compared = weighed(sample, model)
    spread = math.log(max(row.background.total, 1))
    none = none_score(post_features(row.clues), model, prevalence)
    _, chances = softmax(none, [case.score - spread for case in compared])
    fitting = row.linkable()
    pairs = [(c.case.case_id, p) for c, p in zip(compared, chances, strict=True) if c.case.case_id in fitting]
    truth = row.item.answer if row.item.answer in fitting else None
    ranked = sorted(pairs, key=lambda pair: -pair[1])
    return Answer(ranked, truth, row.item.kind, row.item.relation, row.item.mention.lang or "en")


class Problem:
    """The conditional logit over a set of samples, for one choice of hypotheses."""

    def __init__(self, found: Sequence[Sample], model: LinkingModel) -> None:
        """Read the features that the present weights choose.

        What text says is blurred: invented cases of one kind share their wording, while real ones never do.
        """
        self._rng = np.random.default_rng(11)
        self.codes = sorted(model.weights)
        self.posts = sorted(model.none)
        self._most = model.matter_most
        self._matter = np.array([code in MATTER for code in self.codes])
        self._other = ~self._matter
        self._start = np.array([model.weights[c] for c in self.codes] + [model.none[c] for c in self.posts])
        rows = [self._read(sample, model) for sample in found]
        self._x = np.stack([x for x, _, _, _ in rows])
        self._offset = np.stack([offset for _, offset, _, _ in rows])
        self._post = np.stack([post for _, _, post, _ in rows])
        self._truth = np.array([truth for _, _, _, truth in rows])

    def _read(self, sample: Sample, model: LinkingModel) -> tuple[Array, Array, Array, int]:
        row = sample.row
        compared = weighed(sample, model)
        truth = row.item.answer if row.item.answer in row.linkable() else row.item.resolved
        kept = compared[:KEPT]
        if all(c.case.case_id != truth for c in kept):
            kept = [*kept[:-1], *(c for c in compared if c.case.case_id == truth)]
        x = np.zeros((KEPT, len(self.codes)))
        offset = np.full(KEPT, -1e6)
        where = {code: i for i, code in enumerate(self.codes)}
        for number, case in enumerate(kept):
            offset[number] = -math.log(max(row.background.total, 1))
            for code, value in case.features.items():
                if code in where:
                    x[number, where[code]] = value + BLUR.get(code, 0.0) * float(self._rng.standard_normal())
        said = post_features(row.clues)
        post = np.array([said.get(code, 0.0) for code in self.posts])
        index = next((i for i, c in enumerate(kept) if c.case.case_id == truth), -1)
        return x, offset, post, index

    def solve(self) -> tuple[dict[str, float], dict[str, float], float]:
        """Give fitted weights of cases and posts, and the mean loss."""
        scale = np.maximum(np.abs(self._start), 0.4)
        start = self._start.copy()

        def loss(w: Array) -> tuple[float, Array]:
            value, gradient = self._loss(w)
            drift = (w - self._start) / scale
            return value + ANCHOR * float(drift @ drift), gradient + 2 * ANCHOR * drift / scale

        result = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=self._bounds(), options={"maxiter": 300})
        fitted = [round(float(v), 4) for v in result.x]
        cut = len(self.codes)
        return (
            dict(zip(self.codes, fitted[:cut], strict=True)),
            dict(zip(self.posts, fitted[cut:], strict=True)),
            float(result.fun) / len(self._x),
        )

    def _bounds(self) -> list[tuple[float | None, float | None]]:
        signs = [
            (0.0, None) if v > 0 else ((None, 0.0) if v < 0 else (None, None)) for v in self._start[: len(self.codes)]
        ]
        return [*signs, *([(None, None)] * len(self.posts))]

    def _loss(self, w: Array) -> tuple[float, Array]:
        cut = len(self.codes)
        told = self._x[:, :, self._matter] @ w[:cut][self._matter]
        bent = np.where(told > 0, self._most * np.tanh(told / self._most), told)
        slope = np.where(told > 0, 1 - np.tanh(told / self._most) ** 2, 1.0)
        cases = self._x[:, :, self._other] @ w[:cut][self._other] + bent + self._offset
        none = self._post @ w[cut:] + math.log((1 - LINKED) / LINKED)
        scores = np.concatenate([none[:, None], cases], axis=1)
        top = scores.max(axis=1, keepdims=True)
        mass = np.exp(scores - top)
        chances = mass / mass.sum(axis=1, keepdims=True)
        index = self._truth + 1
        rows = np.arange(len(index))
        value = -float(np.log(np.maximum(chances[rows, index], 1e-12)).sum())
        error = chances
        error[rows, index] -= 1.0
        by_case = np.zeros(cut)
        by_case[self._other] = np.einsum("nk,nkf->f", error[:, 1:], self._x[:, :, self._other])
        by_case[self._matter] = np.einsum("nk,nkf->f", error[:, 1:] * slope, self._x[:, :, self._matter])
        return value, np.concatenate([by_case, error[:, 0] @ self._post])


def fit(found: Sequence[Sample], model: LinkingModel, rounds: int = 3) -> LinkingModel:
    """Fit in rounds: choose the better hypothesis per case by the present weights, then fit the weights."""
    anchor = model
    for number in range(rounds):
        weights, none, loss = Problem(found, model).solve()
        model = msgspec.structs.replace(anchor, weights=weights, none=none)
        print(f"round {number + 1}: loss {loss:.4f} per post")
    return model


def thresholds(found: Sequence[Sample], model: LinkingModel, prevalence: float) -> dict[str, float]:
    """Give for each target precision the least probability that reaches it at a prevalence, never below one half."""
    answers = [answer(sample, model, prevalence) for sample in found]
    wanted = {}
    for target in TARGETS:
        grid = [step / 100 for step in range(50, 100)]
        reached = [bound for bound in grid if alert_precision(answers, bound, prevalence)[0] >= target]
        wanted[str(target)] = reached[0] if reached else 0.99
    return wanted


def report(name: str, answers: Sequence[Answer], bound: float) -> None:
    """Print the measures of one set."""
    error, brier = calibration(answers)
    precision, recall = alert_precision(answers, bound, LINKED)
    print(
        f"{name}: n {len(answers)}  r@1 {recall_at(answers, 1):.3f}  r@3 {recall_at(answers, 3):.3f}  "
        f"DIR@2% {detection(answers, 0.02):.3f}  third {detection(answers, 0.02, 'third'):.3f}  ECE {error:.3f}  "
        f"Brier {brier:.3f}  at {bound:.2f}: precision {precision:.3f}, recall {recall:.3f}"
    )


def main() -> None:
    """Fit, choose thresholds, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--companies", type=int, default=16)
    parser.add_argument("--posts", type=int, default=250)
    parser.add_argument("--version", default="linking-1")
    parser.add_argument("--start", type=Path, default=SHIPPED)
    parser.add_argument("--out", type=Path, default=SHIPPED)
    options = parser.parse_args()
    with Encoder() as encoder:
        remembering = Remembering(encoder)
        found = samples("train", range(options.companies), options.posts, remembering)
        held = samples("train", range(1000, 1004), options.posts, remembering)
    model = fit(found, load(options.start))
    model = msgspec.structs.replace(model, version=options.version, thresholds=thresholds(held, model, 0.2))
    report("held-out companies", [answer(s, model, LINKED) for s in held], model.threshold(0.95))
    options.out.write_text(json.dumps(msgspec.to_builtins(model), indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
