"""Runs commands of the command line, and works on the ledger between them."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from click.testing import Result
from typer.testing import CliRunner

from backchannel.cli import app
from ledger.database import Database
from ledger.migrate import upgrade

Given = TypeVar("Given")


def call(*words: object) -> Result:
    """Run a command and prove that it ended in words."""
    result = CliRunner(env={"COLUMNS": "200", "TERM": "dumb"}).invoke(app, [str(word) for word in words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    return result


def in_ledger(config_file: Path, act: Callable[[Database], Awaitable[Given]]) -> Given:
    """Do something with the ledger of a configuration, as the service would have."""

    async def work() -> Given:
        db = Database(f"sqlite:///{config_file.parent.parent}/ledger.db")
        try:
            await upgrade(db)
            return await act(db)
        finally:
            await db.close()

    return asyncio.run(work())
