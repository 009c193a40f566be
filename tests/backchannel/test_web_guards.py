"""The page acts only when it is asked by itself, and answers only to its own names."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
from aiohttp import encode_basic_auth, web
from aiohttp.test_utils import TestClient, TestServer
from pydantic import SecretStr
from sqlalchemy import func, select

from backchannel.config import Settings, WebConfig
from backchannel.web.app import make_app
from backchannel.web.guard import host_allowed
from ledger import alerts
from ledger.database import Database
from ledger.tables import metadata


async def test_a_get_of_every_route_changes_nothing(page: Any, story: Any, sqlite_db: Database) -> None:
    before = await _contents(sqlite_db)
    for route in page.app.router.routes():
        path = route.resource.canonical if route.resource else "/"
        path = path.format(alert_id=story.alert_id, act="take", mention_id=story.mention_id)
        if path == "/changes":
            continue
        async with page.client.get(path) as answer:
            assert answer.status in (200, 405), path
    assert await _contents(sqlite_db) == before
    assert page.actions.asked == []


async def _contents(db: Database) -> Mapping[str, int]:
    async with db.read() as conn:
        counted = {
            table.name: (await conn.execute(select(func.count()).select_from(table))).scalar_one()
            for table in metadata.tables.values()
        }
        return {**counted, "alerts": repr(await alerts.newest(conn, 10))}  # type: ignore[dict-item]


async def _token(page: Any) -> str:
    found = re.search(r'name="token" value="([0-9a-f]{64})"', await page.text("/"))
    assert found
    return found[1]


@pytest.mark.parametrize("act", ["take", "done", "not_this_case", "not_a_complaint"])
async def test_a_button_of_the_page_acts_once_and_says_what_came_of_it(page: Any, story: Any, act: str) -> None:
    form = {"token": await _token(page)}
    path = f"/alerts/{story.alert_id}/{act}"
    async with page.client.post(path, data=form, headers={"Sec-Fetch-Site": "same-origin"}) as answer:
        assert f"the web page did: {act}" in await answer.text()
    assert page.actions.asked == [(act, story.alert_id, "the web page", None)]


async def test_picking_one_of_several_cases_names_it(page: Any, story: Any) -> None:
    form = {"token": await _token(page), "case_id": "LM-20931"}
    async with page.client.post(f"/alerts/{story.alert_id}/pick", data=form) as answer:
        assert answer.status == 200
    assert page.actions.asked == [("pick", story.alert_id, "the web page", "LM-20931")]


@pytest.mark.parametrize(
    ("token", "headers"),
    [
        ("", {}),
        ("0" * 64, {}),
        ("right", {"Sec-Fetch-Site": "cross-site"}),
        ("right", {"Sec-Fetch-Site": "same-site"}),
        ("right", {"Sec-Fetch-Site": "none"}),
        ("right", {"Origin": "https://evil.example"}),
        ("right", {"Origin": "null"}),
        ("right without cookie", {}),
    ],
)
async def test_a_form_from_elsewhere_has_no_effect(
    page: Any, story: Any, token: str, headers: Mapping[str, str]
) -> None:
    form = {"token": await _token(page) if token.startswith("right") else token}
    if token == "right without cookie":
        page.client.session.cookie_jar.clear()
    async with page.client.post(f"/alerts/{story.alert_id}/take", data=form, headers=headers) as answer:
        assert answer.status == 403
    assert page.actions.asked == []


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_other_methods_are_refused(page: Any, story: Any, method: str) -> None:
    async with page.client.request(method, f"/alerts/{story.alert_id}/take") as answer:
        assert answer.status == 405
    assert page.actions.asked == []


async def test_an_action_that_does_not_exist_is_refused(page: Any, story: Any) -> None:
    async with page.client.post(f"/alerts/{story.alert_id}/erase", data={"token": await _token(page)}) as answer:
        assert answer.status == 404
    assert page.actions.asked == []


@pytest.mark.parametrize(
    ("listens_on", "host", "allowed"),
    [
        ("127.0.0.1", "127.0.0.1:8080", True),
        ("127.0.0.1", "localhost:8080", True),
        ("127.0.0.1", "[::1]:8080", True),
        ("127.0.0.1", "evil.example:8080", False),
        ("127.0.0.1", "127.0.0.1.evil.example", False),
        ("127.0.0.1", "", False),
        ("127.0.0.1", "page.larkmoor.example", True),
        ("0.0.0.0", "evil.example", False),
        ("0.0.0.0", "page.larkmoor.example:443", True),
    ],
)
def test_only_our_own_names_are_answered(settings: Settings, listens_on: str, host: str, allowed: bool) -> None:
    config = WebConfig.model_construct(host=listens_on, allowed_hosts=("page.larkmoor.example",))
    assert host_allowed(host, settings.model_copy(update={"web": config})) is allowed


async def test_a_name_that_was_pointed_at_us_gets_no_page(page: Any, story: Any) -> None:
    async with page.client.get("/", headers={"Host": "rebound.evil.example"}) as answer:
        assert answer.status == 421
        assert "Hartley" not in await answer.text()


async def test_the_shared_secret_is_asked_for_and_the_name_beside_it_acts(page: Any, story: Any) -> None:
    config = WebConfig.model_construct(host="127.0.0.1", access=SecretStr("canary-web-secret"), allowed_hosts=())
    page.settings = page.settings.model_copy(update={"web": config})
    wrong = [encode_basic_auth("jo", "wrong"), encode_basic_auth("jo", ""), "Basic ÿþ", "Basic", "Bearer x", ""]
    for given in wrong:
        async with page.client.get("/", headers={"Authorization": given}) as answer:
            assert answer.status == 401
            assert "Hartley" not in await answer.text()
    jo = {"Authorization": encode_basic_auth("jo", "canary-web-secret")}
    async with page.client.get("/", headers=jo) as answer:
        token = re.findall(r'name="token" value="([0-9a-f]{64})"', await answer.text())[0]
    async with page.client.post(f"/alerts/{story.alert_id}/take", data={"token": token}, headers=jo) as answer:
        assert answer.status == 200
    assert page.actions.asked == [("take", story.alert_id, "jo", None)]
    for path in ("/livez", "/readyz", "/metrics"):
        async with page.client.get(path) as answer:
            assert answer.status == 200, path


async def test_routes_of_transports_prove_their_callers_themselves(page: Any) -> None:
    async def signed(request: web.Request) -> web.Response:
        return web.Response(text=(await request.read()).decode())

    app = make_app(page.state, [web.post("/slack/interactivity", signed)])
    async with TestClient(TestServer(app, host="127.0.0.1")) as client:
        headers = {"Host": "hooks.larkmoor.example", "Sec-Fetch-Site": "cross-site"}
        async with client.post("/slack/interactivity", data=b"raw", headers=headers) as answer:
            assert (answer.status, await answer.text()) == (200, "raw")
        async with client.post("/slack/interactivity/", data=b"raw") as answer:
            assert answer.status in (403, 404)
