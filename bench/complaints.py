"""How well the complaint decision tells complaints from other posts.

``python -m bench.complaints FILE --out scores.jsonl`` scores posts, with ``--config FILE`` by the model, the thresholds
and the competitors of a configuration, but nothing learnt; ``--table --data DIR`` compares on labelled sets, without
``--data`` on those of ``../shared/data`` or ``data``.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from rich.table import Table

from backchannel.config import ConfigError, load
from bench.posts_file import BadFileError, Item, is_labelled, read, replacing
from matcher.complaint import ComplaintDecision
from matcher.config import ComplaintConfig
from matcher.custom_model import CustomModelError, decision_for
from matcher.encoder import Encoder
from matcher.targets import Decision
from matcher.verdict import Verdict

BATCH = 256
RECALL = 0.9
DATA = (Path("../shared/data"), Path("data"))
"""Where labelled sets are looked for: the first of these that exists."""

_LEFT_OUT = {"VADER": "vaderSentiment", "TF-IDF, own corpus": "scikit-learn"}

Floats = NDArray[np.float64]
Scorer = Callable[[Sequence["Item"]], Floats]


class Figures(msgspec.Struct, frozen=True):
    """What one scorer reaches on one set. ``precision`` is that at 90% recall."""

    macro_f1: float
    auroc: float
    average_precision: float
    precision: float


def verdicts(items: Sequence[Item], decision: Decision) -> list[Verdict]:
    """Judge ``items`` in batches, as the service does."""
    found: list[Verdict] = []
    for start in track(range(0, len(items), BATCH), "judging", transient=True):
        part = items[start : start + BATCH]
        found += decision.judge(
            [item.text for item in part],
            [item.context for item in part],
            [item.lang for item in part],
            [item.brand for item in part],
        )
    return found


def figures(labels: Floats, scores: Floats, calls: Floats) -> Figures:
    """Measure ``scores`` (any scale) and ``calls`` (0 or 1) against ``labels`` (0 or 1).

    Posts of one score are called together, so that their order in the file changes nothing.
    """
    order = np.argsort(-scores, kind="stable")
    last = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True))
    hits = np.cumsum(labels[order])[last]
    recall, precision = hits / max(hits[-1], 1), hits / (last + 1)
    return Figures(
        macro_f1=(_f1(labels, calls) + _f1(1 - labels, 1 - calls)) / 2,
        auroc=_auroc(labels, scores),
        average_precision=float(np.sum(precision * np.diff(recall, prepend=0.0))),
        precision=float(np.max(precision[recall >= RECALL], initial=0.0)),
    )


def _auroc(labels: Floats, scores: Floats) -> float:
    """Count, over all pairs, how often the complaint has the higher score; ties count half."""
    values, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks = (last - (counts - 1) / 2)[inverse]
    positives = labels.sum()
    negatives = len(labels) - positives
    if not positives or not negatives or not len(values):
        return float("nan")
    return float((ranks[labels > 0].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def _f1(labels: Floats, calls: Floats) -> float:
    both = float(np.sum(labels * calls))
    return 2 * both / max(float(labels.sum() + calls.sum()), 1.0)


def labelled_sets(folder: Path) -> dict[str, list[Item]]:
    """Find the files of ``folder`` (and below) whose rows are labelled, by name."""
    sets = {}
    for path in sorted([*folder.rglob("*.jsonl.gz"), *folder.rglob("*.jsonl")]):
        items = read(path) if is_labelled(path) else []
        if items and all(item.complaint is not None for item in items):
            sets[path.name.split(".")[0]] = items
    return sets


def vader() -> Scorer | None:
    """Score by VADER's negative compound, where the package vaderSentiment is installed."""
    try:
        from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer  # noqa: PLC0415 - an optional peer
    except ImportError:
        return None
    analyzer = SentimentIntensityAnalyzer()
    return lambda items: np.array([-analyzer.polarity_scores(item.text)["compound"] for item in items])


def tfidf() -> Scorer | None:
    """Score by a TF-IDF regression trained on the project's own corpus, where scikit-learn is installed."""
    try:
        from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415 - an optional peer
        from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - an optional peer
    except ImportError:
        return None
    from training.rows import labelled  # noqa: PLC0415 - only this peer is trained

    rows = labelled()
    terms = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    model = LogisticRegression(C=4.0, max_iter=1000)
    model.fit(terms.fit_transform([row.text for row in rows]), [row.complaint for row in rows])
    return lambda items: np.asarray(model.decision_function(terms.transform([item.text for item in items])))


