# ruff: noqa: ASYNC110, ASYNC240  short looks at small local files are what is tested here
"""A saved configuration comes into force whole, or the old one stays in force and says why."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from backchannel import reload
from backchannel.config import Settings, load
from backchannel.reload import NotReadyError, Reloader, ReloadStatus


@dataclass
class Parts:
    """Stands for everything that is built of settings: remembers what was prepared and what was put in force."""

    prepared: list[Settings] = field(default_factory=list)
    in_force: list[Settings] = field(default_factory=list)
    refuse: str = ""
    swapped: asyncio.Event = field(default_factory=asyncio.Event)

    async def prepare(self, settings: Settings) -> "Waiting":
        self.prepared.append(settings)
        if self.refuse:
            raise NotReadyError(self.refuse)
        return Waiting(self, settings)


@dataclass
class Waiting:
    parts: Parts
    settings: Settings

    async def swap(self) -> None:
        self.parts.in_force.append(self.settings)
        self.parts.swapped.set()


@pytest.fixture
def parts() -> Parts:
    return Parts()


@pytest.fixture
def reloader(config_file: Path, parts: Parts, clock: object) -> Reloader:
    """Looks at the file only when the operating system says that something happened in its folder."""
    fixed = ("web", "database")
    return Reloader(config_file, load(config_file), parts.prepare, clock, fixed=fixed, look_every=60.0)  # type: ignore[arg-type]


@asynccontextmanager
async def watching(reloader: Reloader) -> AsyncIterator[None]:
    """Watch while the block runs; the folder is known to be watched before the block begins."""
    task = asyncio.create_task(reloader.watch())
    try:
        async with asyncio.timeout(30):
            while not reloader.looks:
                (reloader.path.parent / "neighbour.txt").touch()
                await asyncio.sleep(0.01)
            yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def until(reloader: Reloader, expected: Callable[[ReloadStatus], bool]) -> None:
    """Wait until the status is as expected."""
    async with asyncio.timeout(20):
        while not expected(reloader.status):
            await asyncio.sleep(0.01)


def save(path: Path, *, brand: str) -> None:
    path.write_text(path.read_text("utf-8").replace("brand: Larkmoor", f"brand: {brand}"), "utf-8")


def brands(parts: Parts) -> list[str]:
    return [settings.rules[0].brand for settings in parts.in_force]


def in_place(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")


def by_rename(path: Path, text: str) -> None:
    """As editors save: a new file takes the old one's name."""
    fresh = path.with_name(".config.yaml.swp")
    fresh.write_text(text, "utf-8")
    fresh.replace(path)


def by_mount(path: Path, text: str) -> None:
    """As Kubernetes mounts: config.yaml -> ..data/config.yaml, and ``..data`` is swapped for another folder."""
    version = len(list(path.parent.glob("..version*")))
    folder = path.parent / f"..version{version}"
    folder.mkdir()
    (folder / path.name).write_text(text, "utf-8")
    link = path.parent / "..data_tmp"
    link.symlink_to(folder.name)
    link.replace(path.parent / "..data")
    if not path.is_symlink():
        path.unlink()
        path.symlink_to(f"..data/{path.name}")


def delete_then_write(path: Path, text: str) -> None:
    path.unlink()
    path.write_text(text, "utf-8")


@pytest.mark.parametrize("way", [in_place, by_rename, by_mount, delete_then_write], ids=lambda way: way.__name__)
async def test_every_way_of_saving_is_noticed_every_time(
    config_file: Path, reloader: Reloader, parts: Parts, way: Callable[[Path, str], None]
) -> None:
    original = config_file.read_text("utf-8")
    async with watching(reloader):
        for brand in ("First", "Second", "Third"):
            text = original.replace("brand: Larkmoor", f"brand: {brand}")
            way(config_file, text)
            async with asyncio.timeout(20):
                while brands(parts)[-1:] != [brand]:
                    parts.swapped.clear()
                    await parts.swapped.wait()
    assert brands(parts) == ["First", "Second", "Third"]
    assert reloader.status.ok


