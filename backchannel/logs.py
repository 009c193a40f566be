"""Logs that hold ids and reasons, and never what somebody wrote, who they are, or a secret."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, Literal, TextIO

import structlog

Level = Literal["debug", "info", "warning", "error"]
Format = Literal["json", "console"]

_LEVELS: dict[str, int] = {"debug": 10, "info": 20, "warning": 30, "error": 40}
_CHATTY = (
    *("aiosqlite", "alembic", "apscheduler", "asyncio", "httpx", "slack_bolt", "slack_sdk", "tweepy", "urllib3"),
    "watchfiles",
)
_HIDDEN = "[hidden]"
_PRIVATE_KEYS = re.compile(
    r"(?:^|_)(?:text|body|subject|name|handle|author|poster|customer|e?mails?|address|phone|token|secret|password|"
    r"passwd|authorization|cookie|signature|api_?key|bio|location|context|raw|card)$",
    re.IGNORECASE,
)
_EMAIL = re.compile(r"[\w.+%'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_URL_LOGIN = re.compile(r"(?<=://)[^\s/@]+(?=@)")
_TOKEN = re.compile(
    r"\bxox[a-z](?:\.xox[a-z])?-[\w-]{8,}|\bxapp-[\w-]{8,}|\bBearer\s+\S{8,}|\bBasic\s+[A-Za-z0-9+/=]{8,}|"
    r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*|\bAAAAA[\w%]{16,}|(?<=hooks\.slack\.com/services/)\S+|"
    r"\b(?=[A-Za-z_-]*\d)(?=[\d_-]*[A-Za-z])[A-Za-z0-9_-]{40,}\b"
)
_PHONE = re.compile(r"(?<![\w.:-])\+\d[\d ().-]{7,}\d")


def mask(text: str) -> str:
    """Hide what looks like an e-mail address, a phone number, a login in a URL or a token."""
    for pattern in (_URL_LOGIN, _TOKEN, _EMAIL, _PHONE):
        text = pattern.sub(_HIDDEN, text)
    return text


def redact(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:  # noqa: ARG001  structlog passes them
    """Drop private keys and mask private-looking values, however deep they stand."""
    return {key: value if key.startswith("_") else _clean(key, value) for key, value in event.items()}


def _clean(key: str, value: Any) -> Any:
    if _PRIVATE_KEYS.search(key):
        return _HIDDEN
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, Mapping):
        return {inner: _clean(str(inner), one) for inner, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean("", one) for one in value]
    return value if isinstance(value, int | float | bool | None) else mask(str(value))


def configure(level: Level, form: Format, stream: TextIO | None = None) -> None:
    """Send every log of the process, ours and the libraries', through one chain to one stream (stderr by default)."""
    out = stream or sys.stderr
    ours: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _errors_without_words,
        redact,
    ]
    foreign = [structlog.stdlib.ExtraAdder(), *ours]
    structlog.configure(
        processors=[*ours, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    last: list[Any] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, _renderer(form, out)]
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=foreign, processors=last))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(_LEVELS[level])
    for chatty in _CHATTY:
        logging.getLogger(chatty).setLevel(max(logging.WARNING, _LEVELS[level]))
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)  # its lines hold addresses


def _renderer(form: Format, out: TextIO) -> Any:
    if form == "json":
        return structlog.processors.JSONRenderer(sort_keys=True)
    return structlog.dev.ConsoleRenderer(colors=out.isatty())


def _errors_without_words(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:  # noqa: ARG001  structlog passes them
    """Keep of an exception its type and its place; its words may quote a post or a secret."""
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        event["error"] = type(error).__name__
        event["where"] = _where(error)
    return event


def _where(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return ""
    return f"{'/'.join(trace.tb_frame.f_code.co_filename.split('/')[-2:])}:{trace.tb_lineno}"
