"""Real narratives of consumers as the texts of cases: complaints to the CFPB, a work of the US Government.

``narratives.jsonl.gz`` beside this file is an extract of them. ``LINKBENCH_NARRATIVES``, or ``--narratives`` of
``python -m bench.linkbench``, names a larger file in the columns of the CFPB's own export, as JSON Lines, gzipped or
not. ``python -m bench.linkbench.narratives FILE`` writes the extract anew.
"""

import gzip
import json
import os
import random
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import msgspec

from bench.linkbench.splits import SPLITS, Split, lines_of
from bench.linkbench.stories import Story, put

EXTRACT = Path(__file__).parent / "narratives.jsonl.gz"
NAMED_BY = "LINKBENCH_NARRATIVES"
_LEAST, _MOST = 180, 700
_PER_ISSUE = 60
_REDACTED = re.compile(r"(?:XX+\w*|\/\/+)(?:[\s,/]+(?:XX+\w*|\d{2,4}\b))*[\s,]*")
_MONEY = re.compile(r"\{\$([\d,]+)\.(\d\d)\}")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


class NarrativesMissing(RuntimeError):  # noqa: N818  named as the matcher's own errors are
    """The narratives cannot be read; the text names the file and the next step."""


class Narrative(msgspec.Struct, frozen=True):
    """One complaint: the columns of the CFPB's export that are read."""

    product: str
    issue: str
    consumer_complaint_narrative: str
    sub_product: str | None = None
    company: str = ""
    complaint_id: str | int = ""


def narratives(path: Path) -> Iterator[Narrative]:
    """Give the complaints of a file that have a narrative; raises NarrativesMissing."""
    try:
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8")
        for line in text.split("\n"):
            if line.strip() and json.loads(line).get("consumer_complaint_narrative"):
                yield msgspec.convert(json.loads(line), Narrative, strict=False)
    except (OSError, ValueError) as error:
        raise NarrativesMissing(
            f"the narratives in {path} cannot be read ({error}): name a file of CFPB complaints as JSON Lines, "
            f"or unset {NAMED_BY} to use the extract that is shipped"
        ) from error


def real(split: Split) -> list[Story]:
    """Give the stories that real narratives tell, those of a split's products, with hand-written posts about them."""
    named = os.environ.get(NAMED_BY)
    return _real(split, Path(named) if named else EXTRACT)


@cache
def _real(split: Split, path: Path) -> list[Story]:
    issues = _issues(split)
    found = []
    for narrative in narratives(path):
        shape = issues.get((narrative.product, narrative.issue)) or issues.get((narrative.product, "*"))
        if shape is not None:
            found.append(_story(narrative, shape))
    return found


def _issues(split: Split) -> dict[tuple[str, str], Story]:
    shapes: dict[tuple[str, str], Story] = {}
    for line in lines_of(split, "issues.txt"):
        if line.startswith("@"):
            product, issue = line[1:].split("|")
            shapes[product, issue] = last = Story(product, issue, "bill")
        else:
            put(last, *line.split(": ", 1))
    return shapes


def _story(narrative: Narrative, shape: Story) -> Story:
    text = plain(narrative.consumer_complaint_narrative, narrative.company)
    amount = re.search(r"\$\d[\d,]*\d|\$\d", text)
    told = [part for part in _SENTENCE.split(text) if 40 <= len(part) <= 150]
    return msgspec.structs.replace(
        shape,
        product=narrative.sub_product or narrative.product,
        subject=narrative.issue,
        mail=text,
        amount=amount.group() if amount else "all that money",
        detail=max(told, key=len, default=text[:120]).strip(),
    )


def plain(text: str, company: str) -> str:
    """Give a narrative without redactions and without the company's name, cut at a sentence."""
    name = company.partition(" ")[0].strip(",.")
    if len(name) > 3:
        text = re.sub(rf"\b{re.escape(name)}\b(?:'s| 's)?", "you", text, flags=re.IGNORECASE)
    text = _MONEY.sub(lambda match: f"${match.group(1)}", _REDACTED.sub("", text))
    text = re.sub(r"\s+", " ", re.sub(r"\(\s*\)|\s+([,.!?;:])", r"\1", text)).strip()
    kept = ""
    for sentence in _SENTENCE.split(text):
        if kept and len(kept) + len(sentence) > _MOST:
            break
        kept = f"{kept} {sentence}".strip()
    return kept[: _MOST + 200]


def extract(source: Path, out: Path = EXTRACT) -> int:
    """Write narratives of the products that the splits tell of, few of each issue; gives how many."""
    wanted = {product for split in SPLITS for product, _ in _issues(split)}
    every = [n for n in narratives(source) if n.product in wanted]
    random.Random(1).shuffle(every)
    counts: dict[tuple[str, str], int] = {}
    kept = []
    for one in every:
        text = plain(one.consumer_complaint_narrative, one.company)
        key = (one.product, one.issue)
        if len(text) >= _LEAST and counts.get(key, 0) < _PER_ISSUE:
            counts[key] = counts.get(key, 0) + 1
            kept.append(msgspec.structs.replace(one, consumer_complaint_narrative=text, company=""))
    lines = "\n".join(json.dumps(msgspec.to_builtins(one), sort_keys=True) for one in kept)
    out.write_bytes(gzip.compress(lines.encode(), mtime=0))
    return len(kept)


if __name__ == "__main__":
    print(f"{extract(Path(sys.argv[1]))} narratives written to {EXTRACT.name}")
