"""The filtered stream's rules: packing terms into queries, and keeping X's list in step with ours."""

import re
from collections.abc import Iterable, Sequence
from typing import Protocol

import msgspec
import structlog

TAG_PREFIX = "backchannel:"
RULE_CHARS = 1_024
SEARCH_CHARS = 512
RULES_CAP = 1_000
_BARE = re.compile(r"[@#]?\w+")
_RESERVED = frozenset({"or", "and"})
_PIECE = re.compile(r'"[^"]*"|[^"]')
_UNSEARCHABLE = re.compile(r"(?<![\w])(bio|bio_name|bio_location|user_bio|sample):")

log = structlog.get_logger(__name__)


class XQuery(msgspec.Struct, frozen=True):
    """One rule of the filtered stream, in X's query language."""

    tag: str
    value: str


class Rule(msgspec.Struct, frozen=True):
    """One rule that X has, ours or another program's."""

    id: str
    value: str
    tag: str | None = None

    @property
    def ours(self) -> bool:
        """Whether this product added it."""
        return (self.tag or "").startswith(TAG_PREFIX)


class Changes(msgspec.Struct, frozen=True):
    """What has to be added and deleted."""

    add: tuple[XQuery, ...]
    delete: tuple[Rule, ...]


class RuleList(Protocol):
    """X's rule endpoints."""

    async def rules(self) -> list[Rule]:
        """All rules of the app."""
        ...

    async def add_rules(self, queries: Sequence[XQuery]) -> None:
        """Add rules."""
        ...

    async def delete_rules(self, rules: Sequence[Rule]) -> None:
        """Delete rules."""
        ...


def queries(
    terms: Iterable[str], *, tag: str = "any", reposts: bool = True, lang: str | None = None, limit: int = RULE_CHARS
) -> tuple[XQuery, ...]:
    """Pack words, phrases, ``@handles`` and ``#tags``, any of which may hit, into as few rules as fit ``limit`` chars.

    Raises ValueError for a term that is empty, or too long to fit at all.
    """
    suffix = (f" lang:{lang}" if lang else "") + ("" if reposts else " -is:retweet")
    written = sorted({_term(term) for term in terms}, key=lambda term: (term.casefold(), term))
    unique = list({term.casefold(): term for term in written}.values())
    values = _packed(unique, suffix, limit)
    return tuple(XQuery(f"{tag}-{number}", value) for number, value in enumerate(values, 1))


def searches(query: XQuery) -> tuple[str, ...]:
    """The recent searches that together find what a rule streams, each within search's shorter limit.

    Raises ValueError when the rule cannot be searched for: an operator that search lacks, or no place to split it.
    """
    outside = "".join(piece for piece in _PIECE.findall(query.value) if not piece.startswith('"'))
    if found := _UNSEARCHABLE.search(outside):
        raise ValueError(f"rule {query.tag} uses {found.group(1)}:, which X's search does not have")
    if len(query.value) <= SEARCH_CHARS:
        return (query.value,)
    alternatives, suffix = _alternatives(query.value)
    try:
        return tuple(_packed(alternatives, suffix, SEARCH_CHARS))
    except ValueError as error:
        text = f"rule {query.tag} is longer than the {SEARCH_CHARS} characters of X's search: split it into several"
        raise ValueError(text) from error


def check(wanted: Sequence[XQuery]) -> None:
    """Raise ValueError for rules that X would refuse for their number or length."""
    if len(wanted) > RULES_CAP:
        raise ValueError(f"{len(wanted)} rules are more than the {RULES_CAP} that X allows: name fewer terms")
    for query in wanted:
        if not 0 < len(query.value) <= RULE_CHARS:
            raise ValueError(f"rule {query.tag} has {len(query.value)} characters: X allows 1 to {RULE_CHARS}")


def plan(existing: Sequence[Rule], wanted: Sequence[XQuery]) -> Changes:
    """What to add and delete so that X has each wanted value once; rules without our prefix stay as they are."""
    values = {query.value: query for query in wanted}
    present = {rule.value for rule in existing}
    add = tuple(query for value, query in values.items() if value not in present)
    return Changes(add, tuple(rule for rule in existing if rule.ours and rule.value not in values))


async def synchronise(listed: RuleList, wanted: Sequence[XQuery]) -> Changes:
    """Bring X's rules in step: new ones first, so that no post falls between, unless the cap leaves no room."""
    existing = await listed.rules()
    changes = plan(existing, wanted)
    full = len(existing) + len(changes.add) > RULES_CAP
    if full and changes.delete:
        await listed.delete_rules(changes.delete)
    if changes.add:
        await listed.add_rules(changes.add)
    if not full and changes.delete:
        await listed.delete_rules(changes.delete)
    log.info("x.rules", added=len(changes.add), deleted=len(changes.delete), kept=len(wanted) - len(changes.add))
    return changes


def _term(term: str) -> str:
    plain = " ".join(term.replace('"', " ").split())
    if not re.search(r"[^\s\W]|[^\x00-\x7f]", plain):
        raise ValueError(f"the term {term!r} holds nothing to look for")
    return plain if _BARE.fullmatch(plain) and plain.casefold() not in _RESERVED else f'"{plain}"'


def _packed(alternatives: Sequence[str], suffix: str, limit: int) -> list[str]:
    packs: list[list[str]] = []
    for alternative in alternatives:
        if packs and len(_joined([*packs[-1], alternative], suffix)) <= limit:
            packs[-1].append(alternative)
        elif len(_joined([alternative], suffix)) <= limit:
            packs.append([alternative])
        else:
            raise ValueError(f"{alternative[:40]}... does not fit into the {limit} characters of a query")
    return [_joined(pack, suffix) for pack in packs]


def _joined(alternatives: Sequence[str], suffix: str) -> str:
    together = " OR ".join(alternatives)
    return (f"({together})" if suffix and len(alternatives) > 1 else together) + suffix


def _alternatives(value: str) -> tuple[list[str], str]:
    """Split ``(a OR b) rest`` or ``a OR b`` into its alternatives and what all of them share."""
    pieces = _PIECE.findall(value)
    if not value.startswith("("):
        return _split_or(pieces), ""
    depth = 0
    for at, piece in enumerate(pieces):
        depth += (piece == "(") - (piece == ")")
        if depth == 0:
            rest = "".join(pieces[at + 1 :])
            return (_split_or(pieces), "") if " OR " in _outside(rest) else (_split_or(pieces[1:at]), rest)
    return [value], ""


def _outside(text: str) -> str:
    return "".join(piece for piece in _PIECE.findall(text) if not piece.startswith('"'))


def _split_or(pieces: Sequence[str]) -> list[str]:
    """Split at each OR that is in no parentheses and no quotes."""
    found, current, depth = [], "", 0
    for piece in pieces:
        depth += (piece == "(") - (piece == ")")
        current += piece
        if depth == 0 and current.endswith(" OR "):
            found.append(current.removesuffix(" OR ").strip())
            current = ""
    return [*found, current.strip()]
