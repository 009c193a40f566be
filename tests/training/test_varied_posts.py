"""Posts are varied before the network reads them, the same way for the same seed, and the corpus can be read."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.verdict import KINDS
from matcher.wording import plain
from training.rows import foreign, group, labelled, needs_reply
from training.varied import varied

POST = "@larkmill three emails, and nobody answers. My order is lost! I want my money back 😡 https://x.example/1"


def test_a_seed_gives_the_same_variations() -> None:
    """A fit can be repeated: nothing but the seed decides what is changed."""
    first, second = ([varied(POST, rng) for _ in range(50)] for rng in (Random(1), Random(1)))
    assert first == second
    assert len(set(first)) > 10


def test_the_words_of_a_post_mostly_stay() -> None:
    """Somebody else's typing is still the same complaint."""
    rng = Random(2)
    for _ in range(200):
        said = varied(POST, rng)
        assert len(set(said.split()) & set(plain(POST).split())) >= 5


@given(st.text(), st.integers(0, 1000))
def test_no_post_is_varied_into_nothing(text: str, seed: int) -> None:
    """What has something to read keeps something to read."""
    assert varied(text, Random(seed)).strip() or not plain(text)


def test_the_corpus_has_one_row_per_id_and_all_its_languages() -> None:
    """Predictions are stored by id, so an id stands for one row."""
    rows = labelled()
    assert len({row.id for row in rows}) == len(rows) >= 6000
    assert {row.lang for row in rows} == {"en", "de", "fr", "es", "pt", "it", "nl"}
    assert len(foreign()) > 100


def test_a_trade_is_left_out_whole() -> None:
    """Rows of one trade and language share a group, but for chatter, which is about none, and railways."""
    groups: dict[tuple[str, str], set[str]] = {}
    for row in labelled():
        groups.setdefault((row.lang, row.trade), set()).add(group(row))
    split = {trade for (_, trade), found in groups.items() if len(found) > 1}
    assert split == {"chatter", "quoted", "support_replies", "rail"}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_complaint_has_rows_to_learn_from(kind: str) -> None:
    """A head without examples could learn nothing."""
    assert sum(row.kind == kind for row in labelled()) > 50


def test_who_waits_for_an_answer_needs_a_reply() -> None:
    """Every complaint over a silence and every plea for help needs one; thanks need none."""
    rows = labelled()
    assert all(needs_reply(row) for row in rows if row.asks_help or row.prior_contact)
    assert not any(needs_reply(row) for row in rows if row.kind == "thanks" and not row.asks_help)
