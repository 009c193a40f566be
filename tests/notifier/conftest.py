"""A desk with its deliveries, on SQLite."""

import pytest

from ledger.database import Database
from tests.notifier.desk import Desk


@pytest.fixture
def desk(sqlite_db: Database) -> Desk:
    """A support desk with the usual receivers and routes."""
    return Desk(sqlite_db)
