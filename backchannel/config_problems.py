"""Turns what a model refuses into problems with a line, a column, the key and the likely meaning."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from backchannel.config_shapes import allowed_keys, allowed_kinds, described
from backchannel.yaml_errors import Flaw
from backchannel.yaml_tree import Path, Tree

_MISFITS = {
    "string_type": "write text here; a number, true or false needs quotes to be text",
    "int_type": "write a whole number",
    "int_parsing": "write a whole number",
    "int_from_float": "write a whole number",
    "float_type": "write a number",
    "float_parsing": "write a number",
    "bool_type": "write true or false",
    "bool_parsing": "write true or false",
    "list_type": "write a list: [one, two], or one item a line, each begun with '- '",
    "tuple_type": "write a list: [one, two], or one item a line, each begun with '- '",
    "frozen_set_type": "write a list: [one, two], or one item a line, each begun with '- '",
    "set_type": "write a list: [one, two], or one item a line, each begun with '- '",
    "dict_type": "write keys with values below this, indented",
    "model_type": "write keys with values below this, indented",
    "model_attributes_type": "write keys with values below this, indented",
    "none_required": "leave this empty",
    "string_too_short": "nothing is written here: write a text",
}
_FITTING = {
    "missing": "this key is needed and missing",
    "literal_error": "write one of {expected}",
    "enum": "write one of {expected}",
    "union_tag_invalid": "this says what it is: write one of {expected_tags}",
    "too_short": "at least {min_length} needed here",
    "too_long": "at most {max_length} allowed here",
}


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong with the configuration: line and column from 1, the path of keys, and what to do."""

    line: int
    column: int
    path: str
    message: str

    def at(self, name: str) -> str:
        """Say it in one line, as editors and terminals understand it: ``config.yaml:12:5: rules.0.wieght: ...``."""
        return f"{name}:{self.line}:{self.column}: {self.path + ': ' if self.path else ''}{self.message}"


@dataclass(frozen=True)
class _Misfit:
    """One refusal of the model: where it is in the file, which branch of a choice it speaks for, and its kind."""

    path: Path
    branch: Path
    kind: str
    message: str


def from_flaw(flaw: Flaw) -> Problem:
    """Give a flaw of the file as a problem."""
    return Problem(flaw.line, flaw.column, _dotted(flaw.path), flaw.message)


def at_key(tree: Tree, path: Path, message: str) -> Problem:
    """Give a problem at a key of the file."""
    place = tree.key_place(path)
    return Problem(place.line, place.column, _dotted(path), message)


def at_value(tree: Tree, path: Path, message: str) -> Problem:
    """Give a problem at a value of the file."""
    place = tree.place(path)
    return Problem(place.line, place.column, _dotted(path), message)


def from_validation(error: ValidationError, tree: Tree, schema: Mapping[str, Any]) -> list[Problem]:
    """Give every refusal as a problem; no value of the file is repeated, because it may be a secret."""
    details = error.errors(include_url=False, include_input=False)
    misfits = [misfit for detail in details for misfit in _all_misfits(detail, tree, schema)]
    return [_problem(misfit, tree) for misfit in _settled(_without_echoes(misfits))]


def _without_echoes(misfits: Sequence[_Misfit]) -> list[_Misfit]:
    """Leave out what only echoes another problem.

    A list whose items are refused is also called too short, and a key that is misspelled also counts as missing.
    """
    return [one for one in misfits if not any(_is_echo(one, other) for other in misfits)]


def _is_echo(one: _Misfit, other: _Misfit) -> bool:
    if one.kind == "too_short":
        return len(other.path) > len(one.path) and other.path[: len(one.path)] == one.path
    if one.kind == "missing" and other.kind == "extra_forbidden":
        return one.path[:-1] == other.path[:-1] and other.message.endswith(f'"{one.path[-1]}"?')
    return False


def _all_misfits(detail: Any, tree: Tree, schema: Mapping[str, Any]) -> list[_Misfit]:
    """A section that checks its own references tells several problems at once, each with the path below it."""
    if detail["type"] != "cross_reference":
        return [_misfit(detail, tree, schema)]
    above, _ = _resolve(detail["loc"], tree.value, detail["type"])
    found = [(tuple(each["place"]), str(each["message"])) for each in detail["ctx"]["problems"]]
    return [_Misfit((*above, *place), (), detail["type"], _without(place, told)) for place, told in found]


def _without(place: Path, told: str) -> str:
    """Drop the place from a message, because every problem begins with its place."""
    head, separator, rest = told.partition(": ")
    return rest if separator and head.startswith(str(place[0])) else told


