"""Weighs one mention against many cases: under each hypothesis of who posts, the sum of weighted reasons."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from matcher import identity
from matcher.background import Background
from matcher.clues import PostClues
from matcher.coincidence import surprise
from matcher.facets import Facets
from matcher.identity import NameEvidence
from matcher.kinship import FAMILY, KinshipEvidence
from matcher.linking import Evidence
from matcher.locality import LocalityEvidence
from matcher.matter import Topic, likeness
from matcher.mention import MentionText
from matcher.model_file import LinkingModel
from matcher.names import Names
from matcher.places import Places
from matcher.reason import Reason
from matcher.reason_codes import ABOUT, IS_SELF, MATTER, NOT_SELF, TOLD, WHO, of_person
from matcher.relation_clue import RelationClue
from matcher.timing import StatedChannel, StatedTimes

_HOPELESS_IN_A_ROW = 12
_NO_CHANCE = 8.0  # nats: a case so far behind has less than one chance in 3,000
_APART = {"child", "parent", "grandparent", "grandchild", "sibling", "inlaw", "relative", "friend"}
_HANDLE_SAYS_WHO = {"handle_known", "handle_confirmed"}
_LEAST_MATE = 2.5
_LEAST_STATED = 0.25
_MOST_STATED = 3


class Compared(msgspec.Struct, frozen=True):
    """One case after weighing. ``relation`` is that of the better hypothesis; ``features`` are its unweighed values.

    ``surprise`` is how seldom a stranger's case would share as much with the post, in nats.
    """

    case: Facets
    score: float
    relation: str
    reasons: tuple[Reason, ...]
    features: dict[str, float]
    surprise: float

    def matter(self, model: LinkingModel) -> float:
        """Give how much the texts have in common, in nats."""
        return saturated(_matter(self.reasons, model), model.matter_most)

    def told(self, model: LinkingModel) -> float:
        """Give what the texts share in all: their matter, and the sums, numbers, days and phrases in both."""
        return self.matter(model) + math.fsum(
            model.weights.get(r.code, 0.0) * r.value for r in self.reasons if r.code in TOLD
        )

    def about(self, model: LinkingModel) -> float:
        """Give what speaks for this case rather than for this person: matter, time, channel, figures, references."""
        other = (r for r in self.reasons if r.code in ABOUT)
        return self.matter(model) + math.fsum(model.weights.get(r.code, 0.0) * r.value for r in other)

    def who(self, model: LinkingModel) -> float:
        """Give what speaks for this customer, or somebody of theirs, being the poster, whatever the post is about."""
        known, who = model.weights, 0.0
        for code, value in self.features.items():
            if of_person(code):
                who += known.get(code, 0.0) * value
        return who

    def known_as_self(self) -> bool:
        """Whether anything says that the customer posted, a name, a handle or a number of theirs, and no other name."""
        codes = {reason.code for reason in self.reasons}
        return bool(codes & IS_SELF) and not codes & NOT_SELF

    def evidence(self, model: LinkingModel) -> tuple[Evidence, ...]:
        """Give the reasons as weighted sentences, strongest for first, strongest against last."""
        damped = _damping(self.reasons, model)
        weighed = [
            Evidence(
                r.code,
                round(r.value * model.weights.get(r.code, 0.0) * (damped if r.code in MATTER else 1.0), 3),
                r.sentence,
            )
            for r in self.reasons
        ]
        return tuple(sorted((e for e in weighed if abs(e.weight) >= 0.05), key=lambda e: -e.weight))


def total(reasons: Sequence[Reason], model: LinkingModel) -> float:
    """Give the sum of weighed reasons; what the texts have in common is counted up to ``matter_most`` only.

    Words, concepts and likeness say much the same three times, and two cases of one kind differ in them by chance.
    """
    known, matter, rest = model.weights, 0.0, 0.0
    for code, value, _ in reasons:
        if code in MATTER:
            matter += known.get(code, 0.0) * value
        else:
            rest += known.get(code, 0.0) * value
    return rest + saturated(matter, model.matter_most)


def saturated(value: float, most: float) -> float:
    """Bend a sum above 0 so that it nears ``most`` but never passes it."""
    return most * math.tanh(value / most) if value > 0 else value


def _matter(reasons: Sequence[Reason], model: LinkingModel) -> float:
    return math.fsum(model.weights.get(r.code, 0.0) * r.value for r in reasons if r.code in MATTER)


def _damping(reasons: Sequence[Reason], model: LinkingModel) -> float:
    plain = _matter(reasons, model)
    return saturated(plain, model.matter_most) / plain if plain > 0 else 1.0


class Asked(msgspec.Struct, frozen=True):
    """What one mention is weighed by, whatever the case."""

    mention: MentionText
    clues: PostClues
    background: Background
    topic: Topic
    times: StatedTimes
    channel: StatedChannel
    spoken_for: list[tuple[RelationClue, Reason]]
    likeness: Mapping[str, float]
    known: Mapping[str, str]


class Rival(NamedTuple):
    """What a case competes with: the score of ``none``, and what a case's own score is worth beside it."""

    none: float
    net: Callable[[Compared], float]


