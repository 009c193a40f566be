"""What a platform is asked for covers every post that a rule may hit."""

from typing import Any

from hypothesis import given, settings

from listener.asking import listen_terms, unheard
from listener.config import RuleConfig
from listener.rules import Rulebook
from tests.listener.rule_strategies import rules, texts


def rule(**conditions: Any) -> RuleConfig:
    """Make a rule of its conditions."""
    return RuleConfig.model_validate({"name": "r", "brand": "b", **conditions})


def test_a_word_is_asked_for_as_hashtag_and_handle_too() -> None:
    assert listen_terms([rule(any="Larkmoor")]) == ("#larkmoor", "@larkmoor", "larkmoor")


def test_an_accented_word_is_asked_for_in_both_spellings() -> None:
    asked = listen_terms([rule(any="Müller")])
    assert asked == ("#muller", "#müller", "@muller", "muller", "müller")


def test_misspellings_are_asked_for() -> None:
    assert "lark moor" in listen_terms([rule(any="larkmoor", misspellings={"larkmoor": ["lark moor"]})])


def test_of_several_conditions_the_rarest_is_asked_for() -> None:
    assert listen_terms([rule(any=["can", "tin"], all=["@larkmoorbrew"])]) == ("@larkmoorbrew",)


def test_what_is_asked_for_anyway_is_used_again() -> None:
    both = [rule(any="can"), rule(any="can", all=["@larkmoorbrew"])]
    assert listen_terms(both) == ("#can", "@can", "can")


def test_a_phrase_is_left_out_where_one_of_its_words_is_asked_for() -> None:
    assert "empty can" not in listen_terms([rule(any=["empty can", "can"])])
    assert listen_terms([rule(any="empty  Can")]) == ("empty can",)


def test_either_side_of_near_pairs_is_enough() -> None:
    near = [{"words": ["empty", "larkmoorbrew"]}, {"words": ["flat", "larkmoorbrew"]}]
    assert listen_terms([rule(near=near)]) == ("#larkmoorbrew", "@larkmoorbrew", "larkmoorbrew")


def test_rules_of_patterns_alone_are_named_since_no_filter_can_serve_them() -> None:
    both = [rule(pattern="[0-9]{6}", name="digits"), rule(any="can", pattern="[0-9]{6}")]
    assert unheard(both) == ("digits",)
    assert listen_terms(both) == ("#can", "@can", "can")


@settings(max_examples=300, deadline=None)
@given(rules(), texts)
def test_every_hit_holds_a_term_that_was_asked_for(book: list[RuleConfig], text: str) -> None:
    if Rulebook(book).hits(text):
        filters = [RuleConfig(name=term, brand="b", any=(term,)) for term in listen_terms(book)]
        assert Rulebook(filters).hits(text)
