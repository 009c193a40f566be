"""Checks that need more than one section: each names the line of the word that leads nowhere."""

import difflib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from backchannel.config_problems import Problem, at_key, at_value
from backchannel.yaml_tree import Path, Tree

if TYPE_CHECKING:
    from backchannel.config import Settings


def cross_checks(settings: "Settings", tree: Tree) -> list[Problem]:
    """Give everything that does not fit together although each section is right in itself."""
    return [
        *_brands_of_routes(settings, tree),
        *_brands_of_thresholds(settings, tree),
        *_labels_of_complaints(settings, tree),
        *_own_platforms(settings, tree),
    ]


def _brands_of_routes(settings: "Settings", tree: Tree) -> Iterator[Problem]:
    known = {rule.brand for rule in settings.rules}
    folded = {brand.casefold() for brand in known}
    for index, route in enumerate(settings.notifier.routes):
        for position, brand in enumerate(route.match.brand):
            if brand.casefold() not in folded:
                path: Path = ("notifier", "routes", index, "match", "brand", position)
                yield at_value(tree, path, _unknown("rule is about the brand", brand, known))


def _brands_of_thresholds(settings: "Settings", tree: Tree) -> Iterator[Problem]:
    known = {rule.brand for rule in settings.rules}
    for brand in settings.matcher.complaint.brands:
        if brand not in known:
            message = _unknown("rule is about the brand", brand, known)
            yield at_key(tree, ("matcher", "complaint", "brands", brand), message)


def _labels_of_complaints(settings: "Settings", tree: Tree) -> Iterator[Problem]:
    labels = settings.matcher.complaint.labels
    if labels and "complaint" not in labels.values():
        message = "no label means a complaint, so the model could never find one: give at least one that meaning"
        yield at_value(tree, ("matcher", "complaint", "labels"), message)


def _own_platforms(settings: "Settings", tree: Tree) -> Iterator[Problem]:
    known = {source.kind for source in settings.sources.values()}
    for platform in settings.own_accounts:
        if platform not in known:
            message = _unknown("source is of the kind", platform, known)
            yield at_key(tree, ("own_accounts", platform), message)


def _unknown(what: str, word: str, known: Iterable[str]) -> str:
    names = sorted(known)
    close = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    hint = f'did you mean "{close[0]}"?' if close else f"there are: {', '.join(names)}"
    return f'no {what} "{word}"; {hint}'
