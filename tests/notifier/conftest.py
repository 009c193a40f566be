"""A desk with its deliveries, on SQLite."""

import pytest

from ledger.database import Database
from tests.notifier.desk import Desk
from tests.notifier.post import Post


@pytest.fixture
def desk(sqlite_db: Database) -> Desk:
    """A support desk with the usual receivers and routes."""
    return Desk(sqlite_db)


@pytest.fixture
def post(desk: Desk) -> Post:
    """Deliveries of the usual desk."""
    return Post(desk)
