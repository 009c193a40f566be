"""Raises alerts, folds further posts into them, and ends them when the case or the post is gone.

Every act happens in the caller's transaction: alert, steps and debts stand or fall with the fact that caused them.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from crm.records import Case
from ledger import alerts, audit, cases, links, mentions, steps
from notifier import debts
from notifier.card import AlertKind
from notifier.config import NotifierConfig, Policy
from notifier.endings import GONE, POST_GONE, RESOLVED
from notifier.facts import OFFERED, AlertFacts, complete, read_cases, still_waiting
from notifier.folding import fold_in, kindred
from notifier.routing import Facts, Routing, route
from notifier.schedule import Schedule, schedule

log = structlog.get_logger(__name__)

SYSTEM = "backchannel"
NO_TEAM = "first contact"


class Dispatcher:
    """Decides for one configuration who must know; a reload makes a new one, and running clocks stay as they are."""

    def __init__(self, config: NotifierConfig) -> None:
        self.config = config

    async def raise_for(self, conn: AsyncConnection, mention: Row[Any], outcome: str, now: datetime) -> str | None:
        """Raise an alert for a settled mention, or fold it into a live one, and give the alert's id.

        ``outcome`` is ``link``, ``possible`` or ``unlinked``; the mention's links are recorded already. None where
        nobody needs to know: the case was resolved since the post was assessed. A second call changes nothing.
        """
        candidates = await still_waiting(conn, await self._candidates(conn, mention, outcome))
        if outcome == "link" and not candidates and await self._answered_meanwhile(conn, mention, now):
            return None
        kind: AlertKind = "unlinked" if not candidates else "link" if outcome == "link" else "possible"
        fold_key = _fold_key(kind, mention, candidates)
        same = [row for row in await alerts.around(conn, mention.id, fold_key) if row.fold_key == fold_key]
        if over := next((row for row in same if row.state not in alerts.LIVE), None):
            return str(over.alert_id)
        if target := same[0] if same else await kindred(conn, mention, fold_key, candidates):
            await fold_in(conn, self.config, target, mention, now)
            return str(target.alert_id)
        if raised := await self._raise(conn, mention, kind, candidates, now):
            return raised
        rival = await alerts.live(conn, fold_key)  # another transaction raised it a moment ago
        if rival is not None:
            await fold_in(conn, self.config, rival, mention, now)
        return None if rival is None else str(rival.alert_id)

    async def case_over(self, conn: AsyncConnection, case_id: str, now: datetime) -> None:
        """End what hangs on a case that was resolved or has left the CRM: alerts, their steps, and its links.

        A case that is gone was not answered by that: what nobody took goes on as a complaint without a case.
        """
        gone = await cases.get(conn, case_id) is None
        ended = await alerts.live_of_case(conn, case_id)
        for alert in ended:
            await self.end(
                conn, alert.alert_id, state=alerts.CLOSED, by=SYSTEM, reason=GONE if gone else RESOLVED, now=now
            )
        asking = await alerts.live_asking_about(conn, case_id)
        await links.expire(conn, case_id, now)
        for alert in asking:
            await self._ask_less(conn, alert, now, GONE if gone else RESOLVED)
        for alert in ended:
            if gone and alert.state == alerts.OPEN:
                await self._without_a_case(conn, await alerts.mention_ids(conn, alert.alert_id), now)

    async def case_moved(self, conn: AsyncConnection, case_id: str, now: datetime) -> bool:
        """Let open alerts follow a case that now belongs to others; gives whether any did. The clock goes on."""
        moved, case = False, (await read_cases(conn, [case_id])).get(case_id)
        for alert in await alerts.live_of_case(conn, case_id) if case is not None else ():
            mention = await mentions.get(conn, alert.mention_id)
            if alert.state == alerts.OPEN and mention is not None and case is not None:
                moved = await self._follow(conn, alert, mention, case, now) or moved
        return moved

    async def _follow(
        self, conn: AsyncConnection, alert: Row[Any], mention: Row[Any], case: Case, now: datetime
    ) -> bool:
        routing = self.owner("link", mention, case)
        same = alert.team == case.team and alert.route == routing.route
        if same or not await self.give(conn, alert.alert_id, case, routing):
            return False
        await audit.write(conn, actor=SYSTEM, action="alert.moved", subject=alert.alert_id, now=now)
        await debts.owe_edits(conn, self.config, alert.alert_id, now)
        missing = set(routing.receivers) - set(await debts.told(conn, alert.alert_id))
        key = f"moved:{case.team}"
        await debts.owe(conn, self.config, alert.alert_id, sorted(missing), step_key=key, now=now)
        return True

    async def give(self, conn: AsyncConnection, alert_id: str, case: Case, routing: Routing) -> bool:
        """Tie a live alert to a case and to those who own it; False when it was over already."""
        return await alerts.rename(
            conn,
            alert_id,
            case_id=case.case_id,
            fold_key=f"case:{case.case_id}",
            team=case.team,
            route=routing.route,
            receivers=routing.receivers,
        )

    async def _without_a_case(self, conn: AsyncConnection, mention_ids: Sequence[int], now: datetime) -> None:
        for mention_id in mention_ids:
            mention = await mentions.get(conn, mention_id)
            if mention is not None and mention.removed_at is None:
                await self.raise_for(conn, mention, "unlinked", now)

    async def mention_removed(self, conn: AsyncConnection, mention_id: int, now: datetime) -> None:
        """Take a removed post out of every message, sent or owed. Its text was dropped from the mention before.

        The case still waits, so its alert goes on. Only an alert without a case, which nobody took, ends with its post.
        """
        await links.hush(conn, mention_id)
        for alert in await alerts.of_mention(conn, mention_id):
            if alert.state == alerts.OPEN and alert.kind == "unlinked" and await _all_gone(conn, alert.alert_id):
                await self._finish(conn, alert.alert_id, alerts.CLOSED, POST_GONE, now)
            else:
                await alerts.renew(conn, alert.alert_id)
            await debts.rewrite(conn, self.config, alert.alert_id, now)
            await debts.owe_edits(conn, self.config, alert.alert_id, now)

    async def end(
        self, conn: AsyncConnection, alert_id: str, *, state: str, by: str, reason: str, now: datetime
    ) -> bool:
        """End a live alert, stop its clock and owe everybody the news; False when it was over already."""
        if not await alerts.end(conn, alert_id, state=state, by=by, reason=reason, now=now):
            return False
        await steps.cancel(conn, alert_id, now)
        await debts.owe_edits(conn, self.config, alert_id, now)
        await audit.write(conn, actor=by, action=f"alert.{state}", subject=alert_id, now=now)
        return True

    def owner(self, kind: AlertKind, mention: Row[Any], case: Case | None) -> Routing:
        """Give who owns an alert about this case; T12: the case's own channel and team decide, never the post."""
        facts = Facts(kind, case.channel if case else None, case.team if case else None, mention.brand, mention.lang)
        return route(self.config, facts)

    async def _answered_meanwhile(self, conn: AsyncConnection, mention: Row[Any], now: datetime) -> bool:
        """Say whether the case was resolved since the post was assessed; one that has left the CRM was not answered."""
        (link,) = await self._candidates(conn, mention, "link") or (None,)
        if link is None:
            return True
        await links.expire(conn, link.case_id, now)
        resolved = await cases.get(conn, link.case_id) is not None
        reason = "case resolved meanwhile" if resolved else "case left the CRM meanwhile: raised without it"
        log.info("alert not raised" if resolved else "alert without its case", mention=mention.id, reason=reason)
        return resolved

    async def _candidates(self, conn: AsyncConnection, mention: Row[Any], outcome: str) -> Sequence[Row[Any]]:
        if outcome == "unlinked":
            return ()
        found = [link for link in await links.of_mention(conn, mention.id) if link.state != links.REFUSED]
        return found[: 1 if outcome == "link" else OFFERED]

    async def _raise(
        self, conn: AsyncConnection, mention: Row[Any], kind: AlertKind, candidates: Sequence[Row[Any]], now: datetime
    ) -> str | None:
        known = await read_cases(conn, [link.case_id for link in candidates])
        case = _owning(candidates, known)
        routing = self.owner(kind, mention, case)
        times = schedule(routing.policy, mention.posted_at, now)
        alert = await alerts.raise_once(
            conn,
            {
                "alert_id": secrets.token_hex(16),
                "kind": kind,
                "fold_key": _fold_key(kind, mention, candidates),
                "case_id": case.case_id if case and kind == "link" else None,
                "mention_id": mention.id,
                "brand": mention.brand,
                "team": case.team if case else NO_TEAM,
                "route": routing.route,
                "receivers": list(routing.receivers),
                "policy": _snapshot(routing),
                "state": alerts.OPEN,
                "raised_at": now,
                "clock_from": times.clock_from,
                "due_at": times.due_at,
            },
        )
        if alert is None:
            return None
        await alerts.fold(conn, alert.alert_id, mention.id, now)
        planned = await self._start_clock(conn, alert.alert_id, routing, times)
        facts = AlertFacts(alert, (mention,), tuple(candidates), known, tuple(planned))
        await debts.owe_first(conn, self.config, await complete(conn, facts), now)
        log.info("alert raised", alert=alert.alert_id, kind=kind, route=routing.route, reason=routing.reason)
        return str(alert.alert_id)

    async def _start_clock(
        self, conn: AsyncConnection, alert_id: str, routing: Routing, times: Schedule
    ) -> Sequence[Row[Any]]:
        acts = [("escalate", times.escalate_at, self.config.escalation(routing.policy))]
        if times.remind_at is not None:
            acts.append(("remind", times.remind_at, routing.receivers))
        rows = [
            {"alert_id": alert_id, "name": name, "due_at": due_at, "receivers": list(receivers)}
            for name, due_at, receivers in acts
        ]
        return await steps.plan(conn, rows)

    async def _ask_less(self, conn: AsyncConnection, alert: Row[Any], now: datetime, reason: str) -> None:
        """Take a case that is over out of a question; without any case left, there is nothing to ask."""
        left = await still_waiting(conn, await self._candidates(conn, await _first(conn, alert), "possible"))
        if not left:
            await self.end(conn, alert.alert_id, state=alerts.CLOSED, by=SYSTEM, reason=reason, now=now)
        elif await alerts.touch(conn, alert.alert_id):
            await debts.owe_edits(conn, self.config, alert.alert_id, now)

    async def _finish(self, conn: AsyncConnection, alert_id: str, state: str, reason: str, now: datetime) -> None:
        await alerts.end(conn, alert_id, state=state, by=SYSTEM, reason=reason, now=now)
        await steps.cancel(conn, alert_id, now)
        await audit.write(conn, actor=SYSTEM, action=f"alert.{state}", subject=alert_id, now=now)