async def test_a_link_to_a_file_elsewhere_is_watched_where_it_leads(
    config_file: Path, reloader: Reloader, parts: Parts, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere" / "real.yaml"
    elsewhere.parent.mkdir()
    config_file.rename(elsewhere)
    config_file.symlink_to(elsewhere)
    async with watching(reloader):
        await asyncio.to_thread(save, elsewhere, brand="Elsewhere")
        async with asyncio.timeout(20):
            await parts.swapped.wait()
    assert brands(parts) == ["Elsewhere"]


async def test_a_bad_file_keeps_the_old_one_in_force_and_names_its_lines(
    config_file: Path, reloader: Reloader, parts: Parts
) -> None:
    before, good = reloader.settings, config_file.read_text("utf-8")
    async with watching(reloader):
        bad = good.replace("any:", "anny:")
        in_place(config_file, bad)
        await until(reloader, lambda status: not status.ok)
        assert reloader.settings is before
        assert [problem.at("config.yaml") for problem in reloader.status.problems] == [
            'config.yaml:7:5: rules.0.anny: unknown key; did you mean "any"?'
        ]
        assert parts.prepared == []
        in_place(config_file, good + "log: {level: debug}\n")
        await until(reloader, lambda status: status.ok)
    assert reloader.status.problems == ()
    assert reloader.settings.log.level == "debug"


async def test_what_cannot_be_built_keeps_the_old_one_in_force(
    config_file: Path, reloader: Reloader, parts: Parts
) -> None:
    before = reloader.settings
    parts.refuse = "X would refuse rule 'larkmoor': shorten it"
    save(config_file, brand="Other")
    status = await reloader.reload()
    assert not status.ok
    assert [problem.message for problem in status.problems] == [parts.refuse]
    assert reloader.settings is before
    assert parts.in_force == []


async def test_a_file_that_is_gone_keeps_the_old_one_in_force(config_file: Path, reloader: Reloader) -> None:
    before = reloader.settings
    config_file.unlink()
    status = await reloader.reload()
    assert not status.ok
    assert "gone" in status.problems[0].message
    assert reloader.settings is before


async def test_a_file_that_is_still_being_written_is_waited_for(
    config_file: Path, reloader: Reloader, parts: Parts
) -> None:
    """A half is a valid configuration too, with fewer rules: only the whole may come into force."""
    whole = config_file.read_text("utf-8") + "own_accounts: {x: '@larkmoor'}\nlog: {level: debug}\n"
    lines = whole.splitlines(keepends=True)

    async def write_slowly() -> None:
        with config_file.open("w", encoding="utf-8") as file:
            for line in lines:
                file.write(line)
                file.flush()
                await asyncio.sleep(reload.SETTLED_AFTER / 4)

    writing = asyncio.create_task(write_slowly())
    await reloader.reload()
    await writing
    assert [settings.log.level for settings in parts.in_force] == ["debug"]
    assert reloader.status.ok


async def test_fifty_saves_in_a_row_leave_the_last_one_in_force_and_no_bad_one_ever(
    config_file: Path, reloader: Reloader, parts: Parts
) -> None:
    good = config_file.read_text("utf-8")
    async with watching(reloader):
        for number in range(50):
            bad = number % 3 == 1
            way = (in_place, by_rename, delete_then_write)[number % 3]
            way(config_file, good.replace("brand: Larkmoor", f"{'brnd' if bad else 'brand'}: Brand {number}"))
            await asyncio.sleep(0.01)
        in_place(config_file, good.replace("brand: Larkmoor", "brand: Last"))
        async with asyncio.timeout(20):
            while brands(parts)[-1:] != ["Last"]:
                parts.swapped.clear()
                await parts.swapped.wait()
    assert not [brand for brand in brands(parts) if brand != "Last" and int(brand.split()[1]) % 3 == 1]
    assert reloader.settings.rules[0].brand == "Last"


async def test_a_hangup_signal_reloads_even_an_unchanged_file(
    config_file: Path, reloader: Reloader, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with watching(reloader):
        monkeypatch.setenv("X_BEARER_TOKEN", "rotated-token")
        os.kill(os.getpid(), signal.SIGHUP)
        async with asyncio.timeout(20):
            await parts.swapped.wait()
    assert reloader.settings.sources["x"].bearer_token.get_secret_value() == "rotated-token"  # type: ignore[union-attr]


async def test_sections_that_need_a_restart_are_named_until_they_are_as_at_the_start(
    config_file: Path, reloader: Reloader
) -> None:
    original = config_file.read_text("utf-8")
    in_place(config_file, original + "web: {port: 9090}\n")
    assert (await reloader.reload()).waiting == ("web",)
    in_place(config_file, original)
    assert (await reloader.reload()).waiting == ()


async def test_reloads_never_overlap(config_file: Path, clock: object) -> None:
    running, most = 0, 0

    async def prepare(settings: Settings) -> Waiting:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        return Waiting(Parts(), settings)

    reloader = Reloader(config_file, load(config_file), prepare, clock)  # type: ignore[arg-type]
    await asyncio.gather(*(reloader.reload() for _ in range(4)))
    assert most == 1


async def test_neighbouring_files_are_no_reason_to_reload(config_file: Path, reloader: Reloader, parts: Parts) -> None:
    async with watching(reloader):
        (config_file.parent / "notes.txt").write_text("not ours", "utf-8")
        config_file.touch()
        save(config_file, brand="Ours")
        async with asyncio.timeout(20):
            await parts.swapped.wait()
    assert brands(parts) == ["Ours"]
    assert len(parts.prepared) == 1


async def test_a_change_in_no_watched_folder_is_found_by_looking(
    config_file: Path, parts: Parts, clock: object, tmp_path: Path
) -> None:
    """The file is a link over a link in between: when that one is turned, no folder that is watched changes."""
    text = config_file.read_text("utf-8")
    for version, brand in (("one", "Larkmoor"), ("two", "Turned")):
        (tmp_path / "between" / version).mkdir(parents=True)
        (tmp_path / "between" / version / "config.yaml").write_text(text.replace("Larkmoor", brand), "utf-8")
    (tmp_path / "between" / "current").symlink_to("one")
    config_file.unlink()
    config_file.symlink_to(tmp_path / "between" / "current" / "config.yaml")
    reloader = Reloader(config_file, load(config_file), parts.prepare, clock, look_every=0.05)  # type: ignore[arg-type]
    async with watching(reloader):
        (tmp_path / "between" / "next").symlink_to("two")
        (tmp_path / "between" / "next").replace(tmp_path / "between" / "current")
        async with asyncio.timeout(20):
            await parts.swapped.wait()
    assert brands(parts) == ["Turned"]
