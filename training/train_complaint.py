"""Fit the complaint heads to the shipped graph's own vectors: ``python -m training.train_complaint``.

Needs scikit-learn and what ``training.tune_encoder`` wrote. Trains on ``training/corpus`` alone; the same corpus and
network give the same bytes.
"""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import f1_score, roc_auc_score

from matcher.encoder import MODEL_DIR, Encoder
from matcher.heads import LANGUAGES, OTHER_LANGUAGE, Again, Card, Mix, save
from matcher.ngrams import BUCKETS, features
from matcher.wording import tokens
from training.moved_heads import moved
from training.network import TUNED, load, logits
from training.rows import ASKED, OUTPUTS, Row, foreign, labelled, needs_reply, read
from training.second_head import DOUBT, again, second_head
from training.second_reader import SECOND

NGRAM_C = 0.2
LANGUAGE_C = 20.0
EVERY = 4
VERSION = "7"
SHIFTS = np.arange(-10, 16) / 10
AS_GOOD = 0.003  # of F1: less than half its standard error
MIXED_ALONE = ("en", "de")
MOOD = 0.3  # of its log odds are added to those of a complaint: who is annoyed is nearer to one than who is not

Floats = NDArray[np.float64]
Fit = Callable[[Any, Floats], tuple[Floats, float]]


class Unseen(NamedTuple):
    """What the network says of rows whose trades it never saw: ``rows`` by place, ``logits`` [rows, outputs]."""

    rows: NDArray[np.int64]
    logits: Floats


def train(out: Path, tuned: Path, second: Path) -> None:
    """Write ``complaint.npz`` and ``complaint.json`` to ``out`` and print what the held-out trades say."""
    rows = labelled()
    unseen = _unseen(rows, tuned)
    weights, bias = _encoder_heads(rows, tuned)
    grams = matrix([row.text for row in rows])
    rarity = _rarity(grams)
    parts = _Parts(rows, unseen, csr_matrix(grams.multiply(rarity)))
    fitted = [parts.fit(name) for name in OUTPUTS]
    languages = (*LANGUAGES, OTHER_LANGUAGE)
    language_weights, language_bias = _language_heads(rows, languages)
    mixes = parts.mixes()
    reread = parts.again(mixes, _unseen(rows, second))
    card = Card(VERSION, OUTPUTS, mixes, threshold=0.5, languages=languages, doubt=DOUBT, again=reread)
    ngram_weights = np.column_stack([found * rarity for found, _ in fitted] + [language_weights])
    biases = np.column_stack([[*bias, *(0.0 for _ in languages)], [*(found for _, found in fitted), *language_bias]])
    own = second_head(rows, second, MOOD).astype(np.float32)
    save(out, card, weights.astype(np.float32), _half(ngram_weights), biases.astype(np.float32), own)


def _unseen(rows: Sequence[Row], folder: Path) -> Unseen:
    """Read what the network says of the held-out trades."""
    places = {row.id: place for place, row in enumerate(rows)}
    with np.load(folder / "unseen.npz") as stored:
        return Unseen(np.array([places[name] for name in stored["ids"].tolist()]), _with_mood(stored["logits"]))


def _with_mood(said: Floats) -> Floats:
    """Make what is asked [.., outputs and mood] the outputs alone, the mood being a part of the complaint."""
    outputs = said[..., :-1].copy()
    outputs[..., OUTPUTS.index("complaint")] += MOOD * said[..., -1]
    return outputs


def _encoder_heads(rows: Sequence[Row], folder: Path) -> tuple[Floats, Floats]:
    """Move the network's own heads so far that on the int8 graph's vectors they say what they said before."""
    rows = rows[::EVERY]
    network = load(folder)
    weights, bias = (_with_mood(part.T).T for part in network.heads(ASKED))
    with Encoder() as encoder:
        vectors = encoder.meant([read(row) for row in rows]).astype(np.float64)
    return moved(vectors, weights, bias, _with_mood(logits(network, rows, ASKED)))


def _rarity(grams: csr_matrix) -> Floats:
    """Return how much each n-gram weighs for being rare, as in TF-IDF; what stands in one post alone weighs nothing."""
    counts = np.bincount(grams.indices, minlength=BUCKETS)
    return np.where(counts > 1, np.log((1 + grams.shape[0]) / (1 + counts)) + 1, 0.0)


