"""The page's own files: a few kilobytes, read once, so that a visitor who leaves halfway leaves no file open."""

import mimetypes
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

_FOLDER = Path(__file__).parent / "static"


def asset_routes() -> list[web.RouteDef]:
    """Give one ``GET /static/NAME`` for each file of the folder, held in memory."""
    return [web.get(f"/static/{path.name}", _answer_with(path)) for path in sorted(_FOLDER.iterdir())]


def _answer_with(path: Path) -> Callable[[web.Request], Awaitable[web.Response]]:
    body, kind = path.read_bytes(), mimetypes.guess_type(path.name)[0]

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=body, content_type=kind)

    return answer