def builtin(decision: Decision) -> tuple[Scorer, dict[str, list[Verdict]]]:
    """Score by the service's own decision, and keep its verdicts."""
    kept: dict[str, list[Verdict]] = {}

    def score(items: Sequence[Item]) -> Floats:
        kept["last"] = verdicts(items, decision)
        return np.array([verdict.probability for verdict in kept["last"]])

    return score, kept


def peers() -> dict[str, Scorer | None]:
    """Give the scorers to compare with, by name; None where what they need is not installed."""
    return {"VADER": vader(), "TF-IDF, own corpus": tfidf()}


def left_out(found: Mapping[str, Scorer | None]) -> list[str]:
    """Say which peers are missing, and what to install; one sentence each."""
    return [f"{name} was left out: pip install {_LEFT_OUT[name]}" for name, scorer in found.items() if scorer is None]


def table(sets: Iterable[tuple[str, list[Item]]], others: Mapping[str, Scorer | None]) -> Table:
    """Compare the service's own decision and ``others`` on labelled sets, given by name."""
    shown = Table("set", "posts", "complaints", "scorer", "macro-F1", "AUROC", "AP", "P at 90% recall")
    with Encoder() as encoder:
        score, kept = builtin(ComplaintDecision(encoder))
        for name, items in sets:
            labels = np.array([float(item.complaint or 0) for item in items])
            scores = score(items)
            calls = np.array([float(verdict.complaint) for verdict in kept["last"]])
            _row(shown, (name, items, labels), "Backchannel", figures(labels, scores, calls))
            for peer, scorer in others.items():
                if scorer is not None:
                    found = scorer(items)
                    calls = (found > (0.05 if peer == "VADER" else 0.0)).astype(np.float64)
                    _row(shown, (name, items, labels), peer, figures(labels, found, calls))
    return shown


def _row(shown: Table, subject: tuple[str, list[Item], Floats], scorer: str, found: Figures) -> None:
    name, items, labels = subject
    numbers = (found.macro_f1, found.auroc, found.average_precision, found.precision)
    shown.add_row(name, str(len(items)), f"{labels.mean():.0%}", scorer, *(f"{number:.3f}" for number in numbers))


def _compare(parser: argparse.ArgumentParser, folders: Sequence[Path], names: Sequence[str]) -> None:
    """Print the table, and which peers it lacks; that there is nothing to compare on is an error."""
    every = [pair for folder in folders for pair in labelled_sets(folder).items()]
    sets = [(name, items) for name, items in every if not names or name in names]
    if not sets:
        only = f" named {' or '.join(names)}" if names else ""
        looked = ", ".join(map(str, folders or DATA))
        parser.error(f"there is no labelled set{only} in {looked}: give --data DIR whose .jsonl rows have complaint")
    others = peers()
    Console(width=120).print(table(sets, others))
    for sentence in left_out(others):
        print(sentence)


def write(source: Path, target: Path, config: ComplaintConfig | None = None) -> None:
    """Score the posts of ``source`` and write ``id``, ``score`` and ``complaint`` per line to ``target``.

    Thresholds, brands and competitors are those of ``config``. Raises BadFileError, and leaves ``target`` as it was.
    """
    items = read(source)
    with replacing(target) as out, Encoder() as encoder:
        decision = decision_for(config or ComplaintConfig(), encoder)
        for item, verdict in zip(items, verdicts(items, decision), strict=True):
            row = {"id": item.id, "score": round(verdict.probability, 5), "complaint": verdict.complaint}
            out.write(json.dumps(row | {"lang": verdict.lang, "cannot_tell": verdict.cannot_tell}) + "\n")


def _score(given: argparse.Namespace) -> None:
    config = load(given.config).matcher.complaint if given.config else None
    write(given.file, given.out, config)


def main(arguments: Sequence[str] | None = None) -> None:
    """Score a file, or print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, nargs="?", help="JSONL or .gz with id and text")
    parser.add_argument("--out", type=Path, default=Path("scores.jsonl"))
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--data", type=Path, action="append", help="a folder with labelled sets; may be repeated")
    parser.add_argument("--only", action="append", default=[], help="the name of a set; may be repeated")
    parser.add_argument("--config", type=Path, help="a config.yaml whose model, thresholds and competitors count")
    try:
        _run(parser, parser.parse_args(arguments))
    except (BadFileError, ConfigError, CustomModelError) as error:
        print(error, file=sys.stderr)
        raise SystemExit(1) from error


def _run(parser: argparse.ArgumentParser, given: argparse.Namespace) -> None:
    if given.table:
        _compare(parser, given.data or [folder for folder in DATA if folder.is_dir()][:1], given.only)
    elif given.file:
        _score(given)
    else:
        parser.error("name a FILE to score, or ask for --table")


if __name__ == "__main__":
    main()
