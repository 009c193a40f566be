"""The rows that every method is measured on: a post, and the cases as the CRM showed them at its time."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import msgspec

from bench.linkbench.posts import Item, PostMaker
from bench.linkbench.splits import Split
from bench.linkbench.world import World, world
from crm.records import Case
from matcher.background import Background
from matcher.clues import ClueReader, PostClues
from matcher.concepts import shared_concepts
from matcher.facets import FacetReader, Facets
from matcher.names import shared_names
from matcher.places import shared_places

_COMPETES = timedelta(days=120)


class Row(msgspec.Struct, frozen=True):
    """One post with its gates applied: ``cases`` are open or lately resolved and older than the post."""

    item: Item
    clues: PostClues
    cases: list[Facets]
    background: Background
    world: str = ""

    def linkable(self) -> set[str]:
        """Give the ids of the unresolved cases of the linkable channels."""
        return {case.case_id for case in self.cases if case.resolved is None and case.channel in ("email", "phone")}


class RowReader:
    """Reads posts and cases with the matcher's own readers, each state of a case once."""

    def __init__(self) -> None:
        """Take the shipped lists."""
        lists = (shared_names(), shared_places(), shared_concepts())
        self._clues = ClueReader(*lists)
        self._facets = FacetReader(*lists)

    def rows(self, company: World, items: Sequence[Item]) -> Iterator[Row]:
        """Give one row per post."""
        known: dict[tuple[str, int, str], Facets] = {}
        for item in items:
            at = item.mention.posted_at
            states = [state for held in company.held if (state := as_of(held.case, at)) is not None]
            facets = [self._of(state, known) for state in states]
            recent = [f for f in facets if f.resolved is None or f.resolved > (at - _COMPETES).timestamp()]
            unresolved = [f for f in recent if f.resolved is None]
            yield Row(
                item, self._clues.read(item.mention), recent, Background(unresolved, len(unresolved)), company.name
            )

    def _of(self, case: Case, known: dict[tuple[str, int, str], Facets]) -> Facets:
        key = (case.case_id, len(case.messages), case.status)
        if key not in known:
            known[key] = self._facets.read(case)
        return known[key]


def as_of(case: Case, at: datetime) -> Case | None:
    """Give a case as the CRM showed it at a time, or None where it was not there yet."""
    if case.opened_at >= at:
        return None
    messages = tuple(message for message in case.messages if message.at <= at)
    if case.resolved_at is not None and case.resolved_at <= at:
        return msgspec.structs.replace(case, messages=messages)
    return msgspec.structs.replace(case, messages=messages, status="open", resolved_at=None)


def company_rows(
    seed: int | str, split: Split, reader: RowReader, *, posts: int, size: int, repeats: float, pseudonyms: float
) -> list[Row]:
    """Invent one company and give its rows; a post whose case the gates leave out counts as having none."""
    company = world(seed, split, size=size, repeats=repeats)
    items = PostMaker(company, seed, pseudonyms=pseudonyms).make(posts)
    return list(reader.rows(company, items))
