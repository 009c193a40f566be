"""What the web page is given by the service: everything it reads, and the one way in which it acts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from aiohttp import web

from backchannel.config import Settings
from backchannel.reload import ReloadStatus
from backchannel.web.metrics import Metrics
from ledger.clock import Clock
from ledger.database import Database

Act = Literal["take", "done", "not_this_case", "not_a_complaint", "pick", "relation"]
ACTS: tuple[Act, ...] = ("take", "done", "not_this_case", "not_a_complaint", "pick", "relation")


@dataclass(frozen=True)
class Finding:
    """How one part is doing; ``detail`` is a reason with the next step, free of names and texts."""

    part: str
    ok: bool
    detail: str


class Actions(Protocol):
    """Does to an alert what a person asked for."""

    async def act(
        self, act: Act, alert_id: str, *, by: str, case_id: str | None = None, relation: str | None = None
    ) -> str:
        """Do it and say in one sentence what came of it, also where the alert was over already."""
        ...


@dataclass(frozen=True)
class WebState:
    """What the pages read. ``findings`` are the parts that only the running service can see.

    ``notes`` are sentences on what answers have changed in how posts are judged.
    """

    db: Database
    clock: Clock
    settings: Callable[[], Settings]
    reload_status: Callable[[], ReloadStatus]
    findings: Callable[[], Sequence[Finding]]
    metrics: Metrics
    actions: Actions
    notes: Callable[[], Sequence[str]] = tuple


STATE = web.AppKey("state", WebState)
