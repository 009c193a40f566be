"""A large invented company: open cases with varied names, towns, goods and troubles, and posts about some of them.

Everything follows from a seed. The cases mean nothing for how well linking works; they are there for its speed.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import accumulate

import msgspec

from crm.records import Case, CaseMessage, Channel, ContactPoint, Customer
from matcher.shelf import lines

BRAND = "Norvik"
NOW = datetime.now(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
"""The first of this month: cases are dated before it, and posts are of today."""
_GOODS = tuple(
    word.strip()
    for word in """
dishwasher, fridge freezer, washing machine, tumble dryer, oven, microwave, kettle, toaster, vacuum cleaner,
steam iron, coffee machine, blender, heater, air fryer, lamp, sofa bed, wardrobe, mattress, desk, office chair,
bookcase, rug, curtains, garden table, parasol, lawn mower, hedge trimmer, drill, paint, wallpaper, bath, tap,
shower, radiator, boiler, doorbell, camera, headphones, television, sound bar, tablet, laptop, printer, router,
watch, bicycle, helmet, tent, suitcase, pram
""".split(",")  # noqa: SIM905  a list of fifty words reads better so
)
_TROUBLES = (
    ("never arrived", "It was due {days} days ago and nothing has come", "not delivered, {days} days late"),
    ("leaks", "There is water all over the floor every morning", "leaking, water on floor"),
    ("charged twice", "You have taken {money} from my account twice", "double charge {money}"),
    ("no refund", "I sent it back in {month} and am still waiting for {money}", "refund {money} open since {month}"),
    ("wrong colour", "I ordered the blue one and a green one came", "wrong colour sent, green for blue"),
    ("parts missing", "The bag with the screws and the left leg are not in the box", "screws and left leg missing"),
    ("will not switch on", "It was fine for {days} days and now it is dead", "dead after {days} days"),
    ("smells of burning", "It smells of burning plastic whenever it runs, I unplugged it", "burning smell, unplugged"),
    ("engineer did not come", "I took a day off work for your engineer and nobody came", "engineer no-show"),
    ("cracked on arrival", "The glass was cracked straight across when I opened it", "cracked glass on arrival"),
    ("too loud", "It hums all night so that the neighbours have complained", "noise complaint, hums at night"),
    ("cancelled order", "You cancelled my order without a word but kept {money}", "order cancelled, {money} kept"),
    ("warranty refused", "It is {days} days old and you say the warranty does not count", "warranty dispute"),
    ("left in the rain", "The driver left it in the rain by the bins and it is ruined", "left outside, ruined by rain"),
)
_MONTHS = ("January", "February", "March", "April", "May")
_CLOSINGS = ("Please get back to me", "I have written before and nobody answers", "What now", "Regards", "Thanks")
_OPENINGS = ("Hello", "Dear Norvik", "Hi", "To whom it may concern", "Good morning")
_RELATIVES = ("my husband", "my wife", "my mum", "my dad", "my nan", "our neighbour", "my son", "a friend of mine")
_MOODS = ("still waiting", "well done", "absolute joke", "is anybody there", "day {days}", "never again", "I give up")
_TALK = (
    "So happy with my new {goods} from @norvik, thank you!",
    "Does anyone know when the @norvik shop in {town} opens on Sunday?",
    "The {goods} of @norvik looks lovely in our kitchen, we love it",
    "Off to @norvik in {town} with the kids to look at a {goods}",
    "@norvik your window in {town} is beautiful this week, well done to the team",
)
_COUNTRIES = ("United Kingdom", "Ireland")


class Told(msgspec.Struct, frozen=True):
    """A post as it is published: what was written, and the profile beside it."""

    text: str
    handle: str
    name: str
    location: str | None


@cache
def _names(file: str) -> tuple[Sequence[str], Sequence[float]]:
    rows = [line.split(",") for line in lines(file)]
    return [row[0].title() for row in rows], list(accumulate(2.718 ** -float(row[-1]) for row in rows))


@cache
def _towns() -> Sequence[str]:
    found = (line.split("|") for line in lines("cities.csv.gz"))
    return [row[0] for row in found if row[1] in _COUNTRIES]


def _person(rng: random.Random) -> tuple[str, str]:
    return _name(rng, "given_names.csv.gz"), _name(rng, "surnames.csv.gz")


def _name(rng: random.Random, file: str) -> str:
    names, heights = _names(file)
    return rng.choices(names, cum_weights=heights)[0]


def make_cases(seed: int, first: int, count: int) -> Iterator[Case]:
    """Give the cases of these numbers, each always the same whatever else is asked for."""
    for number in range(first, first + count):
        yield _case(random.Random(f"{seed}-{number}"), number)


def _case(rng: random.Random, number: int) -> Case:
    given, last = _person(rng)
    channel: Channel = "phone" if rng.random() < 0.4 else "email"
    opened = NOW - timedelta(minutes=rng.randrange(60 * 24, 60 * 24 * 90))
    goods, (subject, letter, note) = rng.choice(_GOODS), rng.choice(_TROUBLES)
    written = f"{rng.choice(_OPENINGS)}, about my {goods}: {letter}. {rng.choice(_CLOSINGS)}, {given} {last}"
    noted = f"{given} {last} rang re {goods}: {note}. Town {rng.choice(_towns())}. Promised a call back."
    text = (noted if channel == "phone" else written).format(**_slots(rng))
    return Case(
        case_id=f"NV-{number:07}",
        customer=_customer(rng, number, given, last),
        channel=channel,
        status="open",
        team=f"{channel}-care",
        opened_at=opened,
        updated_at=opened,
        subject=f"{goods} {subject}".capitalize(),
        product=f"{goods.title()} {rng.choice('ABCDEF')}{rng.randint(10, 99)}",
        reference=f"NV{rng.randint(10**6, 10**7)}",
        messages=(CaseMessage(opened, "agent" if channel == "phone" else "customer", text),),
    )


def _slots(rng: random.Random) -> dict[str, object]:
    money = f"£{rng.randint(9, 900)}.{rng.randint(0, 99):02}"
    return {"days": rng.randint(2, 60), "money": money, "month": rng.choice(_MONTHS)}


def _customer(rng: random.Random, number: int, given: str, last: str) -> Customer:
    address = f"{given}.{last}{rng.randrange(1000)}@post.example".lower().replace(" ", "")
    contacts = (ContactPoint("email", address), ContactPoint("phone", f"+4477009{rng.randrange(10**5):05}"))
    return Customer(f"NC-{number:07}", f"{given} {last}", contacts, rng.choice(_towns()), None, "GB")


def make_posts(seed: int, count: int, cases: Sequence[Case]) -> list[Told]:
    """Give complaints: two of three are about one of the cases, by its owner or by somebody near."""
    rng = random.Random(f"posts-{seed}")
    return [_told(rng, rng.choice(cases) if rng.random() < 2 / 3 else None) for _ in range(count)]


def make_talk(seed: int, complaints: Sequence[Told]) -> list[Told]:
    """Keep one complaint in three and put praise and questions in the place of the others."""
    rng = random.Random(f"talk-{seed}")
    kept = range(0, len(complaints), 3)
    return [one if n in kept else msgspec.structs.replace(one, text=_talk(rng)) for n, one in enumerate(complaints)]


def _talk(rng: random.Random) -> str:
    return rng.choice(_TALK).format(goods=rng.choice(_GOODS), town=rng.choice(_towns()))


def _told(rng: random.Random, case: Case | None) -> Told:
    given, last = _person(rng)
    goods, (subject, letter, _) = rng.choice(_GOODS), rng.choice(_TROUBLES)
    who, town = "my", rng.choice(_towns())
    if case is not None:
        given, _, last = case.customer.name.partition(" ")
        town = case.customer.city or town
        goods = (case.product or goods).rpartition(" ")[0].lower()
        subject = case.subject.lower()
        if rng.random() < 0.4:
            given, who = _person(rng)[0], f"{rng.choice(_RELATIVES)}'s"
    text = f"{rng.choice(_MOODS)} @norvik, {who} {goods}, {subject}. {letter}".format(**_slots(rng))
    known = rng.random() < 0.5
    handle = f"{given}{last}{rng.randrange(10**4)}" if known else f"user{rng.randrange(10**8)}"
    shown = f"{given} {last}" if known else rng.choice(("Owl", "tired parent", "Salt & Fern", "J"))
    return Told(text, handle.replace(" ", "").replace("'", "")[:15], shown, town if rng.random() < 0.5 else None)
