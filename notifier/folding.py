"""Finds the live alert that a further post belongs to, and adds the post to it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger import alerts, mentions
from notifier import debts
from notifier.config import Notable, NotifierConfig

_MOST = 0.5


async def kindred(
    conn: AsyncConnection, mention: Row[Any], fold_key: str, candidates: Sequence[Row[Any]]
) -> Row[Any] | None:
    """Give the live alert that a mention folds into although its key is another, or None.

    Where the post is an edit, that is the alert of what it was before; else, where a post is possibly about several
    cases but most probably (at least one half) about one, the alert of that case: its team looks at it already, and a
    second question about the same case would only take their time.
    """
    if fold_key.startswith("case:"):
        return None
    if earlier := await _of_earlier_version(conn, mention):
        return earlier
    if candidates and candidates[0].probability >= _MOST:
        return await alerts.live(conn, f"case:{candidates[0].case_id}")
    return None


async def fold_in(
    conn: AsyncConnection, config: NotifierConfig, alert: Row[Any], mention: Row[Any], now: datetime
) -> None:
    """Add a mention to a live alert: its message is edited, and what is news gets a note below it."""
    people = await _posters(conn, alert.alert_id)
    if not await alerts.fold(conn, alert.alert_id, mention.id, now):
        return
    await alerts.touch(conn, alert.alert_id)
    await debts.owe_edits(conn, config, alert.alert_id, now)
    if news := _news(mention, people, config.notable):
        receivers = await debts.told(conn, alert.alert_id)
        key = f"{debts.FOLDED}{mention.id}"
        await debts.owe(conn, config, alert.alert_id, receivers, step_key=key, now=now, headline=lambda _: news)


def _news(mention: Row[Any], people: set[tuple[str, str]], notable: Notable) -> str | None:
    """Say what is new about a further post, or None; the poster is not named, for this line outlives the post."""
    if stands_out(mention, notable):
        followers = mention.author.get("followers") or 0
        return f"Another post about this spreads: {followers:,} followers, {_reactions(mention):,} likes and reposts"
    return None if _person(mention) in people else "Somebody else has posted about this, too"


def stands_out(mention: Row[Any], notable: Notable) -> bool:
    """Say whether a post reaches so many people that the team should hear of it at once."""
    followers = mention.author.get("followers") or 0
    return followers >= notable.followers or _reactions(mention) >= notable.reactions


def _reactions(mention: Row[Any]) -> int:
    return int(mention.reach.get("likes", 0)) + int(mention.reach.get("reposts", 0))


async def _of_earlier_version(conn: AsyncConnection, mention: Row[Any]) -> Row[Any] | None:
    if not mention.edit_of:
        return None
    earlier = await mentions.by_native_id(conn, mention.source, mention.edit_of)
    found = await alerts.of_mention(conn, earlier.id) if earlier else ()
    return next((row for row in found if row.state in alerts.LIVE), None)


async def _posters(conn: AsyncConnection, alert_id: str) -> set[tuple[str, str]]:
    rows = [await mentions.get(conn, each) for each in await alerts.mention_ids(conn, alert_id)]
    return {_person(row) for row in rows if row is not None}


def _person(mention: Row[Any]) -> tuple[str, str]:
    return mention.platform, str(mention.author.get("handle") or "").casefold()
