"""``backchannel crm import FOLDER``: fills the embedded CRM, with a progress bar and problems by file and row."""

from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from sqlalchemy.ext.asyncio import AsyncEngine

from crm.importer import ImportReport, Tally, import_folder

_SHOWN = 50


async def fill(engine: AsyncEngine, folder: Path, out: Console, *, strict: bool) -> bool:
    """Import a folder, print what came of it, and say whether every row was taken."""
    with _bar(out) as bar:
        tasks: dict[str, TaskID] = {}

        def progress(stage: str, done: int, total: int) -> None:
            task = tasks.get(stage)
            if task is None:
                task = tasks[stage] = bar.add_task(stage, total=total)
            bar.update(task, completed=done, total=total)

        report = await import_folder(engine, folder, progress, strict=strict)
    _tell(report, out)
    return not report.problems


def _bar(out: Console) -> Progress:
    columns = (TextColumn("{task.description:>10}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=out)


def _tell(report: ImportReport, out: Console) -> None:
    for note in report.notes[:_SHOWN]:
        out.print(f"[yellow]{escape(str(note))}[/]", soft_wrap=True)
    for problem in report.problems[:_SHOWN]:
        out.print(f"[red]{escape(str(problem))}[/]", soft_wrap=True)
    if len(report.problems) > _SHOWN:
        out.print(f"[red]and {len(report.problems) - _SHOWN} more problems[/]")
    if not report.written:
        out.print("Nothing was imported: mend the rows above, or leave --strict out to import all others.")
        return
    out.print(f"customers: {_told(report.customers)}\ncases: {_told(report.cases)}")
    if report.problems:
        count = len(report.problems)
        out.print(f"{count} problem{'' if count == 1 else 's'}: such rows were left out. Mend them and import again.")


def _told(tally: Tally) -> str:
    return f"{tally.new} new, {tally.changed} changed, {tally.unchanged} unchanged"
