"""The contract of every source."""

from collections.abc import AsyncIterator
from typing import Protocol

from listener.post import Event


class SourceError(Exception):
    """A source cannot go on. ``permanent`` means that trying again without a change of configuration is useless."""

    def __init__(self, message: str, *, permanent: bool = False, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.retry_after = retry_after


class Source(Protocol):
    """One configured place to listen to. It knows no rule, no database and no sibling."""

    @property
    def name(self) -> str:
        """The name it has in the configuration; with a native id, it identifies a mention."""
        ...

    @property
    def platform(self) -> str:
        """The kind of place: ``x``, ``reddit``, ..."""
        ...

    def listen(self, cursor: str | None) -> AsyncIterator[Event]:
        """Give all events after the cursor, then go on for ever. Raises SourceError; a caller may always resume.

        The cursor of an event is durable only once the caller has committed it. Events may repeat after a resume.
        """
        ...

    async def close(self) -> None:
        """Let go of connections; safe to call twice."""
        ...
