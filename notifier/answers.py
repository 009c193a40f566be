"""What people answer to an alert: they take it, finish it, or say that it is wrong. Each answer is one transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger import alerts, audit, links, mentions, outcomes, steps
from notifier import debts
from notifier.disclosure import RELATIONS
from notifier.dispatch import Dispatcher
from notifier.endings import RESOLVED
from notifier.facts import read_cases, still_waiting
from notifier.folding import fold_in
from notifier.judged import Said, remember
from notifier.waiting import at_clock

Action = Literal["take", "done", "not_this_case", "not_a_complaint", "pick", "relation"]

_UNKNOWN = "This alert is not known any more. Look into the inbox for what is open."
_TAKEN = "It is yours, and its clock has stopped. Please press Done when the customer has been answered."
_DONE = "Thank you: it is marked as answered."
_DONE_LATE = "Thank you: it is noted that it was this case, which is resolved by now."
_REFUSED = "Noted: it is not this case. The complaint goes on as one without a case."
_NO_COMPLAINT = "Noted: it is no complaint, and nobody is reminded of it any more."
_PICKED = "Noted: it is case {case}. Please press Take it when you start to answer."
_PICKED_ELSEWHERE = "Noted: it is case {case} of team {team}, who have been told."
_PICKED_KNOWN = "Noted: it is case {case}. There is an alert about it already, and this post was added to it."
_RELATED = "Noted: the poster is {who}."
_NO_RELATION = "This alert names no case, so nobody can be related to its customer."
_CASE_OVER = "Case {case} is over by now: if it was this one, nothing is left to do; else press None of these."
_NO_SUCH_CASE = "That case is not among those that this alert asks about any more."


class Person(msgspec.Struct, frozen=True):
    """Who answered: ``actor`` is an id such as ``slack:U123`` for the audit, ``name`` is what colleagues are shown."""

    actor: str
    name: str


class Answers:
    """Turns clicks into facts. What is allowed follows from the ledger, never from what the click carries."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self._dispatcher = dispatcher

    async def click(
        self,
        conn: AsyncConnection,
        action: str,
        alert_id: str,
        who: Person,
        now: datetime,
        *,
        case_id: str | None = None,
        relation: str | None = None,
    ) -> str:
        """Do what a button says, and give the sentence that the person who pressed it is told."""
        match action:
            case "take":
                return await self.take(conn, alert_id, who, now)
            case "done":
                return await self.done(conn, alert_id, who, now)
            case "not_this_case":
                return await self.not_this_case(conn, alert_id, who, now)
            case "not_a_complaint":
                return await self.not_a_complaint(conn, alert_id, who, now)
            case "pick" if case_id:
                return await self.pick(conn, alert_id, who, now, case_id)
            case "relation" if relation in RELATIONS:
                return await self.relate(conn, alert_id, who, now, relation)
        raise ValueError(f"no button of an alert is called {action!r}")

    async def take(self, conn: AsyncConnection, alert_id: str, who: Person, now: datetime) -> str:
        """Let somebody take an open alert, which stops its clock."""
        if not await alerts.take(conn, alert_id, by=who.name, now=now):
            return self._over(await alerts.get(conn, alert_id), now)
        await steps.cancel(conn, alert_id, now)
        await self._noted(conn, "alert.taken", alert_id, who, now)
        return _TAKEN

    async def done(self, conn: AsyncConnection, alert_id: str, who: Person, now: datetime) -> str:
        """Mark an alert as answered; whoever answered a case has thereby confirmed its link."""
        alert = await alerts.get(conn, alert_id)
        if not await self._end(conn, alert_id, alerts.DONE, who, f"answered, says {who.name}", now):
            return await self._done_late(conn, alert, who, now)
        if alert is not None and alert.case_id:
            await self._confirm(conn, alert, alert.case_id, (), who, now)
        return _DONE

    async def _done_late(self, conn: AsyncConnection, alert: Row[Any] | None, who: Person, now: datetime) -> str:
        """Take the word of whoever answered, though the alert ended with its case before they could say so."""
        if alert is None or not await self._may_still_say(conn, alert):
            return self._over(alert, now)
        await self._confirm(conn, alert, alert.case_id, (), who, now)
        await alerts.renew(conn, alert.alert_id)
        await self._noted(conn, "alert.confirmed", alert.alert_id, who, now)
        return _DONE_LATE

    async def _may_still_say(self, conn: AsyncConnection, alert: Row[Any]) -> bool:
        """Whether an alert ended because its case was resolved, and nobody said yet whether it was this one."""
        if alert.state != alerts.CLOSED or not alert.case_id or alert.end_reason != RESOLVED:
            return False
        found = await links.of_mention(conn, alert.mention_id)
        return any(link.case_id == alert.case_id and link.judged_at is None for link in found)

    async def not_a_complaint(self, conn: AsyncConnection, alert_id: str, who: Person, now: datetime) -> str:
        """End an alert about something that is no complaint; whose case it was is left undecided."""
        alert = await alerts.get(conn, alert_id)
        ended = await self._end(conn, alert_id, alerts.DISMISSED, who, f"no complaint, says {who.name}", now)
        if not ended or alert is None:
            return self._over(alert, now)
        await remember(conn, alert_id, alert.mention_id, Said(outcomes.NOT_A_COMPLAINT, who.actor, now))
        return _NO_COMPLAINT

    async def not_this_case(self, conn: AsyncConnection, alert_id: str, who: Person, now: datetime) -> str:
        """Refuse the case, or all that were offered: the posts are still complaints, so they go to first contacts."""
        alert = await alerts.get(conn, alert_id)
        if alert is not None and alert.kind == "unlinked":
            return _NO_SUCH_CASE
        reason = f"not this case, says {who.name}"
        ended = await self._end(conn, alert_id, alerts.DISMISSED, who, reason, now)
        if alert is None or not (ended or await self._may_still_say(conn, alert)):
            return self._over(alert, now)
        for mention_id in await alerts.mention_ids(conn, alert_id):
            await self._refuse(conn, alert, mention_id, who, now)
        await debts.owe_edits(conn, self._dispatcher.config, alert_id, now)
        return _REFUSED

    async def pick(self, conn: AsyncConnection, alert_id: str, who: Person, now: datetime, case_id: str) -> str:
        """Say which of the offered cases it is. Its owners get the alert; the clock goes on until somebody takes it."""
        alert = await alerts.get(conn, alert_id)
        if alert is None or alert.state not in alerts.LIVE:
            return self._over(alert, now)
        found = await links.of_mention(conn, alert.mention_id)
        offered = {link.case_id for link in found}
        case = (await read_cases(conn, [case_id])).get(case_id)
        mention = await mentions.get(conn, alert.mention_id)
        if alert.kind != "possible" or case_id not in offered or case is None or mention is None:
            return _NO_SUCH_CASE
        if not await still_waiting(conn, [link for link in found if link.case_id == case_id]):
            return _CASE_OVER.format(case=case_id)
        await links.revive(conn, alert.mention_id, case_id)
        await self._confirm(conn, alert, case_id, sorted(offered - {case_id}), who, now)
        if await self._joined(conn, alert, case_id, who, now):
            return _PICKED_KNOWN.format(case=case_id)
        routing = self._dispatcher.owner("link", mention, case)
        await self._dispatcher.give(conn, alert_id, case, routing)
        await self._noted(conn, "alert.picked", alert_id, who, now)
        missing = set(routing.receivers) - set(await debts.told(conn, alert_id))
        await debts.owe(conn, self._dispatcher.config, alert_id, sorted(missing), step_key="picked", now=now)
        text = _PICKED_ELSEWHERE if missing else _PICKED
        return text.format(case=case_id, team=case.team)

    async def relate(self, conn: AsyncConnection, alert_id: str, who: Person, now: datetime, relation: str) -> str:
        """Say who posted; what must not be disclosed follows from it. The case itself is not confirmed by this."""
        alert = await alerts.get(conn, alert_id)
        if alert is None or alert.state not in alerts.LIVE:
            return self._over(alert, now)
        known = {link.case_id: link.relation for link in await links.of_mention(conn, alert.mention_id)}
        if not alert.case_id or not await links.correct(conn, alert.mention_id, alert.case_id, relation=relation):
            return _NO_RELATION
        if known[alert.case_id] != relation:
            said = Said(outcomes.RELATION, who.actor, now, alert.case_id, relation=relation)
            await remember(conn, alert_id, alert.mention_id, said)
        await alerts.touch(conn, alert_id)
        await self._noted(conn, "alert.relation", alert_id, who, now)
        return _RELATED.format(who=RELATIONS[relation])

    async def _joined(self, conn: AsyncConnection, alert: Row[Any], case_id: str, who: Person, now: datetime) -> bool:
        """Fold a question into the alert that its case has already, if it has one."""
        known = await alerts.live(conn, f"case:{case_id}")
        if known is None:
            return False
        for mention_id in await alerts.mention_ids(conn, alert.alert_id):
            mention = await mentions.get(conn, mention_id)
            if mention is not None:
                await fold_in(conn, self._dispatcher.config, known, mention, now)
        reason = f"belongs to the alert about case {case_id}, says {who.name}"
        return await self._end(conn, alert.alert_id, alerts.CLOSED, who, reason, now)

    async def _refuse(
        self, conn: AsyncConnection, alert: Row[Any], mention_id: int, who: Person, now: datetime
    ) -> None:
        found = [link.case_id for link in await links.of_mention(conn, mention_id)]
        refused = [each for each in found if alert.kind == "possible" or each == alert.case_id]
        for case_id in refused:
            await links.judge(conn, mention_id, case_id, state=links.REFUSED, by=who.actor, now=now)
        verdict = outcomes.NO_CASE if alert.kind == "possible" else outcomes.WRONG_CASE
        said = Said(verdict, who.actor, now, refused=tuple(refused))
        await remember(conn, alert.alert_id, mention_id, said)
        mention = await mentions.get(conn, mention_id)
        if mention is not None and mention.removed_at is None:
            await self._dispatcher.raise_for(conn, mention, "unlinked", now)

    async def _confirm(
        self, conn: AsyncConnection, alert: Row[Any], case_id: str, refused: Sequence[str], who: Person, now: datetime
    ) -> None:
        """Confirm one case and refuse others for the alert's own post, and for further ones that were linked to it.

        Of a post that was folded in because it might be about the case nobody has said that it is.
        """
        for mention_id in await alerts.mention_ids(conn, alert.alert_id):
            if mention_id != alert.mention_id and not await _linked_to(conn, mention_id, case_id):
                continue
            for each in refused:
                await links.judge(conn, mention_id, each, state=links.REFUSED, by=who.actor, now=now)
            if await links.judge(conn, mention_id, case_id, state=links.CONFIRMED, by=who.actor, now=now):
                said = Said(outcomes.CONFIRMED, who.actor, now, case_id, tuple(refused))
                await remember(conn, alert.alert_id, mention_id, said)

    async def _end(
        self, conn: AsyncConnection, alert_id: str, state: str, who: Person, reason: str, now: datetime
    ) -> bool:
        return await self._dispatcher.end(conn, alert_id, state=state, by=who.actor, reason=reason, now=now)

    async def _noted(self, conn: AsyncConnection, action: str, alert_id: str, who: Person, now: datetime) -> None:
        await audit.write(conn, actor=who.actor, action=action, subject=alert_id, now=now)
        await debts.owe_edits(conn, self._dispatcher.config, alert_id, now)

    def _over(self, alert: Row[Any] | None, now: datetime) -> str:
        if alert is None:
            return _UNKNOWN
        if alert.state == alerts.TAKEN:
            at = at_clock(alert.taken_at, self._dispatcher.config.timezone, now)
            return f"{alert.taken_by} took this already, at {at}."
        return f"This alert is over already: {alert.end_reason or alert.state}."


async def _linked_to(conn: AsyncConnection, mention_id: int, case_id: str) -> bool:
    """Whether the decision on a post asserted this case."""
    mention = await mentions.get(conn, mention_id)
    linking = ((mention.assessment if mention is not None else None) or {}).get("linking") or {}
    first: dict[str, Any] = next(iter(linking.get("candidates", ())), {})
    return linking.get("decision") == "link" and first.get("case_id") == case_id
