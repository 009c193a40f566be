"""Fits by how much each kind of link key speaks for a case, for the order in which candidates are compared.

Run: ``python -m training.train_keys [--cases 30000] [--posts 2000]``. It prints the weights beside those of
``matcher/key_kinds.py``, which are rounded by hand, and where the true case stands by either: among all, among the 40
that are compared, the first 12, and first. The fit is a conditional logit over the candidates of each post of an
invented company of the split ``train``; every other post is left out of it and judges.
"""

import argparse
from collections import defaultdict
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from bench.linkbench.posts import Item, PostMaker
from bench.linkbench.world import World, world
from matcher.background import Background
from matcher.candidates import CAP_PER_KEY, MOST_OF_MATTER, rank
from matcher.casebase import COMPARE_BEST
from matcher.clues import ClueReader
from matcher.concepts import shared_concepts
from matcher.facets import FacetReader
from matcher.key_kinds import KINDS, hit
from matcher.keys import KeyMaker, PostKeys
from matcher.names import shared_names
from matcher.places import shared_places

Array = NDArray[np.float64]

_SAMPLE = 400
_ANCHOR = 0.005
_NAMES = tuple(KINDS)
_MATTER = np.array([kind.family == "matter" for kind in KINDS.values()])
_PLAIN = {name: kind._replace(weight=1.0) for name, kind in KINDS.items()}


class Choice(msgspec.Struct, frozen=True):
    """The candidates of one post: (candidates, kinds) in nats of rarity, and the place of the true one, or None."""

    x: Array
    truth: int | None


class Base:
    """An invented company's cases by their keys, as the product keeps them."""

    def __init__(self, company: World) -> None:
        """Read all cases and their keys."""
        reader = FacetReader(shared_names(), shared_places(), shared_concepts())
        held = sorted((reader.read(one.case) for one in company.held), key=lambda case: -case.opened)
        self._opened = {case.case_id: case.opened for case in held}
        self._background = Background(held[:_SAMPLE], len(held))
        self._maker = KeyMaker(shared_names())
        self._clues = ClueReader(shared_names(), shared_places(), shared_concepts())
        self._bearers: dict[int, list[str]] = defaultdict(list)
        for case in held:
            for key in self._maker.of_case(case, self._background):
                self._bearers[key].append(case.case_id)

    def choice(self, item: Item) -> Choice:
        """Give the candidates of a post as the product draws them."""
        at, total = item.mention.posted_at, self._background.total
        keys = self._maker.of_post(self._clues.read(item.mention), self._background, at)
        before = {key: self._before(key, at.timestamp()) for key in keys if key in self._bearers}
        entries = [(key, case_id) for key, named in before.items() for case_id in named[: CAP_PER_KEY + 1]]
        found = rank(entries, keys, total).case_ids
        truth = found.index(item.answer) if item.answer in found else None
        return Choice(_told(found, before, keys, total), truth)

    def _before(self, key: int, moment: float) -> list[str]:
        return [case_id for case_id in self._bearers[key] if self._opened[case_id] < moment]


def _told(found: Sequence[str], bearers: Mapping[int, Sequence[str]], keys: PostKeys, total: int) -> Array:
    """Give by candidate and kind what the keys tell at a weight of one."""
    x = np.zeros((len(found), len(_NAMES)))
    places = {case_id: place for place, case_id in enumerate(found)}
    for key, named in bearers.items():
        if named:
            name = keys[key].name
            column, one = _NAMES.index(name), hit(_PLAIN[name], len(named), total)
            rows = [places[case_id] for case_id in named if case_id in places]
            x[rows, column] = (
                np.maximum(x[rows, column], one.value) if one.family == "given" else x[rows, column] + one.value
            )
    return x


def scores(x: Array, weights: Array) -> tuple[Array, Array]:
    """Give the promise of candidates and the slope of each of its terms."""
    matter = x[:, _MATTER] @ weights[_MATTER]
    bent = np.tanh(matter / MOST_OF_MATTER)
    slopes = np.where(_MATTER[None, :], (1 - bent**2)[:, None], 1.0) * x
    return x[:, ~_MATTER] @ weights[~_MATTER] + MOST_OF_MATTER * bent, slopes


def fit(choices: Sequence[Choice], start: Array) -> Array:
    """Give the weights, none below 0, under which the true cases are likeliest."""
    known = [(choice.x, choice.truth) for choice in choices if choice.truth is not None]

    def loss(weights: Array) -> tuple[float, Array]:
        value, gradient = _ANCHOR * float(weights @ weights), 2 * _ANCHOR * weights
        for x, truth in known:
            said, slopes = scores(x, weights)
            chances = np.exp(said - said.max())
            chances /= chances.sum()
            value -= float(np.log(chances[truth] + 1e-12)) / len(known)
            gradient = gradient - (slopes[truth] - chances @ slopes) / len(known)
        return value, gradient

    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(0.0, None)] * len(start))
    return np.asarray(found.x)


def _places(choices: Sequence[Choice], weights: Array) -> str:
    places = [_place(choice, weights) for choice in choices]
    shares = [f"{name} {np.mean([place < most for place in places]):.3f}" for name, most in _BOUNDS]
    return ", ".join(shares)


_BOUNDS = (("found", np.inf), ("compared", COMPARE_BEST), ("in the first 12", 12), ("first", 1))


def _place(choice: Choice, weights: Array) -> float:
    if choice.truth is None:
        return np.inf
    said, _ = scores(choice.x, weights)
    return float((said > said[choice.truth]).sum())


def main() -> None:
    """Fit and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=30_000)
    parser.add_argument("--posts", type=int, default=2_000)
    options = parser.parse_args()
    company = world(21, "train", size=options.cases, repeats=options.cases / 40)
    base = Base(company)
    choices = [base.choice(item) for item in PostMaker(company, 21).make(options.posts) if item.answer is not None]
    shipped = np.array([kind.weight for kind in KINDS.values()])
    fitted = fit(choices[::2], np.full(len(shipped), 0.3))
    for name, weight, own in zip(_NAMES, fitted, shipped, strict=True):
        print(f"{name:14} fitted {weight:5.2f}  shipped {own:5.2f}")
    print("posts left out of the fit, where the true case stands\n  fitted: ", _places(choices[1::2], fitted))
    print("  shipped:", _places(choices[1::2], shipped))


if __name__ == "__main__":
    main()
