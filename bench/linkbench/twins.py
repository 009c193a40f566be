"""Posts that fit two or three cases alike: nobody could say which one is meant."""

from datetime import datetime, timedelta

import msgspec

from bench.linkbench.item import Item, Pen
from bench.linkbench.kin import BOTH, PRONOUNS
from bench.linkbench.people import Profile, person, profile
from bench.linkbench.stories import Story
from bench.linkbench.world import Held

_MOST = 3
_OPEN_CHANNELS = ("email", "phone")


class Twins:
    """Writes posts about cases that repeat one another; the channel and the exact day are left out of them."""

    def __init__(self, pen: Pen) -> None:
        """Keep the pen and the cases that have a twin."""
        self._pen = pen
        self._rng = pen.rng
        self._by_id = {held.case.case_id: held for held in pen.world.held if held.story is not None}
        self._telling: dict[int, list[Held]] = {}
        for held in self._by_id.values():
            self._telling.setdefault(id(held.story), []).append(held)
        self._repeated = [held for held in self._by_id.values() if held.twin and held.case.channel in _OPEN_CHANNELS]

    def one(self) -> Item | None:
        """Give a post by the owner of both cases, by somebody of their family, or by somebody without a name."""
        if not self._repeated:
            return None
        held = self._rng.choice(self._repeated)
        at = self._pen.moment(held)
        fitting = self._fitting(held, at) if at is not None else ()
        if at is None or not 2 <= len(fitting) <= _MOST:
            return None
        first = self._by_id[fitting[0] if fitting[0] != held.case.case_id else fitting[1]]
        if held.owner == first.owner:
            return self._told(held, self._face(held, named=True), at, fitting)
        if held.owner.last == first.owner.last:
            return self._told_of(held, at, fitting)
        return self._told(held, self._face(held, named=False), at, fitting)

    def _fitting(self, held: Held, at: datetime) -> tuple[str, ...]:
        """Give the unresolved cases that tell the same story and are of the same customer, family or town."""
        alike = [
            other
            for other in self._telling[id(held.story)]
            if other.owner.town == held.owner.town
            and other.case.opened_at < at
            and (other.case.resolved_at is None or other.case.resolved_at > at)
        ]
        same = [h for h in alike if h.owner == held.owner]
        family = [h for h in alike if h.owner.last == held.owner.last]
        chosen = same if len(same) > 1 else (family if len(family) > 1 else alike)
        linkable = all(h.case.channel in _OPEN_CHANNELS for h in chosen)
        near = all(abs(h.case.opened_at - held.case.opened_at) < timedelta(days=2) for h in chosen)
        return tuple(h.case.case_id for h in chosen) if linkable and near else ()

    def _face(self, held: Held, *, named: bool) -> Profile:
        world = self._pen.world
        face = profile(self._rng, held.owner, world.split, pseudonym=0.0 if named else 1.0)
        return face if named else msgspec.structs.replace(face, location=held.owner.town)

    def _told(self, held: Held, face: Profile, at: datetime, fitting: tuple[str, ...]) -> Item:
        pen = self._pen
        assert held.story is not None
        lang = pen.language(held.owner)
        when = self._when(held, at, lang)
        extra = pen.speaker.told("", when, lang) if when else ""
        item = pen.item((pen.told(_undetailed(held.story), lang), extra), face, at, "twins", lang, relation="self")
        return msgspec.structs.replace(item, twins=fitting)

    def _told_of(self, held: Held, at: datetime, fitting: tuple[str, ...]) -> Item:
        pen = self._pen
        assert held.story is not None
        he, him, his = PRONOUNS["en"][""]
        poster = person(self._rng, pen.world.split, last=held.owner.last, country=held.owner.country)
        face = profile(self._rng, poster, pen.world.split, pseudonym=0.0)
        when = self._when(held, at, "en")
        extra = pen.speaker.told_by_other("", when, "en", he, him) if when else ""
        body = pen.told_of(held.story, "en", self._rng.choice(BOTH), (he, him, his))
        item = pen.item((body, extra), face, at, "twins", "en", relation="child")
        return msgspec.structs.replace(item, twins=fitting)

    def _when(self, held: Held, at: datetime, lang: str) -> str:
        """Give a time so rough that it fits both, or none where the cases are too fresh for that."""
        days = (at - held.case.opened_at).total_seconds() / 86400
        return self._pen.speaker.ago(days, lang, None) if days > 8 else ""


def _undetailed(story: Story) -> Story:
    """Give a story without posts that repeat a sentence of the mail: a note of a call does not hold it."""
    posts = {lang: [line for line in lines if "{detail}" not in line] for lang, lines in story.posts.items()}
    return msgspec.structs.replace(story, posts=posts)