def matrix(texts: Sequence[str]) -> csr_matrix:
    """Return the n-gram features of ``texts`` as a sparse matrix [texts, buckets]."""
    found = [features(tokens(text)) for text in texts]
    starts = np.cumsum([0, *(len(item.index) for item in found)])
    columns = np.concatenate([item.index for item in found])
    values = np.concatenate([item.value for item in found]).astype(np.float64)
    return csr_matrix((values, columns, starts), shape=(len(texts), BUCKETS))


def target(name: str, rows: Sequence[Row]) -> Floats:
    """Return what output ``name`` should say of each row; nan where it has no meaning."""
    if name == "complaint":
        return np.array([float(row.complaint) for row in rows])
    if name == "severity":
        return np.array([row.severity / 3 if row.complaint else np.nan for row in rows])
    if name == "needs_reply":
        return np.array([float(needs_reply(row)) for row in rows])
    kind = name.removeprefix("kind:")
    return np.array([float(row.kind == kind) if row.complaint else np.nan for row in rows])


class _Parts:
    """The n-gram heads, and how they mix with the encoder's on trades that neither had seen."""

    def __init__(self, rows: Sequence[Row], unseen: Unseen, grams: csr_matrix) -> None:
        self._rows, self._unseen, self._grams = rows, unseen, grams
        self._known = np.setdiff1d(np.arange(len(rows)), unseen.rows)
        self._langs = np.array([rows[int(place)].lang for place in unseen.rows])
        self._said: dict[str, tuple[Floats, Floats, Floats]] = {}

    def fit(self, name: str) -> tuple[Floats, float]:
        """Fit the n-grams of one output to every row, and remember what the two parts say of the held-out ones."""
        wanted = target(name, self._rows)
        fit = _ridge(1.0) if name == "severity" else _logistic(NGRAM_C)
        use = self._known[~np.isnan(wanted[self._known])]
        weights, bias = fit(self._grams[use], wanted[use])
        by_encoder = self._unseen.logits[:, OUTPUTS.index(name)]
        self._said[name] = (by_encoder, self._grams[self._unseen.rows] @ weights + bias, wanted[self._unseen.rows])
        every = np.flatnonzero(~np.isnan(wanted))
        return fit(self._grams[every], wanted[every])

    def mixes(self) -> dict[str, Mix]:
        """Weigh both parts: by language where a language has rows enough, and all kinds of complaints alike."""
        found = {}
        for name in ("complaint", "needs_reply"):
            for lang in MIXED_ALONE:
                found[f"{name}.{lang}"] = self._mix(name, self._langs == lang)
            found[f"{name}.*"] = self._mix(name, ~np.isin(self._langs, MIXED_ALONE))
        found |= self._raised(found)
        found["severity.*"] = _line(*self._meaningful(["severity"]))
        kinds = _weighed(*self._meaningful([name for name in OUTPUTS if name.startswith("kind:")]))
        self._report(found)
        return found | {f"{name}.*": kinds for name in OUTPUTS if name.startswith("kind:")}

    def _mix(self, name: str, use: NDArray[np.bool_]) -> Mix:
        first, second, wanted = self._said[name]
        return _weighed(first[use], second[use], wanted[use])

    def _raised(self, mixes: dict[str, Mix]) -> dict[str, Mix]:
        """Shift the log odds of a complaint so that F1 is best at even odds, and no further than its flat top asks."""
        odds, y = self._mixed(mixes), self._said["complaint"][2]
        reached = {shift: f1_score(y, odds + shift > 0) for shift in SHIFTS.tolist()}
        enough = max(reached.values()) - AS_GOOD
        shift = min((shift for shift, f1 in reached.items() if f1 >= enough), key=abs)
        print(f"log odds of a complaint shifted by {shift:+.1f}")
        own = {key: mix for key, mix in mixes.items() if key.startswith("complaint.")}
        return {key: Mix(mix.encoder, mix.ngrams, round(mix.bias + shift, 4)) for key, mix in own.items()}

    def _mixed(self, mixes: dict[str, Mix]) -> Floats:
        """Return the log odds of a complaint for the held-out rows."""
        first, second, _ = self._said["complaint"]
        odds = np.zeros(len(first))
        for lang in LANGUAGES:
            use = self._langs == lang
            mix = mixes.get(f"complaint.{lang}") or mixes["complaint.*"]
            odds[use] = mix.encoder * first[use] + mix.ngrams * second[use] + mix.bias
        return odds

    def again(self, mixes: dict[str, Mix], second: Unseen) -> dict[str, Again]:
        """Weigh the second reading beside the first, on the same held-out rows."""
        assert np.array_equal(second.rows, self._unseen.rows), "both networks must have been held to the same trades"
        said = second.logits[:, OUTPUTS.index("complaint")]
        return again(self._mixed(mixes), said, self._said["complaint"][2], self._langs)

    def _meaningful(self, names: Sequence[str]) -> tuple[Floats, Floats, Floats]:
        """Put the outputs ``names`` one below the other, where they have a meaning."""
        first, second, wanted = (np.concatenate(part) for part in zip(*(self._said[n] for n in names), strict=True))
        use = ~np.isnan(wanted)
        return first[use], second[use], wanted[use]

    def _report(self, mixes: dict[str, Mix]) -> None:
        first, second, y = self._said["complaint"]
        odds = self._mixed(mixes)
        print(f"{len(self._rows)} rows; {len(y)} of them of held-out trades:")
        for lang in LANGUAGES:
            use = self._langs == lang
            scores = [roc_auc_score(y[use], part[use]) for part in (first, second, odds)]
            print(
                f"  {lang} {use.sum():5d}  AUROC encoder {scores[0]:.3f} n-grams {scores[1]:.3f} both {scores[2]:.3f}"
                f"  F1 {f1_score(y[use], odds[use] > 0):.3f}"
            )


