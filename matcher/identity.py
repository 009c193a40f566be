"""Evidence that the poster is the customer: references, addresses, handles and names."""

import re
from collections.abc import Mapping

from matcher.background import Background
from matcher.clues import PostClues
from matcher.facets import Facets
from matcher.mention import MentionText
from matcher.names import Names, PersonName
from matcher.reason import Reason
from matcher.references import digits
from matcher.variants import fondly, misspelt, pet_stem

_MOST_SURPRISE = 13.0
_LONG_SURNAME = 6  # letters from which a surname at the start or the end of a handle is hardly part of another word
_IN_THREAD = 0.5  # of a reference in the post that is answered: others may have joined in
_LEAST_CUT = 3  # letters of a name that is cut short
_SHORT_FORM = 5  # letters
_RARE_GIVEN = 8.0  # nats
_LEAST_STEM = 3  # letters of a surname before what makes a pet name of it
_LEAST_CUT_SURNAME = 4
_CUT_SHORT = 2.0  # nats by which the beginning of a surname tells less than the whole
_PARTICLE = re.compile(r"(?:van|von|vander|vanden|der|den|del|della|di|da|dos|du|de|la|le|ter|mac|mc)$")
_BESIDE = {"the", "mr", "mrs", "ms", "miss", "dr", "its", "im", "real", "family", "official"}


def numbers(clues: PostClues, case: Facets) -> list[Reason]:
    """Compare references, e-mail addresses and telephone numbers; these speak for the case whoever posts."""
    reasons = _references(clues, case)
    for clue in clues.emails:
        if clue.value in case.emails:
            reasons.append(Reason("email_exact", 1.0, "gives the customer's e-mail address"))
    for clue in clues.phones:
        if any(digits(clue.value)[-9:] == digits(phone)[-9:] for phone in case.phones):
            reasons.append(Reason("phone_exact", 1.0, "gives the customer's telephone number"))
    return reasons


def _references(clues: PostClues, case: Facets) -> list[Reason]:
    if not (clues.references or clues.codes or clues.endings or clues.thread):
        return []
    known = {*case.references, *(digits(ref) for ref in case.references)}
    for clue in clues.references:
        if clue.value in known or (len(digits(clue.value)) >= 5 and digits(clue.value) in known):
            return [Reason("reference_exact", 1.0, f"quotes the reference {clue.value.upper()} of this case")]
    for clue in clues.codes:
        if clue.value in case.references:
            return [Reason("reference_exact", 1.0, f"quotes the reference {clue.value.upper()} of this case")]
    for clue in clues.endings:
        if any(ref.endswith(clue.value) for ref in known):
            return [
                Reason(
                    "reference_ending", 1.0, f"gives a reference that ends in {clue.value.upper()}, as this one does"
                )
            ]
    if clues.references or clues.endings:
        return [_another(clues)]
    told = next((clue.value.upper() for clue in clues.thread if clue.value in case.references), "")
    said = f"answers a post that quotes the reference {told} of this case"
    return [Reason("reference_exact", _IN_THREAD, said)] if told else []


def _another(clues: PostClues) -> Reason:
    if clues.references:
        said = clues.references[0].value.upper()
        return Reason("reference_other", 1.0, f"quotes {said}, which is not a reference of this case (against)")
    return Reason(
        "reference_other", 1.0, f"no reference of this case ends in {clues.endings[0].value.upper()} (against)"
    )


def handles(mention: MentionText, clues: PostClues, case: Facets) -> list[Reason]:
    """Compare the handle with handles the CRM knows and with the customer's e-mail addresses."""
    for platform, value in case.handles:
        if value and value == clues.handle:
            where = "" if platform == mention.platform else f" (known from {platform})"
            code = "handle_known" if platform == mention.platform else "handle_elsewhere"
            return [Reason(code, 1.0, f"posts under the customer's own handle{where}")]
    for local in case.locals:
        if len(local) > 5 and local.rstrip("0123456789") == clues.handle.rstrip("0123456789"):
            return [Reason("handle_email", 1.0, "the handle is the name in the customer's e-mail address")]
    return []


