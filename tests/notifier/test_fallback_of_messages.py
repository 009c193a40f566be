"""What a receiver does not take is told to somebody else, and what cannot be sent is set aside."""

from typing import Any

from ledger import outbox
from notifier.clock import tick
from tests.notifier.desk import MINUTE, NOON, a_case
from tests.notifier.fake_transport import FakeTransport
from tests.notifier.post import Post


async def test_the_fallback_hears_within_five_minutes_what_a_receiver_does_not_take(post: Post) -> None:
    """P6: every alert that waits for too long is told to somebody else, once, with initials; tried before or not."""
    ids = [await post.desk.complaint(case=a_case(f"LK-{n}")) for n in range(5)]
    post.team.go_down()
    await post.drain(3 * 60)
    assert not post.fakes["admin"].arrived
    await post.drain(2 * 60)
    admin = post.fakes["admin"]
    assert sorted(owed.card.alert_id for owed in admin.arrived) == sorted(ids)
    assert all(
        owed.card.headline.startswith("Not delivered to email-team: Answer M. H. by e-mail") for owed in admin.arrived
    )
    await post.drain(10 * 60, step=10)
    assert len(admin.arrived) == 5


async def test_what_is_refused_for_good_goes_to_the_fallback_at_once(post: Post) -> None:
    """It stays in the ledger as dead, to be seen and replayed, and is counted."""
    alert_id = await post.desk.complaint()
    post.team.fail(permanent=True)
    await post.drain()
    assert await post.rows(alert_id) == {("raise", "email-team"): "dead", ("raise", "admin"): "sent"}
    assert ("email-team", "dead") in post.results
    await tick(post.desk.db, post.desk.dispatcher, post.clock.turn_to(NOON + 30 * MINUTE))
    await post.drain()
    assert post.team.steps(alert_id) == ["remind"]
    assert post.team.arrived[0].kind == "new"


async def test_a_receiver_that_was_removed_from_the_configuration_is_dead(post: Post) -> None:
    """Its messages go to the fallback instead of waiting for ever."""
    alert_id = await post.desk.complaint()
    del post.fakes["email-team"]
    await Post(post.desk, fakes=post.fakes).drain()
    assert await post.rows(alert_id) == {("raise", "email-team"): "dead", ("raise", "admin"): "sent"}


async def test_a_message_that_breaks_its_transport_is_given_up_after_three_tries(post: Post) -> None:
    """P8: poison is set aside; the messages behind it arrive."""

    class Breaking(FakeTransport):
        async def send(self, owed: Any) -> Any:
            if owed.card.case.case_id == "LK-1":
                self.calls += 1
                raise UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed")
            return await super().send(owed)

    post.fakes["email-team"] = breaking = Breaking()
    poison = await post.desk.complaint()
    fine = await post.desk.complaint(case=a_case("LK-9"))
    await Post(post.desk, fakes=post.fakes).drain(300, step=5)
    assert breaking.calls == 4
    assert (await post.rows(poison))[("raise", "email-team")] == "dead"
    assert breaking.steps(fine) == ["raise"]


async def test_a_dead_message_can_be_replayed(post: Post) -> None:
    """After the cause is mended it goes as it was."""
    alert_id = await post.desk.complaint()
    post.team.fail(permanent=True)
    await post.drain()
    row = (await post.desk.owed(alert_id))[0]
    async with post.desk.db.write("replay") as conn:
        assert await outbox.revive(conn, row.id, post.clock.now())
    await post.drain(5)
    assert post.team.steps(alert_id) == ["raise"]
