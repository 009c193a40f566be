"""The contract of every CRM adapter."""

from collections.abc import AsyncIterator
from typing import Protocol

import msgspec

from crm.records import Case


class CaseChange(msgspec.Struct, frozen=True):
    """A case as it now stands, or its removal, and the cursor up to which changes have then been read."""

    case_id: str
    cursor: str
    case: Case | None


class CrmError(Exception):
    """The CRM could not be read; the text names the place and the next step."""


class CrmSource(Protocol):
    """A CRM to read from. An adapter never writes to it."""

    async def changes(self, cursor: str | None) -> AsyncIterator[CaseChange]:  # noqa: ARG002  a protocol uses nothing
        """Give every case changed since the cursor, oldest change first; all cases where the cursor is None.

        A case may be given twice, never left out: adapters read with overlap and callers replace.
        """
        ...  # pragma: no cover
        yield  # type: ignore[misc]

    async def case(self, case_id: str) -> Case | None:
        """Give one case as it stands now, or None where the CRM has no such case."""
        ...

    async def check(self) -> str:
        """Say in one line what was reached; raises CrmError with the next step."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
