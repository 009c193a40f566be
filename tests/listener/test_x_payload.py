"""X's payloads become posts, whatever their spelling, and what is no post is told apart."""

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.post import Post, Removal, Unreadable
from listener.sources.x_payload import Notice, instant, read_line, read_page, snowflake
from playground.x.recording import raw_lines

FIXTURES = Path(__file__).parents[1] / "playground" / "fixtures" / "x"
RENAMED = {
    "edit_history_tweet_ids": "edit_history_post_ids",
    "note_tweet": "note_post",
    "referenced_tweets": "referenced_posts",
    "retweet_count": "repost_count",
    "tweets": "posts",
}


def page(name: str) -> Any:
    """A recorded answer."""
    rows = [json.loads(row) for row in (FIXTURES / "pages.jsonl").read_text("utf-8").split("\n") if row]
    return next(row["body"] for row in rows if row["name"] == name)


def renamed(value: Any) -> Any:
    """The same payload in X's new spelling."""
    if isinstance(value, dict):
        return {RENAMED.get(key, key): renamed(part) for key, part in value.items()}
    return [renamed(part) for part in value] if isinstance(value, list) else value


def line(**data: Any) -> bytes:
    return json.dumps({"data": {"id": "1377650090978992134", "text": "acme", **data}}).encode()


def post(raw: bytes) -> Post:
    read = read_line(raw)
    assert isinstance(read, Post), read
    return read


def test_the_recorded_stream_gives_its_four_posts_and_its_cut_off_line_is_unreadable() -> None:
    read = [read_line(raw) for raw in raw_lines(FIXTURES / "stream.jsonl")]
    assert [type(one) for one in read] == [Post, Post, Post, Post, Unreadable]
    first = read[0]
    assert isinstance(first, Post)
    assert first.native_id == "1377650090978992134"
    assert first.author.handle == "blackheart_265"
    assert first.author.location == "Mzuzu, Malawi"
    assert first.author.followers == 881
    assert first.posted_at.isoformat() == "2021-04-01T15:52:31+00:00"
    assert first.url == "https://x.com/blackheart_265/status/1377650090978992134"
    assert first.context is not None
    assert first.context.startswith("My car, Money, Warzone")
    assert first.lang == "en"


@pytest.mark.parametrize("name", ["edited_after", "edited_before", "quoted_edit", "search", "lookup"])
def test_both_spellings_of_the_renamed_fields_read_alike(name: str) -> None:
    assert read_page(page(name)) == read_page(renamed(page(name)))
    assert renamed(page(name)) != page(name)


def test_both_spellings_of_a_streamed_line_read_alike() -> None:
    whole = list(raw_lines(FIXTURES / "stream.jsonl"))[:4]
    for raw in whole:
        assert read_line(raw) == read_line(json.dumps(renamed(json.loads(raw))).encode())
        assert read_line(raw) != read_line(raw.replace(b"referenced_", b"other_").replace(b'"tweets"', b'"other"')) or (
            b"referenced_tweets" not in raw
        )


@pytest.mark.parametrize("key", ["note_tweet", "note_post"])
def test_a_long_post_is_read_from_its_note_because_its_text_is_cut(key: str) -> None:
    assert post(line(text="the beginning…", **{key: {"text": "the beginning & the end" * 20}})).text.endswith("the end")


def test_an_edit_names_the_ids_before_it_and_the_first_version_names_none() -> None:
    (after,) = read_page(page("edited_after")).events
    (before,) = read_page(page("edited_before")).events
    assert isinstance(after, Post)
    assert isinstance(before, Post)
    assert after.edit_of == (before.native_id,)
    assert before.edit_of == ()


def test_the_texts_that_a_post_answers_and_quotes_are_its_context() -> None:
    (quoting,) = read_page(page("quoted_edit")).events
    assert isinstance(quoting, Post)
    assert quoting.reply_to == "1576994789110992896"
    assert quoting.context is not None
    answered, quoted = quoting.context.split("\n")
    assert answered.startswith("hey :)")
    assert quoted.startswith("i miss y’all")


def test_a_repost_is_marked_and_carries_the_whole_text_it_repeats() -> None:
    events = read_page(page("search")).events
    (repost,) = [one for one in events if isinstance(one, Post) and one.repost_of]
    assert repost.text.startswith("RT @")
    assert repost.text.endswith("…")
    assert repost.context is not None
    assert len(repost.context) > len(repost.text)


def test_the_escapes_that_x_writes_into_texts_are_undone_once() -> None:
    assert post(line(text="Marks &amp; Spencer &lt;3 &amp;copy; &quot;")).text == 'Marks & Spencer <3 &copy; "'
    assert any("&amp;" in one["text"] for one in page("search")["data"])
    assert not any(isinstance(one, Post) and "&amp;" in one.text for one in read_page(page("search")).events)


