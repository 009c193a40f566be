"""Train the complaint heads on the shipped encoder's own vectors: ``python -m training.train_complaint``.

Needs scikit-learn. Trains on ``training/corpus`` alone; the same corpus and encoder give the same bytes.
"""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import f1_score, roc_auc_score
from sklearn.model_selection import GroupKFold

from matcher.encoder import MODEL_DIR, Encoder
from matcher.heads import LANGUAGES, OTHER_LANGUAGE, Card, Mix, save
from matcher.ngrams import BUCKETS, features
from matcher.verdict import KINDS
from matcher.wording import plain, tokens
from training.rows import Row, foreign, labelled

FOLDS = 8
ENCODER_C = 0.004
NGRAM_C = 12.0
LANGUAGE_C = 20.0
VERSION = "1"
BASE_RATE = 1 / 3  # of the posts that name a brand, fewer are complaints than in the corpus
UNBRANDED = {"chatter", "quoted", "support_replies"}

Floats = NDArray[np.float64]
Fit = Callable[[Any, Floats], tuple[Floats, float]]


def train(out: Path) -> None:
    """Write ``complaint.npz`` and ``complaint.json`` to ``out`` and print what cross-validation says."""
    rows = labelled()
    texts = [_joined(row) for row in rows]
    with Encoder() as encoder:
        vectors = encoder.layers([plain(text) for text in texts]).astype(np.float64)
    grams = matrix(texts)
    groups = np.array([group(row) for row in rows])
    outputs = ("complaint", "needs_reply", "severity", *(f"kind:{kind}" for kind in KINDS))
    heads = [_head(name, rows, vectors, grams, groups) for name in outputs]
    languages = (*LANGUAGES, OTHER_LANGUAGE)
    weights, bias = _language_heads(rows, languages)
    card = Card(
        version=VERSION,
        outputs=outputs,
        mixes={key: mix for _, _, _, _, mixes in heads for key, mix in mixes.items()},
        threshold=0.5,
        languages=languages,
    )
    ngram_weights = np.column_stack([head[2] for head in heads] + [weights])
    biases = np.array([[head[1], head[3]] for head in heads] + [[0.0, value] for value in bias])
    save(out, card, np.stack([head[0] for head in heads]), _half(ngram_weights), biases)


def group(row: Row) -> str:
    """Name what is left out together in cross-validation: a trade; chatter about no company is spread out."""
    part = crc32(row.id.encode()) % FOLDS if row.trade in UNBRANDED else 0
    return f"{row.lang}:{row.trade}:{part}"


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


def needs_reply(row: Row) -> bool:
    """Whether somebody waits for an answer: a question, a plea, an unanswered case, or a serious complaint."""
    return row.asks_help or row.prior_contact is not None or (row.complaint and row.severity >= 2)


def _head(
    name: str, rows: Sequence[Row], vectors: Floats, grams: csr_matrix, groups: NDArray[np.str_]
) -> tuple[Floats, float, Floats, float, dict[str, Mix]]:
    """Fit both parts of one output, and their mix on predictions for trades that the fit had not seen."""
    wanted = target(name, rows)
    use = np.flatnonzero(~np.isnan(wanted))
    by_vector, by_grams, y = vectors[use], grams[use], wanted[use]
    fits: tuple[Fit, Fit] = (
        (_scaled(_ridge(300.0)), _ridge(1.0))
        if name == "severity"
        else (_scaled(_logistic(ENCODER_C)), _logistic(NGRAM_C))
    )
    first, second = (_unseen(fit, part, y, groups[use]) for fit, part in zip(fits, (by_vector, by_grams), strict=True))
    langs = np.array([rows[int(place)].lang for place in use])
    mixes = {f"{name}.en": _mix(name, first, second, y, langs == "en")}
    mixes[f"{name}.*"] = _mix(name, first, second, y, langs != "en")
    if name == "complaint":
        _report(rows, y, first, second, mixes)
    (encoder_weights, encoder_bias), (ngram_weights, ngram_bias) = fits[0](by_vector, y), fits[1](by_grams, y)
    return encoder_weights, encoder_bias, ngram_weights, ngram_bias, mixes


