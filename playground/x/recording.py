"""Recorded streams, line by line."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path


def raw_lines(path: Path) -> Iterator[bytes]:
    """The lines of a recorded stream as they came over the wire, cut-off ones included.

    A file, plain or gzipped, holds raw lines, or one wrapper ``{"file", "line", "body"}`` a line, whose body is an
    object, or a string where the recorded line was no JSON. Only ``\\n`` ends a line: texts hold U+2028.
    """
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    for raw in data.split(b"\n"):
        if raw.strip():
            yield _unwrapped(raw)


def _unwrapped(raw: bytes) -> bytes:
    try:
        wrapper = json.loads(raw)
    except json.JSONDecodeError:
        return raw
    if not isinstance(wrapper, dict) or "body" not in wrapper:
        return raw
    body = wrapper["body"]
    return body.encode() if isinstance(body, str) else json.dumps(body, ensure_ascii=False).encode()
