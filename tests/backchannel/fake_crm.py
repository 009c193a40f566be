"""A CRM with verbs: cases are opened, changed, resolved and deleted, and it fails or hangs when told to."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime

import msgspec

from crm.records import Case, CaseMessage
from crm.source import CaseChange, CrmError


class FakeCrm:
    """Keeps every change in order; the cursor is how many changes lie before."""

    def __init__(self) -> None:
        self.cases: dict[str, Case] = {}
        self.asked: list[str | None] = []
        self.looked = asyncio.Event()
        self._changes: list[tuple[str, Case | None]] = []
        self._faults: list[tuple[int, CrmError | None]] = []

    def open(self, case: Case) -> None:
        """Open a case, or change it."""
        self.cases[case.case_id] = case
        self._changes.append((case.case_id, case))

    def answer(self, case_id: str, at: datetime, text: str = "Sorry, Mark: a new pack has left us today.") -> None:
        """Answer a case and resolve it."""
        case = self.cases[case_id]
        message = CaseMessage(at, "agent", text)
        self.open(
            msgspec.structs.replace(
                case, status="resolved", resolved_at=at, updated_at=at, messages=(*case.messages, message)
            )
        )

    def delete(self, case_id: str) -> None:
        """Delete a case, as after a request to be forgotten."""
        del self.cases[case_id]
        self._changes.append((case_id, None))

    def fail_after(self, number: int) -> None:
        """Break once, when this many changes of the next look were given."""
        self._faults.append((number, CrmError("the CRM is away: look at its address")))

    def hang(self) -> None:
        """Never answer the next look."""
        self._faults.append((0, None))

    async def changes(self, cursor: str | None) -> AsyncIterator[CaseChange]:
        """Give all changes after the cursor."""
        self.asked.append(cursor)
        self.looked.set()
        limit, fault = self._faults.pop(0) if self._faults else (len(self._changes) + 1, None)
        start = int(cursor or 0)
        for given, place in enumerate(range(start, len(self._changes))):
            if given >= limit:
                await self._strike(fault)
            case_id, case = self._changes[place]
            yield CaseChange(case_id, str(place + 1), case)
        if limit <= len(self._changes) - start:
            await self._strike(fault)

    async def _strike(self, fault: CrmError | None) -> None:
        if fault is None:
            await asyncio.Event().wait()
        else:
            raise fault

    async def case(self, case_id: str) -> Case | None:
        """Give one case."""
        return self.cases.get(case_id)

    async def check(self) -> str:
        """Say what was reached."""
        return "a fake CRM"

    async def close(self) -> None:
        """Nothing to let go of."""
