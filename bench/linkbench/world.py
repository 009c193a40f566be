"""An invented company: customers, households, cases with stories; everything follows from one seed."""

import random
from datetime import UTC, datetime, timedelta

import msgspec

from bench.linkbench.people import Person, person
from bench.linkbench.stories import Split, Story, stories
from crm.records import Case, CaseMessage, ContactPoint, Customer

START = datetime(2026, 2, 2, tzinfo=UTC)
DAYS = 60
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
    """A case with what the generator knows of it."""

    case: Case
    owner: Person
    story: Story | None


class World(msgspec.Struct, frozen=True):
    """A company with everything it knows; ``name`` is unique, ``brand`` is what posts call it."""

    name: str
    brand: str
    split: Split
    held: list[Held]
    stories: list[Story]


def world(seed: int, split: Split, *, size: int = 220, repeats: float = 1.5) -> World:
    """Invent a company with ``size`` cases; ``repeats`` says how many cases tell the same story on average."""
    rng = random.Random(f"{split}-{seed}")
    told = stories(split)
    rng.shuffle(told)
    brand = rng.choice(("norvik", "amberline", "tallis", "quillon", "brightwell", "osterby"))
    with_story = min(int(len(told) * repeats), int(size * 0.8))
    held: list[Held] = []
    people: list[Person] = []
    for number in range(size):
        owner = _owner(rng, split, people)
        people.append(owner)
        story = told[number % len(told)] if number < with_story else None
        held.append(Held(_case(rng, number, owner, story, told), owner, story))
    return World(f"{split}-{seed}", brand, split, held, told)


def _owner(rng: random.Random, split: Split, people: list[Person]) -> Person:
    """Invent a customer; some are namesakes, relatives or the same person again."""
    draw = rng.random()
    if people and draw < 0.06:
        return rng.choice(people)
    if people and draw < 0.10:
        other = rng.choice(people)
        return person(rng, split, last=other.last, town=other.town, country=other.country)
    if people and draw < 0.14:
        other = rng.choice(people)
        return msgspec.structs.replace(
            person(rng, split, last=other.last, country=other.country), given=other.given, gender=other.gender
        )
    return person(rng, split)


def _case(rng: random.Random, number: int, owner: Person, story: Story | None, told: list[Story]) -> Case:
    opened = START + timedelta(days=DAYS * (1 - rng.random() ** 1.3), minutes=rng.randint(0, 600))
    channel = rng.choices(("email", "phone", "chat", "partner"), (58, 34, 6, 2))[0]
    over = rng.random() < (0.3 if story else 0.5)
    reference = f"{rng.choice(('OR', 'A', 'T-'))}{rng.randint(40000, 99999)}" if rng.random() < 0.7 else None
    subject, mail, note, answer = _telling(rng, story)
    resolved = opened + timedelta(days=rng.uniform(0.5, 12)) if over else None
    name = f"{owner.given} {owner.last}"
    if channel == "phone":
        first = CaseMessage(opened, "agent", f"{_styled(rng, owner)} {note}".strip())
        messages = [first]
    else:
        signed = rng.choice((name, owner.given, f"{owner.given[0]}. {owner.last}", ""))
        messages = [CaseMessage(opened, "customer", f"{mail} {signed}".strip())]
        if rng.random() < 0.55:
            messages.append(CaseMessage(opened + timedelta(hours=rng.uniform(3, 40)), "agent", answer))
    if resolved:
        messages.append(
            CaseMessage(
                resolved,
                "agent",
                rng.choice(("Refunded in full today.", "Replacement sent and received.", "Sorted by phone.")),
            )
        )
    return Case(
        case_id=f"C-{30000 + number * 7}",
        customer=_customer(rng, number, owner),
        channel=channel,  # type: ignore[arg-type]
        status="resolved" if over else "open",
        team=f"{channel}-team",
        opened_at=opened,
        updated_at=resolved or opened,
        resolved_at=resolved,
        subject=subject,
        product=story.product if story else rng.choice((None, rng.choice(told).product)),
        reference=reference,
        messages=tuple(messages),
    )


def _telling(rng: random.Random, story: Story | None) -> tuple[str, str, str, str]:
    if story is None:
        subject, mail, note = rng.choice(_BACKGROUND)
        return subject, mail, note, "Thanks for getting in touch, we will look into it."
    return story.subject, story.mails["en"], story.note, story.answer


def _styled(rng: random.Random, owner: Person) -> str:
    title = "Mrs" if owner.gender == "f" else "Mr"
    return rng.choice(
        (f"{title} {owner.last}:", f"{owner.given} {owner.last}.", f"{owner.given} {owner.last[0]}.", "Cust.", "")
    )


def _customer(rng: random.Random, number: int, owner: Person) -> Customer:
    given, last = owner.given.lower(), owner.last.lower().replace("'", "")
    local = rng.choice(
        (f"{given}.{last}", f"{given[0]}{last}", f"{given}{last}{rng.randint(1, 99)}", f"{last}.{given}")
    )
    points = []
    if rng.random() < 0.8:
        points.append(ContactPoint("email", f"{local}@post.example"))
    if rng.random() < 0.5:
        points.append(ContactPoint("phone", f"+4477009{rng.randint(10000, 99999)}"))
    if rng.random() < 0.06:
        points.append(ContactPoint("handle", f"{rng.choice(('just', 'the', 'its'))}{given}{rng.randint(1, 99)}", "x"))
    return Customer(f"K-{number}", f"{owner.given} {owner.last}", tuple(points), owner.town, None, owner.country)
