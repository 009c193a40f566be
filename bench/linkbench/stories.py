"""Reads the invented stories: what happened, told by the customer, by an agent and in public."""

import msgspec

from bench.linkbench.splits import Split, lines_of


class Story(msgspec.Struct):
    """One thing that happened. ``posts`` are by language; ``by_other`` is told by somebody else.

    ``trouble`` is its kind, by which the banks of phrases tell it in other words; ``like`` are told by people without
    a case. ``amount`` and ``detail`` fill the places that the texts leave for them.
    """

    product: str
    subject: str
    trouble: str
    mail: str = ""
    answer: str = ""
    notes: list[str] = []
    posts: dict[str, list[str]] = {}
    by_other: list[str] = []
    like: list[str] = []
    amount: str = ""
    detail: str = ""


def invented(split: Split) -> list[Story]:
    """Give the hand-written stories of one split."""
    found: list[Story] = []
    for line in lines_of(split, "stories.txt"):
        if line.startswith("@"):
            _, product, subject, trouble = line[1:].split("|")
            found.append(Story(product, subject, trouble))
        else:
            put(found[-1], *line.split(": ", 1))
    return found


def put(story: Story, mark: str, text: str) -> None:
    """Add one marked line to a story."""
    kind, _, lang = mark.partition(".")
    match kind:
        case "E":
            story.mail = text
        case "A":
            story.answer = text
        case "P":
            story.notes.append(text)
        case "S":
            story.posts.setdefault(lang or "en", []).append(text)
        case "T":
            story.by_other.append(text)
        case "N":
            story.like.append(text)
        case _:
            raise ValueError(f"a line of the stories starts with {mark!r}: use E, A, P, S, T or N")