def _unseen(fit: Fit, part: Any, y: Floats, groups: NDArray[np.str_]) -> Floats:
    scores = np.zeros(len(y))
    for train_rows, test_rows in GroupKFold(FOLDS).split(np.zeros(len(y)), y, groups):
        weights, bias = fit(part[train_rows], y[train_rows])
        scores[test_rows] = part[test_rows] @ weights + bias
    return scores


def _logistic(strength: float) -> Fit:
    def fit(part: Any, y: Floats) -> tuple[Floats, float]:
        model = LogisticRegression(C=strength, max_iter=2000, solver="liblinear", random_state=0)
        model.fit(part, y > 0.5)
        return model.coef_[0], float(model.intercept_[0])

    return fit


def _scaled(fit: Fit) -> Fit:
    """Fit on columns of unit variance, and fold the scaling into the weights."""

    def scaled(part: Any, y: Floats) -> tuple[Floats, float]:
        centre, spread = part.mean(0), part.std(0) + 1e-6
        weights, bias = fit((part - centre) / spread, y)
        return weights / spread, bias - float((weights / spread) @ centre)

    return scaled


def _ridge(strength: float) -> Fit:
    def fit(part: Any, y: Floats) -> tuple[Floats, float]:
        model = Ridge(alpha=strength, solver="sparse_cg" if hasattr(part, "tocsr") else "cholesky", random_state=0)
        model.fit(part, y)
        return model.coef_, float(model.intercept_)

    return fit


def _mix(name: str, first: Floats, second: Floats, y: Floats, use: NDArray[np.bool_]) -> Mix:
    """Weigh both parts on unseen trades, which also calibrates the sum."""
    both = np.column_stack([first[use], second[use]])
    if name == "severity":
        return Mix(0.5, 0.5, 0.0)
    model = LogisticRegression(C=1.0, solver="lbfgs").fit(both, y[use] > 0.5)
    shares = [round(max(float(value), 0.0), 4) for value in model.coef_[0]]
    shift = _log_odds(BASE_RATE) - _log_odds(float(y[use].mean())) if name == "complaint" else 0.0
    return Mix(shares[0], shares[1], round(float(model.intercept_[0]) + shift, 4))


def _log_odds(share: float) -> float:
    return float(np.log(share / (1 - share)))


def _language_heads(rows: Sequence[Row], languages: tuple[str, ...]) -> tuple[Floats, Floats]:
    others = foreign()
    texts = [row.text for row in rows] + [row.text for row in others]
    labels = np.array([row.lang for row in rows] + [OTHER_LANGUAGE] * len(others))
    model = LogisticRegression(C=LANGUAGE_C, max_iter=300, solver="lbfgs", class_weight="balanced")
    model.fit(matrix(texts), labels)
    order = [list(model.classes_).index(name) for name in languages]
    return model.coef_[order].T, model.intercept_[order]


def _half(weights: Floats) -> NDArray[np.float16]:
    half = weights.astype(np.float16)
    half[np.abs(weights) < 1e-3] = 0
    return half


def _joined(row: Row) -> str:
    return f"{row.text} {row.context}" if row.context else row.text


def _report(rows: Sequence[Row], y: Floats, first: Floats, second: Floats, mixes: dict[str, Mix]) -> None:
    langs = np.array([row.lang for row in rows])
    print(f"{len(rows)} rows, {int(y.sum())} complaints; trades not seen in the fit:")
    for lang in LANGUAGES:
        use = langs == lang
        mix = mixes["complaint.en" if lang == "en" else "complaint.*"]
        mixed = mix.encoder * first[use] + mix.ngrams * second[use] + mix.bias
        scores = [roc_auc_score(y[use], part) for part in (first[use], second[use], mixed)]
        quality = f1_score(y[use], mixed > 0)
        print(
            f"  {lang} {use.sum():5d}  AUROC encoder {scores[0]:.3f} n-grams {scores[1]:.3f} both {scores[2]:.3f}"
            f"  F1 {quality:.3f}"
        )


def main() -> None:
    """Train into ``--out`` (default: the package's own model folder)."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--out", type=Path, default=MODEL_DIR)
    train(parser.parse_args().out)


if __name__ == "__main__":
    main()
