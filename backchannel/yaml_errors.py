"""What is wrong with a YAML file, in words for those who do not write YAML every day."""

import re
import unicodedata
from dataclasses import dataclass

import yaml

_TELLING = (
    ("mapping values are not allowed", "a second ':' stands here, or the line is indented wrongly: quote such text"),
    ("found character that cannot start", "text that begins with this character must stand in quotes"),
    ("could not find expected ':'", "a ':' is missing after the key, or a quote is not closed"),
    ("did not find expected '-' indicator", "this line does not belong to the list above it: check its indentation"),
    ("expected <block end>", "this line is indented unlike the lines above it"),
    ("did not find expected key", "this line is indented unlike the lines above it, or a quote closes too early"),
    ("expected ',' or", "the bracket that was opened before is not closed, or a ',' is missing"),
    ("did not find expected node content", "the bracket that was opened before is not closed"),
    ("while parsing a flow", "the bracket that was opened before is not closed, or a ',' is missing"),
)  # fmt: skip


@dataclass(frozen=True, order=True)
class Flaw:
    """One thing wrong at a line and a column (from 1); ``path`` is where it stands, as far as known."""

    line: int
    column: int
    path: tuple[str | int, ...]
    message: str


class YamlError(Exception):
    """The file is no YAML that we read; ``flaw`` says where and what to do."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw.message)
        self.flaw = flaw


def find_unreadable(content: bytes) -> str:
    """Decode UTF-8, with or without its mark; raises YamlError at the first byte or character that is no text."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8", "replace")
        raise YamlError(_at(before, "this is not UTF-8: save the file as UTF-8")) from None
    for index, character in enumerate(text):
        if unicodedata.category(character) in ("Cc", "Cs") and character not in "\t\n\r":
            name = f"U+{ord(character):04X}"
            raise YamlError(_at(text[:index], f"an invisible control character ({name}) stands here: delete it"))
    return text


def _at(before: str, message: str) -> Flaw:
    lines = before.split("\n")
    return Flaw(len(lines), len(lines[-1]) + 1, (), message)


def as_flaw(error: yaml.YAMLError, text: str) -> Flaw:
    """Say in plain words what the parser stumbled over, at the place where the trouble begins."""
    problem, context = str(getattr(error, "problem", "") or ""), str(getattr(error, "context", "") or "")
    mark = getattr(error, "problem_mark", None)
    start = getattr(error, "context_mark", None)
    if mark is None:
        return Flaw(1, 1, (), "this is not readable as YAML")
    lines = text.split("\n")
    line = lines[mark.line] if mark.line < len(lines) else ""
    if re.match(r" *\t", line) and mark.column <= len(line) - len(line.lstrip()):
        return Flaw(mark.line + 1, line.index("\t") + 1, (), "a tab stands here: indent with spaces")
    if start is not None and "quoted scalar" in context:
        return Flaw(start.line + 1, start.column + 1, (), "the quote that opens here is never closed")
    return _told(mark, start, problem, context)


def _told(mark: yaml.Mark, start: yaml.Mark | None, problem: str, context: str) -> Flaw:
    unclosed = start is not None and "flow" in context
    place = start if unclosed and start is not None else mark
    told = next((words for sign, words in _TELLING if sign in problem or sign in context), problem or context)
    if unclosed:
        told = "the bracket that opens here is not closed, or a ',' is missing in it"
    return Flaw(place.line + 1, place.column + 1, (), told)
