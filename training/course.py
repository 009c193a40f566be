"""How a network learns: its rates, its batches, and the mean of its weights that is kept in the end."""

import time
from collections.abc import Callable, Iterator, Sequence
from math import ceil
from random import Random
from typing import Any

import msgspec
import torch

from training.average import Average
from training.network import Network, Tokens

Batch = tuple[list[int], list[list[int]]]
"""The places of some texts, and their tokens."""
Loss = Callable[[list[int], Any], torch.Tensor]


class Course(msgspec.Struct, frozen=True):
    """``rate`` is the last layer's; each layer below learns at ``decay`` times the rate of the one above.

    The embeddings learn nothing: words that the corpus lacks keep their place among the others. The weights kept are
    the mean of every ``averaged_every`` steps from the share ``averaged_from`` of the way on.
    """

    epochs: int
    rate: float
    head_rate: float
    decay: float
    averaged_from: float
    averaged_every: int = 10
    batch: int = 32


def learn(
    network: Network, course: Course, count: int, texts: Callable[[], Sequence[str]], loss: Loss, rng: Random
) -> None:
    """Learn from the ``count`` texts of ``texts()``, asked anew for each epoch; leaves the mean of the weights."""
    steps = ceil(count / course.batch) * course.epochs
    optimiser = torch.optim.AdamW(_rates(network, course), weight_decay=0.01, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _pace(step / steps))
    average = Average()
    network.train()
    began = time.monotonic()
    for step, (places, batch) in enumerate(_batches(course, texts, network.tokens, rng), 1):
        optimiser.zero_grad(set_to_none=True)
        with torch.autocast("cpu", torch.bfloat16):
            found = network(*network.tokens.padded(batch))
        loss(places, found).backward()
        torch.nn.utils.clip_grad_norm_([weight for weight in network.parameters() if weight.requires_grad], 1.0)
        optimiser.step()
        schedule.step()
        if step > course.averaged_from * steps and step % course.averaged_every == 0:
            average.add(network)
    network.load_state_dict(average.weights())
    print(f"{steps} steps in {time.monotonic() - began:.0f} s", flush=True)


def _rates(network: Network, course: Course) -> list[dict[str, Any]]:
    """Give each layer its learning rate, the heads their own, and the rest of the network none."""
    for weight in network.bert.parameters():
        weight.requires_grad = False
    rates: list[dict[str, Any]] = [{"params": network.head_weights(), "lr": course.head_rate}]
    for depth, layer in enumerate(reversed(list(network.bert.encoder.layer))):
        own = list(layer.parameters())
        for weight in own:
            weight.requires_grad = True
        rates.append({"params": own, "lr": course.rate * course.decay**depth})
    return rates


def _pace(share: float) -> float:
    """Return the learning rate's share of its peak: up over the first tenth, then down to a fiftieth."""
    return min(1.0, share / 0.1 + 1e-3) * max(0.02, 1.0 - share)


def _batches(course: Course, texts: Callable[[], Sequence[str]], tokens: Tokens, rng: Random) -> Iterator[Batch]:
    """Give every epoch's texts in batches of about one length."""
    for _ in range(course.epochs):
        ids = tokens.ids(texts())
        order = list(range(len(ids)))
        rng.shuffle(order)
        reach = course.batch * 16
        parts = [
            sorted(order[at : at + reach], key=lambda place: len(ids[place])) for at in range(0, len(order), reach)
        ]
        batches = [part[at : at + course.batch] for part in parts for at in range(0, len(part), course.batch)]
        rng.shuffle(batches)
        yield from ((places, [ids[place] for place in places]) for places in batches)