class EvidenceWeigher:
    """Finds and weighs reasons with one set of weights."""

    def __init__(self, names: Names, places: Places, model: LinkingModel) -> None:
        """Keep the lists and the weights by reason code."""
        self._name_evidence = NameEvidence(names)
        self._kinship = KinshipEvidence(names, self._name_evidence)
        self._locality = LocalityEvidence(places)
        self._model = model

    def weigh(
        self,
        mention: MentionText,
        clues: PostClues,
        cases: Iterable[Facets],
        background: Background,
        likeness: Mapping[str, float] | None = None,
        rival: Rival | None = None,
        known: Mapping[str, str] | None = None,
    ) -> list[Compared]:
        """Give the cases weighed, the best first. ``likeness`` holds the encoder's z-score by case id.

        Where a ``rival`` is given, the cases come in the order of their promise, and weighing ends after several in a
        row that have no chance beside the best so far. ``known`` says what people confirmed of this
        poster's handle: by customer id who the poster is to that customer.
        """
        asked = Asked(
            mention, clues, background, Topic(clues, background), StatedTimes(clues, mention.posted_at, background),
            StatedChannel(clues, background), _spoken_for(clues), likeness or {}, known or {},
        )  # fmt: skip
        weighed = (self._one(asked, case) for case in cases)
        compared = list(weighed) if rival is None else _promising(weighed, rival)
        mates = self._mates(compared)
        if mates:
            compared = [self._beside(asked, one, mates) for one in compared]
        return sorted(compared, key=lambda c: (-c.score, c.case.case_id))

    def _mates(self, compared: Sequence[Compared]) -> dict[str, Facets]:
        """Give by household the customer whom the poster most surely is, if that is sure enough to say something."""
        found: dict[str, tuple[float, Facets]] = {}
        for one in compared:
            if one.case.household and one.relation == "self":
                who = math.fsum(self._model.weights.get(r.code, 0.0) * r.value for r in one.reasons if r.code in WHO)
                if who >= max(_LEAST_MATE, found.get(one.case.household, (0.0,))[0]):
                    found[one.case.household] = who, one.case
        return {household: case for household, (_, case) in found.items()}

    def _beside(self, asked: Asked, one: Compared, mates: Mapping[str, Facets]) -> Compared:
        """Weigh a case again where the poster seems to be another customer of its household."""
        mate = mates.get(one.case.household) if one.case.household else None
        apart = mate is not None and mate.customer_id != one.case.customer_id
        return self._one(asked, one.case, mate) if apart else one

    def _one(self, asked: Asked, case: Facets, mate: Facets | None = None) -> Compared:
        clues = asked.clues
        shared = [
            *identity.numbers(clues, case),
            *asked.times.compare(case),
            *asked.channel.compare(case),
            *asked.topic.compare(case),
            *likeness(asked.likeness.get(case.case_id)),
        ]
        if case.resolved is not None and case.resolved <= asked.mention.posted_at.timestamp():
            shared.append(Reason("resolved", 1.0, "this case was resolved before the post"))
        local = self._locality.compare(clues, case, asked.background)
        hypotheses = [self._self(asked, case, local), *self._third(asked, case, local, mate)]
        relation, reasons = max(hypotheses, key=lambda h: self._sum(h[1])) if len(hypotheses) > 1 else hypotheses[0]
        every = (*reasons, *shared)
        features: dict[str, float] = {}
        for code, value, _ in every:
            features[code] = features.get(code, 0.0) + value
        return Compared(case, self._sum(every), relation, every, features, surprise(features))

    def _sum(self, reasons: Sequence[Reason]) -> float:
        return total(reasons, self._model)

    def _self(self, asked: Asked, case: Facets, local: list[Reason]) -> tuple[str, list[Reason]]:
        clues = asked.clues
        reasons = [
            *identity.handles(asked.mention, clues, case),
            *identity.confirmed(asked.known, case),
            *self._name_evidence.compare(clues, case, asked.background),
            *local,
        ]
        if any(reason.code in _HANDLE_SAYS_WHO for reason in reasons):
            reasons = [reason for reason in reasons if reason.code not in {"name_conflict", "given_conflict"}]
        return "self", [*reasons, *self._kinship.despite(clues, case)]

    def _third(
        self, asked: Asked, case: Facets, local: list[Reason], mate: Facets | None
    ) -> list[tuple[str, list[Reason]]]:
        clues, background = asked.clues, asked.background
        beside = self._kinship.beside(asked.known, mate, case)
        found: list[tuple[str, list[Reason]]] = []
        for clue, doubt in asked.spoken_for:
            reasons = self._kinship.compare(clue, clues, case, background)
            found.append((clue.relation, [*reasons, *_moved(local, clue), *beside, doubt]))
        unstated = self._kinship.compare(None, clues, case, background)
        if beside or any(reason.code in {"kin_surname", "kin_poster_named"} for reason in unstated):
            doubt = Reason("third_unstated", 1.0, "does not say for whom the post speaks (against)")
            relation = asked.known.get(case.customer_id, "self")
            known = relation != "self"
            reasons = [*unstated, *local, *beside]
            found.append((relation, reasons) if known else ("relative", [*reasons, doubt]))
        return found


