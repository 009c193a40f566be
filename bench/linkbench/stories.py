"""Reads the invented stories: what happened, told by the customer, by an agent and in public."""

from pathlib import Path
from typing import Literal

import msgspec

Split = Literal["train", "test"]
FOLDER = Path(__file__).parent


class Story(msgspec.Struct):
    """One thing that happened. ``posts`` and ``mails`` are by language; ``by_other`` is told by somebody else."""

    trade: str
    product: str
    subject: str
    mails: dict[str, str]
    answer: str
    note: str
    posts: dict[str, str]
    by_other: str
    like: str


def stories(split: Split) -> list[Story]:
    """Give the stories of one split."""
    found: list[Story] = []
    for line in (FOLDER / f"stories_{split}.txt").read_text("utf-8").split("\n"):
        if line.startswith("@"):
            trade, product, subject = line[1:].split("|")
            found.append(Story(trade, product, subject, {}, "", "", {}, "", ""))
        elif ":" in line and not line.startswith("#"):
            _put(found[-1], *line.split(": ", 1))
    return found


def _put(story: Story, mark: str, text: str) -> None:
    kind, _, lang = mark.partition(".")
    match kind:
        case "E":
            story.mails[lang or "en"] = text
        case "S":
            story.posts[lang or "en"] = text
        case "A":
            story.answer = text
        case "P":
            story.note = text
        case "T":
            story.by_other = text
        case "N":
            story.like = text
        case _:
            raise ValueError(f"a line of the stories starts with {mark!r}: use E, A, P, S, T or N")
