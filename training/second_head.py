"""What the second reading says on the shipped int8 graph's own vectors, and how much it counts beside the first."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from matcher.encoder import Encoder
from matcher.heads import Again
from training.moved_heads import moved
from training.network import Network, logits, restore
from training.rows import ASKED, Row, read
from training.teacher import begun, unpacked

DOUBT = 2.5
"""Log odds: a probability between .076 and .924. Fewer than half of public posts about a brand lie there."""
EVERY = 8
ALONE = "en"
_LIKE = "*"

Floats = NDArray[np.float64]


class NetworkMissingError(RuntimeError):
    """There is no network to fit the head to."""


def network_of(folder: Path, rows: Sequence[Row]) -> Network:
    """Load what ``training.second_reader`` wrote to ``folder``."""
    if not (folder / "network.pt").is_file():
        raise NetworkMissingError(f"{folder} holds no network: run `python -m training.second_reader`")
    with tempfile.TemporaryDirectory() as scratch:
        network = begun(unpacked(Path(scratch)), rows, 0)
    restore(network, folder)
    return network


def second_head(rows: Sequence[Row], folder: Path, mood: float) -> Floats:
    """Move the network's own head so far that on int8 vectors it says what it said; weights [768] and bias behind.

    ``mood`` is the share of the mood's log odds that is added to those of a complaint.
    """
    rows = rows[::EVERY]
    network = network_of(folder, rows)
    shares = np.array([[1.0, mood]])
    weights, bias = network.heads(("complaint", "mood"))
    torch.set_num_threads(2)
    said = logits(network, rows, ASKED)[:, [ASKED.index("complaint"), ASKED.index("mood")]]
    with Encoder() as encoder:
        vectors = encoder.again([read(row) for row in rows]).astype(np.float64)
    own, own_bias = moved(vectors, shares @ weights, shares @ bias, said @ shares.T)
    return np.append(own[0], own_bias)


def again(first: Floats, second: Floats, wanted: Floats, langs: NDArray[np.str_]) -> dict[str, Again]:
    """Weigh both readings on posts that the first leaves in doubt, for English and the other languages apart."""
    doubted, english = np.abs(first) < DOUBT, langs == ALONE
    return {
        name: _weighed(first[use], second[use], wanted[use], name)
        for name, use in ((ALONE, doubted & english), (_LIKE, doubted & ~english))
    }


def _weighed(first: Floats, second: Floats, wanted: Floats, name: str) -> Again:
    model = LogisticRegression(C=1.0, solver="lbfgs").fit(np.column_stack([first, second]), wanted > 0.5)
    shares = [round(max(float(value), 0.0), 4) for value in model.coef_[0]]
    both = shares[0] * first + shares[1] * second
    ranked = [roc_auc_score(wanted, part) for part in (first, second, both)]
    print(f"  {name}: {len(wanted)} in doubt, AUROC first {ranked[0]:.3f} second {ranked[1]:.3f} both {ranked[2]:.3f}")
    return Again(shares[0], shares[1], round(float(model.intercept_[0]), 4))
