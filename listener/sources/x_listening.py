"""One run of the X source: the stream, the recovery beside it, and the cursor between them."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator, Iterator, Sequence
from datetime import timedelta

import msgspec
import structlog
from pydantic import SecretStr

from listener.post import Alive, Event, Post, Unreadable
from listener.source import SourceError
from listener.sources.x_api import XApi
from listener.sources.x_pace import NO_RULES, TOO_MANY, Clock, Ended, Pace
from listener.sources.x_payload import snowflake
from listener.sources.x_recovery import Recovered, Recovery, Settings, Watermark
from listener.sources.x_rules import XQuery, synchronise
from listener.sources.x_stream import Arrival, Opened, XStream

_QUEUE = 1_000
_REMEMBERED = 20_000

log = structlog.get_logger(__name__)


class Access(msgspec.Struct, frozen=True):
    """Where X is, and how it is entered. ``stall_after`` is in seconds."""

    base_url: str
    bearer: SecretStr
    stall_after: float
    take_over: bool


class _Woken:
    """Put when a task has ended, so that whoever waits for the next arrival looks."""


class Listening:
    """Merges the stream and the recovery into events. All state changes where events are given, in their order."""

    def __init__(
        self,
        access: Access,
        api: XApi,
        queries: Sequence[XQuery],
        pace: Pace,
        clock: Clock,
        *,
        cursor: str | None,
        backfill: timedelta,
        recovery: Settings,
    ) -> None:
        self._access = access
        self._api = api
        self._queries = queries
        self._pace = pace
        self._clock = clock
        self._arrivals: asyncio.Queue[Arrival | Recovered | _Woken] = asyncio.Queue(_QUEUE)
        if cursor is None and backfill:
            cursor = str(snowflake(clock.now() - backfill))
        self._watermark = Watermark(cursor)
        self._recovery = Recovery(api, queries, self._watermark, recovery, clock, self._arrivals.put)
        self._given: OrderedDict[str, None] = OrderedDict()
        self._tasks: list[asyncio.Task[None]] = []

    async def events(self) -> AsyncGenerator[Event, None]:
        """Give events until stopped. Raises SourceError."""
        await synchronise(self._api, self._queries)
        self._tasks = [asyncio.create_task(self._connect_for_ever()), asyncio.create_task(self._recovery.run())]
        for task in self._tasks:
            task.add_done_callback(self._wake)
        while not self._stopped():
            for event in self._taken(await self._arrivals.get()):
                yield event

    async def stop(self) -> None:
        """Stop both tasks and wait until their connections are closed."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _wake(self, _task: asyncio.Task[None]) -> None:
        if self._arrivals.empty():
            self._arrivals.put_nowait(_Woken())

    def _stopped(self) -> bool:
        """Whether nothing can arrive any more. Raises what a task raised, once all that arrived before is given."""
        ended = [task for task in self._tasks if task.done()] if self._arrivals.empty() else []
        for task in ended:
            if not task.cancelled():
                task.result()
        return bool(ended)

    async def _connect_for_ever(self) -> None:
        while True:
            await self._clock.sleep(self._pace.wait(self._now()))
            self._pace.connecting(self._now())
            ended = await self._connect_once()
            log.warning("x.stream_ended", how=ended.how, status=ended.refusal.status if ended.refusal else None)
            await self._repair(ended)
            self._pace.ended(ended, self._now())

    async def _connect_once(self) -> Ended:
        access = self._access
        stream = XStream(
            access.bearer.get_secret_value(),
            base_url=access.base_url,
            stall_after=access.stall_after,
            put=self._arrived,
        )
        return await stream.once()

    async def _arrived(self, arrival: Arrival) -> None:
        if isinstance(arrival, Opened):
            self._pace.opened(self._now())
        if not (isinstance(arrival, Alive) and self._arrivals.full()):
            await self._arrivals.put(arrival)

    async def _repair(self, ended: Ended) -> None:
        """Undo what keeps X from opening a stream, where that is ours to undo."""
        issue = ended.refusal.issue if ended.refusal else None
        if issue == NO_RULES:
            await synchronise(self._api, self._queries)
        elif issue == TOO_MANY and self._access.take_over:
            try:
                await self._api.free_connections()
            except SourceError as error:
                log.warning("x.take_over_failed", reason=str(error))

    def _now(self) -> float:
        return self._clock.now().timestamp()

    def _taken(self, arrival: Arrival | Recovered | _Woken) -> Iterator[Event]:
        match arrival:
            case Opened():
                yield self._opened()
            case Recovered():
                yield from self._found(arrival)
            case Post() if self._is_new(arrival):
                yield msgspec.structs.replace(arrival, cursor=self._watermark.live(arrival.native_id))
            case Alive() | Unreadable():
                yield arrival

    def _opened(self) -> Alive:
        log.info("x.stream_opened")
        if self._watermark.cursor is None:
            return Alive(self._watermark.recovered(str(snowflake(self._clock.now()))))
        self._recovery.begin(self._watermark.hold())
        return Alive()

    def _found(self, found: Recovered) -> Iterator[Event]:
        yield from found.gaps
        for event in found.events:
            if isinstance(event, Unreadable):
                yield event
                continue
            cursor = self._watermark.recovered(event.native_id) if found.complete else None
            if self._is_new(event):
                yield msgspec.structs.replace(event, cursor=cursor)
        if found.last:
            yield Alive(self._watermark.release(found.generation))

    def _is_new(self, post: Post) -> bool:
        """Whether the post was not given yet in this run; the ledger knows for ever, this only spares it work."""
        if post.native_id in self._given:
            return False
        self._given[post.native_id] = None
        if len(self._given) > _REMEMBERED:
            self._given.popitem(last=False)
        return True
