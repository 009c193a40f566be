"""The section of ``config.yaml`` that describes a Reddit source."""

import re
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from ledger.section import Duration, Secret, Section

_SUBREDDIT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_]{1,23}|u_[A-Za-z0-9_-]{3,20}")


def _subreddit(name: str) -> str:
    if name.lower() in {"all", "popular"}:
        raise ValueError(f"r/{name} is not complete and outruns Reddit's limits: name the subreddits themselves")
    if not _SUBREDDIT.fullmatch(name):
        raise ValueError(f"{name!r} is no subreddit: write its name alone, such as acme, without r/ or a link")
    return name


def _positive(value: timedelta) -> timedelta:
    if value <= timedelta():
        raise ValueError("this must be longer than 0s")
    return value


Subreddit = Annotated[str, AfterValidator(_subreddit)]
Span = Annotated[Duration, AfterValidator(_positive)]


class RedditConfig(Section):
    """Comments and submissions of some subreddits, read with an approved Reddit app's own credentials.

    ``linking`` is off unless set: Reddit's Public Content Policy forbids using its content to identify people.
    ``overlap`` is how long behind the newest item a late one is still taken; ``backfill`` is how far a first start
    reaches back. ``recheck_every`` is how often posts that alerts show are asked for again: what is gone there must go.
    """

    kind: Literal["reddit"]
    client_id: Secret
    client_secret: Secret
    user_agent: Annotated[str, Field(min_length=7, examples=["linux:backchannel:0.1 (by /u/yourname)"])]
    subreddits: Annotated[tuple[Subreddit, ...], Field(min_length=1)]
    base_url: str = "https://www.reddit.com"
    oauth_url: str = "https://oauth.reddit.com"
    poll_every: Span = timedelta(seconds=10)
    request_timeout: Span = timedelta(seconds=20)
    overlap: Span = timedelta(minutes=2)
    backfill: Duration | None = None
    linking: Literal["off", "review", "auto"] = "off"
    recheck_every: Span = timedelta(hours=6)

    @property
    def credential(self) -> tuple[str, ...]:
        """What one rate limit is counted against."""
        return self.client_id.get_secret_value(), self.client_secret.get_secret_value(), self.base_url, self.oauth_url

    @property
    def joined(self) -> str:
        """The subreddits as Reddit takes several at once: ``acme+help``."""
        return "+".join(self.subreddits)
