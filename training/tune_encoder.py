"""Fine-tune MiniLM to the corpus: ``python -m training.tune_encoder``.

Needs the ``export`` extra. Several networks learn from the corpus in different orders; the mean of their weights is
the network that ships. On trades that none has seen it ranks about as well as all of them together, for the price of
one. A sixth of the trades is held out, so that probabilities can be fitted to posts that the network does not know by
heart. Writes to ``build/tuned``. Each network learns in a process of its own, on one thread and with a fixed seed: the
same corpus gives the same bytes on one machine. Matrices are multiplied in bfloat16, which processors that know it do
four times as fast.
"""

import argparse
import multiprocessing
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from math import ceil
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import numpy as np
import torch
from sklearn.model_selection import StratifiedGroupKFold
from torch.nn import functional

from matcher.gloss import in_english
from training.network import TUNED, Network, Tokens, flags, kinds, logits, padded, store
from training.rows import OUTPUTS, Row, group, joined, labelled
from training.varied import varied

HELD_OUT = 6
SEEDS = (0, 1)
_NOT_GLOSSED = 0.1  # the language of a post is not always told rightly


class Settings(msgspec.Struct, frozen=True):
    """How the network learns: chosen on the later half of the corpus, by learning from the first; never on other sets.

    ``rate`` is the last layer's; each layer below learns at ``decay`` times the rate of the one above, and the
    embeddings not at all: linking shares them, and words that the corpus lacks keep their place among the others.
    """

    epochs: int = 4
    batch: int = 32
    rate: float = 4e-4
    head_rate: float = 2e-3
    decay: float = 0.85
    smoothing: float = 0.04
    flags: float = 0.5
    severity: float = 0.5
    kinds: float = 0.4
    averaged_from: float = 0.5
    averaged_every: int = 10


def tuned(rows: Sequence[Row], settings: Settings) -> Network:
    """Fine-tune once for each seed and take the mean of the weights."""
    names, average = kinds(rows), _Average()
    apart = multiprocessing.get_context("spawn")  # a forked torch may hang
    with ProcessPoolExecutor(len(SEEDS), mp_context=apart) as pool:
        for network in pool.map(partial(_once, rows, names, settings), SEEDS):
            average.add(network)
    torch.manual_seed(0)
    network = Network(names)
    network.load_state_dict(average.weights())
    return network


def held_out(rows: Sequence[Row]) -> tuple[list[int], list[int]]:
    """Return the places of the rows to learn from and of those whose trades are held out, in every language."""
    groups, langs = [group(row) for row in rows], [row.lang for row in rows]
    splits = StratifiedGroupKFold(HELD_OUT, shuffle=True, random_state=0).split(groups, langs, groups)
    known, asked = next(iter(splits))
    return known.tolist(), asked.tolist()


def _once(rows: Sequence[Row], names: Sequence[str], settings: Settings, seed: int) -> Network:
    """Fine-tune on ``rows`` in the order of ``seed``; the weights are the mean over the later part of the way.

    Every network begins with the same heads: far apart ones would have no mean.
    """
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    torch.manual_seed(0)
    network = Network(names)
    torch.manual_seed(seed)
    rng = Random(seed)
    optimiser = torch.optim.AdamW(_rates(network, settings), weight_decay=0.01, fused=True)
    steps = ceil(len(rows) / settings.batch) * settings.epochs
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _pace(step / steps))
    loss = _Loss(network, rows, settings)
    average = _Average()
    network.train()
    began = time.monotonic()
    for step, (places, batch) in enumerate(_batches(rows, settings, rng), 1):
        optimiser.zero_grad(set_to_none=True)
        with torch.autocast("cpu", torch.bfloat16):
            found = network(*padded(batch))
        loss.of(places, found).backward()
        torch.nn.utils.clip_grad_norm_([weight for weight in network.parameters() if weight.requires_grad], 1.0)
        optimiser.step()
        schedule.step()
        if step > settings.averaged_from * steps and step % settings.averaged_every == 0:
            average.add(network)
    network.load_state_dict(average.weights())
    print(f"{steps} steps on {len(rows)} rows in {time.monotonic() - began:.0f} s", flush=True)
    return network