def test_a_profile_is_not_unescaped_because_x_does_not_escape_it() -> None:
    users = [{"id": "7", "username": "jo", "name": "Jo", "description": "R&D, writes about &amp;"}]
    body = {"data": {"id": "5", "text": "t", "author_id": "7"}, "includes": {"users": users}}
    assert post(json.dumps(body).encode()).author.bio == "R&D, writes about &amp;"


def test_a_post_of_an_account_that_x_does_not_show_has_a_handle_nobody_can_own() -> None:
    hidden = post(line(author_id="42"))
    assert hidden.author.handle == "id:42"
    assert not re.fullmatch(r"\w{1,15}", hidden.author.handle)
    assert hidden.url == "https://x.com/i/status/1377650090978992134"


def test_a_post_without_a_time_has_the_time_that_its_id_holds() -> None:
    assert post(line()).posted_at == instant(1377650090978992134)
    assert abs((post(line()).posted_at - post(line(created_at="2021-04-01T15:52:31.000Z")).posted_at).seconds) <= 1


def test_an_id_made_from_a_time_holds_that_time() -> None:
    assert snowflake(instant(1377650090978992134)) <= 1377650090978992134
    assert instant(snowflake(instant(1377650090978992134))) == instant(1377650090978992134)


@pytest.mark.parametrize(
    ("body", "notice"),
    [
        (
            {"title": "ConnectionException", "detail": "d", "connection_issue": "TooManyConnections"},
            Notice("ConnectionException", "TooManyConnections", ends=True),
        ),
        (
            {"errors": [{"title": "operational-disconnect", "disconnect_type": "u"}]},
            Notice("operational-disconnect", None, True),
        ),
        ({"errors": [{"title": "something new"}]}, Notice("something new")),
    ],
)
def test_a_message_of_x_about_the_stream_is_no_post_and_not_unreadable(body: Any, notice: Notice) -> None:
    assert read_line(json.dumps(body).encode()) == notice


def test_a_post_that_comes_with_errors_about_what_it_refers_to_is_still_a_post() -> None:
    body = json.loads(line()) | {"errors": [{"title": "Not Found Error", "parameter": "referenced_tweets.id"}]}
    assert isinstance(read_line(json.dumps(body).encode()), Post)


def test_a_rule_without_a_tag_does_no_harm() -> None:
    body = json.loads(line()) | {"matching_rules": [{"id": 1377649934414049282}]}
    assert isinstance(read_line(json.dumps(body).encode()), Post)


@pytest.mark.parametrize(
    "raw",
    [
        b"\xff\xfe",
        b"{",
        b"[]",
        b"null",
        b"{}",
        line(id="12a"),
        line(id="9" * 40),
        line(created_at="0001-01-01T00:00:00+23:00"),
    ],
)
def test_what_is_no_post_is_unreadable_and_keeps_what_came(raw: bytes) -> None:
    read = read_line(raw)
    assert isinstance(read, Unreadable)
    assert read.raw == raw
    assert read.reason


def test_an_unreadable_post_keeps_its_id_where_it_has_one() -> None:
    read = read_line(b'{"data": {"id": "77", "text": 5}}')
    assert isinstance(read, Unreadable)
    assert read.native_id == "77"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["data", "id", "text", "errors", "includes", "users"]), inner)
    ),
    max_leaves=12,
)


@given(JSON)
def test_no_json_whatever_makes_the_reader_raise(value: Any) -> None:
    assert isinstance(read_line(json.dumps(value).encode()), Post | Notice | Unreadable)


@given(st.binary(max_size=60))
def test_no_bytes_whatever_make_the_reader_raise(raw: bytes) -> None:
    assert isinstance(read_line(raw), Post | Notice | Unreadable)


def test_deeply_nested_json_is_unreadable() -> None:
    assert isinstance(read_line(b"[" * 200_000), Unreadable)


def test_one_bad_post_leaves_the_others_of_a_page_readable() -> None:
    body = page("lookup")
    body["data"].insert(1, {"id": 5})
    assert [type(one) for one in read_page(body).events] == [Post, Unreadable, Post]


def test_ids_that_a_lookup_does_not_find_are_removals_and_missing_references_are_not() -> None:
    error = {"title": "Not Found Error", "resource_id": "9", "type": "t"}
    body = {"errors": [error | {"parameter": "ids"}, error | {"parameter": "referenced_tweets.id", "resource_id": "8"}]}
    assert read_page(body).removals == [Removal("9")]


def test_an_answer_of_another_shape_is_refused_as_a_whole() -> None:
    with pytest.raises(msgspec.ValidationError):
        read_page({"data": "none"})
