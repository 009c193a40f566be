"""The embedded CRM: our own tables, filled by the importer, for teams whose CRM cannot be read directly."""

from collections.abc import AsyncIterator

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from crm import shelf
from crm.records import Case
from crm.source import CaseChange, CrmError

_PAGE = 200
_EMPTY = "the embedded CRM is empty: run 'backchannel crm import FOLDER'"


class EmbeddedCrm:
    """Reads the embedded CRM. Every change has a number of its own, and numbers commit in order: none is skipped.

    The engine is the caller's, who also closes it. No connection is held while a caller works on a case.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def changes(self, cursor: str | None) -> AsyncIterator[CaseChange]:
        """Give every case changed since the cursor, oldest change first, and end; all cases where it is None.

        A cursor from before the tables were made anew gives all cases again. Raises CrmError.
        """
        seq = await self._start(cursor)
        while True:
            page = await self._page(seq)
            if not page:
                return
            for change in page:
                yield change
            seq = int(page[-1].cursor)

    async def case(self, case_id: str) -> Case | None:
        """Give one case as it stands now, or None where there is none; raises CrmError."""
        try:
            async with self._engine.connect() as conn:
                return (await shelf.cases(conn, [case_id])).get(case_id)
        except SQLAlchemyError as error:
            raise _unreadable(error) from error

    async def check(self) -> str:
        """Say how much there is; raises CrmError where nothing was imported."""
        try:
            async with self._engine.connect() as conn:
                if not await shelf.exists(conn):
                    raise CrmError(_EMPTY)
                customers, cases = await shelf.count(conn)
        except SQLAlchemyError as error:
            raise _unreadable(error) from error
        if not cases:
            raise CrmError(_EMPTY)
        return f"embedded CRM: {customers} customers, {cases} cases"

    async def close(self) -> None:
        """Nothing to let go of: the engine is the caller's."""

    async def _start(self, cursor: str | None) -> int:
        if cursor is None:
            return 0
        if not cursor.isdecimal():
            raise CrmError(f"{cursor!r} is no cursor of the embedded CRM: delete the cursor to read all cases again")
        try:
            async with self._engine.connect() as conn:
                newest = await shelf.newest_change(conn) if await shelf.exists(conn) else 0
        except SQLAlchemyError as error:
            raise _unreadable(error) from error
        return int(cursor) if int(cursor) <= newest else 0

    async def _page(self, seq: int) -> list[CaseChange]:
        try:
            async with self._engine.connect() as conn:
                if not await shelf.exists(conn):
                    return []
                changed = await shelf.changed_since(conn, seq, _PAGE)
                cases = await shelf.cases(conn, [case_id for case_id, _ in changed])
        except SQLAlchemyError as error:
            raise _unreadable(error) from error
        return [CaseChange(case_id, str(number), cases[case_id]) for case_id, number in changed]


def _unreadable(error: SQLAlchemyError) -> CrmError:
    return CrmError(f"the embedded CRM cannot be read ({type(error).__name__}): check the database and its disk")
