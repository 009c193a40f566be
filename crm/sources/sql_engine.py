"""Opens a foreign database for reading, in such a way that the database itself refuses every write."""

from pathlib import Path
from urllib.parse import quote

from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from crm.config import SqlCrmConfig
from crm.source import CrmError
from ledger.database import DatabaseUrlError, async_url
from ledger.sqlite import opener

_CONNECT_WITHIN = 10


def read_only_engine(config: SqlCrmConfig) -> AsyncEngine:
    """Give an engine that cannot write; connects to nothing yet. Raises CrmError for an address of no use."""
    try:
        url = async_url(config.url.get_secret_value())
    except (ArgumentError, DatabaseUrlError) as error:
        raise CrmError(f"crm.url: {_without_address(error)}") from error
    seconds = config.statement_timeout.total_seconds()
    return _sqlite(url, seconds) if url.get_backend_name() == "sqlite" else _postgresql(url, seconds)


def _without_address(error: Exception) -> str:
    """SQLAlchemy quotes the address, password and all."""
    if isinstance(error, DatabaseUrlError):
        return str(error)
    return "this is no database address: write sqlite:////path/to/crm.db or postgresql://user:password@host/name"


def _sqlite(url: URL, seconds: float) -> AsyncEngine:
    file = f"file:{quote(url.database or '')}?mode=ro"
    pragmas = (f"busy_timeout={int(seconds * 1000)}", "query_only=ON")
    return create_async_engine(url, async_creator=opener(file, pragmas, uri=True))


def require_file(config: SqlCrmConfig) -> None:
    """Raise CrmError where a SQLite file is not there, before a driver's thread is started for nothing."""
    url = async_url(config.url.get_secret_value())
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        raise CrmError(f"the CRM's database cannot be read: there is no file {url.database}: check crm.url")


def _postgresql(url: URL, seconds: float) -> AsyncEngine:
    settings = {
        "default_transaction_read_only": "on",
        "statement_timeout": str(int(seconds * 1000)),
        "application_name": "backchannel",
    }
    connect = {"server_settings": settings, "timeout": _CONNECT_WITHIN}
    return create_async_engine(url, connect_args=connect, pool_size=2, max_overflow=0, pool_pre_ping=True)


def unreadable(error: Exception) -> CrmError:
    """Say what failed, without the address and without a value out of a row."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    first = str(cause).strip().partition("\n")[0]
    return CrmError(f"the CRM's database cannot be read: {type(cause).__name__}: {first}: check crm.url and its rights")
