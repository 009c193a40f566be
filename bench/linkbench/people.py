"""Invented customers and posters: names by frequency, towns, handles, what a platform shows of them."""

import csv
import gzip
import random
from functools import cache
from hashlib import sha256
from itertools import accumulate
from pathlib import Path

import msgspec

from bench.linkbench.phrases import fill
from bench.linkbench.splits import SPLITS, Split, lines_of
from matcher.folding import fold
from matcher.shelf import DATA, lines

_LANGS = {"GB": "en", "IE": "en", "US": "en", "DE": "de", "FR": "fr", "ES": "es", "PT": "pt", "IT": "it", "NL": "nl"}
_SHARES = {"GB": 46, "IE": 5, "US": 9, "DE": 9, "FR": 8, "ES": 8, "PT": 5, "IT": 5, "NL": 5}
_SHORT_FORMS = Path(__file__).parent / "short_forms.txt.gz"
_GIVEN_NAMES, _SURNAMES = 260, 6000


class Person(msgspec.Struct, frozen=True):
    """Somebody invented. ``gender`` is ``f`` or ``m``; ``lang`` is the first language."""

    given: str
    last: str
    gender: str
    town: str
    country: str
    lang: str


class Profile(msgspec.Struct, frozen=True):
    """What a platform shows of a poster; ``named`` says whether a part of the name is among it."""

    handle: str
    name: str
    bio: str
    location: str | None
    named: bool = True


@cache
def lists(split: Split) -> dict[str, tuple[str, ...]]:
    """Give a split's lists of towns, names and parts of profiles."""
    pairs = (line.split(": ", 1) for line in lines_of(split, "people.txt"))
    found: dict[str, tuple[str, ...]] = {}
    for kind, rest in pairs:
        several = (rest,) if kind.startswith("married") else tuple(rest.split("; "))
        found[kind] = found.get(kind, ()) + several
    return found


def brands(split: Split) -> tuple[str, ...]:
    """Give the brands that companies of a split bear."""
    return lists(split)["brands"]


def towns(split: Split, country: str) -> tuple[str, ...]:
    """Give a split's towns in a country, the largest first."""
    return lists(split)[f"towns.{country}"]


def belongs(name: str, split: Split) -> bool:
    """Whether a name is a split's: its hash says so, in every language."""
    return SPLITS[sha256(fold(name).encode()).digest()[0] % len(SPLITS)] == split


@cache
def english_given(split: Split) -> tuple[tuple[str, ...], tuple[float, ...], tuple[str, ...]]:
    """Give a split's common English given names with their summed shares and genders."""
    rows = [line.split(",") for line in lines("given_names.csv.gz")]
    kept = [
        (name.title(), 2.718 ** -float(surprise), "f" if float(women) > 0.5 else "m")
        for name, women, surprise in rows
        if belongs(name, split) and not 0.1 < float(women) < 0.9
    ]
    names, weights, genders = zip(*sorted(kept, key=lambda row: -row[1])[:_GIVEN_NAMES], strict=True)
    return names, tuple(accumulate(weights)), genders


@cache
def english_surnames(split: Split) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Give a split's common English surnames with their summed shares."""
    with gzip.open(DATA / "surnames.csv.gz", "rt") as file:
        rows = [(name.title(), 2.718 ** -float(surprise)) for name, surprise in csv.reader(file)]
    kept = [row for row in sorted(rows, key=lambda row: -row[1])[: 4 * _SURNAMES] if belongs(row[0], split)]
    names, weights = zip(*kept[:_SURNAMES], strict=True)
    return names, tuple(accumulate(weights))


@cache
def short_forms(split: Split) -> dict[str, tuple[str, ...]]:
    """Give the short forms of names that belong to a split too, by folded name.

    From a list of the benchmark's own: what the product learns of names must not change what it is measured on.
    """
    shorts: dict[str, list[str]] = {}
    for line in gzip.decompress(_SHORT_FORMS.read_bytes()).decode().splitlines():
        short, _, canonicals = line.partition(": ")
        for canonical in canonicals.split():
            if len(short) > 2 and belongs(short, split):
                shorts.setdefault(canonical, []).append(short)
    return {name: tuple(found) for name, found in shorts.items()}


def person(
    rng: random.Random, split: Split, *, last: str = "", town: str = "", country: str = "", gender: str = ""
) -> Person:
    """Invent somebody; what is given is kept."""
    country = country or rng.choices(list(_SHARES), list(_SHARES.values()))[0]
    town = town or _skewed(rng, towns(split, country))
    lang = _LANGS[country]
    gender = gender or rng.choice("fm")
    if lang != "en":
        names = lists(split)
        given = rng.choice(names[f"{'women' if gender == 'f' else 'men'}.{lang}"])
        return Person(given, last or rng.choice(names[f"surnames.{lang}"]), gender, town, country, lang)
    given = _english(rng, split, gender)
    surnames, shares = english_surnames(split)
    return Person(given, last or rng.choices(surnames, cum_weights=shares)[0], gender, town, country, lang)


def _english(rng: random.Random, split: Split, gender: str) -> str:
    names, weights, genders = english_given(split)
    while True:
        index = rng.choices(range(len(names)), cum_weights=weights)[0]
        if genders[index] == gender:
            return names[index]


def _skewed(rng: random.Random, every: tuple[str, ...]) -> str:
    return every[min(int(rng.expovariate(0.15)), len(every) - 1)]


def profile(rng: random.Random, who: Person, split: Split, *, pseudonym: float) -> Profile:
    """Invent the public face of somebody; ``pseudonym`` is the chance that it gives no name."""
    names = lists(split)
    location = who.town if rng.random() < 0.6 else None
    if location and rng.random() < 0.08:
        location = rng.choice(towns(split, "GB"))
    bio = rng.choice((*names["bios"], "", ""))
    number = str(rng.randint(1, 99))
    if rng.random() < pseudonym:
        handle = f"{rng.choice(names['motifs'])}_{rng.choice(names['tails'])}{number if rng.random() < 0.4 else ''}"
        shown = handle.replace("_", " ") if rng.random() < 0.6 else rng.choice(("☔", "me", "M", "hello"))
        return Profile(handle, shown, bio, location, named=False)
    short = rng.choice(short_forms(split).get(fold(who.given), (who.given,))).title()
    short = short if rng.random() < 0.3 else who.given
    return Profile(_handle(rng, who, short, names["tails"], number), _display(rng, who, short), bio, location)


def _display(rng: random.Random, who: Person, short: str) -> str:
    given, last = who.given, who.last
    forms = (f"{given} {last}", f"{short} {last}", short, f"{short} {last[0]}", f"{given[0]} {last}",
             f"{short.lower()} 🌿", last)  # fmt: skip
    return rng.choices(forms, (40, 16, 12, 8, 8, 10, 3))[0]


def _handle(rng: random.Random, who: Person, short: str, tails: tuple[str, ...], number: str) -> str:
    given, last = fold(who.given), fold(who.last).replace(" ", "")
    forms = (f"{given}{last}", f"{given[0]}{last}{number}", f"{given}_{last[0]}{number}",
             f"{fold(short)}_{rng.choice(tails)}", f"{last}_{number}", f"{given}.{last}")  # fmt: skip
    return rng.choices(forms, (20, 25, 15, 25, 7, 8))[0].replace("'", "")


def married_bio(rng: random.Random, split: Split, lang: str, given: str) -> str:
    """Give a bio that names a spouse."""
    names = lists(split)
    return fill(rng.choice(names.get(f"married.{lang}") or names["married.en"]), name=given)