def confirmed(known: Mapping[str, str], case: Facets) -> list[Reason]:
    """Say so where somebody confirmed an earlier link that showed this handle to be the customer's."""
    if known.get(case.customer_id) != "self":
        return []
    return [Reason("handle_confirmed", 1.0, f"somebody confirmed before that this handle is {case.title}'s")]


class NameEvidence:
    """Compares the name of a poster, from display name and handle, with a customer's name."""

    def __init__(self, names: Names) -> None:
        """Keep the lists of names."""
        self._names = names

    def compare(self, clues: PostClues, case: Facets, background: Background) -> list[Reason]:
        """Give reasons for or against the poster being the customer, by name."""
        shown = self._shown(clues.name, case, background)
        if shown and shown[0].value > 0 and shown[0].code == "name_full":
            return shown
        handle = [*self._in_handle(clues, case, background), *self._letter(clues, case)]
        if shown and shown[0].value > 0 and shown[0].code == "name_initial":
            told = handle and handle[0].code == "handle_full" and len(clues.name.given) < 2
            return [handle[0]._replace(code="name_full")] if told else shown
        if handle and not (shown and shown[0].code == "name_conflict" and handle[0].code == "handle_given"):
            return [reason for reason in shown if reason.value > 0 and reason.code != "name_conflict"] + handle
        return shown

    def _shown(self, name: PersonName, case: Facets, background: Background) -> list[Reason]:
        """Compare the display name: by a shared surname, by a first name alone, else for what contradicts."""
        owner = case.name
        last = next(
            (part for part in name.lasts if part in owner.lasts or any(misspelt(part, one) for one in owner.lasts)), ""
        )
        given = bool(name.given) and self._fits(name, case)
        if last:
            given = given or any(self._names.cut_short(name.given, whole) for whole in case.name.givens)
            return self._by_surname(name, last, given, case, background)
        if given and not (name.lasts and owner.lasts):
            return self._given_only(name, case)
        if cut := next((part for part in owner.lasts if _is_cut(name, part)), ""):
            value = max(self.surprise(cut, background) - _CUT_SHORT, 0.0)
            return [Reason("name_initial", value, f"the name begins as the surname of the customer, {case.title}")]
        return self._contradicted(name, case, given)

    def _by_surname(
        self, name: PersonName, last: str, given: bool, case: Facets, background: Background
    ) -> list[Reason]:
        surprise = self.surprise(last, background)
        if given:
            value = surprise + min(self._names.given_surprise(case.name.givens[0]), 9.0)
            return [Reason("name_full", min(value, 18.0), f"the poster's name fits the customer, {case.title}")]
        if self._unlike(name, case):
            return [_against("name_other_given", "shares the surname only", case)]
        if len(name.given) == 1 and case.name.givens and not _initial_fits(name, case.name):
            return [_against("name_conflict", f"the initial is {name.given.upper()}", case)]
        if not (name.given and case.name.givens):
            return [Reason("name_initial", surprise, f"the surname fits the customer, {case.title}")]
        return [Reason("name_initial", surprise + 3.0, f"surname and initial fit the customer, {case.title}")]

    def _unlike(self, name: PersonName, case: Facets) -> bool:
        """Whether a first name is not the customer's; a record without one still says "Mr" or "Mrs"."""
        if len(name.given) < 2:
            return False
        if not case.name.givens:
            form, gender = self._names.addressed(case.title), self._names.gender(name.given)
            return bool(form and gender) and form != gender
        return _known_given(case.name) or not _initial_fits(name, case.name)

    def _contradicted(self, name: PersonName, case: Facets, given: bool) -> list[Reason]:
        owner = case.name
        if name.full and len(name.given) > 1 and owner.lasts:
            return [_against("name_conflict", "posts under another name", case)]
        given = given or (_initial_fits(name, owner) and not _known_given(owner)) or self._begins(name.given, owner)
        if len(name.given) > 2 and self._names.is_given(name.given) and owner.givens and not given:
            return [_against("given_conflict", "goes by another first name", case)]
        if not name.full or not (owner.givens and owner.lasts):
            return []
        if not self._initials_fit(name, case.name):
            return [_against("initials_conflict", "initials do not fit", case)]
        fits = [Reason("initials_fit", 1.0, f"the initials fit the customer, {case.title}")]
        return fits if len(name.last) == 1 else []

    def _begins(self, short: str, owner: PersonName) -> bool:
        """Whether a name may be the customer's cut short, as "Cam" is of Camille; Paul is none of Paula's.

        A rare name says less: "Joss" may stand for Jocelyn, and "Nuri" for Nuria, though others are called so. So do
        those that people make of a name: "Lolo", "Bella".
        """
        if any(fondly(short, given) for given in owner.givens):
            return True
        rare = self._names.given_surprise(short) >= _RARE_GIVEN
        whole = [given for given in owner.givens if len(short) >= _LEAST_CUT and given.startswith(short)]
        if whole and (rare or len(short) == _LEAST_CUT):
            return True
        if rare and len(short) <= _SHORT_FORM:
            whole += [given for given in owner.givens if given[:2] == short[:2] and len(given) > len(short)]
        return any({self._names.gender(short), self._names.gender(given)} != {"f", "m"} for given in whole)

    def _fits(self, name: PersonName, case: Facets) -> bool:
        return any(self._names.same_given(name.given, other) for other in case.name.givens)

    def _given_only(self, name: PersonName, case: Facets) -> list[Reason]:
        value = min(self._names.given_surprise(case.name.givens[0]), 9.0)
        if not (name.last and case.name.lasts):
            return [Reason("name_given", value, f"the first name fits the customer, {case.title}")]
        if any(part.startswith(name.last) for part in case.name.lasts):
            return [Reason("name_initial", value + 3.0, f"first name and initial fit the customer, {case.title}")]
        return [Reason("name_conflict", 1.0, f"the initial {name.last.upper()} does not fit {case.title} (against)")]

    def _initials_fit(self, name: PersonName, owner: PersonName) -> bool:
        return _initial_fits(name, owner) and any(part.startswith(name.last[:1]) for part in owner.lasts)

    def _in_handle(self, clues: PostClues, case: Facets, background: Background) -> list[Reason]:
        handle, parts = clues.handle, clues.handle_parts
        held = [p for p in case.name.lasts if len(p) > 3 and p in handle and p != clues.name.given]
        last = next((p for p in held if self._stands(p, clues, case)), "")
        given = next((g for g in case.name.givens if self._given_in(g, handle, parts)), "")
        initial = bool(last) and any(handle.startswith(g[0] + last) or handle == last + g[0] for g in case.name.givens)
        if not last and len(handle) >= 5:
            last = next((p for p in case.name.lasts if len(p) == 3 and p in parts), "")
        surprise = self.surprise(last, background) if last else 0.0
        if last and given and given not in last:
            value = min(surprise + self._names.given_surprise(given), 18.0)
            return [Reason("handle_full", value, f"the handle holds the customer's name, {case.title}")]
        if last and initial:
            return [Reason("handle_initial", surprise + 3.0, f"the handle fits the customer, {case.title}")]
        if last:
            return [Reason("handle_last", surprise, f"the handle holds the surname of the customer, {case.title}")]
        cut = any(_cut(handle, first, second) for first in case.name.givens for second in case.name.lasts)
        if cut or (given and any(self._cut_surname(p, given, handle) for p in case.name.lasts)):
            return [Reason("handle_initial", 9.0, f"the handle fits the customer, {case.title}")]
        if not given:
            return []
        value = self._names.given_surprise(given)
        return [Reason("handle_given", value, f"the handle holds the first name of {case.title}")]

    def _letter(self, clues: PostClues, case: Facets) -> list[Reason]:
        """Weigh the letter behind the customer's first name in a handle, as in "renate_s52": mostly a surname's."""
        parts, owner = clues.handle_parts, case.name
        if len(parts) != 2 or len(parts[1]) != 1 or clues.name.last or not owner.lasts:
            return []
        if not any(self._names.same_given(parts[0], given) for given in owner.givens):
            return []
        if any(last.startswith(parts[1]) for last in owner.lasts):
            return [Reason("handle_letter", 1.0, f"the handle's letter {parts[1].upper()} fits {case.title}")]
        return [_against("handle_letter_other", f"the handle's letter is {parts[1].upper()}", case)]

    def _stands(self, last: str, clues: PostClues, case: Facets) -> bool:
        """Whether a surname stands in a handle on its own: not as "ward" does in "edward" or "wardrobe"."""
        parts = {*clues.handle_parts, clues.handle.strip("0123456789")}
        return any(last in part and self._stands_in(part, last, case.name) for part in parts)

    def _stands_in(self, part: str, last: str, owner: PersonName) -> bool:
        before, _, after = part.partition(last)
        if not (before or after):
            return True
        if self._is_name(part) or (after and self._names.is_surname(last + after)):
            return part in {given[:1] + last for given in owner.givens}
        first, second = self._is_first(before, owner), self._is_first(after, owner)
        if len(last) >= _LONG_SURNAME:
            return not before or not after or first
        return (first and not after) or (second and not before)

    def _is_name(self, part: str) -> bool:
        return self._names.is_given(part) or self._names.is_surname(part)

    def _is_first(self, rest: str, owner: PersonName) -> bool:
        """Whether the rest of a handle is a first name or the customer's initials, particles of surnames apart."""
        rest = _PARTICLE.sub("", rest)
        if len(rest) > 3 and self._names.is_given(rest):
            return True
        return not rest or rest in _BESIDE or any(_stand_for(rest, given, self._names) for given in owner.givens)

    def _given_in(self, given: str, handle: str, parts: tuple[str, ...]) -> bool:
        if len(given) > 3 and handle.startswith(given):
            return True
        return any(
            (part == given and len(part) > 1) or (len(part) > 2 and self._names.same_given(part, given))
            for part in parts
        )

    def _cut_surname(self, last: str, given: str, handle: str) -> bool:
        rest = handle[len(given) :] if handle.startswith(given) else ""
        return len(rest) >= _LEAST_CUT and rest.isalpha() and last.startswith(rest)

    def surprise(self, last: str, background: Background) -> float:
        """Give how telling a surname is, in nats; one that many customers bear tells less than the census says."""
        listed = self._names.surname_surprise(last)
        share = background.surname_share(last)
        return min(listed, _MOST_SURPRISE) if share * background.size < 2 else min(listed, 6.0 if share < 0.05 else 4.0)


