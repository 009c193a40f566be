"""Texts and patterns that were made to hurt. Work is bounded by what is read, so these end at once or not at all."""

import pytest

from listener.config import RuleConfig
from listener.rules import LONGEST_TEXT, Rulebook

BOOK = Rulebook(
    [
        RuleConfig.model_validate(
            {
                "name": "cans",
                "brand": "b",
                "any": ["larkmoor", "@larkmoor", "a", "aa", "aaa", "_a"],
                "near": [{"words": [["a", "larkmoor"], ["can", "@larkmoor"]], "within": 50}],
                "none": ["giveaway"],
            }
        ),
        RuleConfig(
            name="evil", brand="b", pattern=(r"(a+)+$", r"(a|a)*b", r"(.*)*=x", r"([a-z]+)*1", r"^(([a-z])+.)+[A-Z]1$")
        ),
    ]
)


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "text",
    [
        "@larkmoor " * 100_000,
        "larkmoor can " * 100_000,
        "a" * 1_000_000,
        "_a" * 500_000,
        "_" * 1_000_000 + "a",
        "a " * 500_000,
        "a\n\n" * 300_000,
        "a" + "\u0301\u0327" * 500_000,
        "か" + "\u3099\u093c" * 500_000,
        "한" * 1_000_000,
        "\u1100\u1161\u11a8" * 300_000,
        "\U000e0061" * 1_000_000,
        "\u202e\u2066" * 500_000,
        "Ａ" * 1_000_000,
        "ﷺ" * 300_000,
        "\ud83d" * 1_000_000,
        "\x00" * 1_000_000,
        "https://larkmoor.example/" + "%20" * 300_000,
        "x=" * 500_000,
        "🏳️‍🌈" * 200_000,
    ],
    ids=lambda text: ascii(text[:6]),
)
def test_a_text_of_a_megabyte_costs_no_more_than_what_is_read_of_it(text: str) -> None:
    BOOK.hits(text)
    assert BOOK.hits(text) == BOOK.hits(text[:LONGEST_TEXT])


def test_ten_thousand_mentions_in_one_post_are_one_hit() -> None:
    (hit,) = BOOK.hits("@larkmoor can " * 10_000)[:1]
    assert hit.terms == ("larkmoor", "@larkmoor", "can")


def test_what_stands_beyond_the_longest_text_is_not_read() -> None:
    book = Rulebook([RuleConfig(name="r", brand="b", any=("larkmoor",))])
    assert book.hits(" " * (LONGEST_TEXT - 8) + "larkmoor")
    assert not book.hits(" " * (LONGEST_TEXT - 7) + "larkmoor")


@pytest.mark.parametrize("text", ["\ud800", "larkmoor can a \ud83d\ude00", "\udc00@larkmoor a can\ud800", "can\ud800a"])
def test_lone_surrogates_do_not_raise_and_hide_nothing(text: str) -> None:
    assert bool(BOOK.hits(text)) is ("can" in text)


@pytest.mark.timeout(20)
def test_a_thousand_rules_on_the_same_term_are_weighed_together() -> None:
    rules = [RuleConfig(name=str(n), brand="b", any=("larkmoor",), all=((f"w{n}",),)) for n in range(1000)]
    assert [hit.rule for hit in Rulebook(rules).hits("larkmoor w17 w999")] == ["17", "999"]
