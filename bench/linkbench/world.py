"""An invented company: customers, households, cases with stories; everything follows from one seed."""

import random
import re
from datetime import UTC, datetime, timedelta

import msgspec

from bench.linkbench.narratives import real
from bench.linkbench.people import Person, brands, person
from bench.linkbench.phrases import Speaker
from bench.linkbench.splits import Split
from bench.linkbench.stories import Story, invented
from crm.records import Case, CaseMessage, ContactPoint, Customer
from matcher.folding import fold

START = datetime(2026, 2, 2, tzinfo=UTC)
DAYS = 60
_REAL_SHARE = 0.6  # real narratives to each hand-written story
_TWIN, _TWIN_DAYS = 0.05, 1.2
_HOUSEHOLD_KNOWN = 0.5
_BACKGROUND = (
    ("Order late", "My order is late, where is it?", "Order late. Courier chased."),
    ("Refund", "I am still waiting for my refund.", "Refund not seen. To finance."),
    ("Invoice please", "Could I have a copy of the invoice?", "Wants invoice copy."),
    ("Change of address", "I have moved, please change my address.", "Addr change."),
    ("Cannot log in", "The password reset never arrives.", "Login trouble. Reset sent."),
    ("Arrived broken", "It arrived broken, please send another.", "Broken on arrival. Replacement?"),
    ("Charged twice", "You have charged me twice this month.", "Billed twice. To billing."),
    ("Wrong item", "I was sent the wrong item.", "Wrong item. Collection to arrange."),
    ("Question", "Is it possible to add a second user to my account?", "2nd user on account? No rush."),
    ("Missing part", "A part was missing in the box.", "Part missing. Asked warehouse."),
)


class Held(msgspec.Struct, frozen=True):
    """A case with what the generator knows of it; ``twin`` is the id of the case that it repeats."""

    case: Case
    owner: Person
    story: Story | None
    twin: str | None = None


class World(msgspec.Struct, frozen=True):
    """A company with everything it knows; ``name`` is unique, ``brand`` is what posts call it."""

    name: str
    brand: str
    split: Split
    held: list[Held]
    stories: list[Story]


def world(seed: int | str, split: Split, *, size: int = 220, repeats: float = 1.5) -> World:
    """Invent a company with ``size`` cases; ``repeats`` says how many cases tell the same story on average."""
    rng = random.Random(f"{split}-{seed}")
    written = invented(split)
    told = [*written, *rng.sample(real(split), int(len(written) * _REAL_SHARE))]
    rng.shuffle(told)
    company = _Company(rng, split, told)
    with_story = min(int(len(told) * repeats), int(size * 0.8))
    for number in range(size):
        company.open_case(number, told[number % len(told)] if number < with_story else None)
    return World(f"{split}-{seed}", rng.choice(brands(split)), split, company.held, told)


