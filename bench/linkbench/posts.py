"""Posts about an invented company, each with the case it is about, several that fit alike, or none."""

from datetime import datetime

import msgspec

from bench.linkbench.item import USES_KNOWN_HANDLE, Item, Pen
from bench.linkbench.kin import FAMILY, PRONOUNS, RELATIONS, said_of
from bench.linkbench.people import Person, married_bio, person, profile
from bench.linkbench.strangers import Strangers
from bench.linkbench.twins import Twins
from bench.linkbench.world import Held, World

__all__ = ["Item", "PostMaker"]

_TWINS = 0.08
_BY_OWNER = 0.55
_SAYS_WHEN = 0.72
_NAMES_CHANNEL = 0.6
_NAMES_THE_OTHER = 0.1
_QUOTES_REFERENCE = 0.08


class PostMaker:
    """Makes posts about one world; ``pseudonyms`` is the share of posters who give no name."""

    def __init__(self, world: World, seed: int | str, *, pseudonyms: float = 0.25, linked: float = 0.5) -> None:
        """Prepare the draw."""
        self._world = world
        self._pen = Pen(world, seed, pseudonyms)
        self._rng = self._pen.rng
        self._strangers = Strangers(self._pen, self.other)
        self._twins = Twins(self._pen)
        self._linked = linked

    def make(self, count: int) -> list[Item]:
        """Give posts, in the order of their times."""
        items: list[Item] = []
        while len(items) < count:
            item = self._one()
            if item is not None:
                items.append(item)
        return sorted(items, key=lambda item: item.mention.posted_at)

    def _one(self) -> Item | None:
        """Draw whether there is a case before how it is told, so that posts that cannot be made change no share."""
        draw = self._rng.random()
        if draw < _TWINS:
            return self._twins.one()
        if draw >= _TWINS + (1 - _TWINS) * self._linked:
            return self._strangers.one()
        for _ in range(20):
            item = self._by_owner() if self._rng.random() < _BY_OWNER else self._by_other()
            if item is not None:
                return item
        return None

    def _by_owner(self) -> Item | None:
        pen, held = self._pen, self._pen.pick()
        at = pen.moment(held)
        if at is None or held.story is None:
            return None
        lang = pen.language(held.owner)
        face = profile(self._rng, held.owner, self._world.split, pseudonym=pen.pseudonyms)
        known = next((c.value for c in held.case.customer.contacts if c.kind == "handle"), None)
        if known and self._rng.random() < USES_KNOWN_HANDLE:
            face = msgspec.structs.replace(face, handle=known)
        number = self._reference(held)
        days = (at - held.case.opened_at).total_seconds() / 86400
        parts = (pen.told(held.story, lang), self._contact(held, at, lang), number, *pen.extras(days, lang))
        kind = "self" if face.named else "pseudonym"
        kind = "reference" if number else ("self handle" if known == face.handle else kind)
        return pen.item(parts, face, at, kind, lang, answer=held.case.case_id, relation="self")

    def _contact(self, held: Held, at: datetime, lang: str, *, he: str = "", him: str = "") -> str:
        """Say when and how the company was told, by the poster or by ``he``; or nothing of that."""
        rng, speaker = self._rng, self._pen.speaker
        if rng.random() >= _SAYS_WHEN:
            return ""
        days = (at - held.case.opened_at).total_seconds() / 86400
        channel = self._channel(held) if rng.random() < _NAMES_CHANNEL else ""
        when = speaker.ago(days, lang, held.case.opened_at.weekday())
        return speaker.told_by_other(channel, when, lang, he, him) if he else speaker.told(channel, when, lang)

    def _channel(self, held: Held) -> str:
        """Give the channel that somebody names; some have tried both, and name the other one."""
        other = "phone" if held.case.channel == "email" else "email"
        return other if self._rng.random() < _NAMES_THE_OTHER else held.case.channel

    def _reference(self, held: Held) -> str:
        reference = held.case.reference
        if not reference or self._rng.random() >= _QUOTES_REFERENCE:
            return ""
        digits = reference.lstrip("ORAT-")
        return self._rng.choice((f"Order {reference}.", f"ref {digits}", f"order ending {digits[-3:]}"))

    def _by_other(self) -> Item | None:
        pen, held = self._pen, self._pen.pick()
        at = pen.moment(held)
        if at is None or held.story is None:
            return None
        relation, poster, said, lang = self.other(held)
        pronouns = PRONOUNS[lang][held.owner.gender]
        body = pen.told_of(held.story, lang, said, pronouns)
        extra = self._contact(held, at, lang, he=pronouns[0], him=pronouns[1])
        face = profile(self._rng, poster, self._world.split, pseudonym=pen.pseudonyms)
        if relation == "spouse" and self._rng.random() < 0.06:
            bio = married_bio(self._rng, self._world.split, lang, held.owner.given)
            face = msgspec.structs.replace(face, bio=bio)
        since = pen.extras((at - held.case.opened_at).total_seconds() / 86400, lang, aside=False)
        return pen.item((body, extra, *since), face, at, "third", lang, answer=held.case.case_id, relation=relation)

    def other(self, held: Held) -> tuple[str, Person, str, str]:
        """Invent who posts for a case's owner: relation, person, the words for the owner, and the language."""
        rng, owner = self._rng, held.owner
        relation = rng.choices(list(RELATIONS), [kin.share for kin in RELATIONS.values()])[0]
        poster = self._mate(held) if relation == "spouse" else None
        poster = poster or self._relative(relation, owner)
        lang = poster.lang if rng.random() < 0.9 else "en"
        said = rng.choice(said_of(relation, owner.gender, lang))
        return relation, poster, f"{said} {owner.given}" if rng.random() < 0.15 else said, lang

    def _mate(self, held: Held) -> Person | None:
        """Give another customer of the same household, if the company has one."""
        mates = [other.owner for other in self._pen.beside(held) if other.owner != held.owner]
        return self._rng.choice(mates) if mates else None

    def _relative(self, relation: str, owner: Person) -> Person:
        rng, kin = self._rng, RELATIONS[relation]
        together = rng.random() < kin.same_town
        near = together or relation in FAMILY
        gender = ("m" if owner.gender == "f" else "f") if relation == "spouse" and rng.random() < 0.9 else ""
        return person(
            rng,
            self._world.split,
            last=owner.last if rng.random() < kin.same_name else "",
            town=owner.town if together else "",
            country=owner.country if near else "",
            gender=gender,
        )
