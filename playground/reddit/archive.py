"""What has been published on the loopback Reddit, and what became of it."""

from playground.reddit.listing import CAP
from playground.reddit.things import Thing, base36, comment_data, submission_data

_FIRST = 36**6
_YEAR = 86400 * 365


class Archive:
    """All comments and submissions, by fullname, in the order in which they were published."""

    def __init__(self) -> None:
        self.things: dict[str, Thing] = {}
        self.bios: dict[str, str] = {}
        self._threads: dict[tuple[str, str], Thing] = {}
        self._count = 0

    def submit(
        self, title: str, text: str, author: str, subreddit: str, created: float, score: int, replies: int
    ) -> Thing:
        number = self._next()
        data = submission_data(
            base36(number),
            title=title,
            text=text,
            author=author,
            subreddit=subreddit,
            created=created,
            score=score,
            replies=replies,
        )
        thing = self._keep(Thing("t3", number, data))
        self._threads.setdefault((subreddit, title), thing)
        return thing

    def comment(
        self, text: str, author: str, subreddit: str, created: float, link_title: str, parent: str | None, score: int
    ) -> Thing:
        link = self._thread(link_title, subreddit, created)
        number = self._next()
        data = comment_data(
            base36(number),
            text=text,
            author=author,
            subreddit=subreddit,
            created=created,
            link=link.data,
            parent=parent,
            score=score,
        )
        link.data["num_comments"] += 1
        return self._keep(Thing("t1", number, data))

    def blank(self, fullname: str, author: str | None, text: str) -> None:
        """Take a thing out of the listings; its id still answers, with the placeholder for a text."""
        thing = self.things[fullname]
        thing.removed = True
        thing.data["body" if thing.kind == "t1" else "selftext"] = text
        if author is not None:
            thing.data["author"] = author
            thing.data.pop("author_fullname", None)
        if thing.kind == "t3":
            thing.data["removed_by_category"] = "deleted" if author else "moderator"

    def disown(self, handle: str) -> None:
        """Take the author's name off all that the account wrote."""
        for thing in self.things.values():
            if thing.data["author"].lower() == handle.lower():
                thing.data["author"] = "[deleted]"
                thing.data.pop("author_fullname", None)

    def forget(self, fullname: str) -> None:
        del self.things[fullname]

    def edit(self, fullname: str, text: str, at: float) -> None:
        data = self.things[fullname].data
        data["body" if fullname.startswith("t1_") else "selftext"] = text
        data["edited"] = at

    def named(self, fullnames: list[str]) -> list[Thing]:
        """Give those of the first 100 fullnames that are known, in the order asked."""
        return [self.things[name] for name in fullnames[:100] if name in self.things]

    def subreddits(self, joined: str) -> set[str]:
        """Give the lower-case names in ``acme+help``; ``all`` stands for every one."""
        if joined.lower() == "all":
            return {thing.data["subreddit"].lower() for thing in self.things.values()}
        return set(joined.lower().split("+"))

    def search(self, words: str, subs: str) -> list[Thing]:
        """Give submissions holding every word, newest first; Reddit's search knows no comments."""
        wanted = words.lower().split()
        names = self.subreddits(subs)
        found = [
            thing
            for thing in self.things.values()
            if thing.kind == "t3" and not thing.removed and thing.data["subreddit"].lower() in names
            if all(word in f"{thing.data['title']} {thing.data['selftext']}".lower() for word in wanted)
        ]
        return sorted(found, key=lambda thing: (thing.created, thing.number), reverse=True)[:CAP]

    def is_author(self, handle: str) -> bool:
        return any(thing.data["author"].lower() == handle.lower() for thing in self.things.values())

    def _thread(self, title: str, subreddit: str, created: float) -> Thing:
        known = self._threads.get((subreddit, title))
        return known or self.submit(title, "", "thread_starter", subreddit, created - _YEAR, 1, 0)

    def _keep(self, thing: Thing) -> Thing:
        self.things[thing.fullname] = thing
        return thing

    def _next(self) -> int:
        self._count += 1
        return _FIRST + self._count
