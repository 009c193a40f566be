"""Files of posts to be scored: every row is checked, and what is wrong is named by file and line."""

import gzip
import json
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

import msgspec

_GZIP = b"\x1f\x8b"
_KINDS = {str: "text", list: "a list", dict: "an object", bool: "true or false", type(None): "null"}


class BadFileError(Exception):
    """A file cannot be read or written; the message names it, the line where there is one, and what to do."""


class Item(msgspec.Struct, frozen=True):
    """One post to be scored, and its label where the file has one."""

    id: str | int | float
    text: str
    brand: str | None = None
    lang: str | None = None
    context: str | None = None
    complaint: int | None = None


def read(path: Path) -> list[Item]:
    """Read JSONL or gzipped JSONL with ``id`` (or ``post_id``) and ``text``; raises BadFileError."""
    lines = _content(path).removeprefix(b"\xef\xbb\xbf").split(b"\n")
    return [_item(_row(line, where), where) for where, line in _named(path, lines) if line.strip()]


def is_labelled(path: Path) -> bool:
    """Say whether the first row of a file has the key ``complaint``."""
    return b'"complaint"' in _content(path).partition(b"\n")[0]


@contextmanager
def replacing(path: Path) -> Iterator[TextIO]:
    """Open a file that takes the place of ``path`` once all of it is written; raises BadFileError."""
    half = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with half.open("w", encoding="utf-8") as out:
            yield out
        half.replace(path)
    except OSError as error:
        raise BadFileError(f"{path} cannot be written ({error.strerror}): name another file with --out") from error
    finally:
        half.unlink(missing_ok=True)


def _named(path: Path, lines: list[bytes]) -> list[tuple[str, bytes]]:
    return [(f"{path}:{number}", line) for number, line in enumerate(lines, start=1)]


def _content(path: Path) -> bytes:
    try:
        raw = path.read_bytes()
        return gzip.decompress(raw) if path.suffix == ".gz" or raw.startswith(_GZIP) else raw
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise BadFileError(f"{path} is no whole gzip file ({error}): pack it anew, or unpack it") from error
    except OSError as error:
        raise BadFileError(
            f"{path} cannot be read ({error.strerror}): name a file of posts, one JSON object a line"
        ) from error


def _row(line: bytes, where: str) -> dict[str, Any]:
    try:
        row = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise BadFileError(f"{where}: byte {error.start + 1} is not UTF-8: save the file as UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise BadFileError(f"{where}: not JSON ({error}): write one JSON object on each line") from error
    if not isinstance(row, dict):
        raise BadFileError(f'{where}: this is {_kind(row)}: write an object such as {{"id": "1", "text": "..."}}')
    return row


def _item(row: dict[str, Any], where: str) -> Item:
    expected = row.get("expected") or {}
    label = row.get("complaint", expected.get("complaint") if isinstance(expected, dict) else None)
    return Item(
        id=_id(row, where),
        text=_text(row, "text", where, needed=True) or "",
        brand=_text(row, "brand", where) or _text(row, "airline", where),
        lang=_text(row, "lang", where),
        context=_text(row, "context", where),
        complaint=_label(label, where),
    )


def _id(row: dict[str, Any], where: str) -> str | int | float:
    value = row.get("id", row.get("post_id"))
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        told = f"{_kind(value)} as its id" if "id" in row or "post_id" in row else "no id"
        raise BadFileError(f"{where}: the row has {told}: give it one of its own, a text or a number")
    return value


def _text(row: dict[str, Any], key: str, where: str, *, needed: bool = False) -> str | None:
    value = row.get(key)
    if isinstance(value, str) or (value is None and not needed):
        return value
    told = f"{key} is {_kind(value)}" if key in row else f"the row has no {key}"
    raise BadFileError(f"{where}: {told}: write it as text in quotes{'' if needed else ', or leave it out'}")


def _label(value: object, where: str) -> int | None:
    if value is None:
        return None
    if value not in (0, 1):
        raise BadFileError(f"{where}: complaint is neither true nor false: write one of them, or leave it out")
    return int(bool(value))


def _kind(value: object) -> str:
    return _KINDS.get(type(value), "a number")
