"""Posts with no unresolved case behind them, most of them made to look as if there were one."""

from collections.abc import Callable
from datetime import timedelta

import msgspec

from bench.linkbench.item import USES_KNOWN_HANDLE, Item, Pen
from bench.linkbench.kin import PRONOUNS
from bench.linkbench.people import Person, profile
from bench.linkbench.stories import Story
from bench.linkbench.world import Held

Other = Callable[[Held], tuple[str, Person, str, str]]


class Strangers:
    """Writes posts of people without a case; ``other`` invents who posts for somebody."""

    def __init__(self, pen: Pen, other: Other) -> None:
        """Keep the pen."""
        self._pen = pen
        self._rng = pen.rng
        self._other = other
        self._over = [held for held in pen.world.held if held.case.resolved_at is not None]

    def one(self) -> Item | None:
        """Give a post of some kind, or None where the draw came to nothing."""
        makers: dict[Callable[[], Item | None], int] = {
            self._like: 22, self._namesake: 17, self._again: 16, self._early: 12, self._relative: 12,
            self._elsewhere: 10, self._other_matter: 6, self._rant: 3, self._quote: 1, self._press: 1,
        }  # fmt: skip
        maker = self._rng.choices(list(makers), list(makers.values()))[0]
        for _ in range(20):
            item = maker()
            if item is not None:
                return item
        return None

    def _like(self) -> Item | None:
        """A complaint about a like matter, by somebody with no case; some claim to have told the company."""
        pen, rng, who = self._pen, self._rng, self._pen.stranger()
        story = rng.choice(pen.world.stories)
        if pen.like_a_customer(who, story):
            return None
        lang = pen.language(who)
        face = profile(rng, who, pen.world.split, pseudonym=pen.pseudonyms)
        extra = rng.choice((self._fresh(lang), pen.speaker.say("question", lang), "", pen.claim(lang)))
        parts = (pen.like(story, lang), extra, *pen.extras(None, lang))
        return pen.item(parts, face, pen.any_time(), "like", lang)

    def _fresh(self, lang: str) -> str:
        return self._pen.speaker.say("fresh", lang)

    def _namesake(self) -> Item | None:
        """Somebody who bears a customer's name, about something else."""
        pen, rng, held = self._pen, self._rng, self._pen.pick(story=False)
        far = rng.random() < 0.6
        town = person_town(pen, held) if far else held.owner.town
        who = msgspec.structs.replace(held.owner, town=town)
        story = self._of_another_product(held, *pen.beside(held))
        if story is None:
            return None
        lang = pen.language(who)
        like = (pen.like(story, lang), rng.choice(("", pen.claim(lang))))
        parts = rng.choice((like, (pen.told(story, lang), pen.claim(lang))))
        face = profile(rng, who, pen.world.split, pseudonym=0.0)
        return pen.item((*parts, *pen.extras(None, lang)), face, pen.any_time(), "namesake", lang)

    def _again(self) -> Item | None:
        """A customer whose case is over, about something new or about the same."""
        pen, rng, held = self._pen, self._rng, self._rng.choice(self._over)
        assert held.case.resolved_at is not None
        at = held.case.resolved_at + timedelta(days=rng.uniform(0.5, 20))
        if any(h.case.resolved_at is None or h.case.resolved_at > at for h in pen.beside(held)):
            return None
        same = held.story is not None and rng.random() < 0.4
        story = held.story if same and held.story else rng.choice(pen.world.stories)
        lang = pen.language(held.owner)
        text = pen.told(story, lang) if same else pen.like(story, lang)
        extra = rng.choice(("", self._fresh(lang), pen.speaker.say("again", "en") if lang == "en" else ""))
        face = profile(rng, held.owner, pen.world.split, pseudonym=0.1)
        item = pen.item((text, extra), face, at, "resolved", lang)
        return msgspec.structs.replace(item, resolved=held.case.case_id) if same else item

    def _of_another_product(self, *held: Held) -> Story | None:
        """Give a story about none of the products that these cases are about; of a huge family's none may be left."""
        own = {one.case.product for one in held} | {one.story.product for one in held if one.story}
        others = [story for story in self._pen.world.stories if story.product not in own]
        return self._rng.choice(others) if others else None

    def _early(self) -> Item | None:
        """A customer who posts before writing to the company."""
        pen, rng, held = self._pen, self._rng, self._pen.pick()
        at = held.case.opened_at - timedelta(hours=rng.uniform(0.5, 60))
        if held.story is None or held.twin or pen.beside(held):
            return None
        lang = pen.language(held.owner)
        extra = rng.choice((self._fresh(lang), pen.speaker.say("question", lang), ""))
        face = profile(rng, held.owner, pen.world.split, pseudonym=0.15)
        return pen.item((pen.told(held.story, lang), extra), face, at, "early", lang)

    def _other_matter(self) -> Item | None:
        """A customer whose case is open, about something else than that case."""
        pen, rng, held = self._pen, self._rng, self._pen.pick()
        at = pen.moment(held)
        if at is None:
            return None
        story = self._of_another_product(held, *pen.beside(held))
        if story is None:
            return None
        extra = pen.speaker.say("matter", "en") if rng.random() < 0.5 else rng.choice((self._fresh("en"), ""))
        face = profile(rng, held.owner, pen.world.split, pseudonym=0.1)
        known = next((c.value for c in held.case.customer.contacts if c.kind == "handle"), None)
        face = msgspec.structs.replace(face, handle=known) if known and rng.random() < USES_KNOWN_HANDLE else face
        return pen.item((pen.like(story, "en"), extra), face, at, "other matter", "en")

    def _relative(self) -> Item | None:
        """Somebody with a customer's surname whose husband or mother has another matter."""
        pen, rng, held = self._pen, self._rng, self._pen.pick(story=False)
        story = self._of_another_product(held)
        stranger = msgspec.structs.replace(pen.stranger(), last=held.owner.last)
        if story is None or pen.like_a_customer(stranger, story):
            return None
        customer = msgspec.structs.replace(held.case.customer, household_id=None)
        case = msgspec.structs.replace(held.case, opened_at=pen.any_time(), customer=customer)
        _, poster, said, lang = self._other(Held(case, stranger, story))
        pronouns = PRONOUNS[lang][stranger.gender]
        body = pen.told_of(story, lang, said, pronouns)
        if rng.random() < 0.4:
            body = f"{said}: {pen.like(story, lang)}"
        when = pen.speaker.ago(rng.uniform(1, 25), lang, None)
        extra = pen.speaker.told_by_other(rng.choice(("email", "phone", "")), when, lang, pronouns[0], pronouns[1])
        extra = extra if rng.random() < 0.6 else ""
        face = profile(rng, poster, pen.world.split, pseudonym=0.1)
        return pen.item((body, extra), face, pen.any_time(), "relative", lang)

    def _elsewhere(self) -> Item | None:
        """Much the same story, told of another time by somebody of another town: no case of theirs is known."""
        pen, rng, held, who = self._pen, self._rng, self._pen.pick(), self._pen.stranger()
        if held.story is None or who.town == held.owner.town or pen.like_a_customer(who, held.story):
            return None
        lang = pen.language(who)
        face = profile(rng, who, pen.world.split, pseudonym=0.2)
        face = msgspec.structs.replace(face, location=who.town)
        told = pen.like(held.story, lang) if rng.random() < 0.6 else pen.told(held.story, lang)
        extra = pen.claim(lang) if rng.random() < 0.6 else self._fresh(lang)
        return pen.item((told, extra, *pen.extras(None, lang)), face, pen.any_time(), "elsewhere", lang)

    def _rant(self) -> Item:
        return self._remark("rant")

    def _press(self) -> Item:
        return self._remark("press")

    def _remark(self, kind: str) -> Item:
        """A general rant, or a journalist who looks for cases."""
        pen, who = self._pen, self._pen.stranger()
        story = self._rng.choice(pen.world.stories)
        lang = who.lang if pen.speaker.speaks(kind, who.lang) else "en"
        face = profile(self._rng, who, pen.world.split, pseudonym=pen.pseudonyms)
        return pen.item((pen.speaker.say(kind, lang, product=story.product),), face, pen.any_time(), kind, lang)

    def _quote(self) -> Item | None:
        """Somebody who repeats what a customer has said in public."""
        pen, held, who = self._pen, self._pen.pick(), self._pen.stranger()
        at = pen.moment(held)
        if at is None or held.story is None:
            return None
        lang = who.lang if pen.speaker.speaks("quote", who.lang) else "en"
        said = pen.told(held.story, lang)
        face = profile(self._rng, who, pen.world.split, pseudonym=pen.pseudonyms)
        return pen.item((pen.speaker.say("quote", lang, said=said),), face, at, "quote", lang)


def person_town(pen: Pen, held: Held) -> str:
    """Give a town of the split that is not the customer's."""
    while True:
        town = pen.stranger().town
        if town != held.owner.town:
            return town
