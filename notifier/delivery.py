"""Pays what the outbox owes: claims a message, sends it, and only then marks it as sent."""

import asyncio
import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
import structlog
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger import outbox
from ledger.clock import Clock
from ledger.database import Database
from notifier import burst, debts
from notifier.backoff import pause
from notifier.card import AlertCard
from notifier.config import NotifierConfig
from notifier.pointless import pointless
from notifier.receivers import pace
from notifier.transport import Owed, Receipt, Transport, TransportError

log = structlog.get_logger(__name__)

CALL = 30.0  # seconds that one call to a transport may take
LEASE = timedelta(seconds=2 * CALL + 15)  # longer than asking and sending together
IDLE_LOOK = 5.0  # seconds: an expired lease is noticed at the latest after these
STOP_WITHIN = 10.0
POISON_TRIES = 3
FALLBACK_BATCH = 50

OnResult = Callable[[str, str], None]
"""Hears of each attempt: the receiver's name, and ``sent``, ``found``, ``dropped``, ``postponed`` or ``dead``."""


def _nobody_counts(_receiver: str, _result: str) -> None:
    return


class _Job(msgspec.Struct, frozen=True):
    """A claimed message with what it needs; ``pointless`` says why it need not go, unless it has gone already."""

    row: Row[Any]
    owed: Owed
    pointless: str | None


