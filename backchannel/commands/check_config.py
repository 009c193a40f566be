"""``backchannel check-config``: is the file right, and what would the rules make of a text?"""

from collections.abc import Iterator
from importlib.util import find_spec

from rich.console import Console
from rich.markup import escape

from backchannel.config import Settings
from listener.asking import unheard
from listener.explain import explain
from listener.rules import Rulebook
from matcher.config import BUILTIN


def summary(settings: Settings) -> str:
    """Say in one line what is configured."""
    numbers = [
        _counted(len(settings.sources), "source"),
        _counted(len(settings.rules), "rule"),
        _counted(len(settings.notifier.receivers), "receiver"),
        _counted(len(settings.notifier.routes), "route"),
    ]
    return ", ".join(numbers)


def hints(settings: Settings) -> Iterator[str]:
    """Say what is allowed and yet probably not meant."""
    for name in unheard(settings.rules):
        yield f"rule '{name}' has patterns alone: no platform can filter for it, so add any or all as well"
    on_slack = [name for name, receiver in settings.notifier.receivers.items() if receiver.kind == "slack"]
    if on_slack and settings.slack is None:
        yield f"receiver '{on_slack[0]}' is in Slack, but without the slack section the buttons below alerts do nothing"
    if settings.notifier.inbox_url is None:
        yield "notifier.inbox_url is not set: messages carry no link to the inbox"
    if not settings.own_accounts:
        yield "own_accounts is empty: what your own accounts post may be taken for mentions"
    model = settings.matcher.complaint.model
    if model != BUILTIN and find_spec("torch") is None:
        yield f"the model {model} needs torch, which this installation lacks: run pip install 'backchannel[torch]'"


def try_text(settings: Settings, text: str, lang: str | None, out: Console) -> bool:
    """Print what each rule makes of a text, and say whether any hears it."""
    explanations = explain(Rulebook(settings.rules), text, lang)
    for one in explanations:
        out.print(f"[green]✔ heard by[/] {escape(one.rule)}" if one.hits else f"[dim]✘ not by[/] {escape(one.rule)}")
        for reason in one.reasons:
            out.print(f"    [dim]{escape(reason)}[/]")
    return any(one.hits for one in explanations)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