def _promising(weighed: Iterable[Compared], rival: Rival) -> list[Compared]:
    """Weigh on until several in a row have no chance beside the best."""
    compared: list[Compared] = []
    best, hopeless = rival.none, 0
    for one in weighed:
        compared.append(one)
        net = rival.net(one)
        best = max(best, net)
        hopeless = hopeless + 1 if net < best - _NO_CHANCE else 0
        if hopeless == _HOPELESS_IN_A_ROW:
            break
    return compared


def _spoken_for(clues: PostClues) -> list[tuple[RelationClue, Reason]]:
    """Give those whom the poster may speak for, the likeliest three, each with how far that is doubted."""
    stated = [clue for clue in clues.relations if clue.strength >= _LEAST_STATED][:_MOST_STATED]
    doubted = 'may mention "{}" only in passing'
    return [(c, Reason("third_doubt", 1.0 - c.strength, doubted.format(c.value))) for c in stated]


def _moved(local: list[Reason], clue: RelationClue) -> list[Reason]:
    """Family and friends live apart more often than partners do: another home town says less against them."""
    if clue.relation not in _APART:
        return local
    return [reason._replace(code="kin_home_other") if reason.code == "home_other" else reason for reason in local]


def is_family(relation: str) -> bool:
    """Whether a relation is one of family."""
    return relation in FAMILY
