"""Make the network that reads doubtful posts again: ``python -m training.second_reader``.

Needs what ``training.teacher`` wrote, and what it needs. The mean of both teachers' weights judges as well as both
together (Wortsman et al. 2022, arXiv 2203.05482); one epoch on posts of all kinds, graded ones most of all, teaches it
more. Writes to ``build/second``. The same corpus gives the same bytes on one machine.
"""

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path
from random import Random

import numpy as np
import torch

from training.average import Average
from training.course import Course, learn
from training.graded import graded
from training.held_out import held_out
from training.lessons import LESSONS, Lessons
from training.lessons import load as load_lessons
from training.loss import OpinionLoss
from training.network import Network, logits, restore, store
from training.rows import ASKED, Row, labelled
from training.teacher import SEEDS, begun, unpacked
from training.varied import varied

SECOND = Path(__file__).parent.parent / "build" / "second"
COURSE = Course(epochs=1, rate=3e-5, head_rate=1e-3, decay=0.9, averaged_from=0.4)
MOST = 40_000
"""Texts to learn from, drawn from those that somebody wrote."""


def mean_of(network: Network, folders: Sequence[Path]) -> None:
    """Give ``network`` the mean of the weights that are kept in ``folders``."""
    average = Average()
    for folder in folders:
        restore(network, folder)
        average.add(network)
    network.load_state_dict(average.weights())


def written(lessons: Lessons, rows: int, posts: int, rng: Random) -> Lessons:
    """Draw from the lessons on what people wrote: ``rows`` of the corpus and ``posts`` graded ones stand first."""
    return lessons.take(sorted(rng.sample(range(rows + posts), min(MOST, rows + posts))))


def taught(network: Network, lessons: Lessons, rows: Sequence[Row], rng: Random) -> None:
    """Teach ``network`` by ``lessons``."""
    loss = OpinionLoss(network, lessons, rows)
    learn(network, COURSE, len(lessons.texts), lambda: [varied(text, rng) for text in lessons.texts], loss, rng)


def main() -> None:
    """Make it and write it to ``--out``, with what it says of the trades that were held out."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--out", type=Path, default=SECOND)
    parser.add_argument("--teachers", type=Path, default=LESSONS, help="where training.teacher wrote")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(options.threads)
    torch.use_deterministic_algorithms(True)
    rows, rng = labelled(), Random(0)
    known, unseen = ([rows[place] for place in places] for places in held_out(rows))
    with tempfile.TemporaryDirectory() as scratch:
        network = begun(unpacked(Path(scratch)), rows, 0)
    mean_of(network, [options.teachers / str(seed) for seed in SEEDS])
    taught(network, written(load_lessons(options.teachers), len(known), len(graded()), rng), rows, rng)
    store(network, options.out)
    said = logits(network, unseen, ASKED)
    np.savez(options.out / "unseen.npz", ids=np.array([row.id for row in unseen]), logits=said)


if __name__ == "__main__":
    main()