class _Company:
    """Opens one case after the other."""

    def __init__(self, rng: random.Random, split: Split, told: list[Story]) -> None:
        self._rng = rng
        self._split = split
        self._told = told
        self._speaker = Speaker(split, rng)
        self.held: list[Held] = []

    def open_case(self, number: int, story: Story | None) -> None:
        """Open a case of a story, or of an everyday matter; some repeat an earlier case of a like customer."""
        rng = self._rng
        if story is not None and self.held and rng.random() < _TWIN:
            other = rng.choice(self.held)
            if other.story is not None and other.case.resolved_at is None:
                self.held.append(self._twin(number, other))
                return
        owner, customer = self._owner(number)
        opened = START + timedelta(days=DAYS * (1 - rng.random() ** 1.3), minutes=rng.randint(0, 600))
        over = rng.random() < (0.3 if story else 0.5)
        self.held.append(Held(self._case(number, owner, customer, story, opened, over=over), owner, story))

    def _twin(self, number: int, other: Held) -> Held:
        """Repeat a case: of the same customer, of the same household, or of somebody else in the same town."""
        rng = self._rng
        kind = rng.choices(("same", "household", "town"), (25, 25, 50))[0]
        owner, customer = other.owner, other.case.customer
        if kind != "same":
            last = other.owner.last if kind == "household" else ""
            owner = person(rng, self._split, last=last, town=owner.town, country=owner.country)
            customer = _customer(rng, number, owner, customer.household_id if kind == "household" else None)
        opened = other.case.opened_at + timedelta(days=rng.uniform(0.05, _TWIN_DAYS))
        channel = other.case.channel if rng.random() < 0.6 else ""
        case = self._case(number, owner, customer, other.story, opened, over=False, channel=channel)
        return Held(case, owner, other.story, other.case.case_id)

    def _owner(self, number: int) -> tuple[Person, Customer]:
        """Invent a customer; some are namesakes, relatives, of one household with another, or the same again."""
        rng, draw = self._rng, self._rng.random()
        if not self.held or draw >= 0.18:
            owner = person(rng, self._split)
            return owner, _customer(rng, number, owner, None)
        other = rng.choice(self.held)
        who = other.owner
        if draw < 0.06:
            return who, other.case.customer
        if draw < 0.11:
            gender = "m" if who.gender == "f" else "f"
            owner = person(rng, self._split, last=who.last, town=who.town, country=who.country, gender=gender)
            return owner, _customer(rng, number, owner, other.case.customer.household_id)
        if draw < 0.14:
            owner = person(rng, self._split, last=who.last, town=who.town, country=who.country)
            return owner, _customer(rng, number, owner, None)
        owner = person(rng, self._split, last=who.last, country=who.country)
        if owner.lang == who.lang:
            owner = msgspec.structs.replace(owner, given=who.given, gender=who.gender)
        return owner, _customer(rng, number, owner, None)

    def _case(
        self,
        number: int,
        owner: Person,
        customer: Customer,
        story: Story | None,
        opened: datetime,
        *,
        over: bool,
        channel: str = "",
    ) -> Case:
        rng = self._rng
        channel = channel or rng.choices(("email", "phone", "chat", "partner"), (58, 34, 6, 2))[0]
        reference = f"{rng.choice(('OR', 'A', 'T-'))}{rng.randint(40000, 99999)}" if rng.random() < 0.7 else None
        resolved = opened + timedelta(days=rng.uniform(0.5, 12)) if over else None
        subject, messages = self._messages(owner, story, opened, channel)
        if resolved:
            said = rng.choice(("Refunded in full today.", "Replacement sent and received.", "Sorted by phone."))
            messages.append(CaseMessage(resolved, "agent", said))
        return Case(
            case_id=f"C-{30000 + number * 7}",
            customer=customer,
            channel=channel,  # type: ignore[arg-type]
            status="resolved" if over else "open",
            team=f"{channel}-team",
            opened_at=opened,
            updated_at=resolved or opened,
            resolved_at=resolved,
            subject=subject,
            product=story.product if story else rng.choice((None, rng.choice(self._told).product)),
            reference=reference,
            messages=tuple(messages),
        )

    def _messages(
        self, owner: Person, story: Story | None, opened: datetime, channel: str
    ) -> tuple[str, list[CaseMessage]]:
        rng = self._rng
        if story is None:
            subject, mail, note = rng.choice(_BACKGROUND)
        else:
            subject, mail, note = story.subject, _retold(rng, story.mail), rng.choice(story.notes)
            note = note.replace("{amount}", story.amount)
        if channel == "phone":
            return subject, [CaseMessage(opened, "agent", f"{_styled(rng, owner)} {note}".strip())]
        signed = rng.choice((f"{owner.given} {owner.last}", owner.given, f"{owner.given[0]}. {owner.last}", ""))
        greeting = self._speaker.say("opening", "en") if rng.random() < 0.4 else ""
        parting = self._speaker.say("closing", "en") if rng.random() < 0.3 else ""
        whole = " ".join(part for part in (greeting, mail, parting, signed) if part)
        messages = [CaseMessage(opened, "customer", whole)]
        if rng.random() < 0.55:
            answered = (story.answer if story else "") or self._speaker.say("answer", "en")
            messages.append(CaseMessage(opened + timedelta(hours=rng.uniform(3, 40)), "agent", answered))
        return subject, messages


def _retold(rng: random.Random, mail: str) -> str:
    """Leave a sentence out now and then: no two customers write the same."""
    parts = re.split(r"(?<=[.!?])\s+", mail)
    if len(parts) > 2 and rng.random() < 0.5:
        parts.pop(rng.randrange(len(parts)))
    return " ".join(parts)


def _styled(rng: random.Random, owner: Person) -> str:
    title = "Mrs" if owner.gender == "f" else "Mr"
    return rng.choice(
        (f"{title} {owner.last}:", f"{owner.given} {owner.last}.", f"{owner.given} {owner.last[0]}.", "Cust.", "")
    )


def _customer(rng: random.Random, number: int, owner: Person, household: str | None) -> Customer:
    given, last = fold(owner.given), fold(owner.last).replace("'", "").replace(" ", "")
    local = rng.choice(
        (f"{given}.{last}", f"{given[0]}{last}", f"{given}{last}{rng.randint(1, 99)}", f"{last}.{given}")
    )
    points = []
    if rng.random() < 0.8:
        points.append(ContactPoint("email", f"{local}@post.example"))
    if rng.random() < 0.5:
        points.append(ContactPoint("phone", f"+4477009{rng.randint(10000, 99999)}"))
    if rng.random() < 0.08:
        points.append(ContactPoint("handle", f"{rng.choice(('just', 'the', 'its'))}{given}{rng.randint(1, 99)}", "x"))
    household = household or (f"H-{number}" if rng.random() < _HOUSEHOLD_KNOWN else None)
    name = f"{owner.given} {owner.last}"
    return Customer(f"K-{number}", name, tuple(points), owner.town, None, owner.country, household_id=household)
