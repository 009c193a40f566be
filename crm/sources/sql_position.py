"""How far a foreign database was read, as one string."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from crm.source import CrmError
from crm.sources.sql_tables import MappedTables

Known = Callable[[Any], datetime | None]


class Position(msgspec.Struct, frozen=True):
    """The newest update with its case's id, and the newest message, in the database's own values; None before any."""

    updated: Any = None
    case_id: Any = None
    message: Any = None

    def after_case(self, updated: Any, case_id: Any, known: Known) -> "Position":
        """Give the position once this case was read; it never moves back, nor to a time that is not known."""
        if not _later(updated, self.updated, known):
            return self
        return Position(updated, case_id, self.message)

    def after_message(self, at: Any, known: Known) -> "Position":
        """Give the position once messages up to this time were read."""
        return Position(self.updated, self.case_id, at) if _later(at, self.message, known) else self

    def encode(self) -> str:
        return msgspec.json.encode(self).decode()


def _later(new: Any, old: Any, known: Known) -> bool:
    time = None if new is None else known(new)
    if time is None:
        return False
    before = None if old is None else known(old)
    return before is None or time >= before


def decode(cursor: str, tables: MappedTables) -> Position:
    """Read a stored cursor back into the types of the columns; raises CrmError."""
    try:
        stored = msgspec.json.decode(cursor, type=Position)
        cases, messages = tables.cases, tables.messages
        return Position(
            None if stored.updated is None else cases.typed("updated_at", stored.updated),
            None if stored.case_id is None else cases.typed("case_id", stored.case_id),
            messages.typed("at", stored.message) if messages and stored.message is not None else None,
        )
    except (ValueError, msgspec.MsgspecError) as error:
        raise CrmError(f"this is no cursor of this CRM ({error}): delete the cursor to read all cases again") from error
