"""Work in a thread of its own: its result, its error, and nobody waits for what never ends."""

import asyncio
import threading

import pytest

from matcher.aside import aside


async def test_it_gives_what_the_work_returns_and_raises_what_it_raises() -> None:
    assert await aside(lambda *numbers: sum(numbers), 1, 2) == 3
    with pytest.raises(ZeroDivisionError):
        await aside(lambda: 1 // 0)


async def test_it_leaves_the_loop_free_and_shares_no_thread() -> None:
    """More works than asyncio's own pool has threads wait for each other without standing still."""
    everybody = threading.Barrier(40, timeout=20)
    async with asyncio.timeout(20):
        await asyncio.gather(*(aside(everybody.wait) for _ in range(40)))


async def test_whoever_stops_waiting_goes_on_at_once_and_a_late_end_harms_nobody() -> None:
    gate, entered = threading.Event(), threading.Event()

    def work() -> None:
        entered.set()
        gate.wait(20)

    waiting = asyncio.create_task(aside(work))
    async with asyncio.timeout(20):
        await asyncio.to_thread(entered.wait)
        waiting.cancel()
        await asyncio.wait({waiting})
    assert waiting.cancelled()
    before = threading.active_count()
    gate.set()
    async with asyncio.timeout(20):
        while threading.active_count() >= before:  # noqa: ASYNC110  a thread's end is no event
            await asyncio.sleep(0)


async def test_it_holds_up_no_end_of_the_program() -> None:
    """Its thread is a daemon: the interpreter does not wait for it."""
    assert await aside(lambda: threading.current_thread().daemon)


def test_work_that_ends_after_its_loop_is_let_be() -> None:
    """Nobody is left to be told."""
    gate, entered = threading.Event(), threading.Event()
    threads: list[threading.Thread] = []

    def work() -> None:
        threads.append(threading.current_thread())
        entered.set()
        gate.wait(20)

    async def begin() -> None:
        task = asyncio.create_task(aside(work))
        await asyncio.to_thread(entered.wait)
        task.cancel()

    asyncio.run(begin())
    gate.set()
    threads[0].join(20)
    assert not threads[0].is_alive()
