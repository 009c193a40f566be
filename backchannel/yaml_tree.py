"""Reads YAML into plain values, and remembers the line and column of every key and value.

It builds from the parser's events, so an alias is refused before it can multiply and deep nesting costs no stack. Plain
words follow YAML 1.2's core schema (https://yaml.org/spec/1.2.2/#103-core-schema): ``no`` and ``off`` stay words.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from backchannel.yaml_errors import Flaw, YamlError, as_flaw, find_unreadable

SIZE_LIMIT = 1024 * 1024
DEPTH_LIMIT = 40

Path = tuple[str | int, ...]
"""Where a value stands: keys and positions from the top."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULL = re.compile(r"|~|null|Null|NULL")
_BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


@dataclass(frozen=True, order=True)
class Place:
    """A line and a column, both counted from 1."""

    line: int
    column: int


@dataclass
class Tree:
    """Plain values with their places. ``flaws`` are what can be told without stopping, such as a key written twice."""

    value: Any = None
    values: dict[Path, Place] = field(default_factory=dict)
    keys: dict[Path, Place] = field(default_factory=dict)
    flaws: list[Flaw] = field(default_factory=list)

    def place(self, path: Path) -> Place:
        """Give where a value starts, or the nearest place above it that the file holds."""
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path, Place(1, 1))

    def key_place(self, path: Path) -> Place:
        """Give where the key of a value stands; in a list, where the value starts."""
        return self.keys.get(path) or self.place(path)


def read(content: bytes) -> Tree:
    """Read one document; raises YamlError where nothing after the flaw can be trusted."""
    if len(content) > SIZE_LIMIT:
        raise YamlError(Flaw(1, 1, (), f"the file is larger than {SIZE_LIMIT // 1024} KiB: split or shorten it"))
    text = find_unreadable(content)
    try:
        return _Builder(yaml.parse(text, Loader=_LOADER)).document()
    except yaml.YAMLError as error:
        raise YamlError(as_flaw(error, text)) from None


class _Builder:
    """Turns the parser's events into a tree; recursion is bounded by the depth limit."""

    def __init__(self, events: Iterator[Any]) -> None:
        self._events = events
        self._tree = Tree()

    def document(self) -> Tree:
        next(self._events)
        event = next(self._events)
        if isinstance(event, yaml.StreamEndEvent):
            self._tree.value = {}
            return self._tree
        self._tree.value = self._value(next(self._events), ())
        next(self._events)
        if not isinstance(after := next(self._events), yaml.StreamEndEvent):
            self._stop(after, (), "a second document begins here: keep everything in one, without '---'")
        return self._tree

    def _value(self, event: Any, path: Path) -> Any:
        self._refuse_marks(event, path)
        self._tree.values[path] = _place(event)
        if isinstance(event, yaml.ScalarEvent):
            return event.value if event.style or not event.implicit[0] else _plain(event.value)
        if len(path) >= DEPTH_LIMIT:
            self._stop(event, path[:1], f"nested deeper than {DEPTH_LIMIT} levels")
        return self._mapping(path) if isinstance(event, yaml.MappingStartEvent) else self._sequence(path)

    def _sequence(self, path: Path) -> list[Any]:
        found: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            found.append(self._value(event, (*path, len(found))))
        return found

    def _mapping(self, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._key(event, path)
            if key in found:
                self._twice(event, (*path, key))
                self._value(next(self._events), (*path, key, ""))  # read past it: the first one stands
                continue
            self._tree.keys[(*path, key)] = _place(event)
            found[key] = self._value(next(self._events), (*path, key))
        return found

    def _key(self, event: Any, path: Path) -> str:
        self._refuse_marks(event, path)
        if not isinstance(event, yaml.ScalarEvent):
            self._stop(event, path, "a key must be one word or a quoted text")
        return str(event.value)

    def _twice(self, event: Any, path: Path) -> None:
        place, first = _place(event), self._tree.keys[path].line
        message = f"written twice, first on line {first}: keep one of them"
        self._tree.flaws.append(Flaw(place.line, place.column, path, message))

    def _refuse_marks(self, event: Any, path: Path) -> None:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            self._stop(event, path, "anchors and aliases (& and *) are not allowed: write the value out, or quote it")
        if getattr(event, "tag", None):
            self._stop(event, path, "tags (!) are not allowed: write plain text, or quote it")

    def _stop(self, event: Any, path: Path, message: str) -> None:
        place = _place(event)
        raise YamlError(Flaw(place.line, place.column, path, message))


def _place(event: Any) -> Place:
    return Place(event.start_mark.line + 1, event.start_mark.column + 1)


def _plain(text: str) -> Any:
    if _NULL.fullmatch(text):
        return None
    if _BOOL.fullmatch(text):
        return text.lower() == "true"
    if _INT.fullmatch(text):
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    return float(text) if _FLOAT.fullmatch(text) else text
