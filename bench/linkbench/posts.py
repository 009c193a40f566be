"""Posts about an invented company, each with the case it is about, or none."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from bench.linkbench.kin import RELATIONS
from bench.linkbench.people import Person, Profile, person, profile
from bench.linkbench.phrases import CLOSERS, FRESH, OTHER, QUESTIONS, ago, told, told_by_other
from bench.linkbench.world import DAYS, START, Held, World
from matcher.mention import MentionText
from matcher.names import shared_names


class Item(msgspec.Struct, frozen=True):
    """A post with its answer, None for no unresolved case; ``resolved`` names the resolved one that it is about."""

    mention: MentionText
    answer: str | None
    kind: str
    relation: str | None = None
    resolved: str | None = None


class PostMaker:
    """Makes posts about one world; ``pseudonyms`` is the share of posters who give no name."""

    def __init__(self, world: World, seed: int, *, pseudonyms: float = 0.25, linked: float = 0.5) -> None:
        """Prepare the draw."""
        self._world = world
        self._rng = random.Random(f"{world.split}-posts-{seed}")
        self._pseudonyms = pseudonyms
        self._linked = linked
        self._shorts = _short_forms()

    def make(self, count: int) -> list[Item]:
        """Give posts, in the order of their times."""
        items: list[Item] = []
        while len(items) < count:
            item = self._one()
            if item is not None:
                items.append(item)
        return sorted(items, key=lambda item: item.mention.posted_at)

    def _one(self) -> Item | None:
        if self._rng.random() < self._linked:
            return self._by_owner() if self._rng.random() < 0.55 else self._by_other()
        makers: list[Callable[[], Item | None]] = [
            self._like,
            self._namesake,
            self._again,
            self._early,
            self._relative,
            self._elsewhere,
            self._other_matter,
        ]
        return self._rng.choices(makers, (26, 18, 17, 11, 12, 11, 5))[0]()

    def _moment(self, held: Held) -> datetime | None:
        """Give a time some days after the case was opened, while it was still unresolved."""
        moment = held.case.opened_at + timedelta(days=min(self._rng.lognormvariate(2.0, 0.8), 45))
        over = held.case.resolved_at
        late = moment > START + timedelta(days=DAYS + 10)
        return None if late or (over is not None and moment >= over) else moment

    def _pick(self, *, story: bool = True) -> Held:
        fitting = [
            h for h in self._world.held if (h.story is not None or not story) and h.case.channel in ("email", "phone")
        ]
        return self._rng.choice(fitting)

    def _by_owner(self) -> Item | None:
        held = self._pick()
        at = self._moment(held)
        if at is None or held.story is None:
            return None
        lang = held.owner.lang if held.owner.lang in held.story.posts and self._rng.random() < 0.8 else "en"
        body = held.story.posts[lang]
        extra = self._contact(held, at, lang)
        face = profile(self._rng, held.owner, pseudonym=self._pseudonyms, shorts=self._shorts)
        known = next((c.value for c in held.case.customer.contacts if c.kind == "handle"), None)
        if known and self._rng.random() < 0.7:
            face = msgspec.structs.replace(face, handle=known)
        kind = "self" if known != face.handle else "self handle"
        return self._item(body, extra, face, at, held.case.case_id, kind, "self", lang)

    def _contact(self, held: Held, at: datetime, lang: str) -> str:
        days = (at - held.case.opened_at).total_seconds() / 86400
        parts = []
        if self._rng.random() < 0.72:
            channel = held.case.channel if self._rng.random() < 0.6 else ""
            when = ago(self._rng, days, lang, held.case.opened_at.weekday())
            parts.append(told(self._rng, channel, when, lang))
        if held.case.reference and self._rng.random() < 0.08:
            digits = held.case.reference.lstrip("ORAT-")
            parts.append(
                self._rng.choice((f"Order {held.case.reference}.", f"ref {digits}", f"order ending {digits[-3:]}"))
            )
        return " ".join(parts)

    def _by_other(self) -> Item | None:
        held = self._pick()
        at = self._moment(held)
        if at is None or held.story is None:
            return None
        relation, poster, said = self._other(held.owner)
        body, extra = self._spoken_for(held, said, at)
        face = profile(self._rng, poster, pseudonym=self._pseudonyms, shorts=self._shorts)
        return self._item(body, extra, face, at, held.case.case_id, "third", relation, "en")

    def _other(self, owner: Person) -> tuple[str, Person, str]:
        rng = self._rng
        relation = rng.choices(list(RELATIONS), [row[0] for row in RELATIONS.values()])[0]
        _, words, same_name, same_town = RELATIONS[relation]
        last = owner.last if rng.random() < same_name else ""
        together = rng.random() < same_town
        gender = ("m" if owner.gender == "f" else "f") if relation == "spouse" and rng.random() < 0.9 else ""
        poster = person(
            rng,
            self._world.split,
            last=last,
            town=owner.town if together else "",
            country=owner.country if together else "",
            gender=gender,
        )
        said = rng.choice(words[owner.gender])
        if rng.random() < 0.15:
            said = f"{said} {owner.given}"
        return relation, poster, said

    def _spoken_for(self, held: Held, said: str, at: datetime) -> tuple[str, str]:
        assert held.story is not None
        he, him, his = ("he", "him", "his") if held.owner.gender == "m" else ("she", "her", "her")
        body = held.story.by_other
        if "{REL}" not in body:
            body = f"{said}: {body}"
        for mark, word in (("{REL}", said), ("{he}", he), ("{him}", him), ("{his}", his)):
            body = body.replace(mark, word)
        extra = ""
        if self._rng.random() < 0.72:
            days = (at - held.case.opened_at).total_seconds() / 86400
            channel = held.case.channel if self._rng.random() < 0.6 else ""
            extra = told_by_other(
                self._rng, channel, ago(self._rng, days, "en", held.case.opened_at.weekday()), he, him
            )
        return body, extra

    def _stranger(self) -> Person:
        return person(self._rng, self._world.split)

    def _any_time(self) -> datetime:
        return START + timedelta(days=self._rng.uniform(6, DAYS + 5))

    def _like(self) -> Item:
        """A complaint about a like matter, by somebody with no case; some claim to have told the company."""
        rng = self._rng
        story = rng.choice(self._world.stories)
        face = profile(rng, self._stranger(), pseudonym=self._pseudonyms, shorts=self._shorts)
        extra = rng.choice((rng.choice(FRESH), rng.choice(QUESTIONS), "", self._claim()))
        return self._item(story.like, extra, face, self._any_time(), None, "like", None, "en")

    def _claim(self) -> str:
        channel = self._rng.choice(("email", "phone", ""))
        return told(self._rng, channel, ago(self._rng, self._rng.uniform(1, 30), "en", None), "en")

    def _namesake(self) -> Item:
        """Somebody who bears a customer's name, about something else."""
        rng, held = self._rng, self._pick(story=False)
        far = rng.random() < 0.6
        who = msgspec.structs.replace(held.owner, town=self._stranger().town) if far else held.owner
        story = rng.choice([s for s in self._world.stories if s is not held.story])
        text, extra = rng.choice(((story.like, ""), (story.posts["en"], self._claim()), (story.like, self._claim())))
        face = profile(rng, who, pseudonym=0.0, shorts=self._shorts)
        return self._item(text, extra, face, self._any_time(), None, "namesake", None, "en")

    def _again(self) -> Item | None:
        """A customer whose case is over, about something new or about the same."""
        rng = self._rng
        over = [held for held in self._world.held if held.case.resolved_at is not None]
        held = rng.choice(over)
        assert held.case.resolved_at is not None
        at = held.case.resolved_at + timedelta(days=rng.uniform(0.5, 20))
        others = [
            h
            for h in self._world.held
            if h.owner == held.owner and (h.case.resolved_at is None or h.case.resolved_at > at)
        ]
        if others:
            return None
        same = held.story is not None and rng.random() < 0.4
        text = held.story.posts["en"] if same and held.story else rng.choice(self._world.stories).like
        extra = rng.choice(("", rng.choice(FRESH), "again!", "You did sort the last one, in fairness."))
        face = profile(rng, held.owner, pseudonym=0.1, shorts=self._shorts)
        item = self._item(text, extra, face, at, None, "resolved", None, "en")
        return msgspec.structs.replace(item, resolved=held.case.case_id) if same else item

    def _early(self) -> Item | None:
        """A customer who posts before writing to the company."""
        rng, held = self._rng, self._pick()
        at = held.case.opened_at - timedelta(hours=rng.uniform(0.5, 60))
        if held.story is None or any(h.owner == held.owner and h is not held for h in self._world.held):
            return None
        extra = rng.choice((rng.choice(FRESH), rng.choice(QUESTIONS), ""))
        face = profile(rng, held.owner, pseudonym=0.15, shorts=self._shorts)
        return self._item(held.story.posts["en"], extra, face, at, None, "early", None, "en")

    def _other_matter(self) -> Item | None:
        """A customer whose case is open, about something else than that case."""
        rng, held = self._rng, self._pick()
        at = self._moment(held)
        if at is None:
            return None
        own = {h.story.subject for h in self._world.held if h.owner == held.owner and h.story}
        story = rng.choice([s for s in self._world.stories if s.subject not in own])
        extra = rng.choice(OTHER) if rng.random() < 0.5 else rng.choice((*FRESH, ""))
        face = profile(rng, held.owner, pseudonym=0.1, shorts=self._shorts)
        known = next((c.value for c in held.case.customer.contacts if c.kind == "handle"), None)
        if known:
            face = msgspec.structs.replace(face, handle=known)
        return self._item(story.like, extra, face, at, None, "other matter", None, "en")

    def _relative(self) -> Item | None:
        """Somebody with a customer's surname whose husband or mother has another matter."""
        rng, held = self._rng, self._pick(story=False)
        story = rng.choice([s for s in self._world.stories if s is not held.story])
        stranger = msgspec.structs.replace(self._stranger(), last=held.owner.last)
        _, poster, said = self._other(stranger)
        fake = Held(msgspec.structs.replace(held.case, opened_at=self._any_time()), stranger, story)
        at = fake.case.opened_at + timedelta(days=rng.lognormvariate(2.0, 0.8))
        body, extra = self._spoken_for(fake, said, at)
        if rng.random() < 0.5:
            body = f"{said}: {story.like}"
        face = profile(rng, poster, pseudonym=0.1, shorts=self._shorts)
        return self._item(body, extra, face, at, None, "relative", None, "en")

    def _elsewhere(self) -> Item | None:
        """Much the same story, told of another time by somebody of another town: no case of theirs is known."""
        rng, held = self._rng, self._pick()
        if held.story is None:
            return None
        stranger = self._stranger()
        at = self._any_time()
        face = profile(rng, stranger, pseudonym=0.2, shorts=self._shorts)
        if face.location is None:
            face = msgspec.structs.replace(face, location=stranger.town)
        extra = self._claim() if rng.random() < 0.6 else rng.choice(FRESH)
        return self._item(
            held.story.like if rng.random() < 0.6 else held.story.posts["en"],
            extra,
            face,
            at,
            None,
            "elsewhere",
            None,
            "en",
        )

    def _item(
        self,
        body: str,
        extra: str,
        face: Profile,
        at: datetime,
        answer: str | None,
        kind: str,
        relation: str | None,
        lang: str,
    ) -> Item:
        rng = self._rng
        body = body.replace("{brand}", f"@{self._world.brand}")
        text = " ".join(part for part in ((extra, body) if rng.random() < 0.5 else (body, extra)) if part)
        text = _noisy(rng, text + (rng.choice(CLOSERS) if lang == "en" else ""))
        mention = MentionText(text, at, "x", face.handle, face.name, face.bio, face.location, lang=lang, policy="auto")
        return Item(mention, answer, kind, relation)


def _noisy(rng: random.Random, text: str) -> str:
    if rng.random() < 0.25:
        text = text.lower()
    if rng.random() < 0.2 and len(text) > 20:
        spot = rng.randrange(5, len(text) - 5)
        if text[spot].isalpha() and text[spot + 1].isalpha():
            text = text[:spot] + text[spot + 1] + text[spot] + text[spot + 2 :]
    return text


def _short_forms() -> dict[str, list[str]]:
    names = shared_names()
    shorts: dict[str, list[str]] = {}
    for short, canonicals in names.short_forms().items():
        for canonical in canonicals:
            if len(short) > 2:
                shorts.setdefault(canonical, []).append(short)
    return shorts
