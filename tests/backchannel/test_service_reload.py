"""A saved configuration comes into force in the running service, part by part undisturbed, or not at all."""

from typing import Any

import pytest

from ledger import alerts, steps
from playground.world import BEARER, EMAIL
from playground.x.server import LoopbackX
from tests.stories.inside import Inside

WIFE = 1
MORE = ('"harbour lager"]', '"harbour lager", "peat smoke"]')
FLAT = "Every bottle of my Peat Smoke was flat and nobody ever answers. Avoid."


def asked_of(x: LoopbackX) -> str:
    """Give all rules that X holds."""
    return " ".join(x.rules.values())


async def test_a_saved_rule_is_in_force_without_a_restart_and_x_is_asked_for_it(running: Inside) -> None:
    assert "peat" not in asked_of(running.world.x)
    await running.save(MORE)
    await running.world.listening(2)
    assert running.service.reloader.status.ok
    assert "peat smoke" in asked_of(running.world.x)
    native_id = running.world.x.post(FLAT, handle="someone")
    await running.keeps(native_id)
    await running.save()
    await running.world.listening(3)
    assert "peat" not in asked_of(running.world.x)


async def test_an_invalid_save_changes_nothing_and_is_said_until_it_is_mended(running: Inside) -> None:
    """Machines hear 503 with the part's name, people see line and column, the old rules go on."""
    await running.save(("any: [", "anny: ["))
    status, body = await running.ready()
    assert (status, "configuration" in body["broken"]) == (503, True)
    page = await running.page()
    assert "An older configuration is in force" in page
    assert "line 14" in page
    assert "anny" in page

    running.world.says(WIFE)
    await running.world.alerts(EMAIL)
    assert running.world.x.open_streams == 1

    await running.save()
    assert running.service.reloader.status.ok
    assert "configuration" not in (await running.ready())[1]["broken"]
    assert "An older configuration" not in await running.page()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("any: [", f'any: ["{"long words " * 120}", '), "long"),
        (("kind: embedded", "kind: embeded"), "embedded"),
        (("PLAYGROUND_X_TOKEN", "NO_SUCH_VARIABLE"), "NO_SUCH_VARIABLE"),
        (("head_of_support: [head-slack]", "head_of_support: [boss]"), "boss"),
        (("log:", "log: {level: info\nrules:"), ""),
    ],
    ids=["a term that X cannot take", "an unknown CRM", "a missing secret", "an unknown receiver", "no YAML"],
)
async def test_whatever_is_wrong_with_it_the_old_one_stays(
    running: Inside, change: tuple[str, str], reason: str
) -> None:
    before = running.service.current
    await running.save(change)
    status = running.service.reloader.status
    assert not status.ok
    assert reason in " ".join(problem.message for problem in status.problems)
    assert running.service.current is before
    assert (running.world.x.open_streams, running.service.supervisor.health["source x"].starts) == (1, 1)


async def test_a_source_that_is_added_is_heard_and_one_that_is_removed_is_left(running: Inside) -> None:
    """The source that did not change keeps its connection all the while."""
    async with LoopbackX(bearer=BEARER) as other:
        second = (
            f"sources:\n  x-two: {{kind: x, bearer_token: {{env: PLAYGROUND_X_TOKEN}}, base_url: {other.base_url}}}\n"
        )
        await running.save(("sources:\n", second))
        await other.connected()
        native_id = other.post("@brackwaterbrew my parcel never came", handle="someone")
        await running.keeps(native_id)
        assert set(running.service.streams) == {"x", "x-two"}

        await running.save()
        await other.disconnected()
        assert set(running.service.streams) == {"x"}
        assert "source x-two" not in running.service.supervisor.names()
        assert "source x-two" not in {finding.part for finding in running.service.findings()}
    assert running.service.supervisor.health["source x"].starts == 1
    assert running.service.streams["x"].status.starts == 1


async def test_transports_are_swapped_while_one_is_sending(running: Inside) -> None:
    """The message that the old transport never got an answer for is asked for by the new one, and not said twice."""
    patient = ("email-slack: {kind: slack,", "email-slack: {kind: slack, timeout: 1s,")
    await running.save(patient)
    old = running.service.current.transports["email-slack"]
    running.world.slack.hang(method="chat.postMessage")
    running.world.says(WIFE)
    await running.until(lambda: "chat.postMessage" in running.world.slack.calls)

    await running.save(patient, MORE)

    assert running.service.current.transports["email-slack"] is not old
    await running.world.alerts(EMAIL)
    await running.world.mail.wait_for(1, patience=20)
    assert len(running.world.slack.messages(EMAIL)) == 1


async def test_a_running_alert_keeps_its_clock(running: Inside) -> None:
    running.world.says(WIFE)
    await running.world.alerts(EMAIL)
    before = await clock_of(running)
    shorter = ("  routes:", "  policies:\n    default: {respond_within: 10m, remind_after: 5m}\n  routes:")
    await running.save(shorter)
    assert running.service.reloader.status.ok
    assert await clock_of(running) == before
    assert running.service.current.settings.notifier.policy("default").respond_within.total_seconds() == 600


async def clock_of(running: Inside) -> list[Any]:
    """Give what the newest alert's clock is made of."""
    async with running.service.db.read() as conn:
        (alert,) = await alerts.newest(conn, 5)
        planned = [(row.name, row.due_at, row.state) for row in await steps.of_alert(conn, alert.alert_id)]
    return [alert.policy, alert.due_at, *planned]


async def test_what_needs_a_restart_is_said_and_stays_as_it_was(running: Inside, monkeypatch: Any) -> None:
    """The page asks for no login although one was saved: it said that the change waits for a restart."""
    monkeypatch.setenv("WEB_SECRET", "canary-web-secret")
    await running.save((f"  port: {running.world.port}\nlog", "  port: 1\n  access: {env: WEB_SECRET}\nlog"))
    assert running.service.reloader.status.waiting == ("web",)
    assert "in force only after a restart: web" in await running.page()
    await running.save()
    assert not running.service.reloader.status.waiting


async def test_posts_that_come_while_it_reloads_are_neither_lost_nor_doubled(running: Inside) -> None:
    """Each save opens the stream anew; what was posted in between is searched for."""
    posted: list[str] = []
    for number in range(4):
        posted += [running.world.x.post(f"@brackwaterbrew where is parcel {number}{n}?", handle="h") for n in range(3)]
        await running.save(*([MORE] if number % 2 == 0 else []))
        posted.append(running.world.x.post(f"@brackwaterbrew and parcel {number}?", handle="h"))
    await running.keeps(*posted)
    kept = await running.kept()
    assert sorted(kept) == sorted(set(kept)) == sorted(posted)
