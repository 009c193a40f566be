"""A post whose assessment never ends holds up nobody for long: it is set aside, and the others go on."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import Row

from backchannel.pipeline import ALONE_LIMIT, BATCH_LIMIT, LEASE, ModelStandsStillError, Pipeline, patience
from ledger.database import Database
from tests.backchannel.line import Line


class Running(Line):
    """A pipeline whose time limits run out as soon as a judgement hangs, and never otherwise."""

    def __init__(self, db: Database) -> None:
        super().__init__(db)
        self.asked: list[int] = []
        self._bounds: list[asyncio.Timeout] = []
        self._loop = asyncio.get_running_loop()
        self.matcher.on_endless = self._tell

    def another(self, worker: str) -> Pipeline:
        """Give a further pipeline on the same ledger."""
        return Pipeline(
            self.db,
            lambda: self.matcher.assessor(),  # noqa: PLW0108  as in a line
            lambda: self.desk.dispatcher,
            lambda _: self.policy,
            self.clock,
            worker=worker,
            on_owed=lambda: None,
            on_settled=lambda outcome, _: self.settled.append(outcome),
            patience=self._patience,
        )

    async def handle(self) -> int:
        """Handle the next mentions, guarded against a limit that does not work."""
        async with asyncio.timeout(20):
            return await self.pipeline.handle_next()

    async def standing(self, *posts: Row[Any]) -> list[tuple[str, int]]:
        """Give the state of mentions, and how many tries counted."""
        return [((await self.row(post)).state, (await self.row(post)).attempts) for post in posts]

    def _patience(self, posts: int) -> asyncio.Timeout:
        self.asked.append(posts)
        self._bounds.append(asyncio.timeout(None))
        return self._bounds[-1]

    def _tell(self) -> None:
        self._loop.call_soon_threadsafe(self._expire)

    def _expire(self) -> None:
        self._bounds[-1].reschedule(self._loop.time())


@pytest.fixture
async def running(sqlite_db: Database) -> AsyncIterator[Running]:
    """A pipeline with limits that run out on command; whatever hangs is let go in the end."""
    line = Running(sqlite_db)
    line.matcher.finds_no_case("ale")
    yield line
    line.matcher.let_go()


async def test_a_post_that_never_ends_is_set_aside_alone_with_its_reason(running: Running) -> None:
    """The batch is broken off and tried one by one: the others are concluded."""
    running.matcher.never_ends_on("poison")
    _, poison, _ = await running.posts("flat ale", "poison ale", "lovely beer")
    assert await running.handle() == 3
    assert Counter(running.settled) == {"unlinked": 1, "not_complaint": 1}
    assert await running.reasons() == [f"it was not assessed within {ALONE_LIMIT:.0f} s"]
    assert (await running.row(poison)).state == "quarantined"
    assert running.asked == [3, 1, 1, 1]
    assert await running.handle() == 0


async def test_two_endless_posts_in_a_row_are_both_set_aside_since_a_harmless_one_is_judged(running: Running) -> None:
    running.matcher.never_ends_on("poison")
    await running.posts("poison ale", "more poison", "flat ale")
    await running.handle()
    assert len(await running.reasons()) == 2
    assert running.settled == ["unlinked"]
    assert running.asked == [3, 1, 1, 1, 1], "one of them a harmless post"


async def test_where_not_even_a_harmless_post_is_judged_the_posts_wait(running: Running) -> None:
    """One at most is blamed for a model that stands still; the others are handed back, and no try counts."""
    running.matcher.never_ends_on("")
    _, second, third = await running.posts("flat ale", "warm ale", "lovely beer")
    with pytest.raises(ModelStandsStillError, match="restart the service"):
        await running.handle()
    assert len(await running.reasons()) == 1
    assert await running.standing(second, third) == [("new", 0)] * 2
    with pytest.raises(ModelStandsStillError):
        await running.handle()
    assert len(await running.reasons()) == 1

    running.matcher.let_go()
    assert await running.handle() == 2
    assert Counter(running.settled) == {"unlinked": 1, "not_complaint": 1}


async def test_the_model_is_trusted_again_once_it_has_judged(running: Running) -> None:
    """What then takes too long is the post's own fault, and is not asked about again."""
    running.matcher.never_ends_on("poison")
    await running.posts("poison ale")
    await running.handle()
    await running.posts("flat ale")
    await running.handle()
    await running.posts("more poison")
    await running.handle()
    assert len(await running.reasons()) == 2
    assert running.asked == [1, 1, 1]


async def test_the_usual_limits_leave_time_for_both_tries_within_the_lease() -> None:
    """A batch, and then a post alone."""
    now = asyncio.get_running_loop().time()
    limits = [bound.when() for bound in (patience(32), patience(1))]
    assert [round(limit - now) for limit in limits if limit is not None] == [BATCH_LIMIT, ALONE_LIMIT]
    assert LEASE.total_seconds() > BATCH_LIMIT + 2 * ALONE_LIMIT
