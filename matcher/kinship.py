"""Evidence that the poster speaks for the customer: relation, surname, household, named person, gender."""

from collections.abc import Mapping

from matcher.background import Background
from matcher.clues import PostClues
from matcher.facets import Facets
from matcher.identity import NameEvidence
from matcher.names import Names
from matcher.reason import Reason
from matcher.relation_clue import RelationClue

FAMILY = {"spouse", "child", "parent", "grandparent", "grandchild", "sibling", "inlaw", "relative"}
_OWNER = {
    "spouse": "partner", "child": "parent", "parent": "child", "grandchild": "grandparent", "grandparent": "grandchild",
    "sibling": "sibling", "inlaw": "in-law", "relative": "relative", "friend": "friend", "flatmate": "flatmate",
    "neighbour": "neighbour", "colleague": "colleague", "carer": "the person cared for", "other": "somebody",
}  # fmt: skip
_COUNTERPART = {"spouse": "spouse", "child": "parent", "parent": "child", "sibling": "sibling", "friend": "friend",
                "flatmate": "flatmate", "neighbour": "neighbour", "grandchild": "grandparent",
                "grandparent": "grandchild",
                "carer": "carer", "colleague": "colleague", "inlaw": "inlaw"}  # fmt: skip
_SPEAKS_FOR = 0.5
_MADE_CONTACT = 0.7


