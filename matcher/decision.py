"""The decision: one softmax over no case and every candidate, and what follows from it."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime

from matcher.clues import PostClues
from matcher.coincidence import spread
from matcher.config import LinkingConfig
from matcher.evidence import Compared
from matcher.facets import age_days
from matcher.linking import Basis, Candidate, Evidence, Linking, LinkMode, Outcome, Thresholds
from matcher.mention import MentionText
from matcher.model_file import LinkingModel
from matcher.places import shared_places
from matcher.twins import may_be_kin, twins

Weighed = tuple[Compared, float]

_GIVEN: Basis = "given by the customer"
_PROFILE: Basis = "public profile"
_TEXT: Basis = "public text"
_CONFIRMED: Basis = "confirmed by your team"
_EVERY_BASIS: tuple[Basis, ...] = (_GIVEN, _PROFILE, _TEXT, _CONFIRMED)
_BASES: dict[str, tuple[Basis, ...]] = {
    "name": (_PROFILE, _GIVEN), "handle": (_PROFILE, _GIVEN), "home": (_PROFILE, _GIVEN),
    "initials": (_PROFILE, _GIVEN),
    "kin": (_PROFILE, _TEXT, _GIVEN), "reference": (_TEXT, _GIVEN), "email": (_TEXT, _GIVEN), "phone": (_TEXT, _GIVEN),
    "handle_confirmed": (_CONFIRMED,), "kin_confirmed": (_CONFIRMED,),
    "recency": (_GIVEN,), "text": (_TEXT, _GIVEN), "time": (_TEXT, _GIVEN), "channel": (_TEXT, _GIVEN),
}  # fmt: skip
NOT_LINKED = "which is not linked"
"""How the reason ends why a case of a channel that is not linked was turned down."""
_SHOWN = 3
_REJECTED = 5
_WORTH_SHOWING = 0.03
_HOPELESS = 0.995
_SETTLED = 0.998
_SURELY = 50.0
_LEAST_ABOUT = 1.0  # who posts does not say what about: something else must speak for the case before it is asserted
_LEAST_RIVAL = 1.2
_LIKE_MATTER = 0.3
_EQUAL_FACTS = 0.6
_WITHOUT_RIVAL = 0.99  # what such a case shares with another one is outweighed, unless both may be of one family
_NO_RIVAL = 0.01  # a stranger's case less likely than this is none
_CLOSE = 0.08  # the best one is right in nine of ten at most beside such a case: too few to assert it

_WORTH_TELLING = 0.15
_ANOTHER_MATTER = "the poster may be one of the customers and still mean something else than their case"
_NONE_SENTENCES = {
    "contact": "tells of earlier contact, so a case is likely",
    "no_contact": "tells of no earlier contact",
    "fresh": "tells of something that happened just now",
    "other_matter": "says that this is another matter",
    "settled": "says that the earlier matter was settled",
    "first_time": "asks where to complain, or deals with the company for the first time",
    "dm_only": "tells of direct messages or of a letter by post only",
}


def post_features(clues: PostClues) -> dict[str, float]:
    """Give the post-level features that speak for or against any case at all."""
    cues = clues.cues
    told = any(
        code in cues for code in ("contact", "channel_email", "channel_wrote", "channel_phone", "channel_person")
    )
    channels = [code for code in cues if code.startswith("channel_")]
    before = told or bool(clues.references or clues.endings)
    features = {"bias": 1.0, "contact" if before else "no_contact": 1.0}
    features |= {code: 1.0 for code in ("fresh", "other_matter", "settled") if code in cues}
    if "first_time" in cues and not before:
        features["first_time"] = 1.0
    if channels in (["channel_dm"], ["channel_post"]):
        features["dm_only"] = 1.0
    return features


def none_score(features: Mapping[str, float], model: LinkingModel, prevalence: float) -> float:
    """Give the score of no case: log odds of the prevalence, and what the post itself says."""
    said = sum(model.none.get(code, 0.0) * value for code, value in features.items())
    return math.log((1 - prevalence) / prevalence) + said


def none_at_all(none: float, persons: Sequence[float], model: LinkingModel) -> float:
    """Give the score of no case, where a customer of one may post about another matter just as well.

    ``none`` is the score of no case for a stranger's post, ``persons`` what speaks for each customer being the poster
    (``Compared.who``), less what that must outweigh. A namesake with the wrong story is so told from the right case.
    """
    if model.another_matter is None:
        return none
    return none + math.log1p(math.fsum(math.exp(min(one + model.another_matter, _SURELY)) for one in persons))


def softmax(none: float, scores: Sequence[float]) -> tuple[float, list[float]]:
    """Give the probabilities of none and of each candidate; together they are 1."""
    top = max([none, *scores])
    weights = [math.exp(score - top) for score in scores]
    rest = math.exp(none - top)
    total = rest + math.fsum(weights)
    return rest / total, [weight / total for weight in weights]


class Decider:
    """Turns weighed cases into a decision by one model and one set of rules."""

    def __init__(self, model: LinkingModel, rules: LinkingConfig) -> None:
        """Derive the thresholds from the target precision once."""
        self._model = model
        self._rules = rules
        link = model.threshold(rules.target_precision)
        self.thresholds = Thresholds(link=link, possible=min(rules.possible_from, link))

    def decide(
        self, mention: MentionText, clues: PostClues, compared: Sequence[Compared], total: int, truncated: int = 0
    ) -> Linking:
        """Give the decision; ``compared`` is best first, ``total`` counts the unresolved cases of the base."""
        features = post_features(clues)
        none = self.none_beside(clues, compared, total)
        _, chances = softmax(none, [self.net(case, total) for case in compared])
        ranked = sorted(zip(compared, chances, strict=True), key=lambda pair: -pair[1])
        linkable = [pair for pair in ranked if self._linkable(pair[0], mention)]
        outcome, shown = self._outcome(linkable, "other_matter" in features)
        described = tells_apart([case for case, _ in shown], mention.posted_at) if len(shown) > 1 else [""] * len(shown)
        candidates = [self._candidate(*pair, mention, apart) for pair, apart in zip(shown, described, strict=True)]
        others = [pair for pair in ranked if pair not in shown][:_REJECTED]
        return Linking(
            decision=outcome,
            candidates=tuple(candidates),
            none_probability=min(1.0, max(0.0, 1.0 - math.fsum(chance for _, chance in linkable))) if linkable else 1.0,
            prior=self._rules.prevalence,
            thresholds=self.thresholds,
            rejected=tuple(self._candidate(*pair, mention, None) for pair in others),
            post_evidence=self._post_evidence(features, none - self.none(clues)),
            basis=basis_of(candidates),
            model=self._model.version,
            compared=len(compared),
            truncated=truncated,
            post_features=features,
            total=max(total, 1),
        )

    def is_open(self, clues: PostClues, compared: Sequence[Compared], total: int) -> bool:
        """Whether more evidence could change the decision: some case has a chance, and none has it nearly all."""
        none = self.none_beside(clues, compared, total)
        rest, chances = softmax(none, [self.net(case, total) for case in compared])
        return bool(chances) and rest < _HOPELESS and max(chances) < _SETTLED

    def none(self, clues: PostClues) -> float:
        """Give the score of no case at all for a stranger's post."""
        return none_score(post_features(clues), self._model, self._rules.prevalence)

    def none_beside(self, clues: PostClues, compared: Sequence[Compared], total: int) -> float:
        """Give the score of no case at all, the customers' other matters among it."""
        return none_at_all(self.none(clues), self.persons(compared, total), self._model)

    def persons(self, compared: Sequence[Compared], total: int) -> list[float]:
        """Give what speaks for each customer being the poster, less what that must outweigh."""
        return [case.who(self._model) - spread(total, case.surprise) for case in compared]

    def net(self, compared: Compared, total: int) -> float:
        """Give the score of a case less what it must outweigh among ``total`` unresolved ones."""
        return compared.score - spread(total, compared.surprise)

    def may_stand_alone(self, mention: MentionText, clues: PostClues, ranked: Sequence[Weighed]) -> bool:
        """Whether the best case may be asserted if its chance is enough: its matter fits, and no twin is near."""
        linkable = [pair for pair in ranked if self._linkable(pair[0], mention)]
        return bool(linkable) and self._alone(linkable, "other_matter" in post_features(clues))

    def _alone(self, linkable: Sequence[Weighed], other_matter: bool) -> bool:
        best, chance = linkable[0]
        if other_matter or best.about(self._model) < _LEAST_ABOUT or "reference_other" in best.features:
            return False
        if 0 < best.features.get("reference_exact", 0.0) < 1 and not best.known_as_self():
            return False  # the reference stands in the post that is answered, which may be another customer's
        return not any(chance < _WITHOUT_RIVAL or may_be_kin(best.case, one.case) for one in self._rivals(linkable))

    def _rivals(self, linkable: Sequence[Weighed]) -> list[Compared]:
        """Give the twins of the best case that have a chance, or may be of its customer's family."""
        best = linkable[0][0]
        near = [one for one, chance in linkable[1:_SHOWN] if chance >= _NO_RIVAL or may_be_kin(best.case, one.case)]
        return [one for one in near if self._only_wording_differs(best, one)]

    def _linkable(self, compared: Compared, mention: MentionText) -> bool:
        return compared.case.channel in self._rules.channels and not is_resolved(compared, mention)

    def _outcome(self, linkable: Sequence[Weighed], other_matter: bool) -> tuple[Outcome, list[Weighed]]:
        if not linkable or math.fsum(chance for _, chance in linkable[:_SHOWN]) < self.thresholds.possible:
            return "unlinked", []
        best, chance = linkable[0]
        close = len(linkable) > 1 and linkable[1][1] >= _CLOSE
        if chance >= self.thresholds.link and not close and self._alone(linkable, other_matter):
            return "link", [linkable[0]]
        if other_matter and best.about(self._model) < _LEAST_ABOUT:
            return "unlinked", []
        rivals = self._rivals(linkable)
        floor = max(_WORTH_SHOWING, chance * self._rules.show_above)
        return "possible", [pair for pair in linkable[:_SHOWN] if pair[1] >= floor or pair[0] in rivals]

    def _only_wording_differs(self, best: Compared, other: Compared) -> bool:
        """Say whether a twin of a case has as many hard facts: then wording alone would decide.

        A sum or a phrase that one case holds and the other merely lacks is wording too, and so is that the other shares
        no word: notes of calls are short.
        """
        if not twins(best.case, other.case) or ("amount" in best.features and "amount_other" in other.features):
            return False
        told, rival = best.told(self._model), other.told(self._model)
        facts, rival_facts = best.score - told, other.score - rival
        lacking = self._model.weights.get("matter_nothing", 0.0) * other.features.get("matter_nothing", 0.0)
        alike = rival - lacking >= max(_LEAST_RIVAL, _LIKE_MATTER * best.matter(self._model))
        return alike and rival_facts >= facts - _EQUAL_FACTS

    def _candidate(self, compared: Compared, chance: float, mention: MentionText, differs: str | None) -> Candidate:
        """Describe a case by how it ``differs`` from the others shown, or by why it was rejected."""
        evidence = compared.evidence(self._model)
        if differs is None:
            differs = self._why_not(compared, chance, mention, evidence)
        relation = compared.relation if compared.relation != "self" or compared.known_as_self() else None
        sure = mention.policy == "auto" and (relation == "self" or self._rules.third_party == "auto")
        mode: LinkMode = "auto" if sure else "review"
        return Candidate(
            case_id=compared.case.case_id,
            probability=round(chance, 6),
            evidence=evidence,
            relation=relation,
            differs=differs,
            mode=mode,
            resolved=is_resolved(compared, mention),
            features={code: round(value, 4) for code, value in compared.features.items()},
        )

    def _why_not(self, compared: Compared, chance: float, mention: MentionText, evidence: Sequence[Evidence]) -> str:
        if is_resolved(compared, mention):
            return "was resolved before the post"
        if compared.case.channel not in self._rules.channels:
            return f"came by {compared.case.channel.replace('_', ' ')}, {NOT_LINKED}"
        against = [one for one in evidence if one.weight < -0.5]
        return against[-1].sentence if against else f"too little speaks for it ({chance:.0%})"

    def _post_evidence(self, features: Mapping[str, float], another_matter: float) -> tuple[Evidence, ...]:
        weighed = [
            Evidence(code, round(-self._model.none.get(code, 0.0) * value, 3), _NONE_SENTENCES[code])
            for code, value in features.items()
            if code in _NONE_SENTENCES
        ]
        if another_matter >= _WORTH_TELLING:
            weighed.append(Evidence("another_matter", round(-another_matter, 3), _ANOTHER_MATTER))
        return tuple(sorted((e for e in weighed if e.weight), key=lambda e: -e.weight))


