"""What a platform has removed is removed here, at the latest when it is asked again."""

from datetime import UTC, datetime, timedelta

from ledger import mentions
from ledger.clock import SystemClock
from ledger.database import Database
from listener.intake import Intake
from listener.recheck import Recheck
from listener.rules import Rulebook
from listener.sources.x import XConfig, XSource
from playground.x.server import LoopbackX

NOW = datetime.now(UTC)


def a_mention(native_id: str, outcome: str) -> dict[str, object]:
    """Give a settled mention of X."""
    return {
        "source": "x", "native_id": native_id, "platform": "x", "brand": "Brackwater", "rules": ["brand"],
        "text": "an empty can", "author": {"handle": "wife"}, "reach": {}, "posted_at": NOW - timedelta(hours=1),
        "received_at": NOW, "state": "settled", "outcome": outcome,
    }  # fmt: skip


async def test_a_post_deleted_on_x_loses_its_text_here(database: Database) -> None:
    """Asked by the genuine client, X no longer knows one of two posts that alerts show: that one is blanked."""
    async with LoopbackX(bearer="token") as x:
        kept, gone = (x.post("@brackwater the can was empty", handle="wife") for _ in range(2))
        quiet = x.post("@brackwater nice", handle="friend")
        async with database.write("test") as conn:
            rows = [a_mention(kept, "link"), a_mention(gone, "unlinked"), a_mention(quiet, "not_complaint")]
            await mentions.record(conn, rows)
        x.delete(gone)
        config = XConfig.model_validate({"kind": "x", "bearer_token": {"env": "PATH"}, "base_url": x.base_url})
        config = config.model_copy(update={"bearer_token": type(config.bearer_token)("token")})
        source = XSource("x", config, ())
        intake = Intake(database, lambda: Rulebook(()), SystemClock(), on_mention=lambda: None)

        found = await Recheck(source, intake, database, SystemClock(), timedelta(hours=1)).ask()

    async with database.read() as conn:
        left = {i: await mentions.by_native_id(conn, "x", i) for i in (kept, gone, quiet)}
    assert found == 1
    assert [row.text for row in left.values() if row] == ["an empty can", "", "an empty can"]
    assert left[gone] is not None
    assert left[gone].removed_at is not None
