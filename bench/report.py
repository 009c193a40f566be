"""What a bench found: tables of figures, and a list of targets with what was reached."""

from collections.abc import Sequence

import msgspec
from rich.console import Console
from rich.table import Table


class Target(msgspec.Struct, frozen=True):
    """One ratio or limit that the design asks for. ``found`` is None where it could not be measured."""

    name: str
    found: float | None
    wanted: float
    unit: str
    at_most: bool = False

    @property
    def met(self) -> bool:
        """Whether it holds."""
        if self.found is None:
            return False
        return self.found <= self.wanted if self.at_most else self.found >= self.wanted


class Report(msgspec.Struct):
    """Everything that one run has found."""

    tables: list[Table] = []
    targets: list[Target] = []
    notes: list[str] = []

    def table(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Keep a table; its first column is text, the others are numbers."""
        made = Table(title=title, title_justify="left", title_style="bold")
        for index, column in enumerate(columns):
            made.add_column(column, justify="left" if index == 0 else "right")
        for row in rows:
            made.add_row(*row)
        self.tables.append(made)

    def target(self, name: str, found: float | None, wanted: float, unit: str, *, at_most: bool = False) -> None:
        """Keep a target with what was found."""
        self.targets.append(Target(name, found, wanted, unit, at_most))

    def show(self, console: Console) -> None:
        """Show the tables and notes that were not shown yet."""
        for made in self.tables:
            console.print(made)
        for note in self.notes:
            console.print(f"- {note}")
        self.tables.clear()
        self.notes.clear()

    def conclude(self, console: Console) -> None:
        """Show the targets and what was reached of each."""
        console.print(_summary(self.targets))


def _summary(targets: Sequence[Target]) -> Table:
    shown = Table("target", title="against the targets", title_justify="left", title_style="bold")
    for column in ("wanted", "found", ""):
        shown.add_column(column, justify="right")
    for one in targets:
        sign = "<=" if one.at_most else ">="
        found = "not measured" if one.found is None else f"{one.found:.3g} {one.unit}"
        verdict = "-" if one.found is None else "holds" if one.met else "MISSED"
        shown.add_row(one.name, f"{sign} {one.wanted:g} {one.unit}", found, verdict)
    return shown