def is_resolved(compared: Compared, mention: MentionText) -> bool:
    """Whether a case was over when the post was published."""
    resolved = compared.case.resolved
    return resolved is not None and resolved <= mention.posted_at.timestamp()


def basis_of(candidates: Sequence[Candidate]) -> tuple[Basis, ...]:
    """Give the kinds of information that spoke for the candidates shown."""
    used: set[Basis] = set()
    for evidence in (e for candidate in candidates for e in candidate.evidence if e.weight > 0):
        used |= set(_BASES.get(evidence.code) or _BASES.get(evidence.code.split("_")[0], (_TEXT,)))
    return tuple(kind for kind in _EVERY_BASIS if kind in used)


def tells_apart(cases: Sequence[Compared], at: datetime) -> list[str]:
    """Give for each case what the others have otherwise: customer, town, channel, product, age."""
    facts = [_facts(compared, at) for compared in cases]
    varying = [key for key in facts[0] if len({fact[key] for fact in facts}) > 1]
    return [", ".join(fact[key] for key in varying if fact[key]) or "the same facts as the others" for fact in facts]


def _facts(compared: Compared, at: datetime) -> dict[str, str]:
    case = compared.case
    days = max(round(age_days(case.opened, at)), 0)
    return {
        "customer": case.title,
        "town": shared_places().shown(case.town),
        "channel": f"by {case.channel.replace('_', ' ')}",
        "product": case.product_name,
        "age": f"opened {days} day{'' if days == 1 else 's'} before the post",
    }
