"""What every section of ``config.yaml`` is made of."""

import os
import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, SecretStr, WithJsonSchema

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|h|d)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class Section(BaseModel):
    """A frozen part of the configuration that refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def _duration(value: Any) -> timedelta:
    if isinstance(value, timedelta):
        return value
    parts = _DURATION.findall(value) if isinstance(value, str) else []
    if not parts or _DURATION.sub("", value).strip():
        raise ValueError("write a duration as a number and a unit, such as 30m, 2h or 90s")
    return sum((timedelta(**{_UNITS[unit]: float(number)}) for number, unit in parts), timedelta())


def _secret(value: Any) -> SecretStr:
    if isinstance(value, SecretStr):
        return value
    if isinstance(value, dict) and set(value) == {"env"}:
        return _from_environment(str(value["env"]))
    if isinstance(value, dict) and set(value) == {"file"}:
        return _from_file(Path(str(value["file"])))
    raise ValueError("a secret is never written here: use {env: NAME} or {file: /path/to/file}")


def _from_environment(name: str) -> SecretStr:
    found = os.environ.get(name, "")
    if not found:
        raise ValueError(f"the environment variable {name} is not set: export it before the service starts")
    return SecretStr(found)


def _from_file(path: Path) -> SecretStr:
    try:
        return SecretStr(path.read_text("utf-8").strip())
    except OSError as error:
        raise ValueError(f"the secret file {path} cannot be read: {error.strerror}") from error


Duration = Annotated[
    timedelta,
    BeforeValidator(_duration),
    WithJsonSchema({"type": "string", "pattern": r"^(\d+(\.\d+)?\s*[smhd]\s*)+$", "examples": ["30m", "2h"]}),
]
"""A length of time, written ``30m``, ``2h`` or ``1h 30m``."""

Secret = Annotated[
    SecretStr,
    BeforeValidator(_secret),
    WithJsonSchema(
        {
            "type": "object",
            "properties": {"env": {"type": "string"}, "file": {"type": "string"}},
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": False,
        }
    ),
]
"""A secret, named by ``{env: NAME}`` or ``{file: PATH}`` and never written into the file."""
