"""Small phrases that every layout of a card shares."""

from datetime import datetime
from zoneinfo import ZoneInfo

from notifier.card import AlertCard, CaseLine, PostLine
from notifier.transports.plain import one_line

_PLATFORMS = {"x": "X", "reddit": "Reddit", "bluesky": "Bluesky", "mastodon": "Mastodon", "youtube": "YouTube"}
_CHANNELS = {"email": "E-mail", "phone": "Phone", "chat": "Chat", "in_person": "In person", "partner": "Partner"}
_STATES = {"done": "Done", "closed": "Closed", "dismissed": "Dismissed"}


def clock_time(at: datetime, timezone: str) -> str:
    """Return a moment as people read it on a wall: ``14:05 BST, Tue 4 Aug``."""
    local = at.astimezone(ZoneInfo(timezone))
    return f"{local:%H:%M %Z, %a} {local.day} {local:%b}"


def day(at: datetime, timezone: str) -> str:
    """Return a date: ``4 Aug 2026``."""
    local = at.astimezone(ZoneInfo(timezone))
    return f"{local.day} {local:%b %Y}"


def platform(post: PostLine) -> str:
    """Return the platform as its users write it."""
    return _PLATFORMS.get(post.platform, post.platform.replace("_", " ").title())


def author(post: PostLine) -> str:
    """Return who posted, as the platform shows it: ``Jen Ellery (@jen_e)``."""
    handle = one_line(post.handle).lstrip("@")
    mark = f"u/{handle}" if post.platform == "reddit" else f"@{handle}"
    name = one_line(post.name or "")
    return f"{name} ({mark})" if name and name != handle else mark


def reach(post: PostLine) -> str:
    """Return how far the post had travelled: ``212 followers, 14 likes``; what is unknown or nought is left out."""
    shares = "shares" if post.platform == "reddit" else "reposts"
    counts = (
        (post.followers or 0, "followers"),
        (post.likes, "likes"),
        (post.reposts, shares),
        (post.replies, "replies"),
    )
    return ", ".join(f"{count:,} {_one(word) if count == 1 else word}" for count, word in counts if count)


def case_title(case: CaseLine) -> str:
    """Return what the case is about: ``E-mail case: Empty can in multipack (12 x Pale Ale)``."""
    about = one_line(case.subject)
    if case.product and case.product.casefold() not in about.casefold():
        about = f"{about} ({one_line(case.product)})" if about else one_line(case.product)
    return f"{_CHANNELS.get(case.channel, case.channel)} case" + (f": {about}" if about else "")


def case_wait(case: CaseLine, timezone: str) -> str:
    """Return how long the case has waited: ``waiting 9 days 4 h, since 3 Aug 2026``."""
    return f"waiting {one_line(case.waiting)}, since {day(case.opened_at, timezone)}"


def likely(case: CaseLine) -> str:
    """Return how likely a candidate is and what tells it apart; never 0% or 100%, for a link is a hypothesis."""
    share = f"{min(max(round(case.probability * 100), 1), 99)}% likely"
    return f"{share}: {one_line(case.differs)}" if case.differs else share


def sentence(text: str) -> str:
    """Return a phrase on one line, beginning with a capital letter."""
    text = one_line(text)
    return text[:1].upper() + text[1:]


def reasons(card: AlertCard) -> tuple[str, str]:
    """Return the titles above what speaks for the case, and against it."""
    if card.kind == "possible" and card.candidates:
        best = one_line(card.candidates[0].case_id)
        return f"What speaks for {best}", f"What speaks against {best}"
    return "Why we think so", "What speaks against it"


def warning(card: AlertCard) -> str:
    """Return the title above what must not be said."""
    return "Before anybody answers" if card.kind == "unlinked" else "The poster may not be the customer"


def more_posts(card: AlertCard) -> str:
    """Return the title above the further posts: ``2 more posts about this``."""
    return f"{card.folded} more {'post' if card.folded == 1 else 'posts'} about this"


QUIET = "Waiting in silence with the same problem"
"""The title above older cases of which nobody posted."""


def state(card: AlertCard) -> str:
    """Return where the alert stands, or an empty text while it is open and nobody has taken it."""
    if card.state == "taken":
        who = f" by {one_line(card.taken_by)}" if card.taken_by else ""
        return f"Taken{who}" + (f" at {clock_time(card.taken_at, card.timezone)}" if card.taken_at else "")
    if card.state == "open":
        return ""
    return _STATES[card.state] + (f": {one_line(card.closing)}" if card.closing else "")


def footing(card: AlertCard) -> str:
    """Return why this receiver got the alert: the team, the brand, the source, and by whom a threshold was moved."""
    source = f"source {one_line(card.source)}"
    parts = (f"For the {one_line(card.team)} team", one_line(card.brand or ""), source, one_line(card.moved))
    return " · ".join(part for part in parts if part)


def _one(word: str) -> str:
    return word[:-3] + "y" if word.endswith("ies") else word[:-1]
