"""Fixtures for every test: a guarded network, real databases, and what the machine may lack."""

import asyncio
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

from ledger.database import Database
from ledger.migrate import upgrade

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_POSTGRES_HOMES = ("/usr/lib/postgresql/17/bin", "/usr/lib/postgresql/16/bin", "/usr/lib/postgresql/15/bin")


def lacking(what: str) -> NoReturn:
    """Skip a test because the machine lacks something; under CI that is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI must provide {what}")
    pytest.skip(f"this machine lacks {what}")


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test connects anywhere but to this machine."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def check(sock: socket.socket, address: Any) -> None:
        if sock.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in _LOOPBACK:
            raise AssertionError(f"a test tried to connect to {address[0]}")

    def guarded(sock: socket.socket, address: Any) -> None:
        check(sock, address)
        connect(sock, address)

    def guarded_ex(sock: socket.socket, address: Any) -> int:
        check(sock, address)
        return connect_ex(sock, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
    monkeypatch.setattr(socket.socket, "connect_ex", guarded_ex)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A PostgreSQL server of our own on a free loopback port, with fsync as in production."""
    home = next((Path(place) for place in _POSTGRES_HOMES if (Path(place) / "initdb").exists()), None)
    if home is None:
        lacking("PostgreSQL's server (Debian package postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="backchannel-pg-"))
    as_owner = _as_server_user(folder)
    port = _free_port()
    _quietly(
        [*as_owner, str(home / "initdb"), "-D", str(folder / "data"), "-A", "trust", "-U", "backchannel", "-E", "UTF8"]
    )
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
    control = [*as_owner, str(home / "pg_ctl"), "-D", str(folder / "data"), "-w"]
    _quietly([*control, "-o", options, "-l", str(folder / "log"), "start"])
    try:
        yield f"postgresql://backchannel@127.0.0.1:{port}"
    finally:
        _quietly([*control, "-m", "immediate", "stop"])
        shutil.rmtree(folder, ignore_errors=True)


def _as_server_user(folder: Path) -> list[str]:
    """PostgreSQL refuses to run as root: there it runs as its package's user."""
    if os.geteuid() != 0:
        return []
    shutil.chown(folder, "postgres", "postgres")
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "env", "HOME=" + str(folder)]


def _quietly(command: list[str]) -> None:
    done = subprocess.run(
        command, cwd="/", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, check=False
    )
    assert done.returncode == 0, done.stdout.decode()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


_databases = iter(range(1_000_000))


@pytest.fixture
async def postgres_url(postgres_server: str) -> str:
    """A fresh, empty PostgreSQL database."""
    import asyncpg  # only where a server was found

    name = f"t{next(_databases)}_{os.getpid()}"
    conn = await asyncpg.connect(f"{postgres_server}/postgres")
    await conn.execute(f"CREATE DATABASE {name}")
    await conn.close()
    return f"{postgres_server}/{name}"


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The address of a fresh SQLite file."""
    return f"sqlite:///{tmp_path / 'backchannel.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database of each kind: whatever uses this is proved on both."""
    return str(request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url"))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A migrated ledger on each kind of database."""
    async with asyncio.timeout(60):
        opened = Database(database_url)
        await upgrade(opened)
    yield opened
    await opened.close()


@pytest.fixture
async def sqlite_db(sqlite_url: str) -> AsyncIterator[Database]:
    """A migrated ledger on SQLite, for tests that need no second kind."""
    opened = Database(sqlite_url)
    await upgrade(opened)
    yield opened
    await opened.close()


@pytest.fixture
def chromium_path() -> str:
    """Where the system's browser lies."""
    return shutil.which("chromium") or lacking("a browser (Debian package chromium)")
