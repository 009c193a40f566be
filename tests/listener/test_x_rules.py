"""Terms become few rules that fit X's limits, and X's list is kept in step without touching others' rules."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.sources.x_rules import RULE_CHARS, SEARCH_CHARS, Rule, XQuery, check, plan, queries, searches
from playground.x.query import Query

WORDS = st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyzäé0123456789"), min_size=1, max_size=20)
TERMS = st.lists(
    st.one_of(WORDS, WORDS.map("@{}".format), WORDS.map("#{}".format), st.lists(WORDS, min_size=2).map(" ".join)),
    min_size=1,
)


def parts(value: str) -> list[str]:
    """The alternatives of a packed value."""
    return value.removesuffix(" -is:retweet").removeprefix("(").removesuffix(")").split(" OR ")


def test_words_phrases_handles_and_tags_are_written_as_x_wants_them() -> None:
    (query,) = queries(["empty can", "@acme", "#acmefail", "drop-off", "acme"])
    assert query == XQuery("any-1", '"drop-off" OR "empty can" OR #acmefail OR @acme OR acme')


def test_a_word_that_x_would_take_for_an_operator_is_quoted() -> None:
    assert queries(["OR"])[0].value == '"OR"'
    assert queries(["from:acme"])[0].value == '"from:acme"'
    assert queries(["-acme"])[0].value == '"-acme"'
    assert queries(['the "best"'])[0].value == '"the best"'


def test_reposts_can_be_left_out_and_the_language_narrowed() -> None:
    assert queries(["acme"], reposts=False)[0].value == "acme -is:retweet"
    assert queries(["acme", "zeta"], lang="de")[0].value == "(acme OR zeta) lang:de"


@given(TERMS, st.booleans())
def test_every_term_is_in_one_rule_and_every_rule_fits_and_is_understood(terms: list[str], reposts: bool) -> None:
    packed = queries(terms, reposts=reposts)
    every = [part for query in packed for part in parts(query.value)]
    assert {part.strip('"').casefold() for part in every} == {" ".join(term.split()).casefold() for term in terms}
    assert len(every) == len(set(every))
    for query in packed:
        Query(query.value, limit=RULE_CHARS, stream=True)
    assert len({query.tag for query in packed}) == len(packed)


@given(TERMS, st.booleans())
def test_a_rule_is_searched_for_by_queries_that_hold_the_same_terms_and_fit(terms: list[str], reposts: bool) -> None:
    for query in queries(terms, reposts=reposts):
        found = searches(query)
        assert sorted(part for value in found for part in parts(value)) == sorted(parts(query.value))
        assert all(value.endswith("-is:retweet") != reposts for value in found)
        for value in found:
            Query(value, limit=SEARCH_CHARS, stream=False)


def test_packing_takes_as_few_rules_as_fit() -> None:
    packed = queries([f"word{number:03d}" for number in range(200)])
    assert len(packed) == 3
    assert all(len(query.value) > RULE_CHARS - 20 for query in packed[:-1])


def test_a_term_that_is_empty_or_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing to look for"):
        queries([" "])
    with pytest.raises(ValueError, match="does not fit"):
        queries(["x" * 1_100])


def test_a_rule_that_search_cannot_find_says_why() -> None:
    with pytest.raises(ValueError, match="bio:"):
        searches(XQuery("fans", "acme bio:brewer"))
    assert searches(XQuery("quoted", '"my bio: brewer"')) == ('"my bio: brewer"',)
    with pytest.raises(ValueError, match="split it"):
        searches(XQuery("long", "acme " + " ".join(["beer"] * 200)))


def test_an_or_inside_a_phrase_or_a_group_is_no_place_to_split() -> None:
    group = "(" + " OR ".join(f"word{number}" for number in range(20)) + ")"
    value = " OR ".join([group, '"either OR"', *(f"term{number:03d}" for number in range(60))])
    found = searches(XQuery("mixed", value))
    assert len(found) == 2
    assert sum(group in part for part in found) == 1
    assert sum('"either OR"' in part for part in found) == 1


def test_rules_beyond_x_s_limits_are_refused_before_x_is_asked() -> None:
    with pytest.raises(ValueError, match="rule long has 1025"):
        check([XQuery("long", "x" * 1_025)])
    with pytest.raises(ValueError, match="more than the 1000"):
        check([XQuery(str(number), "x") for number in range(1_001)])


def test_only_stale_rules_of_ours_are_deleted_and_only_missing_ones_added() -> None:
    ours, stale = Rule("1", "acme", "backchannel:any-1"), Rule("2", "old", "backchannel:any-2")
    foreign, untagged, same = Rule("3", "cats", "pets"), Rule("4", "dogs"), Rule("5", "zeta", "pets")
    changes = plan(
        [ours, stale, foreign, untagged, same], [XQuery("a", "acme"), XQuery("b", "zeta"), XQuery("c", "new")]
    )
    assert changes.add == (XQuery("c", "new"),)
    assert changes.delete == (stale,)