def _stand_for(rest: str, given: str, names: Names) -> bool:
    return names.same_given(rest, given) or (len(rest) <= 2 and rest[0] == given[0])


def _cut(handle: str, given: str, last: str) -> bool:
    """Whether a handle is made of the beginnings of both names: "camrouv" of Camille Rouvier."""
    ends = range(_LEAST_CUT, min(len(given), len(handle) - _LEAST_CUT) + 1)
    return any(given.startswith(handle[:end]) and last.startswith(handle[end:]) for end in ends)


def _is_cut(name: PersonName, last: str) -> bool:
    """Whether somebody goes by the beginning of a surname alone, as "Fash" of Fashola, or "Gibbo" of Gibson."""
    if name.given or len(name.last) < _LEAST_CUT_SURNAME or last == name.last:
        return False
    stem = pet_stem(name.last)
    return last.startswith(name.last) or (len(stem) >= _LEAST_STEM and last.startswith(stem))


def _known_given(owner: PersonName) -> bool:
    """Whether the record has a first name, not an initial only."""
    return any(len(given) > 1 for given in owner.givens)


def _initial_fits(name: PersonName, owner: PersonName) -> bool:
    return any(given.startswith(name.given[:1]) for given in owner.givens)


def _against(code: str, said: str, case: Facets) -> Reason:
    return Reason(code, 1.0, f"{said}; the customer is {case.title} (against)")
