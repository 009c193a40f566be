"""Why one mention came to what it came to, as a page."""

from aiohttp import web

from backchannel.explanation import came_to, explain, find, rule_lines
from backchannel.web.inbox import OUTCOMES, render, web_address
from backchannel.web.state import STATE


def mention_routes() -> list[web.RouteDef]:
    """Give the routes of single mentions."""
    return [web.get("/mentions/{mention_id}", mention)]


async def mention(request: web.Request) -> web.Response:
    """Show the rules, the verdict, every case compared with its reasons, the alerts and their messages."""
    state = request.app[STATE]
    async with state.db.read() as conn:
        row = await find(conn, request.match_info["mention_id"])
        if row is None:
            raise web.HTTPNotFound(text="There is no such mention.\n")
        story = await explain(conn, row)
    page = {
        "story": story,
        "rules": rule_lines(row, state.settings().rules),
        "post_url": web_address(row.url),
        "outcomes": OUTCOMES,
        "came_to": came_to,
    }
    return await render(request, "mention.html", page)
