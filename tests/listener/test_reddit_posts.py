"""What Reddit shows becomes posts with what they answer, by the genuine asyncpraw; what is gone becomes none."""

from listener.post import Post, Unreadable
from listener.source import SourceError
from listener.sources.reddit import RedditConfig, RedditSource
from listener.sources.reddit_client import RedditClient, RedditClients
from playground.reddit import LoopbackReddit
from tests.listener.reddit_harness import OLD_AUTH, Naps, at, comments, config, hear, ids, many, poll, start

pytestmark = OLD_AUTH


async def test_a_short_comment_comes_with_the_comment_that_it_answers(
    reddit: LoopbackReddit, source: RedditSource
) -> None:
    """Whether that was heard just now or long ago; a longer one needs no more than the title of its thread."""
    old, other = [reddit.comment(text=text, at=at(-900)) for text in ("My Acme order never came", "Nice weather")]
    cursor = await start(source)
    asked = reddit.log.count("info")
    fresh = reddit.comment(text="Three weeks now, Acme", at=at(5), link_title="Acme?", parent=old)
    reddit.comment(text="same here, acme", at=at(6), parent=old)
    reddit.comment(text="acme: any update?", at=at(7), parent=fresh)
    reddit.comment(text="acme " * 40, at=at(8), link_title="Acme?", parent=other)
    reddit.comment(text="acme, yes", at=at(9), link_title="Acme?")
    posts = comments(await poll(source, cursor))
    assert [post.context for post in posts] == [
        "My Acme order never came",
        "My Acme order never came",
        "Three weeks now, Acme",
        "Acme?",
        "Acme?",
    ]
    assert reddit.log.count("info") == asked + 1


async def test_a_deleted_parent_leaves_the_title_of_the_thread(reddit: LoopbackReddit, source: RedditSource) -> None:
    """What its author took back is not kept as the context of another's comment."""
    old = reddit.comment(text="My Acme order never came", at=at(-900))
    cursor = await start(source)
    reddit.delete(old)
    reddit.comment(text="same here, acme", at=at(5), link_title="Acme?", parent=old)
    [post] = comments(await poll(source, cursor))
    assert post.context == "Acme?"


class WithoutParents(RedditClients):
    """Lends a client to which Reddit shows listings only."""

    def lend(self, config: RedditConfig) -> RedditClient:
        client = super().lend(config)
        client.texts = self._refuse  # type: ignore[method-assign]
        return client

    async def _refuse(self, fullnames: object) -> dict[str, str]:
        raise SourceError("api/info: Reddit answered HTTP 503")


async def test_where_parents_cannot_be_read_the_comments_come_all_the_same(reddit: LoopbackReddit, naps: Naps) -> None:
    """No post waits for what it answers."""
    source = RedditSource("forum", config(reddit), clients=WithoutParents(), now=lambda: at(0), sleep=naps)
    old = reddit.comment(text="My Acme order never came", at=at(-900))
    cursor = await start(source)
    reddit.comment(text="same here, acme", at=at(5), link_title="Acme?", parent=old)
    [post] = comments(await poll(source, cursor))
    await source.close()
    assert (post.context, naps.waits) == ("Acme?", [])


async def test_a_comment_becomes_a_post_with_its_thread_as_context(
    reddit: LoopbackReddit, source: RedditSource
) -> None:
    cursor = await start(source)
    name = reddit.comment(text="Empty can & no answer", author="ann", link_title="Acme beer?", at=at(5), score=7)
    [post] = [event for event in await poll(source, cursor) if isinstance(event, Post)]
    assert (post.native_id, post.text, post.author.handle) == (name, "Empty can & no answer", "ann")
    assert (post.context, post.posted_at) == ("Acme beer?", at(5))
    assert (post.reach.likes, post.reach.replies) == (7, 0)
    assert post.url is not None
    assert post.url.startswith(f"{reddit.base_url}/r/acme/comments/")
    assert post.reply_to is not None
    assert post.reply_to.startswith("t3_")


async def test_a_submission_becomes_a_post_of_title_and_text(reddit: LoopbackReddit, source: RedditSource) -> None:
    cursor = await start(source)
    reddit.submit(title="Empty can", text="In my multipack.", subreddit="help", at=at(5), score=3, replies=4)
    [post] = [event for event in await poll(source, cursor) if isinstance(event, Post)]
    assert (post.text, post.reach.likes, post.reach.replies) == ("Empty can\n\nIn my multipack.", 3, 4)


async def test_a_deleted_or_removed_item_is_no_post(reddit: LoopbackReddit, source: RedditSource) -> None:
    cursor = await start(source)
    names = [reddit.comment(text=str(n), at=at(n)) for n in range(1, 4)]
    reddit.corrupt(names[0], author="[deleted]", body="[deleted]")
    reddit.corrupt(names[1], body="[removed]")
    assert ids(await poll(source, cursor)) == names[2:]


async def test_an_item_that_cannot_be_read_is_set_aside_once_and_the_others_go_on(
    reddit: LoopbackReddit, source: RedditSource
) -> None:
    cursor = await start(source)
    bad, good, nameless = (reddit.comment(text=str(n), at=at(n)) for n in range(1, 4))
    reddit.corrupt(bad, body=None)
    reddit.corrupt(nameless, name=None)
    heard = await hear(source, cursor, lambda heard: len(heard) > 3)
    unreadable = [event.native_id for event in heard if isinstance(event, Unreadable)]
    assert sorted(unreadable, key=str) == sorted([bad, None], key=str)
    assert ids(heard) == [good]


async def test_removed_names_the_deleted_the_removed_the_vanished_and_those_of_closed_accounts(
    reddit: LoopbackReddit, source: RedditSource
) -> None:
    names = many(reddit, 240) + [reddit.submit(title=f"s{n}", text="t") for n in range(10)]
    names += [reddit.comment(text="still there, but nobody's", author="ann", at=at(500))]
    gone = [names[3], names[110], names[230], names[-2], names[-1]]
    reddit.close_account("ann")
    reddit.delete(gone[0])
    reddit.remove(gone[1])
    reddit.vanish(gone[2])
    reddit.delete(gone[3])
    assert await source.removed(names) == gone
    assert reddit.log.count("info") == 3


async def test_removed_asks_nothing_for_nothing(reddit: LoopbackReddit, source: RedditSource) -> None:
    assert await source.removed([]) == []
    assert reddit.log.count() == 0
