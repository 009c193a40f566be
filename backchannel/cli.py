"""The command line: thin, because what each command does lies in ``backchannel.commands``."""

import asyncio
import json
from collections.abc import Coroutine
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.markup import escape

from backchannel import config
from backchannel.commands import (
    brand_thresholds,
    check_config,
    crm_import,
    dead_letters,
    doctor,
    explain,
    migrate,
    model,
    replay,
)
from backchannel.commands.failure import FAILED, CommandError, told
from backchannel.commands.opened import with_database, with_ledger
from ledger import audit
from ledger.clock import SystemClock
from ledger.database import Database
from matcher.model_file import load as load_weights

Result = TypeVar("Result")

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Hears public complaints, finds the unresolved case behind each, and hands it to the team that owns it.",
)
crm_app = typer.Typer(no_args_is_help=True, help="The embedded CRM.")
audit_app = typer.Typer(no_args_is_help=True, help="Who did what.")
app.add_typer(crm_app, name="crm")
app.add_typer(audit_app, name="audit")
model_app = typer.Typer(no_args_is_help=True, help="What was learnt from people's answers.")
app.add_typer(model_app, name="model")

out = Console(highlight=False)

Config = Annotated[
    Path, typer.Option("--config", "-c", envvar="BACKCHANNEL_CONFIG", help="The configuration file.", show_default=True)
]
_HERE = Path("config.yaml")


def _version(wanted: bool) -> None:
    if wanted:
        out.print(f"backchannel {version('backchannel')}")
        raise typer.Exit


