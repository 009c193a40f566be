"""``backchannel explain MENTION``: prints why a mention came to what it came to."""

from collections.abc import Iterator

from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from backchannel.commands.failure import CommandError
from backchannel.explanation import AlertStory, Bar, CandidateStory, Explanation, came_to, explain, find, rule_lines
from ledger.database import Database
from listener.config import RuleConfig
from matcher.config import BUILTIN
from matcher.linking import Linking
from matcher.verdict import Verdict
from notifier.sureness import percent

_BAR = 28  # characters
_STATES = {
    "new": "not judged yet: the running service does that within seconds",
    "claimed": "being judged",
    "quarantined": "set aside",
    "settled": "settled",
}


async def read(db: Database, reference: str) -> Explanation:
    """Read the explanation of a mention; raises CommandError where there is no such mention."""
    async with db.read() as conn:
        row = await find(conn, reference)
        if row is None:
            raise CommandError(
                f"no mention is known as '{reference}': give its number, the id of the post, or its address. "
                "A post that hits no rule is not kept: try 'backchannel check-config --try TEXT'"
            )
        return await explain(conn, row)


def show(story: Explanation, rules: tuple[RuleConfig, ...], out: Console) -> None:
    """Print an explanation from the post to the last message."""
    for part in _parts(story, rules):
        out.print(part)


def _parts(story: Explanation, rules: tuple[RuleConfig, ...]) -> Iterator[RenderableType]:
    mention = story.mention
    posted = f"{mention.posted_at:%Y-%m-%d %H:%M} UTC"
    yield Text.assemble(("Mention ", "bold"), (str(mention.id), "bold"), f" on {mention.platform}, posted {posted}")
    author = " ".join(part for part in (mention.author.get("name"), _at(mention.author.get("handle"))) if part)
    yield Padding(Text(mention.text or "(removed by its platform, and so by us)", style="italic"), (0, 2), expand=False)
    yield Padding(Text(" · ".join(part for part in (author, mention.url) if part), style="dim"), (0, 2), expand=False)
    yield _titled("Heard by", [Text(line) for line in rule_lines(mention, rules)])
    if story.quarantined:
        yield _titled("Set aside", [Text(f"{story.quarantined}: see 'backchannel dead-letters'", style="red")])
    if story.unread:
        yield Text(story.unread, style="yellow")
    if story.verdict is not None:
        yield _titled("Is it a complaint?", list(_verdict(story.verdict)))
    if story.linking is not None:
        asked = "Whose case could it be?" if story.considered else "Whose case is it?"
        yield _titled(asked, [*_linking(story.linking, story.considered), *map(_candidate, story.candidates)])
    elif story.verdict is not None and story.verdict.complaint and mention.outcome:
        yield _titled("Whose case is it?", [Text("No case was looked for: linking is off for this source.")])
    yield _titled("Came to", [Text(mention.outcome or _STATES[mention.state], style="bold")])
    for alert in story.alerts:
        yield _alert(alert)


def _titled(title: str, lines: list[RenderableType]) -> RenderableType:
    return Group(Text(f"\n{title}", style="bold cyan"), Padding(Group(*lines), (0, 2), expand=False))


def _verdict(verdict: Verdict) -> Iterator[RenderableType]:
    if verdict.cannot_tell:
        counts = "a complaint" if verdict.complaint else "no complaint"
        yield Text.assemble(("cannot tell", "bold"), f": it counts as {counts} (model {verdict.model})")
    else:
        yield from _told(verdict)
    if verdict.reason:
        yield Text(verdict.reason)
    if verdict.words and verdict.model == BUILTIN:
        yield Text("words that decided: " + ", ".join(f"{word.text} {word.weight:+.2f}" for word in verdict.words))


