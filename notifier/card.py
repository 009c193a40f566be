"""The content of one alert message: plain values and finished sentences that every transport lays out its own way."""

from datetime import datetime
from typing import Literal

import msgspec

AlertKind = Literal["link", "possible", "unlinked"]
AlertState = Literal["open", "taken", "done", "closed", "dismissed"]
Note = Literal["raised", "reminder", "escalation", "closed"]


class CaseLine(msgspec.Struct, frozen=True, kw_only=True):
    """One case as an alert shows it; ``customer`` is a name or initials, as the receiver may see.

    ``waiting`` ("9 days 4 h") and ``contact`` ("answer in the e-mail thread") are finished phrases; where an alert is
    over there is nothing to do, and ``contact`` is empty. ``differs`` says what tells this candidate apart from the
    others, and stays empty where there is only one. ``opened_at`` is in UTC.
    """

    case_id: str
    customer: str
    channel: str
    subject: str
    opened_at: datetime
    waiting: str
    probability: float
    contact: str
    product: str | None = None
    url: str | None = None
    differs: str = ""


class EvidenceLine(msgspec.Struct, frozen=True):
    """One reason for or against the case; ``weight`` is in log odds, ``code`` names it in reports."""

    code: str
    weight: float
    sentence: str


class PostLine(msgspec.Struct, frozen=True, kw_only=True):
    """The post as its platform showed it; ``text`` is the poster's own and is trusted by nobody.

    ``handle`` carries no ``@``. ``posted_at`` is in UTC. ``followers`` is None where the platform does not say.
    """

    platform: str
    handle: str
    text: str
    posted_at: datetime
    name: str | None = None
    url: str | None = None
    followers: int | None = None
    likes: int = 0
    reposts: int = 0
    replies: int = 0


class AlertCard(msgspec.Struct, frozen=True, kw_only=True):
    """Everything one alert message says, JSON-encodable by ``msgspec.json``.

    ``alert_id`` is opaque: it stands in buttons and links, so it holds no name and no case number. ``version`` grows
    with every change of the alert, so that a late edit never hides a newer one. ``headline`` is the one line that says
    what to do; ``clock`` says until when and counted from what; ``sure`` how sure ("very probably (94%)"); ``poster``
    who probably wrote the post. ``complaint`` says why the post counts as one, in part in its own words. ``case`` is
    set for ``link``, ``candidates`` for ``possible``. ``disclose`` holds what must not be said because the poster may
    not be the owner. ``folded`` counts further mentions of the same case, ``folded_lines`` shows some of them;
    ``quiet_cases`` are older silent cases with the same problem. ``closing`` says why an alert is over, and ``asks``
    that whoever took it may still say whether it was this case. ``moved`` says by how many answers the threshold of the
    brand was moved, if it was. Times are in UTC, shown in ``timezone`` (an IANA name).
    """

    alert_id: str
    version: int
    kind: AlertKind
    state: AlertState
    headline: str
    team: str
    post: PostLine
    note: Note = "raised"
    brand: str | None = None
    source: str = ""
    case: CaseLine | None = None
    candidates: tuple[CaseLine, ...] = ()
    evidence_for: tuple[EvidenceLine, ...] = ()
    evidence_against: tuple[EvidenceLine, ...] = ()
    sure: str = ""
    poster: str = ""
    deadline: datetime | None = None
    clock: str = ""
    disclose: tuple[str, ...] = ()
    folded: int = 0
    folded_lines: tuple[str, ...] = ()
    quiet_cases: tuple[str, ...] = ()
    taken_by: str | None = None
    taken_at: datetime | None = None
    closing: str = ""
    moved: str = ""
    complaint: str = ""
    asks: bool = False
    inbox_url: str | None = None
    timezone: str = "UTC"
