"""The inbox: what waits for an answer and until when, what is taken, what was heard."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import aiohttp_jinja2
from aiohttp import web
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from backchannel.explanation import AlertStory, alert_story, waited
from backchannel.web.guard import actor, form_token, keep_cookie
from backchannel.web.health import all_findings
from backchannel.web.state import ACTS, STATE, WebState
from ledger import alerts, cases, gaps, links, mentions
from ledger.alerts import LIVE, OPEN
from notifier.card import CaseLine, EvidenceLine
from notifier.disclosure import RELATIONS

LIVE_SHOWN, OVER_SHOWN, MENTIONS_SHOWN, GAPS_SHOWN = 60, 12, 40, 5

OUTCOMES = {
    "link": "case found",
    "possible": "case possible",
    "unlinked": "complaint, no case",
    "not_complaint": "no complaint",
    "removed": "removed",
}


@dataclass(frozen=True)
class AlertView:
    """One alert as the page shows it; ``mention`` is the post that raised it and ``post_url`` its safe address."""

    story: AlertStory
    mention: Row[Any] | None
    case: Row[Any] | None
    links: Sequence[Row[Any]]
    post_url: str | None
    now: datetime

    @property
    def row(self) -> Row[Any]:
        """The alert's own row."""
        return self.story.row

    @property
    def left(self) -> float:
        """How many seconds of the clock are left; below 0 when it has run out."""
        return float((self.row.due_at - self.now).total_seconds())

    @property
    def share_gone(self) -> float:
        """Which share of the clock is gone, from 0 to 1."""
        whole = (self.row.due_at - self.row.clock_from).total_seconds()
        return 1.0 if whole <= 0 else min(1.0, max(0.0, 1.0 - self.left / whole))

    @property
    def clock(self) -> str:
        """The clock in words, as it stood when the page was made."""
        if self.left >= 0:
            return f"{waited(self.now, self.row.due_at)} left"
        return f"late by {waited(self.row.due_at, self.now)}"

    @property
    def candidates(self) -> tuple[CaseLine, ...]:
        """The cases to choose from, where more than one is possible."""
        return self.story.card.candidates if self.story.card else ()

    @property
    def reasons(self) -> tuple[EvidenceLine, ...]:
        """The evidence for and against, strongest first."""
        card = self.story.card
        return () if card is None else (*card.evidence_for, *card.evidence_against)


def inbox_routes() -> list[web.RouteDef]:
    """Give the routes of the inbox."""
    return [web.get("/", inbox), web.get("/alerts/{alert_id}", alert), web.post("/alerts/{alert_id}/{act}", act)]


async def inbox(request: web.Request) -> web.Response:
    """Show the inbox."""
    state = request.app[STATE]
    now = state.clock.now()
    async with state.db.read() as conn:
        live = [await alert_view(conn, row, now) for row in await alerts.newest(conn, LIVE_SHOWN, states=LIVE)]
        ended = await alerts.newest(conn, OVER_SHOWN, states=("done", "closed", "dismissed"))
        page = {
            "waiting": sorted((view for view in live if view.row.state == OPEN), key=lambda view: view.row.due_at),
            "taken": [view for view in live if view.row.state != OPEN],
            "over": [await alert_view(conn, row, now) for row in ended],
            "mentions": await mentions.newest(conn, MENTIONS_SHOWN),
            "gaps": await gaps.newest(conn, GAPS_SHOWN),
            "unresolved": await cases.count_unresolved(conn),
            "outcomes": OUTCOMES,
            "notes": state.notes(),
        }
    return await render(request, "inbox.html", page)


async def alert(request: web.Request) -> web.Response:
    """Show one alert alone; links in messages lead here, and only show."""
    state = request.app[STATE]
    async with state.db.read() as conn:
        row = await alerts.get(conn, request.match_info["alert_id"])
        if row is None:
            raise web.HTTPNotFound(text="There is no such alert (any more).\n")
        view = await alert_view(conn, row, state.clock.now())
        folded = [await mentions.get(conn, one) for one in await alerts.mention_ids(conn, row.alert_id)]
    page = {"view": view, "folded": [one for one in folded if one is not None], "relations": RELATIONS}
    return await render(request, "alert.html", page)


async def act(request: web.Request) -> web.Response:
    """Do what a button of the page says, then show the page anew."""
    wanted, form = request.match_info["act"], await request.post()
    chosen = next((name for name in ACTS if name == wanted), None)
    if chosen is None:
        raise web.HTTPNotFound(text="There is no such action.\n")
    case_id, relation = _given(form.get("case_id")), _given(form.get("relation"))
    if (chosen == "relation") != (relation in RELATIONS):
        raise web.HTTPBadRequest(text="Choose who the poster is on the page of the alert, and press Save.\n")
    answer = await request.app[STATE].actions.act(
        chosen,
        request.match_info["alert_id"],
        by=actor(request),
        case_id=case_id,
        relation=relation,
    )
    return await render(request, "answer.html", {"answer": answer})


def _given(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


async def alert_view(conn: AsyncConnection, row: Row[Any], now: datetime) -> AlertView:
    """Gather what the page shows of an alert."""
    mention = await mentions.get(conn, row.mention_id)
    case = await cases.get(conn, row.case_id) if row.case_id else None
    story = await alert_story(conn, row)
    url = mention.url if mention is not None else None
    return AlertView(story, mention, case, await links.of_mention(conn, row.mention_id), web_address(url), now)


def web_address(url: str | None) -> str | None:
    """Give an address only where it is one of the web: a platform's field may hold anything."""
    if not url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.hostname else None


async def render(request: web.Request, template: str, page: dict[str, Any]) -> web.Response:
    """Render a page with what every page shows: health, the state of the configuration, the token of its forms."""
    state = request.app[STATE]
    common = {"now": state.clock.now(), "reload": state.reload_status(), "token": form_token(request)}
    common |= {"broken": await _broken(state)}
    response = aiohttp_jinja2.render_template(template, request, {**page, **common})
    keep_cookie(request, response)
    return response


async def _broken(state: WebState) -> list[Any]:
    return [one for one in await all_findings(state) if not one.ok and one.part != "configuration"]
