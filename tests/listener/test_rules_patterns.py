"""Patterns: what they match, what is refused and how that is said."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from listener.config import RuleConfig
from listener.patterns import PatternError, Patterns, compile_pattern
from listener.rules import Rulebook


def hears(text: str, **conditions: Any) -> bool:
    """Tell whether one rule hears a text."""
    return bool(Rulebook([RuleConfig.model_validate({"name": "r", "brand": "b", **conditions})]).hits(text))


@pytest.mark.parametrize(
    ("pattern", "text", "heard"),
    [
        (r"\border LM-\d{5}\b", "my order lm-12345!", True),
        (r"\border LM-\d{5}\b", "my order lm-123456", False),
        (r"order lm", "ＯＲＤＥＲ ＬＭ", True),
        (r"cafe \d+", "Café 12", True),
        (r"café \d+", "CAFÉ 12", True),
        (r"first.*last", "first\n…\nlast", True),
        (r"(?-i)LM-\d", "lm-1", False),
        (r"can.{0,3}empty", "can 😂 empty", True),
        (r"x\x{fffd}?y", "xy\ud800", True),
    ],
)
def test_a_pattern_is_sought_in_the_text_as_written_and_as_folded(pattern: str, text: str, heard: bool) -> None:
    assert hears(text, pattern=pattern) is heard


def test_one_of_several_patterns_is_enough_and_joins_the_other_conditions() -> None:
    conditions: dict[str, Any] = {"any": "larkmoor", "pattern": [r"\d+ cans", r"\d+ tins"], "none": "free"}
    assert hears("larkmoor 6 tins", **conditions)
    assert not hears("larkmoor six tins", **conditions)
    assert not hears("6 tins", **conditions)
    assert not hears("larkmoor 6 tins free", **conditions)


def test_a_rule_of_patterns_alone_is_heard_beside_rules_of_terms() -> None:
    rules = [
        RuleConfig(name="terms", brand="b", any=("larkmoor",)),
        RuleConfig(name="digits", brand="b", pattern=(r"[0-9]{6}",)),
        RuleConfig(name="both", brand="b", any=("larkmoor",), pattern=(r"[0-9]{6}",)),
        RuleConfig(name="silent", brand="b", pattern=(r"[0-9]{6}",), none=("free",)),
    ]
    book = Rulebook(rules)
    assert [hit.rule for hit in book.hits("call 123456")] == ["digits", "silent"]
    assert [hit.rule for hit in book.hits("larkmoor 123456 free")] == ["terms", "digits", "both"]
    assert book.hits("larkmoor 123456")[2].terms == ("larkmoor", r"[0-9]{6}")


PATTERNS = (r"ab+c", r"\bcan\b", r"[0-9]{2}", r"ä|ö", r"x.*y", r"(?-i)AB", r"^a", r"c$", r"ſt", r"\pL{4}", r"colou?r")


@given(st.lists(st.sampled_from(["a", "b", "c", "B", "A", "can", "1", "Ä", "o", "x", "y", "st", "color", " ", "\n"])))
def test_all_patterns_at_once_find_what_each_finds_alone(pieces: list[str]) -> None:
    text = "".join(pieces)
    alone = {number for number, pattern in enumerate(PATTERNS) if Patterns([pattern]).match(text)}
    assert Patterns(PATTERNS).match(text) == alone


@pytest.mark.parametrize(
    ("pattern", "position", "advice"),
    [
        ("can(?=s)", 4, "no look-ahead"),
        ("can(?!s)", 4, "into none"),
        ("(?<=£)5", 1, "no look-behind"),
        ("x(?<!£)5", 2, "into none"),
        (r"(a)b\1", 5, "no backreference"),
        (r"(?P<n>a)(?P=n)", 9, "no backreference"),
        ("(?>a)", 1, "atomic"),
        (r"a\Z", 2, r"\\z"),
        ("a++", 2, "repeats a repetition"),
        ("*a", 1, "nothing before it"),
        ("a{2000}", 2, "smaller number"),
        ("b(a", 2, "never closed"),
        ("b)a", 2, "never opened"),
        (r"[(]\(b[a", 7, "never closed"),
        (r"\(?=x(?=y)", 6, "no look-ahead"),
        ("[z-a]", 2, "lower end first"),
        ("a*", 1, "demand something"),
        ("", 1, "demand something"),
        ("ab\ud800", 3, "half a character"),
    ],
)
def test_a_refused_pattern_is_told_by_its_character_and_what_to_write(pattern: str, position: int, advice: str) -> None:
    with pytest.raises(PatternError, match=rf"^at character {position}: .*{advice}"):
        compile_pattern(pattern)


def test_the_error_names_the_rule_and_points_at_the_pattern() -> None:
    with pytest.raises(ValidationError, match="a pattern of rule 'cans' cannot be used, at character 2") as caught:
        RuleConfig.model_validate({"name": "cans", "brand": "b", "pattern": ["ok", "a(?=b)"]})
    assert caught.value.errors()[0]["loc"] == ("pattern", 1)
