"""Work in a thread of its own, so that what never ends takes nobody else's place and holds up no stop."""

import asyncio
from collections.abc import Callable
from threading import Thread
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Result = TypeVar("Result")


async def aside(work: Callable[Given, Result], *args: Given.args, **kwargs: Given.kwargs) -> Result:
    """Give what ``work`` returns or raises. Whoever is cancelled meanwhile goes on, and the thread is left to itself.

    ``asyncio.to_thread`` has a few threads for everybody: some calls that hang would leave none, and the interpreter
    waits for them when it ends.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Result] = loop.create_future()

    def tell(settle: Callable[[], None]) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(lambda: None if done.done() else settle())

    def run() -> None:
        try:
            result = work(*args, **kwargs)
        except BaseException as error:  # whatever it is, it is the caller's
            failure = error
            tell(lambda: done.set_exception(failure))
        else:
            tell(lambda: done.set_result(result))

    Thread(target=run, name="aside", daemon=True).start()
    return await done
