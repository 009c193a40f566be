"""The rulebook against the plain meaning of its rules."""

from hypothesis import given, settings
from hypothesis import strategies as st

from listener.config import RuleConfig
from listener.rules import Rulebook
from tests.listener.naive_rules import naive_hits
from tests.listener.rule_strategies import rules, texts


@settings(max_examples=600, deadline=None)
@given(rules(), st.lists(texts, min_size=1, max_size=4), st.sampled_from([None, "en", "de-AT", "fr", "und"]))
def test_the_rulebook_hits_exactly_what_the_rules_mean(
    book: list[RuleConfig], posts: list[str], lang: str | None
) -> None:
    made = Rulebook(book)
    for text in posts:
        assert [hit.rule for hit in made.hits(text, lang)] == naive_hits(book, text, lang)


@settings(max_examples=200, deadline=None)
@given(rules(), texts)
def test_a_hit_names_only_terms_of_its_rule_and_shows_them_in_the_text(book: list[RuleConfig], text: str) -> None:
    made = Rulebook(book)
    for hit in made.hits(text):
        (rule,) = (rule for rule in book if rule.name == hit.rule)
        assert set(hit.terms) <= {term for group in rule.groups() for term in group}
        assert made.spans(text, hit)