class Delivery:
    """Sends to each receiver one message at a time, and to all receivers side by side.

    Any number of instances may work on one ledger. A message is lost by no crash; a second attempt first asks the
    transport whether the first arrived, so that nothing is said twice where the transport can tell.
    """

    def __init__(
        self,
        db: Database,
        transports: Mapping[str, Transport],
        config: NotifierConfig,
        clock: Clock,
        *,
        worker: str,
        on_result: OnResult = _nobody_counts,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._db = db
        self._transports = dict(transports)
        self._config = config
        self._clock = clock
        self._worker = worker
        self._on_result = on_result
        self._uniform = uniform
        self._woken = asyncio.Event()
        self._rests: dict[str, datetime] = {}
        self._failures: dict[str, int] = {}
        self._lanes: dict[str, asyncio.Task[None]] = {}

    def wake(self) -> None:
        """Say that messages were owed, after the commit."""
        self._woken.set()

    async def adopt(self, transports: Mapping[str, Transport], config: NotifierConfig) -> None:
        """Serve a new configuration from now on; the old transports are closed once their calls are over."""
        old, self._transports, self._config = self._transports, dict(transports), config
        if self._lanes:
            await asyncio.wait(self._lanes.values())
        for transport in old.values():
            if transport not in self._transports.values():
                await transport.close()
        self.wake()

    async def run(self, stop: asyncio.Event | None = None) -> None:
        """Deliver until stopped or cancelled; what is being sent then is finished, for at most ten seconds."""
        try:
            while stop is None or not stop.is_set():
                self._woken.clear()
                await self._start_lanes()
                await self._wait()
                self._reap()
        finally:
            await self._finish()

    async def drain_once(self) -> int:
        """Send at most one message to each receiver that is due one, and give how many receivers that were."""
        started = await self._start_lanes()
        if self._lanes:
            await asyncio.wait(self._lanes.values())
        self._reap()
        return started

    async def close(self) -> None:
        """Close every transport."""
        for transport in self._transports.values():
            await transport.close()

    async def _start_lanes(self) -> int:
        now = self._clock.now()
        self._rests = {receiver: until for receiver, until in self._rests.items() if until > now}
        async with self._db.read() as conn:
            due = await outbox.receivers_due(conn, now)
        ready = [receiver for receiver in due if receiver not in self._lanes and receiver not in self._rests]
        for receiver in ready:
            lane = asyncio.create_task(self._serve(receiver), name=f"deliver to {receiver}")
            lane.add_done_callback(lambda _: self._woken.set())
            self._lanes[receiver] = lane
        return len(ready)

    async def _wait(self) -> None:
        """Wait until woken, or until the next message or receiver may be due."""
        now = self._clock.now()
        async with self._db.read() as conn:
            next_at = await outbox.next_at(conn)
        moments = [*self._rests.values(), *([next_at] if next_at else [])]
        ahead = [(moment - now).total_seconds() for moment in moments if moment > now]
        try:
            async with asyncio.timeout(min([IDLE_LOOK, *ahead])):
                await self._woken.wait()
        except TimeoutError:
            return

    def _reap(self) -> None:
        """Forget finished lanes; one that broke breaks the whole, so that the supervisor sees it."""
        for receiver in [name for name, lane in self._lanes.items() if lane.done()]:
            self._lanes.pop(receiver).result()

    async def _finish(self) -> None:
        if self._lanes:
            _, late = await asyncio.wait(self._lanes.values(), timeout=STOP_WITHIN)
            for lane in late:
                lane.cancel()
        self._lanes.clear()

    async def _serve(self, receiver: str) -> None:
        """Take one message to one receiver, from the claim to the ledger's word about it."""
        job = await self._claim(receiver)
        if job is None:
            return
        config = self._config.receivers.get(receiver)
        self._rests[receiver] = self._clock.now() + timedelta(seconds=pace(config) if config else 0)
        try:
            receipt, result = await self._attempt(job)
        except TransportError as error:
            await self._failed(job, error)
            return
        await (self._paid(job, receipt, result) if receipt else self._drop(job))

    async def _claim(self, receiver: str) -> _Job | None:
        """Claim the next message worth sending; on the way, drop those that are not."""
        now = self._clock.now()
        async with self._db.write("deliver-claim") as conn:
            while rows := await outbox.claim(conn, self._worker, now, limit=1, lease=LEASE, receiver=receiver):
                job = await self._prepared(conn, rows[0], now)
                if job.pointless is None or job.owed.attempt > 1:
                    return job
                await outbox.drop(conn, job.row, job.pointless)
                self._on_result(receiver, "dropped")
        return None

    async def _prepared(self, conn: AsyncConnection, row: Row[Any], now: datetime) -> _Job:
        row = await burst.placed(conn, row, now, self._config.group_beyond)
        anchor = await burst.anchor(conn, row)
        if row.kind == "thread" and anchor is None:  # the first message is dead: this one stands for it
            row = await outbox.shape(conn, row, kind="new")
        card = msgspec.json.decode(row.card, type=AlertCard)
        owed = Owed(
            outbox_id=row.id,
            receiver=row.receiver,
            step_key=row.step_key,
            kind="thread" if row.kind == "new" and anchor else row.kind,
            card=card,
            alert_id=row.alert_id,
            first_attempt_at=row.first_attempt_at,
            attempt=row.attempts,
            anchor=anchor,
        )
        return _Job(row, owed, await pointless(conn, row, card))

    async def _attempt(self, job: _Job) -> tuple[Receipt | None, str]:
        """Send a message, unless it has arrived already; no receipt where it has become pointless."""
        transport = self._transports.get(job.row.receiver)
        if transport is None:
            raise TransportError(f"receiver {job.row.receiver} is no longer configured", permanent=True)
        try:
            if job.owed.attempt > 1 and (found := await self._found(transport, job.owed)):
                return found, "found"
            if job.pointless is not None:
                return None, "dropped"
            async with asyncio.timeout(CALL):
                return await transport.send(job.owed), "sent"
        except TransportError:
            raise
        except TimeoutError:
            raise TransportError(f"receiver {job.row.receiver}: no answer in {CALL:.0f} s", unsure=True) from None
        except Exception as error:  # one message that cannot be put into words must not stop the others
            kind = type(error).__name__
            log.error("message broke its transport", outbox=job.row.id, receiver=job.row.receiver, error=kind)
            poison = job.owed.attempt >= POISON_TRIES
            raise TransportError(f"{kind} while sending", permanent=poison, unsure=True) from error

    async def _found(self, transport: Transport, owed: Owed) -> Receipt | None:
        async with asyncio.timeout(CALL):
            return await transport.find(owed, owed.first_attempt_at or self._clock.now())

    async def _paid(self, job: _Job, receipt: Receipt, result: str) -> None:
        ref = burst.kept(job.row, receipt.remote_ref)
        async with self._db.write("deliver-paid") as conn:
            kept = await outbox.paid(conn, job.row, self._clock.now(), ref)
        self._failures.pop(job.row.receiver, None)
        self._on_result(job.row.receiver, result)
        log.info("message sent", outbox=job.row.id, receiver=job.row.receiver, step=job.row.step_key, claim_kept=kept)

    async def _drop(self, job: _Job) -> None:
        async with self._db.write("deliver-dropped") as conn:
            await outbox.drop(conn, job.row, job.pointless or "")
        self._on_result(job.row.receiver, "dropped")

    async def _failed(self, job: _Job, error: TransportError) -> None:
        row, now = job.row, self._clock.now()
        failures = self._failures[row.receiver] = self._failures.get(row.receiver, 0) + 1
        until = now + timedelta(seconds=pause(error, max(failures, row.attempts), self._uniform))
        result = "dead" if error.permanent else "postponed"
        async with self._db.write(f"deliver-{result}") as conn:
            if error.permanent:
                await outbox.bury(conn, row, str(error))
                await self._tell_fallback(conn, row, now)
            else:
                await outbox.postpone(conn, row, until, str(error))
                await self._tell_what_waits(conn, row.receiver, now)
        if not error.permanent:
            self._rests[row.receiver] = until
        self._on_result(row.receiver, result)
        log.warning("message not delivered", outbox=row.id, receiver=row.receiver, result=result, reason=str(error))

    async def _tell_what_waits(self, conn: AsyncConnection, receiver: str, now: datetime) -> None:
        """Owe the fallback all that a receiver has not taken for too long; most of it was never even tried."""
        before = now - self._config.fallback_after
        others = self._others(receiver)
        for row in await outbox.unheard(conn, receiver, others, before, FALLBACK_BATCH):
            await self._tell_fallback(conn, row, now)

    async def _tell_fallback(self, conn: AsyncConnection, row: Row[Any], now: datetime) -> None:
        """Owe the fallback what its own receiver does not take: once for each step, and never an edit."""
        others = self._others(row.receiver)
        if row.kind == "edit" or row.alert_id is None:
            return
        if not others:
            log.error("nobody left to tell", outbox=row.id, receiver=row.receiver)
        await debts.owe(
            conn,
            self._config,
            row.alert_id,
            others,
            step_key=row.step_key,
            now=now,
            note=msgspec.json.decode(row.card, type=AlertCard).note,
            headline=lambda own: f"Not delivered to {row.receiver}: {own}",
        )

    def _others(self, receiver: str) -> list[str]:
        return [name for name in self._config.fallback if name != receiver]