def _weighed(first: Floats, second: Floats, wanted: Floats) -> Mix:
    """Weigh both parts by a logistic regression, which also calibrates their sum."""
    model = LogisticRegression(C=1.0, solver="lbfgs").fit(np.column_stack([first, second]), wanted > 0.5)
    shares = [round(max(float(value), 0.0), 4) for value in model.coef_[0]]
    return Mix(shares[0], shares[1], round(float(model.intercept_[0]), 4))


def _line(first: Floats, second: Floats, wanted: Floats) -> Mix:
    """Weigh both parts by least squares."""
    model = Ridge(alpha=1.0, solver="cholesky").fit(np.column_stack([first, second]), wanted)
    return Mix(round(float(model.coef_[0]), 4), round(float(model.coef_[1]), 4), round(float(model.intercept_), 4))


def _logistic(strength: float) -> Fit:
    def fit(part: Any, y: Floats) -> tuple[Floats, float]:
        model = LogisticRegression(C=strength, max_iter=2000, solver="liblinear", random_state=0)
        model.fit(part, y > 0.5)
        return model.coef_[0], float(model.intercept_[0])

    return fit


def _ridge(strength: float) -> Fit:
    def fit(part: Any, y: Floats) -> tuple[Floats, float]:
        model = Ridge(alpha=strength, solver="sparse_cg" if hasattr(part, "tocsr") else "cholesky", random_state=0)
        model.fit(part, y)
        return model.coef_, float(model.intercept_)

    return fit


def _language_heads(rows: Sequence[Row], languages: tuple[str, ...]) -> tuple[Floats, Floats]:
    others = foreign()
    grams = matrix([row.text for row in rows] + [row.text for row in others])
    usual = np.flatnonzero(np.bincount(grams.indices, minlength=BUCKETS) > 2)
    labels = np.array([row.lang for row in rows] + [OTHER_LANGUAGE] * len(others))
    model = LogisticRegression(C=LANGUAGE_C, max_iter=300, solver="lbfgs", class_weight="balanced")
    model.fit(grams[:, usual], labels)
    order = [list(model.classes_).index(name) for name in languages]
    weights = np.zeros((BUCKETS, len(languages)))
    weights[usual] = model.coef_[order].T
    return weights, model.intercept_[order]


def _half(weights: Floats) -> NDArray[np.float16]:
    half = weights.astype(np.float16)
    half[np.abs(weights) < 1e-3] = 0
    return half


def main() -> None:
    """Train into ``--out`` (default: the package's own model folder)."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--out", type=Path, default=MODEL_DIR)
    parser.add_argument("--tuned", type=Path, default=TUNED)
    parser.add_argument("--second", type=Path, default=SECOND)
    given = parser.parse_args()
    train(given.out, given.tuned, given.second)


if __name__ == "__main__":
    main()