def _told(verdict: Verdict) -> Iterator[RenderableType]:
    answer = "yes" if verdict.complaint else "no"
    limit = f", a complaint from {percent(verdict.threshold)} on" if verdict.threshold else ""
    told = f" ({percent(verdict.probability)}{limit}, {verdict.lang}, model {verdict.model})"
    yield Text.assemble((answer, "bold"), told)
    reply = "a reply is needed" if verdict.needs_reply else "nobody is asked for an answer"
    yield Text(f"severity {verdict.severity:.0%}, {reply}")


def _linking(linking: Linking, considered: bool) -> Iterator[RenderableType]:
    limits, cases = linking.thresholds, "case" if linking.compared == 1 else "cases"
    this = "this is no complaint" if considered else f"this came to {linking.decision}"
    yield Text(
        f"{linking.compared} {cases} compared; {linking.prior:.0%} of complaints have one; none of these: "
        f"{percent(linking.none_probability)}. Named from {limits.link:.0%}, asked about from {limits.possible:.0%}: "
        f"{this}."
    )
    why, basis = came_to(linking, considered=considered), ", ".join(linking.basis) or "none"
    yield Text(f"{why} Weights {linking.model}; basis: {basis}.")
    for evidence in linking.post_evidence:
        yield Text(f"{evidence.weight:+.1f} {evidence.sentence} (of any case)", style="dim")
    if linking.truncated:
        yield Text(f"{linking.truncated} look-ups gave too many cases and were cut", style="yellow")


def _candidate(story: CandidateStory) -> RenderableType:
    one = story.candidate
    note = "" if story.shown else " turned down" + (f": {one.differs}" if one.differs else "")
    owner = f", {story.case.channel} case of team {story.case.team}" if story.case is not None else ""
    relation = f", the poster may be: {one.relation}" if one.relation else ""
    judged = f", {story.judged} by a person" if story.judged in ("confirmed", "refused") else ""
    waits = ", worded as a question until a person confirms" if story.shown and one.mode == "review" else ""
    told = f"case {one.case_id}{owner}{relation}{waits}{judged}"
    head = Text.assemble((f"\n{percent(one.probability)} ", "bold"), told, note)
    return Group(head, _waterfall(story.bars))


def _waterfall(bars: tuple[Bar, ...]) -> RenderableType:
    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right")
    table.add_column(width=_BAR)
    table.add_column()
    low = min((min(bar.start, bar.end) for bar in bars), default=0.0)
    high = max((max(bar.start, bar.end) for bar in bars), default=1.0)
    for bar in bars:
        colour = "green" if bar.weight >= 0 else "red"
        table.add_row(
            Text(f"{bar.weight:+.1f}", style=colour), Text(_drawn(bar, low, high), style=colour), bar.sentence
        )
    return table


def _drawn(bar: Bar, low: float, high: float) -> str:
    scale = _BAR / ((high - low) or 1.0)
    left = round((min(bar.start, bar.end) - low) * scale)
    length = max(1, round(abs(bar.weight) * scale))
    return " " * min(left, _BAR - 1) + "█" * min(length, _BAR - min(left, _BAR - 1))


def _alert(story: AlertStory) -> RenderableType:
    row = story.row
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("what", "to", "state", "when (UTC)"):
        table.add_column(name, header_style="dim", no_wrap=name != "to")
    for step in story.steps:
        when = f"{step.done_at or step.due_at:%Y-%m-%d %H:%M:%S}"
        table.add_row(escape(step.name), escape(", ".join(step.receivers)), step.state, when)
    for sent in story.messages:
        when = f"{sent.sent_at or sent.next_at:%Y-%m-%d %H:%M:%S}"
        table.add_row(f"message: {escape(sent.step_key)}", escape(sent.receiver), sent.state, when)
    failed = [sent for sent in story.messages if sent.state != "sent" and sent.error]
    reasons = [Text(f"{sent.state}: {sent.error}", style="yellow") for sent in failed]
    head = Text(f"{row.alert_id}: {row.state}, team {row.team}, route {row.route}, due {row.due_at:%Y-%m-%d %H:%M} UTC")
    return _titled("Alert", [head, table, *reasons])


def _at(handle: str | None) -> str | None:
    return f"@{handle}" if handle else None
