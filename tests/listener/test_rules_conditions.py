"""The conditions of a rule, one by one and together."""

from datetime import UTC, datetime
from typing import Any

import pytest

from listener.config import RuleConfig
from listener.post import Author, Post
from listener.rules import Rulebook


def rule(**conditions: Any) -> RuleConfig:
    """Make a rule; name and brand matter only where a test says so."""
    return RuleConfig.model_validate({"name": "r", "brand": "b", **conditions})


def hears(text: str, spoken: str | None = None, /, **conditions: Any) -> bool:
    """Tell whether one rule hears a text."""
    return bool(Rulebook([rule(**conditions)]).hits(text, spoken))


def post(text: str, handle: str = "wife", **fields: Any) -> Post:
    """Make a post."""
    return Post(native_id="1", author=Author(handle), text=text, posted_at=datetime(2026, 3, 1, tzinfo=UTC), **fields)


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("larkmoor can flat", True),
        ("larkmoor tin stale", True),
        ("larkmoor can", False),
        ("larkmoor flat", False),
        ("can flat", False),
    ],
)
def test_every_group_of_all_needs_one_of_its_terms(text: str, heard: bool) -> None:
    assert hears(text, any="larkmoor", all=[["can", "tin"], ["flat", "stale"]]) is heard


def test_a_bare_term_in_all_has_to_stand_in_the_post() -> None:
    assert hears("larkmoor flat", all=["larkmoor", "flat"])
    assert not hears("larkmoor", all=["larkmoor", "flat"])


def test_a_term_of_none_silences_the_rule_in_every_spelling() -> None:
    conditions: dict[str, Any] = {"any": "larkmoor", "none": ["give away"], "misspellings": {"give away": "giveaway"}}
    assert hears("larkmoor giver", **conditions)
    assert not hears("larkmoor GIVE\naway", **conditions)
    assert not hears("larkmoor #Giveaway", **conditions)


def test_a_misspelling_counts_as_its_term_in_every_condition() -> None:
    spelled = {"Larkmoor": ["larkmore", "lark moor"], "can": "cann"}
    assert hears("LARKMORE", any="larkmoor", misspellings={"Larkmoor": "larkmore"})
    assert hears("lark  moor cann", any="larkmoor", all=["can"], misspellings=spelled)
    assert hears("lark moor empty cann", near=[{"words": ["larkmoor", "can"], "within": 2}], misspellings=spelled)


def test_a_misspelling_belongs_to_its_rule_alone() -> None:
    book = Rulebook([rule(any="larkmoor", misspellings={"larkmoor": "larkmore"}), rule(any="larkmoor", name="s")])
    assert [hit.rule for hit in book.hits("larkmore")] == ["r"]


@pytest.mark.parametrize(
    ("text", "within", "heard"),
    [
        ("empty can", 1, True),
        ("can, empty", 1, True),
        ("empty beer can", 1, False),
        ("empty beer can", 2, True),
        ("can was sadly empty", 2, False),
        ("can was sadly empty", 3, True),
        ("can — 😂 — empty", 1, True),
        ("can isn't empty", 2, True),
        ("empty glass and no can but an empty box", 3, True),
        ("empty empty x x x can x can", 4, True),
        ("empty empty x x x can x can", 3, False),
        ("scan empty", 5, False),
        ("empty", 5, False),
    ],
)
def test_near_counts_words_in_either_order(text: str, within: int, heard: bool) -> None:
    assert hears(text, near=[{"words": ["empty", "can"], "within": within}]) is heard


def test_near_does_not_take_one_place_for_two() -> None:
    assert not hears("an empty can", near=[{"words": ["empty can", "can"], "within": 5}])
    assert hears("an empty can of a can", near=[{"words": ["empty can", "can"], "within": 5}])


def test_one_of_several_near_pairs_is_enough_and_each_side_may_be_a_choice() -> None:
    near = [{"words": ["empty", ["can", "tin"]], "within": 2}, {"words": ["flat", "beer"], "within": 2}]
    assert hears("empty tin", near=near)
    assert hears("beer flat", near=near)
    assert not hears("empty and flat", near=near)
    assert not hears("empty beer", near=near)


@pytest.mark.parametrize(
    ("lang", "heard"),
    [
        ("en", True),
        ("EN", True),
        ("en-GB", True),
        ("en_GB", True),
        ("he", True),
        ("iw", True),
        ("de", False),
        (None, True),
        ("", True),
        ("und", True),
        ("zxx", True),
        ("qme", True),
    ],
)
def test_lang_keeps_other_languages_out_and_lets_unknown_ones_pass(lang: str | None, heard: bool) -> None:
    assert hears("larkmoor", lang, any="larkmoor", lang=["en", "he"]) is heard


def test_a_rule_without_lang_hears_every_language() -> None:
    assert hears("larkmoor", "de", any="larkmoor")


def test_hits_come_by_priority_then_in_the_configured_order() -> None:
    rules = [
        rule(any="can", name=name, priority=priority) for name, priority in [("a", 0), ("b", 5), ("c", 0), ("d", 5)]
    ]
    assert [hit.rule for hit in Rulebook(rules).hits("can")] == ["b", "d", "a", "c"]


def test_many_rules_are_told_apart() -> None:
    rules = [rule(any=f"brand{n}", all=[f"word{n % 7}"], name=str(n)) for n in range(300)]
    assert [hit.rule for hit in Rulebook(rules).hits("brand12 brand13 brand255 word5 word3")] == ["12", "255"]


def test_an_empty_rulebook_hears_nothing() -> None:
    assert Rulebook([]).hits("larkmoor") == ()


def test_a_pure_repost_is_no_mention() -> None:
    book = Rulebook([rule(any="larkmoor")])
    assert book.hears(post("larkmoor"), "x")
    assert not book.hears(post("larkmoor", repost_of="7"), "x")


@pytest.mark.parametrize("handle", ["larkmoor", "Larkmoor", "@larkmoor", "u/larkmoor", "/u/Larkmoor"])
def test_our_own_accounts_are_not_heard_on_their_platform(handle: str) -> None:
    book = Rulebook([rule(any="larkmoor")], own_accounts={"x": ["@LarkMoor"]})
    assert not book.hears(post("larkmoor", handle), "x")
    assert book.hears(post("larkmoor", handle), "reddit")
    assert book.hears(post("larkmoor", handle + "fan"), "x")


def test_the_language_of_a_post_reaches_the_rules() -> None:
    book = Rulebook([rule(any="larkmoor", lang="en")])
    assert not book.hears(post("larkmoor", lang="de"), "x")
