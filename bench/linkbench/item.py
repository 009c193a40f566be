"""A post with its answer, and the pen that writes posts about one company."""

import random
from datetime import datetime, timedelta

import msgspec

from bench.linkbench.kin import FAMILY, said_of
from bench.linkbench.people import Person, Profile, person
from bench.linkbench.phrases import Speaker
from bench.linkbench.stories import Story
from bench.linkbench.world import DAYS, START, Held, World
from matcher.mention import MentionText

_LATEST = 45.0  # days between a case and the post about it
_CLOSER = 0.3
USES_KNOWN_HANDLE = 0.7
"""How often a customer whose handle the company knows posts under it."""
_NEAR_BY_CHANCE = 0.3
_SAYS_SINCE = 0.15
_ASIDE = 0.1


class Item(msgspec.Struct, frozen=True):
    """A post with its answer, None for no unresolved case.

    ``kind`` says how it came about; ``relation`` is what the poster is to the owner of the case, None where there is no
    case. ``resolved`` names the resolved case that it is about, ``twins`` the cases among which nobody could choose.
    """

    mention: MentionText
    answer: str | None
    kind: str
    relation: str | None = None
    resolved: str | None = None
    twins: tuple[str, ...] = ()


class Pen:
    """Writes posts about one world; ``pseudonyms`` is the share of posters who give no name."""

    def __init__(self, world: World, seed: int | str, pseudonyms: float) -> None:
        """Prepare the draw."""
        self.world = world
        self.rng = random.Random(f"{world.split}-posts-{seed}")
        self.speaker = Speaker(world.split, self.rng)
        self.pseudonyms = pseudonyms
        direct = [held for held in world.held if held.case.channel in ("email", "phone")]
        self._direct = {False: direct, True: [held for held in direct if held.story is not None]}
        self._of_household: dict[str, list[Held]] = {}
        self._of_owner: dict[Person, list[Held]] = {}
        self._named: set[tuple[str, str | None]] = set()
        self._placed: set[tuple[str, str | None]] = set()
        for held in world.held:
            self._of_household.setdefault(held.case.customer.household_id or "", []).append(held)
            self._of_owner.setdefault(held.owner, []).append(held)
            self._named.add((held.owner.last, held.case.product))
            self._placed.add((held.owner.town, held.case.product))

    def stranger(self) -> Person:
        """Invent somebody whom the company does not know."""
        return person(self.rng, self.world.split)

    def pick(self, *, story: bool = True) -> Held:
        """Draw a case that came by e-mail or telephone."""
        return self.rng.choice(self._direct[story])

    def beside(self, held: Held) -> list[Held]:
        """Give the other cases of the same customer and household."""
        household = held.case.customer.household_id
        near = [*self._of_owner.get(held.owner, ()), *(self._of_household.get(household, ()) if household else ())]
        return [other for other in near if other is not held]

    def like_a_customer(self, who: Person, story: Story) -> bool:
        """Whether a stranger has by chance the surname of a customer with a case about the same product.

        So does one of the same town, mostly: there are fewer towns here than in the world, and they meet too often.
        """
        near = (who.town, story.product) in self._placed and self.rng.random() >= _NEAR_BY_CHANCE
        return near or (who.last, story.product) in self._named

    def moment(self, held: Held) -> datetime | None:
        """Give a time some days after the case was opened, or None where it was over by then."""
        moment = held.case.opened_at + timedelta(days=min(self.rng.lognormvariate(2.0, 0.8), _LATEST))
        over = held.case.resolved_at
        late = moment > START + timedelta(days=DAYS + 10)
        return None if late or (over is not None and moment >= over) else moment

    def any_time(self) -> datetime:
        """Give a time at which the company has been at it for a while."""
        return START + timedelta(days=self.rng.uniform(6, DAYS + 5))

    def language(self, who: Person) -> str:
        """Give the language in which somebody posts: mostly their own."""
        return who.lang if self.rng.random() < 0.9 else "en"

    def told(self, story: Story, lang: str) -> str:
        """Tell a story in public: in words of its own, or in those that fit any trouble of its kind."""
        own = story.posts.get(lang)
        draw = self.rng.random()
        if own and draw < 0.7:
            return self._filled(self.rng.choice(own), story)
        vague = lang == "en" and draw > 0.88
        kind = "vague" if vague else "trouble"
        return self.speaker.say(f"{kind}_{story.trouble}", lang, product=story.product)

    def extras(self, days: float | None, lang: str, *, aside: bool = True) -> tuple[str, ...]:
        """Say things beside the matter: when the trouble began, which is before ``days`` ago; what the family says."""
        rng, parts = self.rng, []
        if days is not None and rng.random() < _SAYS_SINCE:
            parts.append(self.speaker.say("since", lang, t=self.speaker.ago(days + rng.expovariate(0.12), lang, None)))
        if aside and rng.random() < _ASIDE:
            relation, gender = rng.choice((*FAMILY, "friend")), rng.choice("fm")
            said = rng.choice(said_of(relation, gender, lang))
            parts.append(_start(self.speaker.say("aside", lang, REL=said)))
        return tuple(parts)

    def like(self, story: Story, lang: str) -> str:
        """Tell of a like matter, as somebody does who has no case."""
        if lang == "en" and self.rng.random() < 0.75:
            return self.rng.choice(story.like)
        return self.speaker.say(f"trouble_{story.trouble}", lang, product=story.product)

    def told_of(self, story: Story, lang: str, said: str, pronouns: tuple[str, str, str]) -> str:
        """Tell somebody else's story: ``said`` is whom it happened to."""
        if lang == "en" and self.rng.random() < 0.75:
            body = self._filled(self.rng.choice(story.by_other), story)
        else:
            body = self.speaker.say("by_other", lang, product=story.product)
        if "{REL}" not in body:
            body = f"{said}: {body}"
        for mark, word in zip(("{REL}", "{he}", "{him}", "{his}"), (said, *pronouns), strict=True):
            body = body.replace(mark, word)
        return body

    def claim(self, lang: str) -> str:
        """Claim to have told the company some time ago."""
        channel = self.rng.choice(("email", "phone", ""))
        return self.speaker.told(channel, self.speaker.ago(self.rng.uniform(1, 30), lang, None), lang)

    def item(
        self, parts: tuple[str, ...], face: Profile, at: datetime, kind: str, lang: str, *, answer: str | None = None,
        relation: str | None = None,
    ) -> Item:  # fmt: skip
        """Put a post together: its parts in some order, with the noise of haste."""
        rng, brand = self.rng, f"@{self.world.brand}"
        told = [part for part in parts if part]
        rng.shuffle(told)
        if rng.random() < _CLOSER:
            told.append(self.speaker.say("closer", lang))
        text = noisy(rng, " ".join(told).replace("{brand}", brand))
        mention = MentionText(text, at, "x", face.handle, face.name, face.bio, face.location, lang=lang, policy="auto")
        return Item(mention, answer, kind, relation)

    def _filled(self, text: str, story: Story) -> str:
        return text.replace("{amount}", story.amount).replace("{detail}", story.detail)


def _start(text: str) -> str:
    return text[:1].upper() + text[1:]


def noisy(rng: random.Random, text: str) -> str:
    """Write in a hurry: no capitals now and then, two letters swapped."""
    if rng.random() < 0.25:
        text = text.lower()
    if rng.random() < 0.2 and len(text) > 20:
        spot = rng.randrange(5, len(text) - 5)
        if text[spot].isalpha() and text[spot + 1].isalpha():
            text = text[:spot] + text[spot + 1] + text[spot] + text[spot + 2 :]
    return text
