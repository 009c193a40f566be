"""What a JSON Schema allows at a place of the file: suggestions need to know every key that would be right."""

from collections.abc import Mapping
from typing import Any

from backchannel.yaml_tree import Path


def allowed_keys(schema: Mapping[str, Any], path: Path, value: Any) -> list[str]:
    """Name the keys that a JSON Schema allows at a path; the file's value settles which of several shapes is meant."""
    return [name for shape in shapes_at(schema, path, value) for name in shape.get("properties", {})]


def allowed_kinds(schema: Mapping[str, Any], path: Path, value: Any) -> list[str]:
    """Name the kinds of thing that a JSON Schema tells apart at a path."""
    told = [shape["discriminator"] for shape in shapes_at(schema, path, value) if "discriminator" in shape]
    return [kind for one in told for kind in one["mapping"]]


def described(schema: Mapping[str, Any], path: Path, value: Any) -> str:
    """Give the sentence that a JSON Schema says about what belongs at a path, or nothing."""
    said = [shape["description"] for shape in shapes_at(schema, path, value) if "description" in shape]
    return str(said[0]) if said else ""


def shapes_at(schema: Mapping[str, Any], path: Path, value: Any) -> list[Mapping[str, Any]]:
    """Give every shape that a value at a path may have."""
    here = _shapes(schema, schema, value)
    for step in path:
        value = _child(value, step)
        here = [shape for one in here for below in _below(one, step) for shape in _shapes(schema, below, value)]
    return here


def _child(value: Any, step: str | int) -> Any:
    try:
        return value[step]
    except (KeyError, IndexError, TypeError):
        return None


def _below(shape: Mapping[str, Any], step: str | int) -> list[Mapping[str, Any]]:
    if isinstance(step, int):
        return [shape["items"]] if isinstance(shape.get("items"), Mapping) else []
    found = shape.get("properties", {}).get(step, shape.get("additionalProperties"))
    return [found] if isinstance(found, Mapping) else []


def _shapes(root: Mapping[str, Any], shape: Mapping[str, Any], value: Any) -> list[Mapping[str, Any]]:
    """Follow references and choices; a choice told apart by a key gives only the shape that the file names."""
    if "$ref" in shape:
        return _shapes(root, root["$defs"][shape["$ref"].rsplit("/", 1)[-1]], value)
    told = shape.get("discriminator")
    if told and isinstance(value, Mapping) and value.get(told["propertyName"]) in told["mapping"]:
        return _shapes(root, {"$ref": told["mapping"][value[told["propertyName"]]]}, value)
    choices = [*shape.get("anyOf", ()), *shape.get("oneOf", ()), *shape.get("allOf", ())]
    return [shape, *(found for choice in choices for found in _shapes(root, choice, value))]
