"""What the matcher is told about a mention: the text, its author as the platform shows them, and when it was posted."""

from datetime import datetime
from typing import Literal

import msgspec

LinkPolicy = Literal["off", "review", "auto"]


class MentionText(msgspec.Struct, frozen=True):
    """One mention, as far as deciding needs it. ``posted_at`` is aware; ``lang`` is a BCP 47 tag or None.

    ``context`` is the text that the post answers or quotes. ``policy`` is the ``linking`` setting of its source:
    ``off`` seeks no link, ``review`` words every link as a hypothesis, ``auto`` lets a sure one be asserted.
    """

    text: str
    posted_at: datetime
    platform: str
    handle: str = ""
    name: str | None = None
    bio: str | None = None
    location: str | None = None
    context: str | None = None
    lang: str | None = None
    brand: str = ""
    policy: LinkPolicy = "review"
