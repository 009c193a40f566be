"""``backchannel migrate``: brings the database to the schema of this version."""

from ledger.database import Database
from ledger.migrate import newest_revision, revision, upgrade


async def migrate(db: Database) -> str:
    """Run the migrations that are missing and say in one line what was done."""
    before = await revision(db)
    await upgrade(db)
    if before == newest_revision():
        return f"nothing to do: the database is at revision {before}"
    return f"migrated from revision {before or 'none'} to {newest_revision()}"
