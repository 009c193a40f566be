"""Invented customers and posters: names by frequency, towns, households, handles."""

import csv
import gzip
import random
from functools import cache
from hashlib import sha256

import msgspec

from bench.linkbench.stories import Split
from matcher.shelf import DATA, lines

_TOWNS = {
    "GB": [
        *(
            "Leeds",
            "York",
            "Bristol",
            "Cardiff",
            "Manchester",
            "Sheffield",
            "Newcastle",
            "Nottingham",
            "Glasgow",
            "Edinburgh",
        ),
        *(
            "Norwich",
            "Exeter",
            "Hull",
            "Belfast",
            "Brighton",
            "Leicester",
            "Liverpool",
            "Birmingham",
            "Plymouth",
            "Swansea",
        ),
    ],
    "IE": ["Dublin", "Cork", "Galway"],
    "DE": ["Hamburg", "Köln", "Berlin", "Leipzig"],
    "FR": ["Lyon", "Lille", "Nantes"],
    "ES": ["Valencia", "Madrid", "Sevilla"],
    "PT": ["Porto", "Lisboa"],
    "IT": ["Bologna", "Torino"],
    "NL": ["Utrecht", "Rotterdam"],
}
_LANGS = {"GB": "en", "IE": "en", "DE": "de", "FR": "fr", "ES": "es", "PT": "pt", "IT": "it", "NL": "nl"}
_FOREIGN = {
    "DE": (
        "Anna Lukas Katrin Jürgen Petra Stefan Silke Uwe Heike Thomas",
        "Müller Schmidt Brandt Vogel Krause Lehmann Kühn Pohl",
    ),
    "FR": ("Amélie Julien Camille Théo Sylvie Luc Margaux Hugues", "Rousset Blanchard Moreau Lefèvre Garnier Petit"),
    "ES": ("José Lucía Carmen Íñigo Marta Pablo Nuria Javier", "Ferrándiz Quesada García Herrero Molina Pastor"),
    "PT": ("Rita Nuno Beatriz Tiago Inês Rui", "Esteves Pimentel Domingues Ferreira Santos"),
    "IT": ("Giulia Marco Chiara Paolo Elena Luca", "Ricci Bianchi Conti Ferrari Greco"),
    "NL": ("Sanne Daan Marieke Jeroen Femke Pieter", "Jansen Bakker Visser Smit Meijer"),
}
_MOTIFS = (
    "owls",
    "moss",
    "tram",
    "biscuit",
    "spreadsheet",
    "kettle",
    "rainy",
    "sleepless",
    "grumpy",
    "tiny",
    "salt",
    "fern",
    "pylon",
    "otter",
)
_TAILS = ("and_ale", "goblin", "mum", "dad", "bakes", "runs", "in_exile", "diaries", "hq", "thoughts", "writes", "club")
_BIOS = (
    "",
    "",
    "tea, trains, opinions",
    "views own",
    "dog person",
    "mum of two",
    "football and regrets",
    "here for the cats",
    "part time gardener",
)


class Person(msgspec.Struct, frozen=True):
    """Somebody invented. ``gender`` is ``f`` or ``m``; ``lang`` is the first language."""

    given: str
    last: str
    gender: str
    town: str
    country: str
    lang: str


def _mine(name: str, split: Split) -> bool:
    even = sha256(name.lower().encode()).digest()[0] % 2 == 0
    return even == (split == "train")


@cache
def _given(split: Split) -> tuple[tuple[str, ...], tuple[float, ...], tuple[str, ...]]:
    rows = [line.split(",") for line in lines("given_names.csv.gz")]
    kept = [
        (n.title(), 2.718 ** -float(s), "f" if float(w) > 0.5 else "m")
        for n, w, s in rows
        if _mine(n, split) and not 0.1 < float(w) < 0.9
    ]
    kept = sorted(kept, key=lambda row: -row[1])[:260]
    names, weights, genders = zip(*kept, strict=True)
    return names, weights, genders


@cache
def _surnames(split: Split) -> tuple[tuple[str, ...], tuple[float, ...]]:
    with gzip.open(DATA / "surnames.csv.gz", "rt") as file:
        rows = [(name.title(), 2.718 ** -float(surprise)) for name, surprise in csv.reader(file) if _mine(name, split)]
    kept = sorted(rows, key=lambda row: -row[1])[:6000]
    names, weights = zip(*kept, strict=True)
    return names, weights


def person(
    rng: random.Random, split: Split, *, last: str = "", town: str = "", country: str = "", gender: str = ""
) -> Person:
    """Invent somebody; what is given is kept."""
    country = country or rng.choices(list(_TOWNS), (62, 8, 8, 6, 6, 4, 3, 3))[0]
    town = town or _skewed(rng, _TOWNS[country])
    if country in _FOREIGN:
        givens, lasts = (part.split() for part in _FOREIGN[country])
        given = rng.choice(givens)
        sex = "f" if given[-1] in "aeès" and given not in {"Stefan", "Uwe", "José", "Luca", "Théo", "Hugues"} else "m"
        return Person(given, last or rng.choice(lasts), gender or sex, town, country, _LANGS[country])
    names, weights, genders = _given(split)
    while True:
        index = rng.choices(range(len(names)), weights)[0]
        if not gender or genders[index] == gender:
            break
    surnames, shares = _surnames(split)
    return Person(
        names[index], last or rng.choices(surnames, shares)[0], genders[index], town, country, _LANGS[country]
    )


def _skewed(rng: random.Random, towns: list[str]) -> str:
    return towns[min(int(rng.expovariate(0.18)), len(towns) - 1)]


class Profile(msgspec.Struct, frozen=True):
    """What a platform shows of a poster."""

    handle: str
    name: str
    bio: str
    location: str | None


def profile(rng: random.Random, who: Person, *, pseudonym: float, shorts: dict[str, list[str]]) -> Profile:
    """Invent the public face of somebody; ``pseudonym`` is the chance that it gives no name."""
    location = who.town if rng.random() < 0.6 else None
    if location and rng.random() < 0.05:
        location = rng.choice(_TOWNS["GB"])
    bio = rng.choice(_BIOS)
    number = str(rng.randint(1, 99))
    if rng.random() < pseudonym:
        handle = f"{rng.choice(_MOTIFS)}_{rng.choice(_TAILS)}{number if rng.random() < 0.4 else ''}"
        return Profile(
            handle,
            handle.replace("_", " ") if rng.random() < 0.6 else rng.choice(("☔", "me", "M", "hello")),
            bio,
            location,
        )
    given, last = who.given, who.last
    short = rng.choice(shorts.get(given.lower(), [given])).title() if rng.random() < 0.3 else given
    display = rng.choices(
        (
            f"{given} {last}",
            f"{short} {last}",
            f"{short}",
            f"{short} {last[0]}",
            f"{given[0]} {last}",
            f"{short.lower()} 🌿",
            f"{last}",
        ),
        (40, 16, 12, 8, 8, 10, 3),
    )[0]
    handle = rng.choices(
        (
            f"{given}{last}",
            f"{given[0]}{last}{number}",
            f"{given}_{last[0]}{number}",
            f"{short}_{rng.choice(_TAILS)}",
            f"{last}_{number}",
            f"{given}.{last}",
        ),
        (20, 25, 15, 25, 7, 8),
    )[0]
    return Profile(handle.lower().replace("'", ""), display, bio, location)
