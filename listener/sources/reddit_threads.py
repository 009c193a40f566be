"""What short comments answer: Reddit lists a comment with the title of its thread, not with the comment above it."""

from collections.abc import Iterable, Mapping
from typing import Any

_SHORT = 80  # characters: a longer comment speaks for itself
_COMMENT = "t1_"


def parents_of(children: Iterable[Any]) -> dict[str, str | None]:
    """Name the comments that short comments among these answer, with the text where it is listed beside them."""
    listed = [data for data in map(_data, children) if data]
    bodies = {data.get("name"): data.get("body") for data in listed}
    wanted = [_comment(data.get("parent_id")) for data in listed if _is_short(data.get("body"))]
    return {parent: _text(bodies.get(parent)) for parent in wanted if parent is not None}


def _data(child: Any) -> Mapping[str, Any]:
    data = child.get("data") if isinstance(child, Mapping) else None
    return data if isinstance(data, Mapping) else {}


def _is_short(body: Any) -> bool:
    return isinstance(body, str) and len(body) <= _SHORT


def _comment(fullname: Any) -> str | None:
    return fullname if isinstance(fullname, str) and fullname.startswith(_COMMENT) else None


def _text(body: Any) -> str | None:
    return body if isinstance(body, str) else None