@app.callback()
def main(
    show_version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Take options that stand before every command."""


@app.command()
def run(config_file: Config = _HERE) -> None:
    """Run the service until it is stopped; saving the configuration is enough to change it."""
    from backchannel.service import serve  # noqa: PLC0415  it loads the models' libraries, which no other command needs

    with told():
        _do(serve(config_file))


@app.command(name="demo")
def demo_(
    stay: Annotated[
        bool | None,
        typer.Option("--stay/--once", help="Keep the page open after the story; with a terminal, it stays."),
    ] = None,
) -> None:
    """Show the whole story with the real service and a playground: nothing leaves this machine."""
    from backchannel.demo import main as play  # noqa: PLC0415  only the demo needs the playground

    with told():
        play(stay=stay)


@app.command(name="check-config")
def check_config_(
    config_file: Config = _HERE,
    text: Annotated[str | None, typer.Option("--try", help="Say what each rule makes of this text.")] = None,
    lang: Annotated[str | None, typer.Option(help="The language that the platform gives the text, such as en.")] = None,
) -> None:
    """Check the configuration, and try its rules on a text."""
    with told():
        settings = config.load(config_file)
        out.print(f"[green]{escape(str(config_file))} is right:[/] {check_config.summary(settings)}")
        for hint in check_config.hints(settings):
            out.print(f"[yellow]note:[/] {escape(hint)}", soft_wrap=True)
        if text is not None and not check_config.try_text(settings, text, lang, out):
            out.print("No rule hears this text.")
            raise typer.Exit(FAILED)


@app.command()
def schema() -> None:
    """Print the JSON Schema by which editors complete and check the configuration."""
    typer.echo(json.dumps(config.schema(), indent=2, ensure_ascii=False))


@app.command(name="explain")
def explain_(
    mention: Annotated[str, typer.Argument(help="Its number, or the id or the address of the post.")],
    config_file: Config = _HERE,
) -> None:
    """Say why a mention came to what it came to."""
    with told():
        settings = config.load(config_file)
        story = _do(with_ledger(settings, lambda db: explain.read(db, mention)))
        explain.show(story, settings.rules, out)


@crm_app.command(name="import")
def crm_import_(
    folder: Annotated[Path, typer.Argument(help="A folder with customers and cases as CSV or JSONL.")],
    config_file: Config = _HERE,
    strict: Annotated[bool, typer.Option("--strict", help="Import nothing while any row has a problem.")] = False,
) -> None:
    """Fill the embedded CRM from files."""
    with told():
        settings = config.load(config_file)
        if settings.crm.kind != "embedded":
            raise CommandError("crm.kind is not embedded: only the embedded CRM is filled from files")
        if not folder.is_dir():
            raise CommandError(f"{folder} is no folder: name one that holds customers and cases as CSV or JSONL")
        if not _do(with_ledger(settings, lambda db: crm_import.fill(db.engine, folder, out, strict=strict))):
            raise typer.Exit(FAILED)


@app.command(name="migrate")
def migrate_(config_file: Config = _HERE) -> None:
    """Bring the database to the schema of this version."""
    with told():
        out.print(_do(with_database(config.load(config_file), migrate.migrate)))


@app.command(name="replay")
def replay_(
    file: Annotated[Path, typer.Argument(help="Posts, one JSON object a line.", exists=True, dir_okay=False)],
    config_file: Config = _HERE,
    source: Annotated[str | None, typer.Option(help="In the name of which source; the first one unless set.")] = None,
    record: Annotated[bool, typer.Option("--record", help="Take the posts in: alerts may follow.")] = False,
) -> None:
    """Say what the rules would hear in recorded posts."""
    with told():
        settings = config.load(config_file)
        name, platform = replay.source_named(settings, source)
        if record:
            clock = SystemClock()
            done = _do(with_ledger(settings, lambda db: replay.record(settings, db, file, name, platform, clock)))
        else:
            done = replay.preview(settings, file, platform, out)
        out.print(f"{done.read} posts read, {done.heard} heard{' and recorded' if record else ''}")
        for rule, count in done.by_rule.most_common():
            out.print(f"  {count} by {escape(rule)}")


@app.command(name="doctor")
def doctor_(config_file: Config = _HERE) -> None:
    """Ask every part, and everything outside, whether the service could do its work."""
    with told():
        if not _do(doctor.show(config.load(config_file), out)):
            raise typer.Exit(FAILED)


@app.command(name="dead-letters")
def dead_letters_(
    config_file: Config = _HERE,
    retry: Annotated[str | None, typer.Option(help="Try one again by its id, or 'all' messages.")] = None,
) -> None:
    """Show what could not be delivered or handled, and try it again."""
    with told():
        settings = config.load(config_file)
        if retry is None:
            _do(with_ledger(settings, lambda db: dead_letters.show(db, out)))
        else:
            now = SystemClock().now()
            out.print(_do(with_ledger(settings, lambda db: dead_letters.retry(db, retry, now))))


@model_app.command(name="status")
def model_status(config_file: Config = _HERE) -> None:
    """Show which weights and thresholds are in force, what people answered, and how the last refits went."""
    with told():
        settings, shipped, now = config.load(config_file), load_weights(), SystemClock().now()
        model.show(_do(with_ledger(settings, lambda db: model.standing(db, shipped, settings, now))), out)


@model_app.command(name="rollback")
def model_rollback(
    config_file: Config = _HERE,
    brand: Annotated[str | None, typer.Option(help="Take back the threshold of this brand instead.")] = None,
) -> None:
    """Go back to the weights that were in force before, and at last to the shipped ones; or a brand's threshold."""
    with told():
        settings, now = config.load(config_file), SystemClock().now()
        if brand is None:
            shipped = load_weights()
            said = _do(with_ledger(settings, lambda db: model.take_back(db, shipped, now)))
        else:
            said = _do(with_ledger(settings, lambda db: brand_thresholds.take_back(db, settings, brand, now)))
        out.print(escape(said), soft_wrap=True)


@model_app.command(name="refit")
def model_refit(config_file: Config = _HERE) -> None:
    """Refit the weights and the thresholds of brands now instead of at night."""
    with told():
        settings, shipped, now = config.load(config_file), load_weights(), SystemClock().now()
        target = settings.matcher.linking.target_precision
        out.print(_do(with_ledger(settings, lambda db: model.refit_now(db, shipped, target, now))), soft_wrap=True)
        for line in _do(with_ledger(settings, lambda db: brand_thresholds.learn_now(db, settings, now))):
            out.print(escape(line), soft_wrap=True)


@audit_app.command(name="verify")
def audit_verify(config_file: Config = _HERE) -> None:
    """Prove that nobody altered the record of who did what."""
    with told():
        broken = _do(with_ledger(config.load(config_file), _first_broken))
        if broken is not None:
            raise CommandError(f"row {broken} of the audit was altered, or rows before it are missing")
        out.print("The audit is whole: every row is sealed by the one before.")


async def _first_broken(db: Database) -> int | None:
    async with db.read() as conn:
        return await audit.broken(conn)


def _do(work: Coroutine[Any, Any, Result]) -> Result:
    return asyncio.run(work)
