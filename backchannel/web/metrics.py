"""Counters and gauges for Prometheus: by source, kind and reason only, never by a text, a name or an address."""

from collections.abc import Mapping
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger import alerts, cases, cursors, gaps, mentions, outbox, quarantine, steps

_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600)


class Metrics:
    """Everything that is counted, in a registry of its own; the service counts, ``refresh`` reads the ledger."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._count_events()
        self._measure_times()
        self._show_ledger()

    def _count_events(self) -> None:
        self.posts_read = self._counter("posts_read", "Posts read, whether or not they hit a rule.", "source")
        self.mentions_settled = self._counter("mentions_settled", "Mentions concluded.", "outcome")
        self.messages = self._counter("messages", "Attempts to deliver a message.", "receiver_kind", "result")
        self.clicks = self._counter("clicks", "What people did to alerts.", "action", "place")
        self.part_starts = self._counter("part_starts", "Starts of each part of the service.", "part")

    def _measure_times(self) -> None:
        self.seconds_to_decide = self._histogram("decide_seconds", "From receiving a post to its conclusion.")
        self.loop_lag = self._histogram("loop_lag_seconds", "How late the event loop ran a timer.")

    def _show_ledger(self) -> None:
        self._mentions = self._gauge("mentions", "Mentions in the ledger.", "state")
        self._alerts = self._gauge("alerts", "Alerts in the ledger.", "state")
        self._outbox = self._gauge("outbox", "Messages in the outbox.", "state")
        self._gaps = self._gauge("gaps", "Stretches of a source that could not be read.", "source")
        self._cursor_age = self._gauge("cursor_age_seconds", "Seconds since the cursor last moved.", "source")
        self._quarantined = self._gauge("quarantined", "Posts set aside because they could not be handled.")
        self._unresolved = self._gauge("cases_unresolved", "Mirrored cases that wait for an answer.")
        self._overdue = self._gauge("step_overdue_seconds", "How late the most overdue step is.")
        self._owed_age = self._gauge("outbox_overdue_seconds", "How late the most overdue message is.")
        self._waiting = self._gauge("mention_waiting_seconds", "How long the oldest unsettled mention has waited.")
        self._reload_ok = self._gauge("config_last_reload_successful", "1 where the saved configuration is in force.")

    async def refresh(self, conn: AsyncConnection, now: datetime, *, reload_ok: bool) -> None:
        """Bring the gauges up to date."""
        _show(self._mentions, {k: n for k, n in (await mentions.counts(conn)).items() if ":" not in k})
        _show(self._alerts, await alerts.counts(conn))
        _show(self._outbox, await outbox.counts(conn))
        _show(self._gaps, await gaps.counts(conn))
        ages = await cursors.ages(conn)
        _show(self._cursor_age, {source: since(moved, now) for source, moved in ages.items()})
        self._quarantined.set(await quarantine.count(conn))
        self._unresolved.set(await cases.count_unresolved(conn))
        self._overdue.set(since(await steps.next_due(conn), now))
        self._owed_age.set(since(await outbox.next_at(conn), now))
        self._waiting.set(since(await mentions.oldest_waiting(conn), now))
        self._reload_ok.set(int(reload_ok))

    def render(self) -> bytes:
        """Give everything in Prometheus' text format."""
        return generate_latest(self.registry)

    def _counter(self, name: str, what: str, *labels: str) -> Counter:
        return Counter(f"backchannel_{name}", what, labels, registry=self.registry)

    def _gauge(self, name: str, what: str, *labels: str) -> Gauge:
        return Gauge(f"backchannel_{name}", what, labels, registry=self.registry)

    def _histogram(self, name: str, what: str) -> Histogram:
        return Histogram(f"backchannel_{name}", what, buckets=_SECONDS, registry=self.registry)


def _show(gauge: Gauge, numbers: Mapping[str, float]) -> None:
    gauge.clear()
    for label, number in numbers.items():
        gauge.labels(label).set(number)


def since(moment: datetime | None, now: datetime) -> float:
    """Give how many seconds ago something was; 0 where it lies ahead or never was."""
    return 0.0 if moment is None else max(0.0, (now - moment).total_seconds())
