"""How rules are written, and what is said of mistakes."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from listener.config import OwnAccounts, RuleConfig, Rules


def rule(**conditions: Any) -> RuleConfig:
    """Validate a rule as the configuration does."""
    return RuleConfig.model_validate({"name": "cans", "brand": "Larkmoor", **conditions})


def test_one_term_may_be_written_without_a_list() -> None:
    assert rule(any="a", all="b", none="c", lang="EN", pattern="d") == rule(
        any=["a"], all=["b"], none=["c"], lang=["en"], pattern=["d"]
    )
    assert rule(near=[{"words": ["a", ["b", "c"]]}]).near[0].words == (("a",), ("b", "c"))


@pytest.mark.parametrize(
    ("conditions", "place", "advice"),
    [
        ({"any": [1984]}, ("any", 0), 'write it in quotes, "1984"'),
        ({"any": [True]}, ("any", 0), 'in quotes, such as "no"'),
        ({"any": "x", "lang": [False]}, ("lang", 0), 'in quotes, such as "no"'),
        ({"any": ["ok", "?!"]}, ("any", 1), "no letter, digit or emoji"),
        ({"any": []}, ("any",), "at least 1"),
        ({"any": "x", "lang": "English"}, ("lang", 0), "two or three letters"),
        ({"near": [{"words": ["a"]}]}, ("near", 0, "words", 1), "required"),
        ({"near": [{"words": ["a", "b"], "within": 0}]}, ("near", 0, "within"), "greater than or equal to 1"),
        ({"none": "x"}, (), "rule 'cans' would hear nothing: add any, all, near or pattern"),
        ({"any": "x", "misspellings": {"y": "z"}}, (), "misspellings of 'y' but never uses it"),
        ({"any": "x", "nun": "y"}, ("nun",), "not permitted"),
    ],
)
def test_a_mistake_is_told_with_its_place(conditions: dict[str, Any], place: tuple[Any, ...], advice: str) -> None:
    with pytest.raises(ValidationError) as caught:
        rule(**conditions)
    (error,) = caught.value.errors(include_url=False)
    assert error["loc"] == place
    assert advice in error["msg"]


def test_two_rules_cannot_have_one_name() -> None:
    with pytest.raises(ValidationError, match="two rules are called 'cans'"):
        TypeAdapter(Rules).validate_python([rule(any="a"), rule(any="b")])


def test_own_handles_are_kept_bare() -> None:
    own = TypeAdapter(OwnAccounts).validate_python({"x": "@LarkMoor", "reddit": ["u/Larkmoor", "/u/lm"]})
    assert own == {"x": ("larkmoor",), "reddit": ("larkmoor", "lm")}


def test_an_empty_handle_is_refused() -> None:
    with pytest.raises(ValidationError, match="'@' is no handle"):
        TypeAdapter(OwnAccounts).validate_python({"x": ["@"]})


def test_editors_are_told_that_a_list_or_one_term_will_do() -> None:
    schema = RuleConfig.model_json_schema()
    for name in ("any", "all", "none", "lang", "pattern"):
        kinds = schema["properties"][name]["anyOf"]
        assert {kind["type"] for kind in kinds} >= {"string", "array"}, name
    assert schema["additionalProperties"] is False
