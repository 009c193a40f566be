"""Why a rule hits or not, in sentences."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listener.config import RuleConfig
from listener.explain import explain
from listener.rules import Rulebook
from tests.listener.rule_strategies import rules, texts

RULE = {
    "name": "cans",
    "brand": "Larkmoor",
    "any": ["larkmoor", "@larkmoor"],
    "all": [["beer", "ale"]],
    "none": ["giveaway"],
    "near": [{"words": ["empty", "can"], "within": 2}],
    "lang": ["en"],
    "pattern": [r"\d+ cans?"],
}


@pytest.mark.parametrize(
    ("text", "lang", "reasons"),
    [
        (
            "@larkmoor beer: 1 can empty",
            "en",
            (
                'lang: the post is in en, and the rule hears "en"',
                'any: found "larkmoor" or "@larkmoor"',
                'all: found "beer"',
                'near: "empty" and "can" stand 1 words apart, 2 are allowed',
                r'pattern: found "\d+ cans?"',
            ),
        ),
        ("@larkmoor beer: 1 can empty", "de", ('lang: the post is in de, and the rule hears "en"',)),
        ("larkmoor ale giveaway 1 can empty", None, ('none: "giveaway" must not stand in the text, but one does',)),
        (
            "larkmoors beer 1 can is not empty",
            None,
            (
                'any: "larkmoor" stands only inside a longer word, handle or address',
                'near: "empty" and "can" stand 3 words apart, 2 are allowed',
            ),
        ),
        (
            "larkmoor can empty",
            None,
            ('all: "beer" or "ale" does not stand in the text', r'pattern: "\d+ cans?" is not found'),
        ),
        ("larkmoor beer 1 can", None, ('near: "empty" and "can" do not both stand in the text',)),
    ],
)
def test_each_condition_gives_its_reason(text: str, lang: str | None, reasons: tuple[str, ...]) -> None:
    (told,) = explain(Rulebook([RuleConfig.model_validate(RULE)]), text, lang)
    assert told.reasons == reasons


def test_an_unknown_language_is_said_not_to_count() -> None:
    book = Rulebook([RuleConfig(name="r", brand="b", any=("can",), lang=("en",))])
    (told,) = explain(book, "can", "und")
    assert told.hits
    assert told.reasons[0] == 'lang: the language is not known, so "en" is not asked for'


@settings(max_examples=300, deadline=None)
@given(rules(), texts, st.sampled_from([None, "en", "fr"]))
def test_explanations_agree_with_hits_and_always_say_why(book: list[RuleConfig], text: str, lang: Any) -> None:
    made = Rulebook(book)
    told = explain(made, text, lang)
    assert [one.rule for one in told if one.hits] == [hit.rule for hit in made.hits(text, lang)]
    assert all(one.reasons for one in told)