def _fold_key(kind: AlertKind, mention: Row[Any], candidates: Sequence[Row[Any]]) -> str:
    """Return the key under which one alert at a time lives: one for each case."""
    if kind == "link":
        return f"case:{candidates[0].case_id}"
    if kind == "possible":
        return "maybe:" + ",".join(sorted(link.case_id for link in candidates))
    return f"mention:{mention.id}"


def _owning(candidates: Sequence[Row[Any]], known: dict[str, Case]) -> Case | None:
    """Return the best case of the team that the most probability falls to: one alert, to one team."""
    mass: dict[str, float] = {}
    for link in candidates:
        team = known[link.case_id].team
        mass[team] = mass.get(team, 0.0) + link.probability
    owner = max(mass, key=lambda team: mass[team], default=None)
    return next((known[link.case_id] for link in candidates if known[link.case_id].team == owner), None)


def _snapshot(routing: Routing) -> dict[str, Any]:
    policy: Policy = routing.policy
    return {
        "name": routing.policy_name,
        "reason": routing.reason,
        "respond_within": policy.respond_within.total_seconds(),
        "remind_after": policy.remind_after.total_seconds() if policy.remind_after else None,
        "at_least": policy.at_least.total_seconds(),
    }


async def _first(conn: AsyncConnection, alert: Row[Any]) -> Any:
    return await mentions.get(conn, alert.mention_id)


async def _all_gone(conn: AsyncConnection, alert_id: str) -> bool:
    found = [await mentions.get(conn, each) for each in await alerts.mention_ids(conn, alert_id)]
    return all(row is None or row.removed_at is not None for row in found)
