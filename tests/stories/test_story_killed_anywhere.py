"""Kill the service between any two commits of the story: nothing is lost, and nothing is said twice."""

import signal

import pytest

from ledger import alerts, mentions, outbox
from ledger.database import Database
from playground.world import EMAIL, PHONE, World

WIFE, DAUGHTER = 1, 2
COMMITS = ("follow", "intake", "claim", "conclude", "deliver-claim", "deliver-paid")


@pytest.mark.parametrize("commit", COMMITS)
@pytest.mark.parametrize("side", ["before", "after"])
async def test_a_kill_at_any_commit_loses_nothing_and_repeats_nothing(world: World, commit: str, side: str) -> None:
    """Dead just before or just after a commit, the service starts again and tells each team exactly once."""
    await world.start(crash_at=f"{side}:{commit}")
    world.says(WIFE)
    assert await world.died() == -signal.SIGKILL

    await world.start()
    world.says(DAUGHTER)

    await world.alerts(EMAIL, patience=100)
    await world.alerts(PHONE)
    await world.stop()
    assert [len(world.slack.messages(channel)) for channel in (EMAIL, PHONE)] == [1, 1]
    await the_ledger_is_settled(world)


async def test_a_lost_reply_of_slack_is_reconciled_after_a_kill(world: World) -> None:
    """Slack took the message, its answer was lost, and the service died: the second attempt finds the first."""
    world.slack.lose_reply(1)
    await world.start(crash_at="after:deliver-claim:2")
    await world.listening()
    world.says(WIFE)
    await world.died()

    await world.start()

    world.says(DAUGHTER)
    await world.alerts(EMAIL, patience=100)
    await world.alerts(PHONE, patience=100)
    await world.stop()
    assert len(world.slack.messages(EMAIL)) == 1


async def the_ledger_is_settled(world: World) -> None:
    """Both mentions are settled, each has one alert, and every message but none twice is marked as sent."""
    database = Database(world.database_url)
    async with database.read() as conn:
        counted = await mentions.counts(conn)
        raised = await alerts.newest(conn, 10)
        owed = await outbox.counts(conn)
    await database.close()
    assert counted == {"settled": 2, "settled:link": 2}
    assert len(raised) == 2
    assert set(owed) == {"sent"}
