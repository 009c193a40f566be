"""Everything in the ledger that an alert's message speaks of, read in the caller's transaction."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from crm.records import Case
from ledger import alerts, cases, links, mentions, steps

_QUIET_READ = 30
OFFERED = 3


class AlertFacts(msgspec.Struct, frozen=True):
    """What the ledger knows of one alert.

    ``posts`` are its mentions, the first one first; ``links`` are those of the first one that the alert shows.
    ``cases`` holds the CRM's cases by id. ``quiet`` are unresolved cases about the same product, waiting longer than
    the alert's case, for which nobody was alerted: the silent ones.
    """

    alert: Row[Any]
    posts: tuple[Row[Any], ...]
    links: tuple[Row[Any], ...]
    cases: dict[str, Case]
    steps: tuple[Row[Any], ...]
    quiet: tuple[Case, ...] = ()

    @property
    def link(self) -> Row[Any] | None:
        """The link of the first mention to the alert's case."""
        return next((link for link in self.links if link.case_id == self.alert.case_id), None)


async def gather(conn: AsyncConnection, alert_id: str) -> AlertFacts | None:
    """Read what an alert's message needs; None where there is no such alert."""
    alert = await alerts.get(conn, alert_id)
    if alert is None:
        return None
    found = [await mentions.get(conn, each) for each in await alerts.mention_ids(conn, alert_id)]
    posts = tuple(sorted((row for row in found if row is not None), key=lambda row: row.id != alert.mention_id))
    shown = await _shown_links(conn, alert)
    wanted = {link.case_id for link in shown} | ({alert.case_id} if alert.case_id else set())
    known = await read_cases(conn, sorted(wanted))
    return await complete(conn, AlertFacts(alert, posts, shown, known, tuple(await steps.of_alert(conn, alert_id))))


async def complete(conn: AsyncConnection, facts: AlertFacts) -> AlertFacts:
    """Add the silent cases to what is known of an alert."""
    shown = {link.case_id for link in facts.links} | set(facts.cases)
    quiet = await _quiet(conn, _asked_about(facts.alert, facts.links, facts.cases), shown)
    return msgspec.structs.replace(facts, quiet=quiet)


async def read_cases(conn: AsyncConnection, case_ids: Sequence[str]) -> dict[str, Case]:
    """Read mirrored cases; one that the CRM no longer has is missing from the answer."""
    rows = await cases.get_many(conn, case_ids)
    return {row.case_id: msgspec.json.decode(row.record, type=Case) for row in rows}


async def still_waiting(conn: AsyncConnection, candidates: Sequence[Row[Any]]) -> list[Row[Any]]:
    """Keep the links whose case waits for an answer, in their order: a settled case is nobody's alert."""
    rows = await cases.get_many(conn, [link.case_id for link in candidates])
    waiting = {row.case_id for row in rows if row.unresolved}
    return [link for link in candidates if link.case_id in waiting]


async def _shown_links(conn: AsyncConnection, alert: Row[Any]) -> tuple[Row[Any], ...]:
    found = await links.of_mention(conn, alert.mention_id)
    if alert.kind == "link":
        return tuple(link for link in found if link.case_id == alert.case_id)
    if alert.kind == "unlinked":
        return ()
    offered = [link for link in found if link.state != links.REFUSED]
    return tuple((await still_waiting(conn, offered) or offered)[:OFFERED])


def _asked_about(alert: Row[Any], shown: Sequence[Row[Any]], known: dict[str, Case]) -> Case | None:
    case_id = alert.case_id or (shown[0].case_id if shown else "")
    return known.get(case_id)


async def _quiet(conn: AsyncConnection, case: Case | None, shown: set[str]) -> tuple[Case, ...]:
    if case is None or not case.product:
        return ()
    rows = await cases.unresolved_like(conn, case.product, case.opened_at, _QUIET_READ)
    rows = [row for row in rows if row.case_id not in shown and row.brand in (None, case.brand)]
    alerted = await alerts.cases_alerted(conn, [row.case_id for row in rows])
    return tuple(msgspec.json.decode(row.record, type=Case) for row in rows if row.case_id not in alerted)
