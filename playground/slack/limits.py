"""Refuses the blocks that Slack refuses, in Slack's words.

Limits: https://docs.slack.dev/reference/block-kit/blocks and the constants of slack_sdk's block models.
"""

from collections.abc import Callable, Iterator
from typing import Any

from playground.slack.workspace import RefusedError

Block = dict[str, Any]
_BLOCKS = 50


def check_blocks(blocks: Any) -> None:
    """Raise ``invalid_blocks`` with a pointer to each fault, or ``invalid_blocks_format`` for what is no list."""
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise RefusedError("invalid_blocks_format")
    faults = [f"[ERROR] no more than {_BLOCKS} items allowed [json-pointer:/blocks]"] if len(blocks) > _BLOCKS else []
    for index, block in enumerate(blocks):
        faults += [f"[ERROR] {fault} [json-pointer:/blocks/{index}{place}]" for place, fault in _faults(block)]
    if faults:
        raise RefusedError("invalid_blocks", response_metadata={"messages": faults}, errors=faults)


def _faults(block: Block) -> Iterator[tuple[str, str]]:
    check = _CHECKS.get(str(block.get("type")))
    if check is None:
        yield "/type", f"unsupported type: {block.get('type')}"
        return
    if len(str(block.get("block_id", ""))) > 255:
        yield "/block_id", "must be less than 256 characters"
    yield from check(block)


def _section(block: Block) -> Iterator[tuple[str, str]]:
    yield from _text(block.get("text"), "/text", 3000)
    accessory = block.get("accessory")
    if accessory is not None:
        yield from _button(accessory, "/accessory")


def _header(block: Block) -> Iterator[tuple[str, str]]:
    yield from _text(block.get("text"), "/text", 150, kinds=("plain_text",))


def _context(block: Block) -> Iterator[tuple[str, str]]:
    elements = block.get("elements") or []
    if not 1 <= len(elements) <= 10:
        yield "/elements", "no more than 10 items allowed"
    for index, element in enumerate(elements):
        yield from _text(element, f"/elements/{index}", 3000)


def _actions(block: Block) -> Iterator[tuple[str, str]]:
    elements = block.get("elements") or []
    if not 1 <= len(elements) <= 25:
        yield "/elements", "no more than 25 items allowed"
    names = [element.get("action_id") for element in elements]
    if len(set(names)) != len(names):
        yield "/elements", "action_id must be unique"
    for index, element in enumerate(elements):
        yield from _button(element, f"/elements/{index}")


def _button(element: Any, place: str) -> Iterator[tuple[str, str]]:
    if not isinstance(element, dict) or element.get("type") != "button":
        yield f"{place}/type", "unsupported element"
        return
    yield from _text(element.get("text"), f"{place}/text", 75, kinds=("plain_text",))
    if len(str(element.get("value", ""))) > 2000:
        yield f"{place}/value", "must be less than 2001 characters"
    if not 1 <= len(str(element.get("action_id", ""))) <= 255:
        yield f"{place}/action_id", "must be less than 256 characters"
    if element.get("style") not in {None, "primary", "danger"}:
        yield f"{place}/style", "must be one of: primary, danger"


def _rich_text(block: Block) -> Iterator[tuple[str, str]]:
    for index, element in enumerate(block.get("elements") or [{}]):
        if element.get("type") not in {"rich_text_quote", "rich_text_section", "rich_text_preformatted"}:
            yield f"/elements/{index}/type", "unsupported element"
        for inner, leaf in enumerate(element.get("elements") or [{}]):
            if leaf.get("type") != "text" or not leaf.get("text"):
                yield f"/elements/{index}/elements/{inner}", "must be a text of at least 1 character"


def _text(
    text: Any, place: str, limit: int, kinds: tuple[str, ...] = ("plain_text", "mrkdwn")
) -> Iterator[tuple[str, str]]:
    if not isinstance(text, dict) or text.get("type") not in kinds:
        yield place, f"must provide an object of type {' or '.join(kinds)}"
        return
    length = len(str(text.get("text", "")).encode("utf-16-le", "surrogatepass")) // 2
    if length < 1:
        yield f"{place}/text", "must be more than 0 characters"
    if length > limit:
        yield f"{place}/text", f"must be less than {limit + 1} characters"
    if text["type"] == "plain_text" and "verbatim" in text:
        yield f"{place}/verbatim", "additional property"


_CHECKS: dict[str, Callable[[Block], Iterator[tuple[str, str]]]] = {
    "section": _section,
    "header": _header,
    "context": _context,
    "actions": _actions,
    "rich_text": _rich_text,
    "divider": lambda _: iter(()),
}