class _Loss:
    """The complaint, and beside it what else the labels say: it teaches the network what the words mean."""

    def __init__(self, network: Network, rows: Sequence[Row], settings: Settings) -> None:
        self._settings = settings
        self._flags = flags(rows) * (1 - settings.smoothing) + settings.smoothing / 2
        self._severity = torch.tensor([row.severity / 3 for row in rows])
        self._complaint = torch.tensor([float(row.complaint) for row in rows])
        self._kinds = torch.tensor([network.kinds.index(row.kind) for row in rows])

    def of(self, places: list[int], found: tuple[torch.Tensor, ...]) -> torch.Tensor:
        """Return the loss of one batch, whose rows stand at ``places``."""
        said, severity, kind = (part.float() for part in found)
        own = self._settings
        flag = functional.binary_cross_entropy_with_logits(said, self._flags[places], reduction="none")
        off = (severity - self._severity[places]).square() * self._complaint[places]
        wrong_kind = functional.cross_entropy(kind, self._kinds[places], label_smoothing=0.05)
        return flag[:, 0].mean() + own.flags * flag[:, 1:].mean() + own.severity * off.mean() + own.kinds * wrong_kind


class _Average:
    """The mean of the network's weights at several steps."""

    def __init__(self) -> None:
        self._count = 0
        self._mean: dict[str, torch.Tensor] = {}

    def add(self, network: Network) -> None:
        """Count the weights as they now are."""
        self._count += 1
        for name, weight in network.state_dict().items():
            value = weight.detach().double() if weight.is_floating_point() else weight.clone()
            kept = self._mean.get(name)
            moved = value if kept is None or not weight.is_floating_point() else kept + (value - kept) / self._count
            self._mean[name] = moved

    def weights(self) -> dict[str, torch.Tensor]:
        """Return the mean."""
        return {name: mean.float() if mean.is_floating_point() else mean for name, mean in self._mean.items()}


def _rates(network: Network, settings: Settings) -> list[dict[str, Any]]:
    """Give each layer its learning rate, and none to the embeddings."""
    for weight in network.bert.embeddings.parameters():
        weight.requires_grad = False
    layers = list(network.bert.encoder.layer)
    heads = [*network.flags.parameters(), *network.severity.parameters(), *network.kind.parameters()]
    rates: list[dict[str, Any]] = [{"params": heads, "lr": settings.head_rate}]
    for depth, layer in enumerate(reversed(layers)):
        rates.append({"params": list(layer.parameters()), "lr": settings.rate * settings.decay**depth})
    return rates


def _pace(share: float) -> float:
    """Return the learning rate's share of its peak: up over the first tenth, then down to a fiftieth."""
    return min(1.0, share / 0.1 + 1e-3) * max(0.02, 1.0 - share)


def _batches(rows: Sequence[Row], settings: Settings, rng: Random) -> Iterator[tuple[list[int], list[list[int]]]]:
    """Give every epoch's rows anew varied, in batches of texts of about one length."""
    tokens = Tokens()
    for _ in range(settings.epochs):
        ids = tokens.ids([_told(row, rng) for row in rows])
        order = list(range(len(rows)))
        rng.shuffle(order)
        reach = settings.batch * 16
        parts = [
            sorted(order[at : at + reach], key=lambda place: len(ids[place])) for at in range(0, len(order), reach)
        ]
        batches = [part[at : at + settings.batch] for part in parts for at in range(0, len(part), settings.batch)]
        rng.shuffle(batches)
        yield from ((places, [ids[place] for place in places]) for places in batches)


def _told(row: Row, rng: Random) -> str:
    """Give a row as somebody else might have typed it, and mostly glossed as the decision glosses it."""
    said = varied(joined(row), rng)
    return said if rng.random() < _NOT_GLOSSED else in_english(said, row.lang)


def main() -> None:
    """Fine-tune and write to ``--out``."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--out", type=Path, default=TUNED)
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    rows = labelled()
    known, asked = held_out(rows)
    network = tuned([rows[place] for place in known], Settings())
    store(network, out)
    unseen = [rows[place] for place in asked]
    np.savez(out / "unseen.npz", ids=np.array([row.id for row in unseen]), logits=logits(network, unseen, OUTPUTS))


if __name__ == "__main__":
    main()
