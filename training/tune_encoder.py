"""Fine-tune MiniLM to what the teachers say: ``python -m training.tune_encoder``.

Needs the ``export`` extra and what ``training.teacher`` wrote. Several networks learn in different orders; the mean of
their weights is the network that ships. On trades that none has seen it ranks about as well as all of them together,
for the price of one. Writes to ``build/tuned``. Each network learns in a process of its own, on one thread and with a
fixed seed: the same corpus gives the same bytes on one machine. Matrices are multiplied in bfloat16, which processors
that know it do four times as fast.
"""

import argparse
import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import torch

from training.average import Average
from training.course import Course, learn
from training.held_out import held_out
from training.lessons import LESSONS
from training.lessons import load as load_lessons
from training.loss import LessonLoss
from training.network import TUNED, Network, kinds, logits, store
from training.rows import ASKED, Row, labelled
from training.varied import varied

COURSE = Course(epochs=4, rate=4e-4, head_rate=2e-3, decay=0.85, averaged_from=0.5)
SEEDS = (0, 1)


class Student(Network):
    """The network, and beside its heads a guess at the teachers' mean vectors."""

    def __init__(self, names: Sequence[str], guessed: int) -> None:
        """Begin at the published weights; ``guessed`` is how many numbers the teachers' vectors have."""
        super().__init__(names)
        self.towards = torch.nn.Linear(self.width, guessed)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Return what a network finds, with the guess at the end."""
        *found, pooled = super().forward(input_ids, attention_mask)
        return *found, self.towards(pooled)

    def head_weights(self) -> list[torch.nn.Parameter]:
        """Return the weights of the heads and of the guess."""
        return [*super().head_weights(), *self.towards.parameters()]

    def without_guess(self) -> dict[str, Any]:
        """Return the weights of the network alone."""
        return {name: weight for name, weight in self.state_dict().items() if not name.startswith("towards.")}


def tuned(rows: Sequence[Row], lessons: Path) -> Network:
    """Fine-tune once for each seed and take the mean of the weights; ``rows`` are all that were written."""
    average = Average()
    apart = multiprocessing.get_context("spawn")  # a forked torch may hang
    network = Network(kinds(rows))
    with ProcessPoolExecutor(len(SEEDS), mp_context=apart) as pool:
        for weights in pool.map(partial(_once, rows, lessons), SEEDS):
            network.load_state_dict(weights)
            average.add(network)
    network.load_state_dict(average.weights())
    return network


def _once(rows: Sequence[Row], folder: Path, seed: int) -> dict[str, Any]:
    """Fine-tune in the order of ``seed``; every network begins with the same heads: far apart ones have no mean."""
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    rng, lessons = Random(seed), load_lessons(folder)
    torch.manual_seed(0)
    network = Student(kinds(rows), lessons.said.means.shape[1])
    torch.manual_seed(seed)
    loss = LessonLoss(network, lessons, rows)
    learn(network, COURSE, len(lessons.texts), lambda: [varied(text, rng) for text in lessons.texts], loss, rng)
    return network.without_guess()


def main() -> None:
    """Fine-tune and write to ``--out``."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--out", type=Path, default=TUNED)
    parser.add_argument("--lessons", type=Path, default=LESSONS, help="what training.teacher wrote")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    rows = labelled()
    network = tuned(rows, options.lessons)
    store(network, options.out)
    unseen = [rows[place] for place in held_out(rows)[1]]
    np.savez(
        options.out / "unseen.npz", ids=np.array([row.id for row in unseen]), logits=logits(network, unseen, ASKED)
    )


if __name__ == "__main__":
    main()
