"""Logs hold ids and reasons: no text, no name, no address, no secret, whoever writes them."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from backchannel.logs import configure, mask


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Where the log goes; logging is as it was afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    out = io.StringIO()
    configure("info", "json", out)
    yield out
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_ids_and_reasons_pass_as_they_are(stream: io.StringIO) -> None:
    structlog.get_logger("x").info("mention settled", mention=17, outcome="link", alert="al_7f3k", took=0.25)
    assert lines(stream)[0] | {"timestamp": ""} == {
        "event": "mention settled",
        "level": "info",
        "mention": 17,
        "outcome": "link",
        "alert": "al_7f3k",
        "took": 0.25,
        "timestamp": "",
    }


@pytest.mark.parametrize(
    "key",
    ["text", "name", "user_name", "handle", "email", "bot_token", "secret", "phone", "body", "author", "password"],
)
def test_private_keys_are_hidden_however_deep_they_stand(stream: io.StringIO, key: str) -> None:
    structlog.get_logger().warning("odd", **{key: "CANARY"}, post={key: {"inner": "CANARY"}}, all=[{key: "CANARY"}])
    assert "CANARY" not in stream.getvalue()


@pytest.mark.parametrize(
    "private",
    [
        "mark.hartley+beer@mail.example.co.uk",
        "xoxb-1234567890-abcdefghijkl",
        "xapp-1-A0-123-abcdef",
        "Bearer AAAAAAAAAAAAAAAAAAAAAMLheAAAAAAA0%2BuSeid",
        "user:geheim",
        "+44 7700 900123",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc",
        "0123456789abcdef0123456789abcdef01234567",
    ],
)
def test_what_looks_private_is_masked_wherever_it_stands(stream: io.StringIO, private: str) -> None:
    where = f"postgresql://{private}@db/x" if private == "user:geheim" else f"refused for {private} today"
    structlog.get_logger().error(f"failed: {where}", reason=where, inner={"reason": [where]})
    logging.getLogger("library").error("failed: %s", where)
    assert private not in stream.getvalue()
    assert len(lines(stream)) == 2


def test_of_an_error_its_type_and_its_place_are_kept_and_never_its_words(stream: io.StringIO) -> None:
    def fail() -> None:
        raise ValueError("CANARY was in the post")

    for log in (structlog.get_logger(), logging.getLogger("library")):
        try:
            fail()
        except ValueError:
            log.exception("it broke")
    assert "CANARY" not in stream.getvalue()
    for line in lines(stream):
        assert line["error"] == "ValueError"
        assert line["where"].startswith("backchannel/test_logs.py:")


def test_libraries_write_into_the_same_log_and_their_extras_are_cleaned_too(stream: io.StringIO) -> None:
    logging.getLogger("library").warning("slow", extra={"token": "CANARY", "count": 3})
    assert lines(stream)[0]["count"] == 3
    assert lines(stream)[0]["token"] == "[hidden]"


def test_ids_that_were_bound_stand_on_every_line(stream: io.StringIO) -> None:
    with structlog.contextvars.bound_contextvars(mention=5):
        structlog.get_logger().info("one")
        structlog.get_logger().info("two")
    structlog.get_logger().info("three")
    assert [line.get("mention") for line in lines(stream)] == [5, 5, None]


def test_a_line_break_in_a_value_makes_no_second_line(stream: io.StringIO) -> None:
    structlog.get_logger().info("odd", reason="one\ntwo\u2028three")
    assert len(stream.getvalue().splitlines()) <= 2
    assert stream.getvalue().count("\n") == 1


def test_lines_below_the_level_are_not_written(stream: io.StringIO) -> None:
    structlog.get_logger().debug("quiet")
    logging.getLogger("library").debug("quiet")
    assert stream.getvalue() == ""


def test_the_console_format_is_for_people() -> None:
    out = io.StringIO()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure("info", "console", out)
    structlog.get_logger().info("ready", port=8080)
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    assert "ready" in out.getvalue()
    assert "port=8080" in out.getvalue()


@given(st.text(max_size=80))
def test_masking_never_fails_and_masks_once(text: str) -> None:
    assert mask(mask(text)) == mask(text)