class KinshipEvidence:
    """Compares the person whom a poster speaks for with a customer."""

    def __init__(self, names: Names, name_evidence: NameEvidence) -> None:
        """Keep the lists of names and the rarity of surnames."""
        self._names = names
        self._rarity = name_evidence

    def compare(
        self, clue: RelationClue | None, clues: PostClues, case: Facets, background: Background
    ) -> list[Reason]:
        """Give reasons under the hypothesis that ``clue`` (or nobody stated) is whom the poster speaks for."""
        reasons = self._surname(clue, clues, case, background)
        if clue is not None:
            reasons += self._named(clue, clues, case) + self._gender(clue, case) + self._told(clue, case)
        return reasons + self._poster_named(clues, case)

    def despite(self, clues: PostClues, case: Facets) -> list[Reason]:
        """Give what speaks against the customer as the poster, who speaks for somebody else.

        More so where that person, who made the contact, is by name not the customer.
        """
        clue = clues.relations[0] if clues.relations else None
        if clue is None or clue.strength < _SPEAKS_FOR:
            return []
        value = clue.strength
        if clue.strength >= _MADE_CONTACT and not clues.own_act:
            value += any(reason.code == "kin_named_other" for reason in self._named(clue, clues, case))
        return [Reason("self_despite_relation", value, f'speaks for somebody else ("{clue.value}") (against)')]

    def beside(self, known: Mapping[str, str], mate: Facets | None, case: Facets) -> list[Reason]:
        """Give reasons from what the company knows: links confirmed before, and who lives in one household.

        ``mate`` is the customer of the case's household whom the poster seems to be, if there is one.
        """
        reasons = []
        if known.get(case.customer_id, "self") != "self":
            said = f"somebody confirmed before that this handle posts for {case.title}"
            reasons.append(Reason("kin_confirmed", 1.0, said))
        if mate is not None:
            said = f"the poster may be {mate.title}, of one household with the customer, {case.title}"
            reasons.append(Reason("kin_household", 1.0, said))
        return reasons

    def _surname(
        self, clue: RelationClue | None, clues: PostClues, case: Facets, background: Background
    ) -> list[Reason]:
        family = clue is None or clue.relation in FAMILY
        shared = next((part for part in clues.name.lasts if part in case.name.lasts), "")
        shared = shared or next((part for part in case.name.lasts if _in_handle(part, clues)), "")
        if shared:
            given = clues.name.given
            if len(given) > 1 and any(self._names.same_given(given, other) for other in case.name.givens):
                return [Reason("kin_is_owner", 1.0, f"posts under the customer's own name, {case.title} (against)")]
            code = "kin_surname" if family else "kin_surname_unrelated"
            value = self._rarity.surprise(shared, background)
            return [Reason(code, value, f"shares the surname of the customer, {case.title}")]
        initial = clues.name.last[:1] if len(clues.name.last) == 1 else ""
        if initial and family and any(part.startswith(initial) for part in case.name.lasts):
            return [Reason("kin_initial", 1.0, f"the surname's initial fits the customer, {case.title}")]
        if clues.name.full and clue is not None and clue.relation == "spouse" and len(clues.name.last) > 1:
            return [Reason("kin_other_surname", 1.0, f"has another surname than {case.title}, as many partners do")]
        return []

    def _named(self, clue: RelationClue, clues: PostClues, case: Facets) -> list[Reason]:
        if not clue.named:
            return self._named_elsewhere(clue, clues, case)
        said = f'says "{clue.value}"'
        fits = (self._names.same_given, self._names.cut_short)
        if any(alike(clue.named, given) for alike in fits for given in case.name.givens):
            value = min(self._names.given_surprise(clue.named), 9.0)
            return [Reason("kin_named", value, f"{_with_name(said, clue)}; the customer is {case.title}")]
        return [Reason("kin_named_other", 1.0, f"{_with_name(said, clue)}; the customer is {case.title} (against)")]

    def _named_elsewhere(self, clue: RelationClue, clues: PostClues, case: Facets) -> list[Reason]:
        """Whether a text names the customer somewhere ("my flatmate waits for his phone, they call me Jonas now")."""
        person = next((one for one in sorted(clues.called) if one in case.name.givens), "")
        if not person or person == clues.name.given or clue.field != "text":
            return []
        value = min(self._names.given_surprise(person), 9.0)
        return [Reason("kin_named", value, f"names {person.title()}; the customer is {case.title}")]

    def _gender(self, clue: RelationClue, case: Facets) -> list[Reason]:
        if not clue.gender or not case.gender:
            return []
        if clue.gender == case.gender:
            return [Reason("kin_gender", 1.0, f'"{clue.value}" fits the customer, {case.title}')]
        return [Reason("kin_gender_other", 1.0, f'"{clue.value}" does not fit the customer, {case.title} (against)')]

    def _told(self, clue: RelationClue, case: Facets) -> list[Reason]:
        """The customer may have spoken of the poster: a wife's post about "my husband" and a case about "my wife"."""
        counterpart = _COUNTERPART.get(clue.relation, "")
        if any(relation == counterpart for relation, _ in case.relations):
            role = _ROLE.get(clue.relation, "relative")
            return [Reason("kin_mentioned", 1.0, f"the case speaks of the customer's {role}")]
        return []

    def _poster_named(self, clues: PostClues, case: Facets) -> list[Reason]:
        if not case.people:
            return []
        parts = [clues.name.given, *clues.handle_parts]
        person = next((p for p in case.people for own in parts if len(own) > 2 and self._names.same_given(own, p)), "")
        if not person:
            return []
        return [Reason("kin_poster_named", 1.0, f"the case names {person.title()}, which fits the poster")]


_ROLE = {"spouse": "partner", "child": "child", "parent": "parent", "sibling": "sibling", "friend": "friend",
         "flatmate": "flatmate", "neighbour": "neighbour", "grandchild": "grandchild", "grandparent": "grandparent",
         "carer": "carer", "colleague": "colleague", "inlaw": "in-law"}  # fmt: skip


def _in_handle(last: str, clues: PostClues) -> bool:
    """Whether a handle holds a surname that is not the poster's own first name, as "harvey_h3" of Harvey Heath does."""
    return len(last) > 4 and last in clues.handle and last != clues.name.given


def _with_name(said: str, clue: RelationClue) -> str:
    return said if clue.named in clue.value else f'{said[:-1]} {clue.named.title()}"'
