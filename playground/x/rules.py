"""The filtered stream's rules: ``GET`` and ``POST /2/tweets/search/stream/rules``."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from playground.x.posts import Post, snowflake
from playground.x.problems import PROBLEMS
from playground.x.query import Query, QueryError
from playground.x.wire import Json, stamp

_MAX_CHARS = 1_024


@dataclass(frozen=True)
class Rule:
    """One active rule with its compiled query."""

    id: int
    value: str
    tag: str | None
    query: Query

    def wire(self) -> Json:
        """The rule as the API shows it; a rule without a tag has no such key."""
        shown = {"id": str(self.id), "value": self.value}
        return shown | ({"tag": self.tag} if self.tag is not None else {})


class RuleBook:
    """All rules of the app. A value exists once, whatever its tag."""

    def __init__(self, clock: Callable[[], datetime], cap: int = 1_000) -> None:
        self._clock = clock
        self._cap = cap
        self._rules: dict[str, Rule] = {}
        self._issued = 0

    def __len__(self) -> int:
        return len(self._rules)

    def values(self) -> dict[str, str | None]:
        """Every active rule's value and tag."""
        return {rule.value: rule.tag for rule in self._rules.values()}

    def matching(self, post: Post) -> list[Json]:
        """What ``matching_rules`` says of a post; empty when no rule matches."""
        hits = [rule for rule in self._rules.values() if rule.query.matches(post)]
        return [{"id": str(rule.id), "tag": rule.tag or ""} for rule in hits]

    def listed(self, ids: Sequence[str] = ()) -> Json:
        """The answer to GET, of all rules or of some ids."""
        shown = [rule.wire() for rule in self._rules.values() if not ids or str(rule.id) in ids]
        answer: Json = {"data": shown} if shown else {}
        return answer | {"meta": {"sent": stamp(self._clock()), "result_count": len(shown)}}

    def add(self, wanted: Sequence[Json], *, dry_run: bool = False) -> tuple[int, Json]:
        """The status and answer to POST ``add``: valid ones are created, the others are listed in ``errors``."""
        if len(self._rules) + len(wanted) > self._cap:
            return 422, self._answer([], [self._cap_problem(len(wanted))], len(wanted))
        created: list[Rule] = []
        errors: list[Json] = []
        for one in wanted:
            made = self._made(str(one["value"]), one.get("tag"))
            if isinstance(made, Rule):
                created.append(made)
                self._rules[made.value] = made
            else:
                errors.append(made)
        if dry_run:
            self._forget(created)
        refused = not created and any(error["title"] != "DuplicateRule" for error in errors)
        return 400 if refused else 201, self._answer(created, errors, len(errors))

    def delete(self, ids: Sequence[str], *, dry_run: bool = False) -> tuple[int, Json]:
        """The status and answer to POST ``delete``."""
        doomed = [rule for rule in self._rules.values() if str(rule.id) in ids]
        missing = [native_id for native_id in ids if native_id not in {str(rule.id) for rule in doomed}]
        if not dry_run:
            self._forget(doomed)
        summary = {"deleted": len(doomed), "not_deleted": len(missing)}
        answer: Json = {"meta": {"sent": stamp(self._clock()), "summary": summary}}
        if missing:
            answer["errors"] = [_missing(native_id) for native_id in missing]
        return 400 if missing and not doomed else 200, answer

    def _forget(self, rules: Sequence[Rule]) -> None:
        for rule in rules:
            del self._rules[rule.value]

    def _made(self, value: str, tag: str | None) -> Rule | Json:
        if value in self._rules:
            known = str(self._rules[value].id)
            return {"value": value, "id": known, "title": "DuplicateRule", "type": PROBLEMS + "duplicate-rules"}
        try:
            query = Query(value, limit=_MAX_CHARS, stream=True)
        except QueryError as error:
            details = [f"{error} (at position 1)"]
            return {
                "value": value,
                "details": details,
                "title": "UnprocessableEntity",
                "type": PROBLEMS + "invalid-rules",
            }
        self._issued += 1
        return Rule(snowflake(self._clock(), self._issued), value, tag, query)

    def _answer(self, created: Sequence[Rule], errors: Sequence[Json], not_created: int) -> Json:
        summary = {
            "created": len(created),
            "not_created": not_created,
            "valid": len(created),
            "invalid": not_created,
        }
        answer: Json = {"data": [rule.wire() for rule in created]} if created else {}
        answer["meta"] = {"sent": stamp(self._clock()), "summary": summary}
        return answer | ({"errors": list(errors)} if errors else {})

    def _cap_problem(self, wanted: int) -> Json:
        detail = f"You have {len(self._rules)} rules, and {wanted} more would be over the cap of {self._cap}."
        return {"title": "RulesCapExceeded", "detail": detail, "type": PROBLEMS + "rule-cap"}


def _missing(native_id: str) -> Json:
    return {
        "errors": [{"parameters": {}, "message": "Rule does not exist"}],
        "title": "Invalid Request",
        "detail": f"The rule {native_id} does not exist.",
        "type": PROBLEMS + "invalid-request",
    }
