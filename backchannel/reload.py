"""Brings a saved ``config.yaml`` into force without a restart: all of it, or none of it.

The folder is watched and not the file: editors replace the file, and mounted configurations swap a link. Whatever was
missed is found by a look at the content every second, and SIGHUP asks for a look at once.
"""

import asyncio
import hashlib
import signal
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

import structlog
from watchfiles import Change, awatch

from backchannel.config import ConfigError, Settings, parse
from backchannel.config_problems import Problem
from ledger.clock import Clock

log = structlog.get_logger(__name__)

LOOK_EVERY = 1.0  # seconds: how late a change is noticed that the operating system did not tell of
SETTLED_AFTER = 0.1  # seconds without a change: the file is no longer being written
SETTLING_TRIES = 20
_NOISE = (".db", "-wal", "-shm", "-journal", ".log", ".pyc")


class NotReadyError(Exception):
    """A valid configuration cannot come into force; each text names the place and the next step."""

    def __init__(self, *problems: str) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class Prepared(Protocol):
    """New parts, built and waiting."""

    async def swap(self) -> None:
        """Put the new parts in the place of the old ones. Whatever may fail was done before."""
        ...


Prepare = Callable[[Settings], Awaitable[Prepared]]
"""Builds everything that may fail, touching nothing that runs; raises NotReadyError."""


@dataclass(frozen=True)
class ReloadStatus:
    """How the last look at the file went. Unless ``ok``, an older configuration is in force, since ``in_force_since``.

    ``waiting`` names sections that were changed but come into force only at the next start.
    """

    ok: bool
    at: datetime
    in_force_since: datetime
    problems: tuple[Problem, ...] = ()
    waiting: tuple[str, ...] = ()


class Reloader:
    """Holds the settings in force and replaces them when the file changes."""

    def __init__(
        self,
        path: Path,
        settings: Settings,
        prepare: Prepare,
        clock: Clock,
        *,
        fixed: Sequence[str] = (),
        look_every: float = LOOK_EVERY,
    ) -> None:
        """Begin with settings that are in force already; ``fixed`` names sections that need a restart.

        ``looks`` counts how often the file was looked at.
        """
        self.looks = 0
        self.path = path
        self.settings = settings
        self.status = ReloadStatus(True, clock.now(), clock.now())
        self._started_with = settings
        self._prepare = prepare
        self._clock = clock
        self._fixed = fixed
        self._look_every = look_every
        self._seen = fingerprint(path)
        self._wanted = asyncio.Event()
        self._one_at_a_time = asyncio.Lock()

    def request(self) -> None:
        """Ask for a reload at once, even of an unchanged file: secrets and environment may have changed."""
        self._wanted.set()

    async def reload(self) -> ReloadStatus:
        """Load, prepare and swap now; on any problem everything stays as it is, and the status says why."""
        async with self._one_at_a_time:
            content = await settled_content(self.path)
            self._seen = _digest(content)
            try:
                settings = parse(content or b"", self.path.name) if content is not None else _missing(self.path)
                prepared = await self._prepare(settings)
            except ConfigError as error:
                return self._keep_old(error.problems)
            except NotReadyError as error:
                return self._keep_old([Problem(1, 1, "", text) for text in error.problems])
            await prepared.swap()
            return self._take(settings)

    async def watch(self) -> None:
        """Reload whenever the file changes or a reload is requested, until cancelled."""
        with self._on_hangup():
            looking = asyncio.create_task(self._look(), name="configuration folder")
            try:
                await self._serve_requests()
            finally:
                looking.cancel()
                await asyncio.wait([looking])

    async def _serve_requests(self) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            await self.reload()

    async def _look(self) -> None:
        """Request a reload when the content differs from what was last read."""
        while True:
            folders = watched_folders(self.path)
            async for _ in awatch(
                *folders,
                watch_filter=_not_noise,
                recursive=False,
                rust_timeout=int(self._look_every * 1000),
                yield_on_timeout=True,
                debounce=200,
                step=20,
            ):
                self.looks += 1
                if fingerprint(self.path) != self._seen:
                    self._wanted.set()
                if watched_folders(self.path) != folders:
                    break

    def _keep_old(self, problems: Sequence[Problem]) -> ReloadStatus:
        since = self.status.in_force_since
        self.status = ReloadStatus(False, self._clock.now(), since, tuple(problems), self.status.waiting)
        for problem in problems:
            log.error("configuration refused, the old one stays in force", problem=problem.at(self.path.name))
        return self.status

    def _take(self, settings: Settings) -> ReloadStatus:
        old, self.settings = self._started_with, settings
        waiting = tuple(name for name in self._fixed if getattr(settings, name) != getattr(old, name))
        self.status = ReloadStatus(True, self._clock.now(), self._clock.now(), (), waiting)
        log.info("configuration in force", restart_needed_for=list(waiting))
        return self.status

    @contextmanager
    def _on_hangup(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGHUP, self.request)
        try:
            yield
        finally:
            loop.remove_signal_handler(signal.SIGHUP)


def watched_folders(path: Path) -> tuple[Path, ...]:
    """Give the folder of the file, and that of the file it links to, where that is another one."""
    folders = dict.fromkeys((path.absolute().parent, path.resolve().parent))
    return tuple(folder for folder in folders if folder.is_dir())


def fingerprint(path: Path) -> str | None:
    """Give a digest of the file's content; None while there is no file."""
    try:
        return _digest(path.read_bytes())
    except OSError:
        return None


async def settled_content(path: Path) -> bytes | None:
    """Read the file once nobody writes to it any more; None where there is none, even after waiting a little."""
    before = _content(path)
    for _ in range(SETTLING_TRIES):
        await asyncio.sleep(SETTLED_AFTER)
        after = _content(path)
        if after == before and after:
            return after
        before = after
    return before


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _digest(content: bytes | None) -> str | None:
    return None if content is None else hashlib.sha256(content).hexdigest()


def _missing(path: Path) -> Settings:
    raise ConfigError(path.name, [Problem(1, 1, "", "the file is gone or cannot be read: put it back")])


def _not_noise(change: Change, path: str) -> bool:  # noqa: ARG001  watchfiles passes the kind of change
    return not path.endswith(_NOISE)
