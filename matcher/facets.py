"""What a case offers to be recognised by: read once when the case is mirrored, compared many times."""

from datetime import datetime
from itertools import pairwise

import msgspec

from crm.records import Case, CaseMessage
from crm.standing import unresolved
from matcher.clues import content_words
from matcher.concepts import Concepts
from matcher.folding import Word, compact, fold, stem, words
from matcher.handle import handle_base
from matcher.names import ADDRESSED, Names, PersonName
from matcher.numbers import amounts, counts
from matcher.places import Places
from matcher.references import digits, plain, references
from matcher.relations import relations
from matcher.times import times

_DAY = 86400.0
_NO_PRODUCT = frozenset((
    "a", "account", "accounts", "all", "allgemein", "allgemeines", "altro", "andere", "anderes", "autre", "autres",
    "compte", "conta", "conto", "cuenta", "customer", "diverses", "divers", "enquiries", "enquiry", "general",
    "generale", "geral", "konto", "misc", "miscellaneous", "n", "none", "other", "others", "otro", "otros", "outro",
    "outros", "overig", "queries", "query", "service", "services", "sonstige", "sonstiges", "unknown", "various",
))  # fmt: skip
"""What help desks write where a case is about no product."""


class Facets(msgspec.Struct, frozen=True, gc=False):
    """A case, ready to be compared. ``opened`` and ``contacts`` are seconds since 1970; ``days`` are ordinals.

    ``text`` is what the customer and the agents wrote, folded; ``said`` is the same for people to read.
    """

    case_id: str
    customer_id: str
    channel: str
    opened: float
    resolved: float | None
    name: PersonName
    title: str
    gender: str
    town: str
    region: str
    country: str
    emails: tuple[str, ...]
    locals: tuple[str, ...]
    phones: tuple[str, ...]
    handles: tuple[tuple[str, str], ...]
    household: str
    references: tuple[str, ...]
    stems: tuple[str, ...]
    concepts: tuple[str, ...]
    product: tuple[str, ...]
    product_name: str
    amounts: tuple[str, ...]
    counts: tuple[str, ...]
    days: tuple[int, ...]
    contacts: tuple[float, ...]
    people: tuple[str, ...]
    relations: tuple[tuple[str, str], ...]
    places: tuple[str, ...]
    text: str
    brand: str = ""
    updated: float = 0.0


class FacetReader:
    """Reads the facets of cases with the lists that it is given."""

    def __init__(self, names: Names, places: Places, concepts: Concepts) -> None:
        """Keep the lists; nothing is loaded here."""
        self._names = names
        self._places = places
        self._concepts = concepts

    def read(self, case: Case) -> Facets:
        """Give the facets of a case as it stands."""
        customer = case.customer
        spoken = [message for message in case.messages if message.author != "system"]
        told = " \n ".join([case.subject, *(message.text for message in spoken)])
        found = words(told)
        ware = "" if _NO_PRODUCT.issuperset(word.text for word in words(case.product or "")) else case.product or ""
        product = words(ware)
        name = self._names.person(customer.name)
        emails = tuple(c.value.lower() for c in customer.contacts if c.kind == "email")
        own = {plain(case.reference or ""), plain(case.case_id)}
        refs = {*own, *(clue.value for clue in references(told))}
        return Facets(
            case_id=case.case_id,
            customer_id=customer.customer_id,
            channel=case.channel,
            opened=case.opened_at.timestamp(),
            resolved=None if unresolved(case) else (case.resolved_at or case.updated_at).timestamp(),
            name=name,
            title=customer.name,
            gender=_titled(words(customer.name), name) or self._habitual(name) or _titled(found, name),
            town=self._places.town(customer.city or ""),
            region=fold(customer.region or ""),
            country=(customer.country or "").upper(),
            emails=emails,
            locals=tuple(compact(email.split("@")[0]) for email in emails),
            phones=tuple(c.value for c in customer.contacts if c.kind == "phone"),
            handles=tuple((c.platform or "", handle_base(c.value)) for c in customer.contacts if c.kind == "handle"),
            household=customer.household_id or "",
            references=tuple(sorted(ref for ref in refs if len(digits(ref)) >= 3 or (ref in own and len(ref) >= 5))),
            stems=tuple(sorted((set(content_words(found)) | set(content_words(product))) - self._of_the_person(case))),
            concepts=tuple(sorted(self._concepts.of(found + product))),
            product=tuple(sorted(content_words(product))),
            product_name=ware,
            amounts=tuple(sorted({clue.value for clue in amounts(told, found) + amounts(ware, product)})),
            counts=tuple(sorted({clue.value for clue in counts(found, set()) + counts(product, set())})),
            days=tuple(sorted(_days(spoken))),
            contacts=_contacts(case, spoken),
            people=tuple(sorted(self._people(_by_customer(case, spoken)) - {name.given})),
            relations=tuple(sorted({(c.relation, c.gender) for c in relations(told, found, self._names.given_names)})),
            places=tuple(sorted({clue.value for clue in self._places.named(found)})),
            text=fold(told),
            brand=case.brand or "",
            updated=case.updated_at.timestamp(),
        )

    def _of_the_person(self, case: Case) -> set[str]:
        """Give the stems of name and town: they are compared as such, and say nothing about the matter."""
        return {stem(word.text) for word in words(f"{case.customer.name} {case.customer.city or ''}")}

    def _habitual(self, name: PersonName) -> str:
        return next((gender for given in name.givens if (gender := self._names.gender(given))), "")

    def _people(self, told: str) -> set[str]:
        people = set()
        for word in words(told):
            bare = word.text.removesuffix("'s")
            if told[word.start : word.start + 1].isupper() and len(bare) > 2 and self._names.is_given(bare):
                people.add(bare)
        return people


def _titled(found: list[Word], name: PersonName) -> str:
    """Give the gender that a form of address before the customer's own name shows, where it is always the same."""
    own = {*name.givens, *name.lasts}
    addressed = ((ADDRESSED[one.text], after) for one, after in pairwise(found) if one.text in ADDRESSED)
    said = {gender for gender, after in addressed if after.text.removesuffix("'s") in own}
    return said.pop() if len(said) == 1 else ""


def _days(spoken: list[CaseMessage]) -> set[int]:
    """Give the calendar days that a case names, counted from the time of each message."""
    days = set()
    for message in spoken:
        for clue in times(message.text, words(message.text), message.at):
            if clue.day is not None:
                days.add(clue.day.toordinal())
    return days


def _by_customer(case: Case, spoken: list[CaseMessage]) -> str:
    """Give what the customer wrote, or the notes of their calls; whoever answers them signs with names of their own."""
    noted = case.channel in {"phone", "in_person"}
    return " \n ".join([case.subject, *(m.text for m in spoken if noted or m.author == "customer")])


def _contacts(case: Case, spoken: list[CaseMessage]) -> tuple[float, ...]:
    """Give the times at which the customer made contact; a call is noted by an agent."""
    written = [m.at.timestamp() for m in spoken if m.author == "customer" or case.channel == "phone"]
    return tuple(sorted({case.opened_at.timestamp(), *written}))


def age_days(then: float, at: datetime) -> float:
    """Give how many days before ``at`` a time lies."""
    return (at.timestamp() - then) / _DAY