def _problem(misfit: _Misfit, tree: Tree) -> Problem:
    by_key = misfit.kind == "extra_forbidden" or misfit.branch == ("[key]",)
    return (at_key if by_key else at_value)(tree, misfit.path, misfit.message)


def _misfit(detail: Mapping[str, Any], tree: Tree, schema: Mapping[str, Any]) -> _Misfit:
    path, branch = _resolve(detail["loc"], tree.value, detail["type"])
    if detail["type"] == "union_tag_invalid":
        path = (*path, _told_apart_by(detail["ctx"]))
    return _Misfit(path, branch, detail["type"], _message(detail, path, tree, schema))


def _resolve(location: Sequence[str | int], value: Any, kind: str) -> tuple[Path, Path]:
    """Split a model's location into the path in the file and the names of the branches that it passed."""
    path: list[str | int] = []
    branch: list[str | int] = []
    for index, step in enumerate(location):
        last = index == len(location) - 1
        if _holds(value, step):
            value = value[step]
        elif not (last and kind == "missing"):
            branch.append(step)
            continue
        path.append(step)
    return tuple(path), tuple(branch)


def _holds(value: Any, step: str | int) -> bool:
    if isinstance(value, Mapping):
        return step in value
    return isinstance(value, list) and isinstance(step, int) and step < len(value)


def _message(detail: Mapping[str, Any], path: Path, tree: Tree, schema: Mapping[str, Any]) -> str:
    kind, context = detail["type"], detail.get("ctx") or {}
    if kind == "extra_forbidden":
        return "unknown key" + _suggestion(str(path[-1]), allowed_keys(schema, path[:-1], tree.value))
    if kind == "union_tag_not_found":
        return _kind_missing(_told_apart_by(context), schema, path, tree)
    if kind in _FITTING:
        return _FITTING[kind].format(**context)
    if _is_null(tree.value, path):
        return "nothing is written here: give a value, or delete the key (text beginning with # needs quotes)"
    if kind == "string_pattern_mismatch":
        meant = described(schema, path, tree.value)
        return f"this is not of the form that is expected: {meant or context['pattern']}"
    said = str(detail["msg"]).removeprefix("Value error, ").removeprefix("Assertion failed, ")
    return _MISFITS.get(kind, said.replace("Input should be", "this should be"))


def _told_apart_by(context: Mapping[str, Any]) -> str:
    return str(context["discriminator"]).strip("'")


def _kind_missing(key: str, schema: Mapping[str, Any], path: Path, tree: Tree) -> str:
    names = ", ".join(f"'{name}'" for name in allowed_kinds(schema, path, tree.value))
    return f'"{key}" is missing: it says what this is, one of {names}'


def _is_null(value: Any, path: Path) -> bool:
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return False
    return value is None


def _suggestion(word: str, known: Iterable[str]) -> str:
    """Name the likeliest key, or all that there are where none is alike."""
    names = sorted(set(known))
    close = difflib.get_close_matches(word.lower(), names, n=1, cutoff=0.6)
    if close:
        return f'; did you mean "{close[0]}"?'
    return f"; known here: {', '.join(names)}" if names else ""


def _settled(misfits: Sequence[_Misfit]) -> list[_Misfit]:
    """Where a choice of several shapes was refused, keep the shape that fits best, or name all the shapes."""
    groups: dict[Path, list[_Misfit]] = {}
    for misfit in misfits:
        groups.setdefault(_stem(misfit, misfits), []).append(misfit)
    return [one for stem, group in groups.items() for one in _best(stem, group)]


def _stem(misfit: _Misfit, all_of_them: Sequence[_Misfit]) -> Path:
    """Give the path of the choice that a misfit belongs to: the shortest one at or above it that has branches."""
    stems = [m.path for m in all_of_them if m.branch and misfit.path[: len(m.path)] == m.path]
    return min(stems, key=len) if misfit.branch and stems else misfit.path


def _best(stem: Path, group: Sequence[_Misfit]) -> list[_Misfit]:
    if len({misfit.branch for misfit in group}) < 2:
        return list(group)
    deeper = [misfit for misfit in group if misfit.path != stem or misfit.kind not in _MISFITS]
    if deeper:
        return deeper
    told = " or: ".join(dict.fromkeys(misfit.message for misfit in group))
    return [_Misfit(stem, (), group[0].kind, told)]


def _dotted(path: Path) -> str:
    return ".".join(str(step) for step in path)
