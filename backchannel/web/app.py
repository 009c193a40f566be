"""The web application: pages for people, routes for machines, and whatever a transport adds."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import aiohttp_jinja2
import jinja2
from aiohttp import web

from backchannel.explanation import waited
from backchannel.web import guard, live
from backchannel.web.assets import asset_routes
from backchannel.web.health import health_routes
from backchannel.web.inbox import inbox_routes
from backchannel.web.mention import mention_routes
from backchannel.web.state import STATE, WebState
from backchannel.web.waterfall import waterfall_svg
from notifier.disclosure import RELATIONS
from notifier.sureness import percent

_HERE = Path(__file__).parent
_LARGEST_FORM = 64 * 1024
_PLATFORMS = {"x": "X", "linkedin": "LinkedIn", "youtube": "YouTube"}
_CHANNELS = {"email": "e-mail", "in_person": "in-person"}


def make_app(state: WebState, extra_routes: Sequence[web.RouteDef] = ()) -> web.Application:
    """Build the application; ``extra_routes`` (Slack's, webhooks) check the signature of their callers themselves."""
    app = web.Application(client_max_size=_LARGEST_FORM)
    app[STATE] = state
    guard.install(app, frozenset(route.path for route in extra_routes))
    app.add_routes([*inbox_routes(), *mention_routes(), *health_routes(), *asset_routes(), *extra_routes])
    live.install(app)
    _templates(app)
    return app


def _templates(app: web.Application) -> None:
    loader = jinja2.FileSystemLoader(_HERE / "templates")
    env = aiohttp_jinja2.setup(
        app, loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    env.globals["waited"] = waited
    env.globals["waterfall"] = waterfall_svg
    env.filters["utc"] = _utc
    env.filters["percent"] = percent
    env.filters["signed"] = lambda weight: f"{weight:+.1f}".replace("-", "−")
    env.filters["platform"] = lambda name: _PLATFORMS.get(name, name.capitalize())
    env.filters["channel"] = lambda name: _CHANNELS.get(name, name)
    env.filters["sentence"] = lambda words: words[:1].upper() + words[1:]
    env.filters["relation"] = _relation


def _relation(relation: str) -> str:
    """Say who the poster may be to the customer of one candidate: whether it is the case is a question of its own."""
    return f"if it is this case, the poster may be {RELATIONS.get(relation, f'the customer’s {relation}')}"


def _utc(moment: datetime) -> str:
    return f"{moment:%d %b %Y %H:%M} UTC"
